"""A log and the stand-alone page on a free port of this machine, with the page's real headers; no service behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from election_service.voter_pages import audit_headers, audit_page
from tests.simulator import ELECTION

Answer = tuple[dict[str, str], bytes]  # headers, content


@dataclass
class LogServer:
    """``files``: what is under /log/ELECTION/, ``others``: by whole path; changed by tests. ``asked``: every path."""

    files: dict[str, bytes]
    others: dict[str, Answer] = field(default_factory=dict)
    address: str = ""
    asked: list[str] = field(default_factory=list)

    @property
    def page(self) -> str:
        return f"{self.address}/audit/{ELECTION}"

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        if path.partition("?")[0] == f"/audit/{ELECTION}":
            page = audit_page()
            return 200, {"Content-Type": "text/html; charset=utf-8", **audit_headers(page)}, page
        other = self.others.get(path.partition("?")[0])
        if other is not None:
            headers, content = other
            return 200, headers, content
        found = self.files.get(path.removeprefix(f"/log/{ELECTION}/"))
        headers = {"Access-Control-Allow-Origin": "*"}
        return (404, headers, b"") if found is None else (200, headers, found)


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[LogServer]:
    """Serve a published log and the page that reads it."""
    log = LogServer(files)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            log.asked.append(self.path)
            status, headers, content = log.answer(self.path)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            log.asked.append(f"POST {self.path}")
            self.send_error(405)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        log.address = f"http://localhost:{server.server_port}"
        try:
            yield log
        finally:
            server.shutdown()
