"""`/committee/account`: one's own account: language, password, sessions, recovery codes, authenticator, passkeys."""

from typing import Final

from election_service.console.account_changes import (
    change_language,
    change_password,
    confirm_authenticator,
    offer_authenticator,
    replace_recovery_codes,
    seal_of,
)
from election_service.console.api_tokens import list_api_tokens
from election_service.console.flash import Flash
from election_service.console.passkeys import add_passkey, delete_passkey, list_passkeys, registration_options
from election_service.console.passwords import MIN_LENGTH
from election_service.console.recovery_codes import count_recovery_codes
from election_service.console.sessions import close_all, close_named, list_sessions
from election_service.console.signing_in import check_password
from election_service.console_pages.frame import render
from election_service.console_pages.sign_in import SIGN_IN
from election_service.console_pages.visit import Answer, ConsoleVisit, Redirect, Route
from election_service.console_pages.welcome import RECOVERY, in_groups, password_advice, qr_code
from election_service.errors import InputError, SignInRefusedError
from election_service.languages import translatable
from election_service.pages.shell import Pages

ACCOUNT: Final = "/committee/account"
AUTHENTICATOR: Final = "/committee/account/authenticator"
_WRONG: Final = translatable("This is not your password. Nothing was changed.")
_DIFFERS: Final = translatable("The two passwords are not the same.")
_WRONG_CODE: Final = translatable("This code is not right. Look whether the clock of your telephone is.")
_NO_PASSKEY: Final = translatable("The passkey could not be added. Try again.")
_BAD: Final = 400
_UNAUTHORIZED: Final = 401


