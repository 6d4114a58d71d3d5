"""`/committee/{e}/tokens`: tokens for programs, which do in one's name some of what one may do oneself."""

from typing import Final

from election_service.console.api_tokens import (
    MOST_DAYS,
    SCOPES,
    delete_api_token,
    list_api_tokens,
    make_api_token,
)
from election_service.console.flash import Flash
from election_service.console.roles import Capability
from election_service.console.signing_in import check_password
from election_service.console_pages.frame import render
from election_service.console_pages.visit import Answer, ConsoleVisit, Redirect, Route
from election_service.errors import InputError, SignInRefusedError
from election_service.languages import translatable
from election_service.pages.shell import Pages

_WRONG: Final = translatable("This is not your password. Nothing was changed.")
_FAULT: Final = translatable("Choose a name, at least one thing that the token is for, and a number of days.")
_SCOPE_NAMES: Final = {
    Capability.SEE: translatable("see what observers see"),
    Capability.SEE_VOTERS: translatable("see the roll with names and addresses"),
    Capability.CREATE: translatable("make elections"),
    Capability.SET_UP: translatable("set up: texts, contests, candidates, schedule"),
    Capability.UPLOAD_ROLL: translatable("upload a roll"),
    Capability.PROPOSE: translatable("prepare acts"),
    Capability.SEND_MAIL: translatable("send mails to voters"),
    Capability.MESSAGE: translatable("read and answer messages"),
    Capability.INCIDENT: translatable("write down incidents"),
    Capability.TRUSTEE: translatable("take a trustee's steps"),
}
_UNAUTHORIZED: Final = 401
_BAD: Final = 400
_DAYS: Final = 30


async def show_tokens(pages: Pages, visit: ConsoleVisit) -> Answer:
    """One's own tokens of this election; a new one is shown once."""
    return await _page(pages, visit)


async def _page(pages: Pages, visit: ConsoleVisit, wrong: str = "", status: int = 200) -> Answer:
    tokens = await list_api_tokens(visit.service, visit.who.account)
    offered = [scope for scope in Capability if scope in SCOPES and visit.may(scope)]
    return await render(
        pages,
        visit,
        "committee/tokens.html",
        section="tokens",
        status=status,
        wrong=wrong,
        tokens=[token for token in tokens if token.election == visit.place],
        offered=[(str(scope), _SCOPE_NAMES[scope]) for scope in offered],
        days=_DAYS,
        most_days=MOST_DAYS,
        now=visit.service.clock(),
    )


async def take_token(pages: Pages, visit: ConsoleVisit) -> Answer:
    """A new token."""
    days = visit.form.get("days", "")
    try:
        await check_password(visit.service, visit.who.account, visit.form.get("password", ""))
        scopes = frozenset(Capability(scope) for scope in visit.fields.get("scopes", ()))
        number = int(days) if days.isascii() and days.isdecimal() and len(days) <= 3 else 0
        token = await make_api_token(visit.service, visit.who, visit.place, visit.form.get("name", ""), scopes, number)
    except SignInRefusedError:
        return await _page(pages, visit, _WRONG, _UNAUTHORIZED)
    except (InputError, ValueError):
        return await _page(pages, visit, _FAULT, _BAD)
    return Redirect(visit.link(f"/committee/{visit.place}/tokens"), Flash("", shown={"token": token}))


async def take_token_end(_pages: Pages, visit: ConsoleVisit) -> Answer:
    """Delete a token."""
    await delete_api_token(visit.service, visit.who.account, visit.form.get("id", ""))
    text = translatable("The token is deleted; whatever used it can do nothing any more.")
    return Redirect(visit.link(f"/committee/{visit.place}/tokens"), Flash(text))


READ: Final = {"/committee/{e}/tokens": Route(show_tokens, Capability.TOKENS)}
SENT: Final = {
    "/committee/{e}/tokens": Route(take_token, Capability.TOKENS, fields=("name", "scopes", "days", "password")),
    "/committee/{e}/tokens/delete": Route(take_token_end, Capability.TOKENS, fields=("id",)),
}
