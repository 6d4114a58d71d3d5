"""Addresses of the committee's console: from an aiohttp request to a page and back, with every check on the way.

Each module of console_pages says its own addresses in `READ` (GET) and `SENT` (POST); MODULES is all of them. Before a
page is asked, the session is read, the capability is checked, and a form is refused that is not of this session; only
then is its body read. Whoever posts is sent on to a page by 303; nothing changes by GET.
"""

import re
from http import HTTPStatus
from pathlib import Path
from types import ModuleType
from typing import Final

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from election_service.console.devices import AGE, make_device
from election_service.console.flash import leave_flash
from election_service.console.roles import SERVICE, require
from election_service.console.sessions import Session, read_session, session_key
from election_service.console_pages import (
    account,
    acts,
    api_tokens,
    candidate_profile,
    candidates,
    checklist,
    contests,
    documents,
    events,
    home,
    key,
    links,
    mail_test,
    messages,
    new_act,
    new_election,
    people,
    progress,
    rehearsal,
    results,
    retention,
    roll,
    rules,
    schedule,
    seats,
    setup,
    sign_in,
    texts,
    trustee,
    trustees,
    welcome,
)
from election_service.console_pages.forms import CSRF, Fields, Files, check_csrf, check_site, read_form
from election_service.console_pages.onward import is_onward
from election_service.console_pages.visit import Answer, ConsoleVisit, Download, Redirect, Route, Routes
from election_service.errors import SignInRequiredError
from election_service.languages import LANGUAGES, choose
from election_service.page_routes import Handle
from election_service.pages.headers import page_headers
from election_service.pages.shell import Pages
from election_service.service import Service

MODULES: Final[tuple[ModuleType, ...]] = (
    account,
    acts,
    api_tokens,
    candidate_profile,
    candidates,
    checklist,
    contests,
    documents,
    events,
    home,
    key,
    links,
    mail_test,
    messages,
    new_act,
    new_election,
    people,
    progress,
    rehearsal,
    results,
    retention,
    roll,
    rules,
    schedule,
    seats,
    setup,
    sign_in,
    texts,
    trustee,
    trustees,
    welcome,
)

COOKIE: Final = "__Host-session"
DEVICE: Final = "__Host-device"
SIGN_IN: Final = "/committee/sign-in"
_FILE_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")


def add_console(app: web.Application, service: Service, pages: Pages) -> None:
    """The routes of all pages of the console."""
    for path, route in routes("READ").items():
        app.router.add_get(path, _handle(service, pages, route))
    for path, route in routes("SENT").items():
        app.router.add_post(path, _handle(service, pages, route))


def routes(table: str) -> Routes:
    """All addresses of one table of the modules, `READ` or `SENT`."""
    found: dict[str, Route] = {}
    for module in MODULES:
        found |= getattr(module, table, {})
    return found


def _handle(service: Service, pages: Pages, route: Route) -> Handle:
    async def handle(request: Request) -> StreamResponse:
        visit = await _enter(service, request, route)
        if visit is None:
            return _redirect(_to_sign_in(request))
        if request.method == "POST":
            check_site(request, service.config.public_url, visit.session)
            fields, files = await read_form(request, route)
            check_csrf(visit.session, fields.get(CSRF, [""])[0])
            visit = _with_form(visit, fields, files)
        return await _answer(service, visit, await route.show(pages, visit))

    handle.__name__ = route.show.__name__
    return handle


