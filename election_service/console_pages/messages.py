"""`/committee/{e}/messages`: what people wrote by the help page. `/requests`: who asked for the ballot link again."""

from typing import Final

from sqlalchemy import select

from election_service.console.events import record
from election_service.console.flash import Flash
from election_service.console.roles import Capability
from election_service.console_pages.frame import render
from election_service.console_pages.logged import of_a_log
from election_service.console_pages.mail_words import MESSAGE_KINDS
from election_service.console_pages.visit import Answer, ConsoleVisit, Redirect, Route
from election_service.errors import InputError
from election_service.languages import NAMES, translatable
from election_service.link_requests import list_requests, refuse_request
from election_service.messages_desk import close_message, list_messages
from election_service.pages.about import about
from election_service.pages.shell import Pages
from election_service.presentation import is_mail_address
from election_service.schema_mail import outbox

_MESSAGES: Final = "/committee/{e}/messages"
_REQUESTS: Final = "/committee/{e}/requests"
REQUEST_STATES: Final = {
    "open": translatable("waits for you"),
    "done": translatable("has a link"),
    "refused": translatable("refused"),
}


@of_a_log("messages")
async def show_messages(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Open messages, or all of them."""
    known, everything = await about(visit), visit.query.get("all") == "1"
    async with visit.service.database.snapshot() as connection:
        messages = await list_messages(connection, visit.service.master, known.id, closed=everything)
    return await render(
        pages,
        visit,
        "committee/messages.html",
        section="messages",
        about=known,
        everything=everything,
        kept={"all": 1} if everything else {},
        messages=[(item, is_mail_address(item.message.contact)) for item in messages],
        kinds=MESSAGE_KINDS,
        spoken=NAMES,
    )


async def take_message_close(_pages: Pages, visit: ConsoleVisit) -> Answer:
    """Mark a message as dealt with."""
    number, to = visit.form.get("number", ""), visit.link(_MESSAGES.format(e=visit.place))
    try:
        async with visit.service.database.transaction() as connection:
            await close_message(connection, visit.place, number)
            await record(visit.service, connection, visit.place, visit.who.account, "message-closed", number[:11])
    except InputError:
        return Redirect(to, Flash(translatable("There is no open message of this number: somebody was faster.")))
    return Redirect(to, Flash(translatable("Message %(number)s is closed."), {"number": number[:11]}))


@of_a_log("requests")
async def show_requests(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Who asked for the ballot link again, and whether a new one waits for approval."""
    known, everything = await about(visit), visit.query.get("all") == "1"
    held = select(outbox.c.recipient).where(
        outbox.c.election == known.id, outbox.c.kind == "reissue", outbox.c.state == "held"
    )
    async with visit.service.database.snapshot() as connection:
        requests = await list_requests(connection, known.id, settled=everything)
        proposed = set((await connection.execute(held)).scalars())
    return await render(
        pages,
        visit,
        "committee/requests.html",
        section="requests",
        about=known,
        everything=everything,
        kept={"all": 1} if everything else {},
        requests=requests,
        proposed=proposed,
        states=REQUEST_STATES,
        may={"propose": visit.may(Capability.PROPOSE), "send_mail": visit.may(Capability.SEND_MAIL)},
    )


async def take_refusal(_pages: Pages, visit: ConsoleVisit) -> Answer:
    """Settle a request without a new link."""
    student, to = visit.form.get("student", ""), visit.link(_REQUESTS.format(e=visit.place))
    async with visit.service.database.transaction() as connection:
        refused = await refuse_request(connection, visit.place, student)
        if refused:
            await record(visit.service, connection, visit.place, visit.who.account, "link-request-refused")
    if not refused:
        return Redirect(to, Flash(translatable("There is no open request of this student: somebody was faster.")))
    return Redirect(to, Flash(translatable("The request is settled without a new link.")))


READ: Final = {
    _MESSAGES: Route(show_messages, Capability.MESSAGE),
    _REQUESTS: Route(show_requests, Capability.SEE_VOTERS),
}
SENT: Final = {
    f"{_MESSAGES}/close": Route(take_message_close, Capability.MESSAGE, fields=("number",)),
    f"{_REQUESTS}/refuse": Route(take_refusal, Capability.SEND_MAIL, fields=("student",)),
}
