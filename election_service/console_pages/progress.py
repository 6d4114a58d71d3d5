"""`/committee/{e}/progress`: a poll while it runs: turnout, mails, reminders, incidents, complaints, countdown."""

from collections.abc import Mapping
from typing import Final

from election_service.console.accounts import people_of
from election_service.console.events import record
from election_service.console.flash import Flash
from election_service.console.incidents import MAX_TEXT, close_incident, list_incidents, record_incident
from election_service.console.progress import PollProgress, read_progress, remind
from election_service.console.roles import Capability
from election_service.console.told_mails import list_troubles
from election_service.console_pages.frame import render
from election_service.console_pages.logged import of_a_log
from election_service.console_pages.mail_words import MAIL_KINDS, MAIL_STATES
from election_service.console_pages.visit import Answer, ConsoleVisit, Redirect, Route
from election_service.errors import ActRefusedError, InputError
from election_service.languages import translatable
from election_service.outbox import LINKS, queue_again
from election_service.pages.about import About, about
from election_service.pages.ballots import Group, group_ballots
from election_service.pages.shell import Pages
from election_service.pages.states import POLL_STATES

_PATH: Final = "/committee/{e}/progress"


@of_a_log("progress")
async def show_progress(pages: Pages, visit: ConsoleVisit) -> Answer:
    """All that the committee can see while people vote; names for those alone who may see the roll."""
    return await _render(pages, visit)


async def _render(pages: Pages, visit: ConsoleVisit, *, text: str = "", fault: str = "", status: int = 200) -> Answer:
    known, progress = await about(visit), await read_progress(visit.service, visit.place)
    async with visit.service.database.snapshot() as connection:
        troubles = await list_troubles(connection, known.id)
        incidents = (
            await list_incidents(connection, visit.service.master, known.id) if visit.may(Capability.INCIDENT) else []
        )
        names = {person.account: person.name for person, _ in await people_of(connection, known.id)}
    return await render(
        pages,
        visit,
        "committee/progress.html",
        section="progress",
        status=status,
        about=known,
        progress=progress,
        polls=[(poll, _groups(known, poll, visit.language)) for poll in progress.polls],
        all_polls=known.poll_states(),
        states=POLL_STATES,
        troubles=troubles if visit.may(Capability.SEE_VOTERS) else [],
        trouble_count=len(troubles),
        mail_kinds=MAIL_KINDS,
        mail_states=MAIL_STATES,
        links=LINKS,
        incidents=incidents,
        names=names,
        may=_may(visit),
        most_text=MAX_TEXT,
        text=text,
        fault=fault,
    )


def _groups(known: About, poll: PollProgress, language: str) -> list[Group]:
    """The contests as the public page groups them."""
    return group_ballots(known, [item.contest for item in poll.contests], {}, language)


def _may(visit: ConsoleVisit) -> Mapping[str, bool]:
    """What this person may do here, by the names of the capabilities with "_" for "-"."""
    wanted = (Capability.PROPOSE, Capability.SEND_MAIL, Capability.INCIDENT, Capability.MESSAGE, Capability.SEE_VOTERS)
    return {capability.replace("-", "_"): visit.may(capability) for capability in wanted}


# ---- forms -----------------------------------------------------------------------------------------------------------


async def take_reminder(_pages: Pages, visit: ConsoleVisit) -> Answer:
    """Remind those who have no token yet; how many they are nobody is told."""
    poll = visit.number(visit.form.get("poll", ""), "poll")
    try:
        await remind(visit.service, visit.place, poll)
    except ActRefusedError:
        return _back(visit, Flash(translatable("This poll is not open: nobody is to be reminded."), bad=True))
    async with visit.service.database.transaction() as connection:
        await record(visit.service, connection, visit.place, visit.who.account, "reminded", f"poll {poll}")
    text = translatable("Everybody who has not taken a ballot in every contest is reminded, once a day at most.")
    return _back(visit, Flash(text))


async def take_retry(_pages: Pages, visit: ConsoleVisit) -> Answer:
    """Send links again that were refused or put off: of one student, or of all."""
    student = visit.form.get("student", "")
    if not student and visit.form.get("all") != "1":
        raise InputError("retry: expected a student or all, got neither", "use a button of the page")
    async with visit.service.database.transaction() as connection:
        tried = await queue_again(connection, visit.place, student or None, visit.service.clock())
        await record(visit.service, connection, visit.place, visit.who.account, "links-sent-again", str(tried))
    return _back(visit, Flash(translatable("Ballot links that wait to be sent now: %(count)s"), {"count": tried}))


async def take_incident(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Write an incident down; what was typed is shown again where it cannot be taken."""
    text = visit.form.get("text", "")
    try:
        number = await record_incident(visit.service, visit.place, visit.who.account, text)
    except InputError as error:
        return await _render(pages, visit, text=text, fault=str(error), status=400)
    return _back(visit, Flash(translatable("Incident %(number)s is written down."), {"number": number}))


async def take_incident_close(_pages: Pages, visit: ConsoleVisit) -> Answer:
    """Mark an incident as dealt with."""
    number = visit.number(visit.parts["number"], "incident")
    closed = await close_incident(visit.service, visit.place, visit.who.account, number)
    said = translatable("Incident %(number)s is closed.") if closed else translatable("It was closed before.")
    return _back(visit, Flash(said, {"number": number}))


def _back(visit: ConsoleVisit, flash: Flash) -> Redirect:
    return Redirect(visit.link(_PATH.format(e=visit.place)), flash)


READ: Final = {_PATH: Route(show_progress, Capability.SEE)}
SENT: Final = {
    f"{_PATH}/reminders": Route(take_reminder, Capability.SEND_MAIL, fields=("poll",)),
    f"{_PATH}/links": Route(take_retry, Capability.SEND_MAIL, fields=("student", "all")),
    f"{_PATH}/incidents": Route(take_incident, Capability.INCIDENT, fields=("text",)),
    f"{_PATH}/incidents/{{number}}/close": Route(take_incident_close, Capability.INCIDENT),
}
