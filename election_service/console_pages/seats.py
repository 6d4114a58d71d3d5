"""`/committee/{e}/seats`: who holds which seat, what can be decided about it, and the next poll with one tap."""

from dataclasses import dataclass
from typing import Any, Final

from audit.entries import parse_time
from election_service.console.events import record
from election_service.console.flash import Flash
from election_service.console.next_polls import make_next_poll
from election_service.console.roles import Capability
from election_service.console.seats import Offer, SeatDesk, SeatsDesk, read_seats_desk
from election_service.console_pages.frame import render
from election_service.console_pages.held_back_words import held_back
from election_service.console_pages.logged import of_a_log
from election_service.console_pages.visit import Answer, ConsoleVisit, Redirect, Route
from election_service.errors import ActRefusedError, InputError, RegistrarError
from election_service.follow_up import NextPoll, Wanted
from election_service.languages import translatable
from election_service.law_view import names_of
from election_service.pages.about import About, Text, about, in_language
from election_service.pages.naming import PageNames
from election_service.pages.shell import Pages
from election_service.pages.states import BY, SEAT_STATES
from keys.errors import FormatError
from keys.ids import check_id
from tally.errors import OutcomeError

_PATH: Final = "/committee/{e}/seats"
OFFERS: Final = {
    "vacancy": translatable("The seat becomes vacant"),
    "bar": translatable("Bar from every election"),
    "approval": translatable("The board approves"),
    "refusal": translatable("The board refuses"),
    "paper": translatable("Elected on paper"),
}
OTHER_DECISIONS: Final = {
    "appointment": translatable("Somebody is appointed"),
    "bar": translatable("Somebody is barred"),
    "withdrawal": translatable("A candidate withdraws"),
    "notice": translatable("A meeting is announced"),
    "attendance": translatable("Who attends is counted"),
    "petition": translatable("A petition begins"),
    "petition-result": translatable("A petition ends"),
    "board-vote": translatable("An open vote of a board begins"),
    "board-result": translatable("An open vote of a board ends"),
    "suspension": translatable("The self-governance is at a standstill"),
    "resumption": translatable("The standstill ends"),
    "permission": translatable("The administration permits the election"),
    "honorary": translatable("An honorary title"),
}


@dataclass(frozen=True, slots=True)
class TermLine:
    """A mandate of the past or present; ``ended``: POSIX seconds, None while it goes on."""

    person: Text
    since: int
    by: str
    ended: int | None
    ground: str


@dataclass(frozen=True, slots=True)
class SeatLine:
    """A seat as people read it."""

    desk: SeatDesk
    name: Text
    person: Text
    acting: Text
    next_in_line: tuple[Text, ...]
    history: tuple[TermLine, ...]


@dataclass(frozen=True, slots=True)
class TaskLine:
    """What has to happen; ``due``: POSIX seconds."""

    name: Text
    what: str
    persons: str
    clause: str
    due: int | None
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A contest of the next poll."""

    name: Text
    electorate: str
    options: tuple[str, ...]


@of_a_log("seats")
async def show_seats(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Register, agenda, next poll."""
    return await _render(pages, visit)


async def _render(pages: Pages, visit: ConsoleVisit, *, fault: str = "", status: int = 200, **typed: str) -> Answer:
    known, desk = await about(visit), await read_seats_desk(visit.service, visit.place)
    ranks = {item.id: item.rank for item in known.facts.rules.positions} if known.facts.law is not None else {}
    people = _people(known, visit.language)
    lines = [_line(known, item, people, visit.language) for item in desk.seats]
    lines.sort(key=lambda line: (ranks.get(line.desk.info.position, 1 << 30), line.name.text))
    return await render(
        pages,
        visit,
        "committee/seats.html",
        section="seats",
        status=status,
        about=known,
        desk=desk,
        seats=lines,
        tasks=_tasks(known, desk, visit.language),
        planned=_plans(known, desk.planned, visit.language),
        waiting=held_back(known, () if desk.planned is None else desk.planned.waiting, visit.language),
        offices=[(item, known.position(item, visit.language)) for item in desk.offices],
        motions=[(item, known.position(item, visit.language)) for item in desk.motions],
        seat_states=SEAT_STATES,
        by=BY,
        offer_words=OFFERS,
        other_decisions=OTHER_DECISIONS,
        person_of=people.get,
        may={"propose": visit.may(Capability.PROPOSE), "set_up": visit.may(Capability.SET_UP)},
        fault=fault,
        typed={"motion": "", "contest": "", **typed},
    )


