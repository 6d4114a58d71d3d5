"""The web application: it assembles. Rules are in the use cases, errors map in one place (problems.py)."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from election_service.compression import compress_answers
from election_service.console_api import identify, read_condition
from election_service.console_routes import add_console
from election_service.endpoints import ENDPOINTS
from election_service.errors import NotFoundError, TooLargeError
from election_service.login import bearer_credential
from election_service.mailer import Mailer
from election_service.metrics import METRICS
from election_service.openapi import make_openapi
from election_service.page_routes import add_pages, problem_page, wants_page
from election_service.pages import Pages
from election_service.pages.headers import asset_headers
from election_service.photos import read_photo
from election_service.problems import CONTENT_TYPE, INTERNAL_CODE, Problem, http_problem, make_problem, problem_code
from election_service.publication import CHECKPOINT, read_published
from election_service.refusals import sign_refusal
from election_service.routes.call import Call, Endpoint
from election_service.scheduler import Scheduler
from election_service.service import Service
from election_service.service_logging import get_logger
from election_service.voter_pages import add_voter_pages
from keys.canonical import MAX_BODY, decode, encode
from keys.errors import ElectionError, FormatError

SERVICE: Final = web.AppKey("service", Service)
SCHEDULER: Final = web.AppKey("scheduler", Scheduler)
REFUSED: Final = web.RequestKey("refused", bytes)
JSON: Final = "application/json"
API_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
ARCHIVE_HEADERS: Final = {**API_HEADERS, "Cache-Control": "no-cache"}
_CHUNK: Final = 1 << 18  # bytes of an archive at a time
_NOTHING: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # U+0000 in canonical JSON; no text of a database holds it
_KEEPALIVE: Final = 30.0  # seconds
_LINE: Final = 4096  # bytes of a request line or header field
_TILE_AGE: Final = 31_536_000  # seconds; the bytes under a tile's path never change

log = get_logger("http")

Handle = Callable[[Request], Awaitable[StreamResponse]]


def make_app(service: Service, *, schedule: bool = True) -> web.Application:
    """The application of an open service; ``schedule``: with the scheduler running beside it."""
    app = web.Application(middlewares=[compress_answers, answer_errors], client_max_size=MAX_BODY)
    app[SERVICE] = service
    app[SCHEDULER] = Scheduler(service)
    for endpoint in ENDPOINTS:
        app.router.add_route(endpoint.method, endpoint.path, _handle(endpoint))
    document = make_openapi()
    app.router.add_get("/api/openapi.json", _fixed(document))
    app.router.add_get("/log/{e}.zip", serve_archive)
    app.router.add_get("/log/{e}/{path:.+}", serve_log)
    app.router.add_get("/photos/{e}/{name}", serve_photo)
    pages = Pages()
    add_pages(app, service, pages)
    add_console(app, service, pages)
    add_voter_pages(app, service, pages.assets.named)
    app.on_response_prepare.append(_hide_versions)
    app.cleanup_ctx.append(_warm_up)
    if schedule:
        app.cleanup_ctx.append(_run_scheduler)
        if service.config.smtp_host:
            app.cleanup_ctx.append(_run_mailer)
    return app


def make_runner(app: web.Application, grace: float = 20.0) -> web.AppRunner:
    """The application, ready to listen: no access log, which would say who came when (A64), and short patience (A93).

    ``grace``: seconds for requests under way when the process is asked to stop.
    """
    return web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=grace,
        keepalive_timeout=_KEEPALIVE,
        max_line_size=_LINE,
        max_field_size=_LINE,
    )


async def _warm_up(app: web.Application) -> AsyncIterator[None]:
    """The workers start before the first voter waits for one."""
    await app[SERVICE].workers.warm_up()
    yield


async def _hide_versions(_request: Request, response: StreamResponse) -> None:
    """Who looks for a server with a known hole learns no version here."""
    response.headers["Server"] = "election-service"


async def _run_scheduler(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(app[SCHEDULER].run())
    task.add_done_callback(_report_end)
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _run_mailer(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(Mailer.of(app[SERVICE]).run())
    task.add_done_callback(_report_end)
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _report_end(task: "asyncio.Task[None]") -> None:
    """What ends by itself has a fault; polls would no longer close, or mails no longer go out, in this process."""
    if not task.cancelled() and task.exception() is not None:
        log.critical("scheduler or mailer has ended: restart this process", exc_info=task.exception())


# ---- the API -------------------------------------------------------------------------------------------------------


def _handle(endpoint: Endpoint) -> Handle:
    """From an aiohttp request to a use case and back."""

    async def handle(request: Request) -> StreamResponse:
        service = request.app[SERVICE]
        identity = await identify(service, request, endpoint) if endpoint.role == "committee" else None
        body = await _read_body(request, endpoint)
        decoded = None if endpoint.request is None else decode(body, endpoint.request)
        if _NOTHING.search(body):
            raise FormatError("request: expected text without U+0000")
        credential = b""
        if endpoint.role == "bearer":
            credential = await bearer_credential(service, request.match_info["e"], _bearer(request))
        for name in endpoint.query or {}:
            if name not in request.query:
                raise FormatError(f"query: expected {name}")
        revision = read_condition(request, endpoint)
        call = Call(service, request.match_info, request.query, body, decoded, credential, identity, revision)
        made = await endpoint.handle(call)
        answer = _json(encode(made))
        if endpoint.role == "committee" and (number := getattr(made, "revision", None)) is not None:
            answer.headers["ETag"] = f'"{number}"'
        if endpoint.max_age:
            answer.headers["Cache-Control"] = f"public, max-age={endpoint.max_age}"
        return answer

    handle.__name__ = endpoint.handle.__name__
    return handle


async def _read_body(request: Request, endpoint: Endpoint) -> bytes:
    """The body of a POST, as sent; kept for the signed refusal."""
    if endpoint.request is None:
        return b""
    if request.content_type != JSON or request.headers.get("Content-Encoding") is not None:
        raise FormatError(f"request: expected content-type {JSON} without content-encoding")
    if request.headers.get("Sec-Fetch-Site") not in (None, "same-origin", "none"):
        raise FormatError("request: expected it from a page of this service, got one from another site")
    if request.content_length is not None and request.content_length > MAX_BODY:
        raise TooLargeError(f"request: expected at most {MAX_BODY} bytes, got {request.content_length}")
    body = await request.read()
    if endpoint.signed:
        request[REFUSED] = body
    return body


def _bearer(request: Request) -> str | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value if scheme.lower() == "bearer" else None


def _json(body: bytes, status: HTTPStatus = HTTPStatus.OK, content_type: str = JSON) -> web.Response:
    return web.Response(body=body, status=status, content_type=content_type, headers=API_HEADERS)


def _fixed(body: bytes) -> Handle:
    async def handle(_request: Request) -> StreamResponse:
        return _json(body)

    return handle


# ---- errors --------------------------------------------------------------------------------------------------------


@web.middleware
async def answer_errors(request: Request, handler: Handle) -> StreamResponse:
    """Every error becomes a problem document, or a page for people, here and nowhere else; a stack trace goes to the
    operator alone.
    """
    try:
        _check_address(request)
        return await handler(request)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        problem = http_problem(HTTPStatus(error.status), error.reason)
        problem.headers.update({"Allow": error.headers["Allow"]} if "Allow" in error.headers else {})
    except ElectionError as error:
        problem = make_problem(error, await _sign(request, problem_code(error)))
        if problem.code == INTERNAL_CODE:
            log.exception("request failed", path=_route(request))
    except ConnectionResetError:
        raise
    except Exception:
        log.exception("request failed", path=_route(request))
        problem = http_problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the service could not do this")
    METRICS.problems.labels(problem.code).inc()
    if wants_page(request):
        return await problem_page(request, request.app[SERVICE], problem)
    return _problem(problem)


def _check_address(request: Request) -> None:
    """Nothing has an address with U+0000 in it, which no text of a database holds; NotFoundError."""
    if "\0" in request.path:
        raise NotFoundError("address: expected one without U+0000")


async def _sign(request: Request, code: str) -> str | None:
    """The signature on the refusal of a token request or cast whose body could be read."""
    body = request.get(REFUSED)
    if body is None:
        return None
    return await sign_refusal(request.app[SERVICE], request.match_info["e"], body, code)


def _problem(problem: Problem) -> web.Response:
    response = _json(problem.to_bytes(), problem.status, CONTENT_TYPE)
    response.headers.update(problem.headers)
    return response


def _route(request: Request) -> str:
    """The pattern that was matched, never the address that was typed."""
    resource = request.match_info.route.resource
    return "unknown" if resource is None else resource.canonical


# ---- the published log, photos ---------------------------------------------------------------------------------------


async def serve_log(request: Request) -> StreamResponse:
    """C2SP tiles, entry bundles, blobs and the checkpoint, for everybody and from any site."""
    service, path = request.app[SERVICE], request.match_info["path"]
    election = (await service.election(request.match_info["e"])).id
    async with service.database.snapshot() as connection:
        content = await read_published(connection, election, path)
    text = path == CHECKPOINT
    headers = {
        "Cache-Control": "no-cache" if text else f"public, max-age={_TILE_AGE}, immutable",
        "Access-Control-Allow-Origin": "*",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    }
    kind = "text/plain" if text else "application/octet-stream"
    return web.Response(body=content, content_type=kind, charset="utf-8" if text else None, headers=headers)


async def serve_archive(request: Request) -> StreamResponse:
    """The whole published log as one ZIP file, for whoever checks it without a connection."""
    election = request.match_info["e"]
    async with request.app[SERVICE].archive_desk.open(election) as archive:
        response = web.StreamResponse(headers={**ARCHIVE_HEADERS, "Content-Length": str(archive.size)})
        response.headers["Content-Disposition"] = f'attachment; filename="log-{election}.zip"'
        response.content_type = "application/zip"
        await response.prepare(request)
        for at in range(0, archive.size, _CHUNK):
            await response.write(archive.read(at, _CHUNK))
        await response.write_eof()
        return response


async def serve_photo(request: Request) -> StreamResponse:
    """A candidate's photo by its hash; its bytes never change."""
    service = request.app[SERVICE]
    election = (await service.election(request.match_info["e"])).id
    async with service.database.snapshot() as connection:
        content = await read_photo(connection, election, request.match_info["name"])
    return web.Response(body=content, content_type="image/jpeg", headers=asset_headers())
