"""Answers that travel compressed, so that the first ballot page is small on a slow line even without a proxy in front.

Only what is fetched is compressed, never the answer to something that was sent: no answer mixes a secret with text that
another site chose, which is what attacks on compressed lengths need.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from aiohttp.web import ContentCoding, Request, StreamResponse

_KINDS: Final = frozenset(
    {"text/html", "text/css", "text/javascript", "text/plain", "application/json", "application/octet-stream"}
)  # the last: blobs and entries of the log, which are text
_WORTH_IT: Final = 1024  # bytes; a smaller answer fits into one packet anyhow

Handle = Callable[[Request], Awaitable[StreamResponse]]


@web.middleware
async def compress_answers(request: Request, handler: Handle) -> StreamResponse:
    """Compress what was asked for with GET, for whoever accepts gzip."""
    response = await handler(request)
    if request.method != "GET" or not isinstance(response, web.Response) or response.content_type not in _KINDS:
        return response
    if isinstance(response.body, bytes) and len(response.body) >= _WORTH_IT:
        varying = response.headers.get("Vary")
        response.headers["Vary"] = f"{varying}, Accept-Encoding" if varying else "Accept-Encoding"
        if _accepts_gzip(request):
            response.enable_compression(ContentCoding.gzip)
    return response


def _accepts_gzip(request: Request) -> bool:
    """Whether gzip is named without being ruled out (RFC 9110 §12.5.3)."""
    for part in request.headers.get("Accept-Encoding", "").lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
