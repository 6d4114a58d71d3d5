"""The booth's page under its real headers, before a service that the test plays: for a browser on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from PIL import Image

import hatch_build
from tests.booth.harness import BOOTH, Fetch, Service

SRI: Final = {"booth": "js_sri", "complaint": "complaint_js_sri"}
KINDS: Final = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}


def photo() -> bytes:
    """A picture for every candidate who has one."""
    raw = BytesIO()
    Image.linear_gradient("L").resize((160, 160)).save(raw, "JPEG")
    return raw.getvalue()


def policy(sri: str) -> str:
    """The content security policy of UX.md."""
    return (
        f"default-src 'none'; script-src '{sri}'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


@contextmanager
def page_server(service: Service) -> Iterator[str]:
    """Serve page, assets and the played service on a free port; gives the origin."""
    hatch_build.build_booth(BOOTH)
    dist = BOOTH / "dist"
    manifest = json.loads((dist / "manifest.json").read_text())
    pages = {name: (dist / f"{name}.html").read_text() for name in ("booth", "complaint")}
    for name, value in {**manifest, "election": "sim-2026"}.items():
        pages = {page: text.replace("{{ " + name + " }}", str(value)) for page, text in pages.items()}
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/vote/"):
                self.reply(200, "text/html; charset=utf-8", pages[self.page].encode())
            elif self.path.startswith("/static/"):
                self.reply(200, KINDS[Path(self.path).suffix], (dist / Path(self.path).name).read_bytes())
            elif self.path.startswith("/photos/"):
                self.reply(200, "image/jpeg", photo())
            elif self.path.startswith(("/api/", "/log/")):
                self.play(None)
            else:
                self.reply(404, "text/plain", b"")

        @property
        def page(self) -> str:
            return "complaint" if urlsplit(self.path).path.endswith("/complaint") else "booth"

        def do_POST(self) -> None:
            self.play(self.rfile.read(int(self.headers["content-length"])).decode())

        def play(self, body: str | None) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            credentials = "omit" if "cookie" not in headers else "include"
            referrer = headers.get("referer", "no-referrer")
            with lock:
                answer = service(Fetch(self.path, self.command, headers, body, credentials, referrer))
            if answer is None:
                self.close_connection = True
            else:
                raw = json.dumps(answer.document) if answer.raw is None else answer.raw
                self.reply(answer.status, "application/json", raw.encode() if isinstance(raw, str) else raw)

        def reply(self, status: int, kind: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Security-Policy", policy(manifest[SRI[self.page]]))
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
