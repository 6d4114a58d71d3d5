"""`/committee/sign-in`, `/committee/code`, `/committee/sign-out`: the way in, in two steps or by passkey, and out."""

from typing import Final

from election_service.console.passkeys import sign_in_by_passkey, sign_in_options
from election_service.console.sessions import close_session
from election_service.console.signing_in import give_code, sign_in
from election_service.console_pages.frame import render
from election_service.console_pages.onward import HOME, onward
from election_service.console_pages.visit import Answer, ConsoleVisit, Redirect, Route
from election_service.errors import BusyError, SignInRefusedError, TooManyCodesError, TooManyPasswordsError
from election_service.languages import translatable
from election_service.pages.shell import Pages

SIGN_IN: Final = "/committee/sign-in"
CODE: Final = "/committee/code"
_WRONG: Final = translatable("This address and this password do not belong together.")
_WRONG_CODE: Final = translatable("This code is not right, or it was used already. Wait for the next one.")
_WRONG_KEY: Final = translatable("This passkey is not known here, or it took too long. Try again.")
_WAIT: Final = translatable("Too many wrong codes. Wait a while, or use a recovery code.")
_TRIED: Final = translatable(
    "Too many wrong passwords were given for this address. Sign in by passkey, or with a browser in which you have "
    "signed in before, or wait an hour."
)
_BUSY: Final = translatable("Too much is going on at the moment. Please try again in a minute.")
_UNAUTHORIZED: Final = 401
_TOO_MANY: Final = 429
_UNAVAILABLE: Final = 503


async def show_sign_in(pages: Pages, visit: ConsoleVisit) -> Answer:
    """The form for address and password; whoever is signed in goes on."""
    if visit.session is not None and visit.session.stage == "full":
        return Redirect(visit.link(onward(visit)))
    return await _sign_in_page(pages, visit)


async def take_sign_in(pages: Pages, visit: ConsoleVisit) -> Answer:
    """The first step."""
    email, password = visit.form.get("email", ""), visit.form.get("password", "")
    try:
        cookie = await sign_in(visit.service, email, password, visit.agent, visit.device)
    except TooManyPasswordsError:
        return await _sign_in_page(pages, visit, _TRIED, _TOO_MANY)
    except SignInRefusedError:
        return await _sign_in_page(pages, visit, _WRONG, _UNAUTHORIZED)
    except BusyError:
        return await _sign_in_page(pages, visit, _BUSY, _UNAVAILABLE)
    await _leave_session(visit)
    return Redirect(_with_next(visit, CODE), cookie=cookie)


async def take_passkey(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Both steps at once."""
    try:
        cookie = await sign_in_by_passkey(visit.service, visit.form.get("passkey", ""), visit.agent)
    except SignInRefusedError:
        return await _sign_in_page(pages, visit, _WRONG_KEY, _UNAUTHORIZED)
    await _leave_session(visit)
    return Redirect(visit.link(onward(visit)), cookie=cookie)


async def _sign_in_page(pages: Pages, visit: ConsoleVisit, wrong: str = "", status: int = 200) -> Answer:
    return await render(
        pages,
        visit,
        "committee/sign_in.html",
        status=status,
        script=pages.assets.named.get("committee_js_sri"),
        wrong=wrong,
        typed=visit.form.get("email", "")[:254],
        next=onward(visit),
        passkey_options=sign_in_options(visit.service),
    )


async def _leave_session(visit: ConsoleVisit) -> None:
    """Whoever begins anew leaves what was: no older cookie of this browser opens anything."""
    if visit.session is not None:
        async with visit.service.database.transaction() as connection:
            await close_session(connection, visit.session.key)


def _with_next(visit: ConsoleVisit, path: str) -> str:
    asked = onward(visit)
    return visit.link(path) if asked == HOME else visit.link(path, next=asked)


# ---- the second step -------------------------------------------------------------------------------------------------


async def show_code(pages: Pages, visit: ConsoleVisit) -> Answer:
    """The form for the code."""
    return await _code_page(pages, visit)


async def take_code(pages: Pages, visit: ConsoleVisit) -> Answer:
    """The code of the authenticator, or a recovery code."""
    try:
        cookie = await give_code(visit.service, visit.here, visit.form.get("code", ""), visit.agent)
    except SignInRefusedError:
        return await _code_page(pages, visit, _WRONG_CODE, _UNAUTHORIZED)
    except TooManyCodesError:
        return await _code_page(pages, visit, _WAIT, _TOO_MANY)
    return Redirect(visit.link(onward(visit)), cookie=cookie)


async def _code_page(pages: Pages, visit: ConsoleVisit, wrong: str = "", status: int = 200) -> Answer:
    return await render(pages, visit, "committee/code.html", status=status, wrong=wrong, next=onward(visit))


# ---- and out ---------------------------------------------------------------------------------------------------------


async def take_sign_out(_pages: Pages, visit: ConsoleVisit) -> Answer:
    """End this session."""
    async with visit.service.database.transaction() as connection:
        await close_session(connection, visit.here.key)
    return Redirect(visit.link(SIGN_IN), sign_out=True)


READ: Final = {SIGN_IN: Route(show_sign_in, access="anyone"), CODE: Route(show_code, access="code")}
SENT: Final = {
    SIGN_IN: Route(take_sign_in, access="anyone", fields=("email", "password", "next")),
    "/committee/passkey": Route(take_passkey, access="anyone", fields=("passkey", "next")),
    CODE: Route(take_code, access="code", fields=("code", "next")),
    "/committee/sign-out": Route(take_sign_out),
}
