"""The voters' other pages: "check my ballot", the complaint, the test of the encryption (docs/protocol.md §7 to §9).

All are the same bytes for everybody, in no language of the reader's: they carry all four. What stands behind the # of
their addresses never arrives here.
"""

import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from aiohttp.web import Request, StreamResponse

import ballot
from election_service.errors import NotFoundError
from election_service.pages.assets import BOOTH
from election_service.pages.headers import page_headers
from election_service.service import Service

Handle = Callable[[Request], Awaitable[StreamResponse]]

AUDIT: Final = Path(ballot.__file__).parent / "booth" / "audit" / "audit.html"
_INLINE: Final = re.compile(rb"<(script|style)>(.*?)</\1>", re.DOTALL)
_ELECTION: Final = "{{ election }}"  # stays until the page is asked for
_VALUE: Final = re.compile(r"\{\{ (\w+) \}\}")


def add_voter_pages(app: web.Application, service: Service, manifest: Mapping[str, Any]) -> None:
    """The routes of these pages; ``manifest``: of the booth's build, empty where there is none."""
    for path, name in (("/check/{e}", "check"), ("/vote/{e}/complaint", "complaint")):
        headers = page_headers(manifest.get(f"{name}_js_sri"))
        app.router.add_get(path, _handle(service, built_page(name, manifest), headers))
    audit = audit_page()
    app.router.add_get("/audit/{e}", _handle(service, audit, audit_headers(audit)))


def built_page(name: str, manifest: Mapping[str, Any], booth: Path = BOOTH) -> bytes | None:
    """A page of the booth's build, "check" or "complaint", with the names of its files; None where it was not built."""
    file = booth / f"{name}.html"
    if f"{name}_js" not in manifest or not file.is_file():
        return None
    template = file.read_text("utf-8")
    values = {"election": _ELECTION, **manifest}
    return _VALUE.sub(lambda match: escape(str(values[match[1]])), template).encode()


def audit_page(file: Path = AUDIT) -> bytes:
    """The stand-alone page, byte for byte as it lies on a disk."""
    return file.read_bytes()


def audit_headers(page: bytes) -> dict[str, str]:
    """The headers of a page whose scripts and styles are inside it: they run by their hashes, and nothing else does."""
    found: dict[str, list[str]] = {"script": [], "style": []}
    for kind, content in _INLINE.findall(page):
        found[kind.decode()].append(f"'sha256-{b64encode(sha256(content).digest()).decode()}'")
    headers = page_headers(None)
    policy = headers["Content-Security-Policy"]
    for old, new in (
        ("script-src 'none'", f"script-src {' '.join(found['script'])}"),
        ("style-src 'self'", f"style-src {' '.join(found['style'])}"),
        ("img-src 'self' data:", "img-src data:"),
        ("connect-src 'none'", "connect-src 'self'"),
        ("form-action 'self'", "form-action 'none'"),
    ):
        policy = policy.replace(old, new)
    return {**headers, "Content-Security-Policy": policy}


def _handle(service: Service, page: bytes | None, headers: Mapping[str, str]) -> Handle:
    async def handle(request: Request) -> StreamResponse:
        election = await service.election(request.match_info["e"])
        if page is None:
            raise NotFoundError("booth: not built on this machine")
        return web.Response(
            body=page.replace(_ELECTION.encode(), election.id.encode()),
            content_type="text/html",
            charset="utf-8",
            headers=headers,
        )

    return handle
