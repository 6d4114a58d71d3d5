"""One page from a web server, as a stranger gets it: no cookie, no cache, a bounded answer."""

import gzip
import http.client
import io
import urllib.error
import urllib.request
import zlib
from collections.abc import Mapping
from email.message import Message
from typing import Final
from urllib.parse import urlsplit

from audit.booth_check import Answer
from audit.errors import SourceError

MAX_PAGE: Final = 4 << 20  # bytes
TIMEOUT: Final = 30.0  # seconds without an answer


def fetch_page(url: str, headers: Mapping[str, str]) -> Answer:
    """The answer, whatever its status; SourceError where there is none, or one that is too large."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise SourceError(f"{url}: expected a URL that begins with http:// or https://")
    request = urllib.request.Request(url, headers={**headers, "Accept-Encoding": "gzip, identity"})  # noqa: S310 -- checked above
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 -- checked above
            return _answer(answer.url, answer.status, answer.headers, _read(answer))
    except urllib.error.HTTPError as error:
        return _answer(error.url, error.code, error.headers, b"")
    except (OSError, http.client.HTTPException, EOFError, zlib.error, ValueError) as error:
        raise SourceError(f"{url}: {getattr(error, 'reason', None) or error}") from error


def _answer(url: str, status: int, headers: "Message[str, str]", body: bytes) -> Answer:
    return Answer(url, status, {name.lower(): value for name, value in headers.items()}, body)


def _read(answer: http.client.HTTPResponse) -> bytes:
    """The content, unpacked, and never more than MAX_PAGE of it."""
    packed = answer.read(MAX_PAGE + 1)
    raw = packed
    if answer.headers.get("Content-Encoding", "identity").strip().lower() == "gzip":
        raw = gzip.GzipFile(fileobj=io.BytesIO(packed)).read(MAX_PAGE + 1)
    if max(len(packed), len(raw)) > MAX_PAGE:
        raise SourceError(f"{answer.url}: larger than {MAX_PAGE} bytes")
    return raw
