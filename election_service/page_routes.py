"""Addresses of pages, and the way from an aiohttp request to a page and back."""

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import parse_qs

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from election_service.document_routes import add_documents
from election_service.errors import TooLargeError
from election_service.languages import choose
from election_service.pages.contest import show_contest
from election_service.pages.election import show_election
from election_service.pages.elections import show_elections
from election_service.pages.headers import asset_headers, page_headers
from election_service.pages.help import show_help, take_help
from election_service.pages.link_again import show_link, take_link
from election_service.pages.log_pages import show_entry, show_log
from election_service.pages.problem import show_problem
from election_service.pages.results import show_result, show_results
from election_service.pages.shell import Pages
from election_service.pages.verify import show_verify
from election_service.pages.visit import Page, Visit
from election_service.problems import Problem
from election_service.service import Service
from keys.errors import FormatError

Show = Callable[[Pages, Visit], Awaitable[Page]]
Handle = Callable[[Request], Awaitable[StreamResponse]]

PAGES: Final = web.AppKey("pages", Pages)
MAX_FORM: Final = 64 << 10  # bytes of a form: the longest message in letters of three bytes, each written %XX
_FORM: Final = "application/x-www-form-urlencoded"
_PROGRAMS: Final = ("/api/", "/log/", "/static/")


async def show_booth(pages: Pages, visit: Visit) -> Page:
    """The voter's booth; the same bytes for everybody, whatever stands behind the #."""
    await visit.service.election(visit.election)
    return await pages.booth(visit)


READ: Final[dict[str, Show]] = {
    "/": show_elections,
    "/elections/{e}": show_election,
    "/elections/{e}/results": show_results,
    "/elections/{e}/results/{n}": show_result,
    "/elections/{e}/contests/{context}": show_contest,
    "/elections/{e}/log": show_log,
    "/elections/{e}/log/{seq}": show_entry,
    "/elections/{e}/verify": show_verify,
    "/elections/{e}/help": show_help,
    "/elections/{e}/link": show_link,
    "/vote/{e}": show_booth,
}
SENT: Final[dict[str, Show]] = {
    "/elections/{e}/help": take_help,
    "/elections/{e}/link": take_link,
}


def add_pages(app: web.Application, service: Service, pages: Pages) -> None:
    """The routes of all pages and of their assets."""
    app[PAGES] = pages
    for path, show in READ.items():
        app.router.add_get(path, _handle(service, pages, show))
    for path, show in SENT.items():
        app.router.add_post(path, _handle(service, pages, show))
    app.router.add_get("/static/{name}", show_asset)
    add_documents(app, service)


async def show_asset(request: Request) -> StreamResponse:
    """A hashed asset; its bytes never change."""
    content, kind = request.app[PAGES].assets.read(request.match_info["name"])
    return web.Response(body=content, content_type=kind, charset="utf-8", headers=asset_headers())


def _handle(service: Service, pages: Pages, show: Show) -> Handle:
    async def handle(request: Request) -> StreamResponse:
        form = await _read_form(request, service.config.public_url) if request.method == "POST" else {}
        return answer(await show(pages, _visit(request, service, form)))

    handle.__name__ = show.__name__
    return handle


def _visit(request: Request, service: Service, form: dict[str, str]) -> Visit:
    asked = request.query.get("lang")
    language = choose(asked, request.headers.get("Accept-Language"))
    return Visit(service, language, asked == language, request.match_info, request.query, form, request.remote)


def answer(page: Page) -> web.Response:
    """A page with its headers."""
    headers = page_headers(page.script, page.max_age)
    return web.Response(text=page.html, status=page.status, content_type="text/html", headers=headers)


# ---- forms -----------------------------------------------------------------------------------------------------------


async def _read_form(request: Request, public_url: str) -> dict[str, str]:
    """The fields of a form of this service, the first of each name; FormatError for any other body (A80)."""
    _check_site(request, public_url)
    if request.content_type != _FORM or request.headers.get("Content-Encoding") is not None:
        raise FormatError(f"form: expected content-type {_FORM} without content-encoding")
    if request.content_length is not None and request.content_length > MAX_FORM:
        raise TooLargeError(f"form: expected at most {MAX_FORM} bytes, got {request.content_length}")
    body = await request.read()
    if len(body) > MAX_FORM:
        raise TooLargeError(f"form: expected at most {MAX_FORM} bytes, got {len(body)}")
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError as error:
        raise FormatError("form: expected names and values, urlencoded") from error
    return {name: values[0] for name, values in fields.items()}


def _check_site(request: Request, public_url: str) -> None:
    """No page of another site sends a form in a reader's name.

    A browser that is too old to say where a form comes from says at most "null", because our pages tell no referrer; it
    passes, for nothing here goes by a cookie or an address: a form does no more than its fields say.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site not in (None, "same-origin", "none"):
        raise FormatError("form: expected it from a page of this service, got one from another site")
    if site is None and origin not in (None, "null", public_url):
        raise FormatError("form: expected it from a page of this service, got another origin")


# ---- problems --------------------------------------------------------------------------------------------------------


def wants_page(request: Request) -> bool:
    """Whether a person is to read the answer: a browser asked for a page, not a program for data."""
    accepted = {part.partition(";")[0].strip().lower() for part in request.headers.get("Accept", "").split(",")}
    return "text/html" in accepted and not request.path.startswith(_PROGRAMS)


async def problem_page(request: Request, service: Service, problem: Problem) -> StreamResponse:
    """The problem as a page."""
    code = "wrong-method" if "Allow" in problem.headers else problem.code
    page = await show_problem(request.app[PAGES], _visit(request, service, {}), code, int(problem.status))
    response = answer(page)
    response.headers.update(problem.headers)
    return response
