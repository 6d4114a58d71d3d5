"""Forms of the console: from this site, of this session, with the names that the page has and no others (A80, A90)."""

import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader
from aiohttp.web import Request

from election_service.console.sessions import Session
from election_service.console_pages.visit import Route, Upload
from election_service.errors import FormStaleError, TooLargeError
from keys.errors import FormatError

MAX_FORM: Final = 256 << 10  # bytes of a form without files
MAX_UPLOAD: Final = 10 << 20  # bytes of a form with files
MAX_FIELDS: Final = 2000
MAX_FILE_NAME: Final = 120
CSRF: Final = "csrf"
REVISION: Final = "revision"
_URLENCODED: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"

Fields = Mapping[str, list[str]]
Files = Mapping[str, Upload]


def check_site(request: Request, public_url: str, session: Session | None) -> None:
    """FormatError for a form that another site's page sends in somebody's name.

    Browsers say where a form comes from: all of today by Sec-Fetch-Site, older ones by Origin, which is "null" from our
    own pages because these tell no referrer. Such a form passes by its session's secret alone, never without one.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    allowed = (None, public_url) if session is None else (None, "null", public_url)
    if site not in (None, "same-origin", "none") or (site is None and origin not in allowed):
        raise FormatError("form: expected it from a page of this service, got one from another site")


def check_csrf(session: Session | None, given: str) -> None:
    """FormStaleError unless the form is of this session."""
    if session is not None and not hmac.compare_digest(given.encode(), session.csrf.encode()):
        raise FormStaleError("form: expected one that was opened in this session; load the page anew")


async def read_form(request: Request, route: Route) -> tuple[Fields, Files]:
    """Fields and files of a form; FormatError for any other body and for names that the page does not have."""
    if request.headers.get("Content-Encoding") is not None:
        raise FormatError("form: expected no content-encoding")
    if route.upload and request.content_type == _MULTIPART:
        fields, files = await _read_multipart(request)
    else:
        fields, files = await _read_urlencoded(request), {}
    known = {CSRF, REVISION, *route.fields}
    prefixes = tuple(name[:-1] for name in route.fields if name.endswith("*"))
    for name in (*fields, *files):
        if name not in known and not (prefixes and name.startswith(prefixes)):
            raise FormatError(f"form: unknown field {name[:40]!r}")
    if any("\0" in value for name, values in fields.items() for value in (name, *values)):
        raise FormatError("form: expected text without U+0000")  # no text of a database holds it
    return fields, files


async def _read_urlencoded(request: Request) -> dict[str, list[str]]:
    if request.content_type != _URLENCODED:
        raise FormatError(f"form: expected content-type {_URLENCODED}")
    body = await _read_at_most(request, MAX_FORM)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise FormatError("form: expected names and values, urlencoded") from error
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


async def _read_at_most(request: Request, most: int) -> bytes:
    if request.content_length is not None and request.content_length > most:
        raise TooLargeError(f"form: expected at most {most} bytes, got {request.content_length}")
    body = bytearray()
    async for chunk in request.content.iter_chunked(1 << 16):
        body += chunk
        if len(body) > most:
            raise TooLargeError(f"form: expected at most {most} bytes")
    return bytes(body)


async def _read_multipart(request: Request) -> tuple[dict[str, list[str]], dict[str, Upload]]:
    """Every part, together at most MAX_UPLOAD bytes; of a field that is empty in the page's form there is no file."""
    fields: dict[str, list[str]] = {}
    files: dict[str, Upload] = {}
    room, parts = MAX_UPLOAD, 0
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            parts += 1
            if parts > MAX_FIELDS:  # an empty part takes no room
                raise FormatError(f"form: expected at most {MAX_FIELDS} fields")
            if not isinstance(part, BodyPartReader) or part.name is None or "Content-Encoding" in part.headers:
                raise FormatError("form: expected fields and files, nothing nested or encoded")
            content = await _read_part(part, room)
            room -= len(content)
            if part.filename is None:
                fields.setdefault(part.name, []).append(content.decode("utf-8"))
            elif content or part.filename:
                files[part.name] = Upload(part.filename[:MAX_FILE_NAME], content)
    except (ValueError, AssertionError) as error:  # aiohttp's words for a body that is no multipart
        raise FormatError("form: expected multipart/form-data in UTF-8") from error
    return fields, files


async def _read_part(part: BodyPartReader, room: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(1 << 16):
        content += chunk
        if len(content) > room:
            raise TooLargeError(f"form: expected at most {MAX_UPLOAD} bytes")
    return bytes(content)
