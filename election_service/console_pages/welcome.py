"""`/committee/welcome` and `/committee/enrol`: from an invitation to an account that can be used."""

from typing import Final

import segno

from election_service.console.enrolment import Authenticator, authenticator, begin, confirm, set_password
from election_service.console.flash import Flash
from election_service.console.invitations import WELCOME
from election_service.console.passwords import MIN_LENGTH
from election_service.console_pages.frame import render
from election_service.console_pages.visit import Answer, ConsoleVisit, Redirect, Route
from election_service.errors import InputError, InvitationRefusedError, SignInRefusedError
from election_service.languages import translatable
from election_service.pages.shell import Pages

ENROL: Final = "/committee/enrol"
RECOVERY: Final = "/committee/recovery-codes"
_USED: Final = translatable(
    "This invitation was used, withdrawn or replaced, or it is more than a week old. Ask for a new one."
)
_DIFFERS: Final = translatable("The two passwords are not the same.")
_WRONG_CODE: Final = translatable("This code is not right. Look whether the clock of your telephone is.")
_BAD: Final = 400
_UNAUTHORIZED: Final = 401
_GONE: Final = 410
_QR_SCALE: Final = 4


async def show_welcome(pages: Pages, visit: ConsoleVisit) -> Answer:
    """A field for the invitation, which the script fills from behind the #; nothing happens before a button is pressed.

    Scanners of mails that follow links change nothing.
    """
    return await _welcome_page(pages, visit)


async def take_welcome(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Redeem the invitation."""
    text = visit.form.get("invitation", "").strip()
    try:
        cookie = await begin(visit.service, text.rpartition("#")[2], visit.agent)
    except InvitationRefusedError:
        return await _welcome_page(pages, visit, _USED, _GONE)
    return Redirect(visit.link(ENROL), cookie=cookie)


async def _welcome_page(pages: Pages, visit: ConsoleVisit, wrong: str = "", status: int = 200) -> Answer:
    script = pages.assets.named.get("committee_js_sri")
    return await render(pages, visit, "committee/welcome.html", status=status, script=script, wrong=wrong)


async def show_enrol(pages: Pages, visit: ConsoleVisit) -> Answer:
    """First the password, then the authenticator."""
    return await _enrol_page(pages, visit)


async def take_password(pages: Pages, visit: ConsoleVisit) -> Answer:
    """The password, typed twice."""
    password = visit.form.get("password", "")
    if password != visit.form.get("again", ""):
        return await _enrol_page(pages, visit, _DIFFERS, status=_BAD, again=True)
    try:
        await set_password(visit.service, visit.who, password)
    except InputError as error:
        return await _enrol_page(pages, visit, password_advice(error), status=_BAD, again=True)
    return Redirect(visit.link(ENROL))


async def take_first_code(pages: Pages, visit: ConsoleVisit) -> Answer:
    """The first code of the authenticator opens the account."""
    try:
        enrolled = await confirm(visit.service, visit.here, visit.form.get("code", ""), visit.agent)
    except SignInRefusedError:
        return await _enrol_page(pages, visit, _WRONG_CODE, status=_UNAUTHORIZED)
    return Redirect(visit.link(RECOVERY), cookie=enrolled.cookie, flash=Flash("", shown={"codes": enrolled.codes}))


async def _enrol_page(
    pages: Pages, visit: ConsoleVisit, wrong: str = "", *, status: int = 200, again: bool = False
) -> Answer:
    known = None if again else await authenticator(visit.service, visit.who)
    return await render(
        pages,
        visit,
        "committee/enrol.html",
        status=status,
        wrong=wrong,
        person=visit.who,
        least=MIN_LENGTH,
        secret=known and in_groups(known.secret),
        qr=known and qr_code(known),
    )


async def show_recovery_codes(pages: Pages, visit: ConsoleVisit) -> Answer:
    """The codes, once, after they were made."""
    return await render(pages, visit, "committee/recovery_codes.html", section="account")


# ---- pieces that the account's page has as well ----------------------------------------------------------------------

_ADVICE: Final = {
    "at least": translatable("This password is too short."),
    "at most": translatable("This password is too long."),
    "first": translatable("This password is among the first that anybody tries."),
    "name": translatable("This password is hardly more than your name or address."),
}


def password_advice(error: InputError) -> str:
    """What is wrong with a password, in words to be translated."""
    return next(
        (text for part, text in _ADVICE.items() if part in str(error)), translatable("Choose another password.")
    )


def qr_code(known: Authenticator) -> str:
    """The picture that an authenticator app reads, as an address of its own."""
    return segno.make(known.address, micro=False).svg_data_uri(scale=_QR_SCALE, border=2)


def in_groups(secret: str) -> str:
    """The secret as it is typed by hand."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


READ: Final = {
    WELCOME: Route(show_welcome, access="anyone"),
    ENROL: Route(show_enrol, access="enrol"),
    RECOVERY: Route(show_recovery_codes),
}
SENT: Final = {
    WELCOME: Route(take_welcome, access="anyone", fields=("invitation",)),
    "/committee/enrol/password": Route(take_password, access="enrol", fields=("password", "again")),
    "/committee/enrol/code": Route(take_first_code, access="enrol", fields=("code",)),
}