async def show_account(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Everything about one's own account."""
    return await _account_page(pages, visit)


async def _account_page(pages: Pages, visit: ConsoleVisit, wrong: str = "", status: int = 200) -> Answer:
    service, who = visit.service, visit.who
    async with service.database.snapshot() as connection:
        codes = await count_recovery_codes(connection, who.account)
    return await render(
        pages,
        visit,
        "committee/account.html",
        section="account",
        status=status,
        script=pages.assets.named.get("committee_js_sri"),
        wrong=wrong,
        least=MIN_LENGTH,
        codes=codes,
        now=service.clock(),
        sessions=await list_sessions(service, visit.here),
        passkeys=await list_passkeys(service, who.account),
        tokens=await list_api_tokens(service, who.account),
        passkey_options=await registration_options(service, who),
    )


async def take_language(_pages: Pages, visit: ConsoleVisit) -> Answer:
    """The language in which the console speaks to this person."""
    await change_language(visit.service, visit.who, visit.form.get("language", ""))
    return Redirect(ACCOUNT, Flash(translatable("The language is kept.")))


async def take_password(pages: Pages, visit: ConsoleVisit) -> Answer:
    """A new password; everywhere else one is signed out."""
    new = visit.form.get("new", "")
    if new != visit.form.get("again", ""):
        return await _account_page(pages, visit, _DIFFERS, _BAD)
    try:
        await change_password(visit.service, visit.who, visit.here, visit.form.get("password", ""), new)
    except SignInRefusedError:
        return await _account_page(pages, visit, _WRONG, _UNAUTHORIZED)
    except InputError as error:
        return await _account_page(pages, visit, password_advice(error), _BAD)
    text = translatable("The password is changed. Everywhere else you are signed out.")
    return Redirect(visit.link(ACCOUNT), Flash(text))


async def take_recovery_codes(pages: Pages, visit: ConsoleVisit) -> Answer:
    """New recovery codes; the old ones are void."""
    try:
        await check_password(visit.service, visit.who.account, visit.form.get("password", ""))
    except SignInRefusedError:
        return await _account_page(pages, visit, _WRONG, _UNAUTHORIZED)
    codes = await replace_recovery_codes(visit.service, visit.who)
    return Redirect(visit.link(RECOVERY), Flash("", shown={"codes": codes}))


# ---- another authenticator -------------------------------------------------------------------------------------------


async def take_authenticator(pages: Pages, visit: ConsoleVisit) -> Answer:
    """A key for another authenticator app; the old one works until a code of the new one was right."""
    try:
        await check_password(visit.service, visit.who.account, visit.form.get("password", ""))
    except SignInRefusedError:
        return await _account_page(pages, visit, _WRONG, _UNAUTHORIZED)
    sealed = seal_of(visit.service, visit.here)
    return await _authenticator_page(pages, visit, sealed)


async def take_authenticator_code(pages: Pages, visit: ConsoleVisit) -> Answer:
    """The first code of the new app."""
    sealed = visit.form.get("key", "")
    try:
        await confirm_authenticator(visit.service, visit.who, visit.here, sealed, visit.form.get("code", ""))
    except SignInRefusedError:
        return await _authenticator_page(pages, visit, sealed, _WRONG_CODE, _UNAUTHORIZED)
    return Redirect(visit.link(ACCOUNT), Flash(translatable("From now on your new authenticator counts.")))


async def _authenticator_page(
    pages: Pages, visit: ConsoleVisit, sealed: str, wrong: str = "", status: int = 200
) -> Answer:
    known = offer_authenticator(visit.service, visit.who, visit.here, sealed)
    values = {"sealed": sealed, "secret": in_groups(known.secret), "qr": qr_code(known)}
    return await render(
        pages, visit, "committee/authenticator.html", section="account", status=status, wrong=wrong, **values
    )


# ---- sessions and passkeys -------------------------------------------------------------------------------------------


async def take_session_end(_pages: Pages, visit: ConsoleVisit) -> Answer:
    """End one session of the list."""
    ended = await close_named(visit.service, visit.here, visit.form.get("session", ""))
    text = translatable("That session is ended.") if ended else translatable("That session had ended already.")
    return Redirect(visit.link(ACCOUNT), Flash(text))


async def take_sign_out_everywhere(_pages: Pages, visit: ConsoleVisit) -> Answer:
    """End every session, this one as well."""
    async with visit.service.database.transaction() as connection:
        await close_all(connection, visit.who.account)
    return Redirect(visit.link(SIGN_IN), sign_out=True)


async def take_passkey(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Keep a passkey that the browser has made."""
    try:
        await check_password(visit.service, visit.who.account, visit.form.get("password", ""))
        await add_passkey(visit.service, visit.who, visit.form.get("name", ""), visit.form.get("passkey", ""))
    except (SignInRefusedError, InputError):
        return await _account_page(pages, visit, _NO_PASSKEY, _UNAUTHORIZED)
    return Redirect(visit.link(ACCOUNT), Flash(translatable("The passkey is added.")))


async def take_passkey_end(_pages: Pages, visit: ConsoleVisit) -> Answer:
    """Forget a passkey."""
    await delete_passkey(visit.service, visit.who.account, visit.form.get("id", ""))
    return Redirect(visit.link(ACCOUNT), Flash(translatable("The passkey is deleted.")))


READ: Final = {ACCOUNT: Route(show_account)}
SENT: Final = {
    f"{ACCOUNT}/language": Route(take_language, fields=("language",)),
    f"{ACCOUNT}/password": Route(take_password, fields=("password", "new", "again")),
    f"{ACCOUNT}/recovery-codes": Route(take_recovery_codes, fields=("password",)),
    AUTHENTICATOR: Route(take_authenticator, fields=("password",)),
    f"{AUTHENTICATOR}/code": Route(take_authenticator_code, fields=("key", "code")),
    f"{ACCOUNT}/session": Route(take_session_end, fields=("session",)),
    f"{ACCOUNT}/sign-out": Route(take_sign_out_everywhere),
    f"{ACCOUNT}/passkeys": Route(take_passkey, fields=("password", "name", "passkey")),
    f"{ACCOUNT}/passkeys/delete": Route(take_passkey_end, fields=("id",)),
}