def _people(known: About, language: str) -> dict[str, Text]:
    return {person: in_language(names, language, person) for person, names in names_of(known.facts.documents).items()}


def _line(known: About, desk: SeatDesk, people: dict[str, Text], language: str) -> SeatLine:
    info = desk.info

    def named(person: str | None) -> Text:
        return people.get(person or "", Text(person or "", language))

    return SeatLine(
        desk,
        known.seat(info.seat, language),
        named(info.person),
        named(info.acting),
        tuple(named(person) for person in desk.next_in_line),
        tuple(
            TermLine(
                named(term.mandate.person),
                term.mandate.since,
                term.mandate.by,
                None if term.end is None else term.end.at,
                "" if term.end is None else term.end.ground,
            )
            for term in desk.history
        ),
    )


def _tasks(known: About, desk: SeatsDesk, language: str) -> list[TaskLine]:
    if known.facts.law is None:
        return []
    names = PageNames(known, language)
    return [
        TaskLine(
            name=known.seat(item.task.seat, language),
            what=names.texts.say("task", item.task.kind),
            persons=", ".join(map(names.person, item.task.options)),
            clause=names.clause(item.task.clause),
            due=None if item.due is None else parse_time(item.due),
            offers=desk.offers.get(item.task.seat, ()),
        )
        for item in desk.tasks
    ]


def _plans(known: About, planned: NextPoll | None, language: str) -> list[PlanLine]:
    return [
        PlanLine(
            known.seat(plan.contest, language),
            known.electorate(plan.electorate, language),
            tuple(known.option(option, language).text for option in plan.options),
        )
        for plan in (planned.plans if planned is not None else ())
    ]


# ---- the next poll ---------------------------------------------------------------------------------------------------


async def take_next_poll(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Make the next poll as it was shown: its contests, or the electorates that the committee approves first."""
    number = visit.number(visit.form.get("poll", ""), "poll")
    typed = {"motion": visit.form.get("motion", "")[:64], "contest": visit.form.get("contest", "").strip()[:64]}
    to = visit.link(_PATH.format(e=visit.place))
    shown = (await read_seats_desk(visit.service, visit.place)).planned
    if shown is None or shown.number != number:
        text = translatable("Somebody changed this meanwhile: look again.")
        return Redirect(to, Flash(text, bad=True))
    try:
        made = await make_next_poll(visit.service, visit.place, _wanted(typed))
    except (ActRefusedError, FormatError, InputError, OutcomeError, RegistrarError) as error:
        return await _render(pages, visit, fault=str(error), status=409, **typed)
    async with visit.service.database.transaction() as connection:
        service, account = visit.service, visit.who.account
        what = f"poll {number}"
        await record(
            service, connection, visit.place, account, "members-listed" if made.acts else "next-poll-made", what
        )
    if made.acts:
        prepared = visit.link(f"/committee/{visit.place}/acts/new/prepared", kind="electorate")
        text = translatable("The electorates of the members come first: propose them here, then make the poll.")
        return Redirect(prepared, Flash(text))
    text = translatable("Poll %(number)s is made: %(count)s contests stand in the log.")
    values: dict[str, Any] = {"number": number, "count": len(made.contexts)}
    return Redirect(to, Flash(text, values))


def _wanted(typed: dict[str, str]) -> Wanted:
    """The agenda, and a motion if one was named; FormatError for a name that no contest can have."""
    if not typed["motion"]:
        return Wanted()
    check_id(typed["contest"], "contest of the motion")
    return Wanted(motions={typed["contest"]: typed["motion"]})


READ: Final = {_PATH: Route(show_seats, Capability.SEE)}
SENT: Final = {f"{_PATH}/next-poll": Route(take_next_poll, Capability.SET_UP, fields=("poll", "motion", "contest"))}