async def _enter(service: Service, request: Request, route: Route) -> ConsoleVisit | None:
    """The request of somebody who may make it; None: a reader has to sign in first.

    SignInRequiredError for a form of nobody who is signed in; what `roles.require` raises.
    """
    known = await read_session(service, request.cookies.get(COOKIE, ""))
    if route.access != "anyone" and (known is None or known[0].stage != route.access):
        if request.method == "GET":
            return None
        raise SignInRequiredError("console: expected a session that is signed in")
    session, identity = known if known is not None else (None, None)
    asked = request.query.get("lang")
    language = identity.language if asked not in LANGUAGES and identity is not None else None
    if language is None:
        language = choose(asked, request.headers.get("Accept-Language"))
    visit = ConsoleVisit(
        service,
        language,
        asked == language,
        request.match_info,
        request.query,
        {},
        request.remote,
        identity=identity,
        session=session,
        agent=request.headers.get("User-Agent", ""),
        device=request.cookies.get(DEVICE, ""),
    )
    if route.needs is not None:
        require(visit.who, visit.place, route.needs)
    elif visit.place != SERVICE:
        raise AssertionError(f"{request.match_info.route.name}: a page of an election names no capability")
    return visit


def _with_form(visit: ConsoleVisit, fields: Fields, files: Files) -> ConsoleVisit:
    return ConsoleVisit(
        visit.service,
        visit.language,
        visit.chosen,
        visit.parts,
        visit.query,
        {name: values[0] for name, values in fields.items()},
        visit.address,
        identity=visit.identity,
        session=visit.session,
        fields=fields,
        files=files,
        agent=visit.agent,
        device=visit.device,
    )


# ---- answers ---------------------------------------------------------------------------------------------------------


async def _answer(service: Service, visit: ConsoleVisit, answer: Answer) -> StreamResponse:
    if isinstance(answer, Redirect):
        await _leave(service, visit.session, answer)
        response = _redirect(answer.to, answer.cookie, sign_out=answer.sign_out)
        await _remember_device(service, response, answer.cookie)
        return response
    if isinstance(answer, Download):
        return _download(answer)
    return web.Response(
        text=answer.html, status=answer.status, content_type="text/html", headers=page_headers(answer.script)
    )


async def _leave(service: Service, session: Session | None, answer: Redirect) -> None:
    """What the next page is to say waits in the session that it will be asked in."""
    if answer.flash is not None:
        key = session_key(answer.cookie) if answer.cookie is not None else session.key if session is not None else b""
        await leave_flash(service, key, answer.flash)


async def _remember_device(service: Service, response: web.Response, cookie: str | None) -> None:
    """Whoever is signed in by now has signed in with this browser; it says so at the next sign-in, and nothing else."""
    known = None if cookie is None else await read_session(service, cookie)
    if known is not None and known[0].stage == "full":
        value = make_device(service, known[0].account)
        response.set_cookie(DEVICE, value, max_age=AGE, path="/", secure=True, httponly=True, samesite="Strict")


def _redirect(to: str, cookie: str | None = None, *, sign_out: bool = False) -> web.Response:
    response = web.Response(status=HTTPStatus.SEE_OTHER, headers={**page_headers(None), "Location": to})
    if cookie is not None:
        response.set_cookie(COOKIE, cookie, path="/", secure=True, httponly=True, samesite="Strict")
    if sign_out:
        # not the storage: it holds which log this browser signed for, public, and to outlive the session (A55); not the
        # cookies: they would be those of the whole domain, other services' too, and the one that knows this browser
        response.headers["Clear-Site-Data"] = '"cache"'
        response.del_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")
    return response


def _to_sign_in(request: Request) -> str:
    language = f"&lang={request.query['lang']}" if request.query.get("lang") in LANGUAGES else ""
    return (
        f"{SIGN_IN}?next={request.path}{language}" if is_onward(request.path) else SIGN_IN + language.replace("&", "?")
    )


def _download(answer: Download) -> StreamResponse:
    name = _FILE_NAME.sub("-", answer.name)[:100]
    headers = {**page_headers(None), "Content-Disposition": f'attachment; filename="{name}"'}
    if isinstance(answer.content, Path):
        return web.FileResponse(answer.content, headers={**headers, "Content-Type": answer.kind})
    return web.Response(body=answer.content, content_type=answer.kind, headers=headers)
