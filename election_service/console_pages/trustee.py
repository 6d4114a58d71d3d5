"""`/committee/{e}/trustee`: a trustee's own way through the ceremony; files in, files out, no secret on this page."""

from typing import Final

from election_service.console.flash import Flash
from election_service.console.roles import Capability
from election_service.console.trustee_desk import (
    TOOL,
    IdentityKey,
    TrusteeLine,
    TrusteesView,
    read_tool,
    read_trustees,
    store_identity,
    take_messages,
)
from election_service.console_pages.frame import render
from election_service.console_pages.trustees import ROUND_NAMES
from election_service.console_pages.visit import Answer, ConsoleVisit, Download, Redirect, Route
from election_service.errors import InputError
from election_service.languages import translatable
from election_service.pages.shell import Pages
from keys.canonical import b64
from keys.errors import DataError

_PATH: Final = "/committee/{e}/trustee"
_TOOL: Final = _PATH + "/tool"
_KEY: Final = _PATH + "/key"
_MESSAGE: Final = _PATH + "/message"
_TOLD: Final = translatable("Your identity key is noted: %(fingerprint)s. Compare it with the committee in person.")
_TAKEN: Final = translatable("Your message is in the log, entry %(entry)s.")


async def show_trustee(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Where this trustee stands, and what comes next."""
    return await _show(pages, visit)


async def _show(
    pages: Pages, visit: ConsoleVisit, *, problem: str = "", at: str = "", typed: str = "", status: int = 200
) -> Answer:
    view = await read_trustees(visit.service, visit.place)
    _, digest = await read_tool()
    own = next((item for item in view.keys if item.account == visit.who.account), None)
    return await render(
        pages,
        visit,
        "committee/trustee.html",
        section="trustees",
        status=status,
        view=view,
        own=own,
        own_key="" if own is None or own.key is None else b64(own.key),
        line=view.line_of(own.key) if own else None,
        due=_due(view, own),
        digest=digest,
        round_names=ROUND_NAMES,
        log_id=b64(view.log_id) if view.log_id else "",
        problem=problem,
        at=at,
        typed=typed,
    )


def _due(view: TrusteesView, own: IdentityKey | None) -> str:
    """What this trustee has to do now: a word that the template knows."""
    if own is None or own.key is None:
        return "key"
    line = view.line_of(own.key)
    if line is None:
        return "session" if view.state == "planned" else "stranger"
    if view.state == "ceremony":
        return "message" if view.waits not in line.done else "others"
    return "void" if view.state == "void" else _due_of_poll(view, line)


def _due_of_poll(view: TrusteesView, line: TrusteeLine) -> str:
    """The same once there is a key."""
    if view.awaits_canaries and not line.canary:
        return "canary"
    if view.shares is not None and line.good < view.shares.wanted:
        return "decrypt"
    return "nothing"


async def take_key(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Note the identity key."""
    typed = visit.form.get("identity", "")[:100]
    try:
        made = await store_identity(visit.service, visit.place, visit.who.account, typed)
    except InputError as error:
        return await _show(pages, visit, problem=_said(error), at="key", typed=typed, status=400)
    return Redirect(visit.link(_PATH.format(e=visit.place)), Flash(_TOLD, {"fingerprint": made.fingerprint}))


async def take_message(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Log the messages of a file; what is refused is said, and the page stays."""
    upload = visit.files.get("message")
    try:
        if upload is None:
            raise InputError("message: expected a file, got none", "choose the message")
        entries = await take_messages(visit.service, visit.place, visit.who.account, upload.content)
    except DataError as error:
        return await _show(pages, visit, problem=_said(error), at="message", status=409)
    return Redirect(visit.link(_PATH.format(e=visit.place)), Flash(_TAKEN, {"entry": entries[-1]}))


def _said(error: Exception) -> str:
    hint = getattr(error, "hint", "")
    return f"{error} – {hint}" if hint else str(error)


async def send_tool(_pages: Pages, _visit: ConsoleVisit) -> Answer:
    """The tool, to be saved and opened from the disk."""
    content, _ = await read_tool()
    return Download(content, "application/octet-stream", TOOL)


READ: Final = {
    _PATH: Route(show_trustee, Capability.TRUSTEE),
    _TOOL: Route(send_tool, Capability.TRUSTEE),
}
SENT: Final = {
    _KEY: Route(take_key, Capability.TRUSTEE, fields=("identity",)),
    _MESSAGE: Route(take_message, Capability.TRUSTEE, fields=("message",), upload=True),
}
