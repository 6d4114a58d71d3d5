"""Agenda and seats as everybody may see them: out of the record, whoever folded it (service or a member's computer)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from audit.entries import format_time
from ballot.contest import Contest
from election_service.api_types import (
    Agenda,
    AgendaTask,
    Names,
    NoticeInfo,
    NoticeList,
    OpenVoteInfo,
    PetitionInfo,
    SeatInfo,
    SeatRegister,
    SeatState,
)
from election_service.errors import ActRefusedError
from election_service.legal_rules import opening_notices
from election_service.service import Service
from tally.errors import OutcomeError
from tally.record import Record
from tally.register import Mandate

MAX_YEAR: Final = 253_402_300_799  # the last second that has a date of four digits


def names_of(documents: Iterable[Contest]) -> dict[str, Names]:
    """Option id → name by language: what the contest documents call a person, the newest last."""
    return {option.id: option.name for document in documents for option in document.options if not option.blank}


def _time(seconds: int | None) -> str | None:
    return None if seconds is None or not 0 <= seconds <= MAX_YEAR else format_time(seconds)


def agenda_of(record: Record, documents: Sequence[Contest]) -> Agenda:
    """What the rules ask for now."""
    names, state = names_of(documents), record.state
    return Agenda(
        missing=record.missing(),
        tasks=[
            AgendaTask(
                task=task,
                due=_time(record.due(name)),
                names={person: names[person] for person in task.options if person in names},
            )
            for name, task in record.agenda.items()
        ],
        complaints=[seq for seq, complaint in sorted(state.complaints.items()) if not complaint.answer],
        petitions=[
            PetitionInfo(
                petition=name,
                electorate=petition.electorate,
                until=_time(petition.until),
                supporters=len(petition.supporters),
                size=state.electorates[petition.electorate],
                closed=petition.closed,
            )
            for name, petition in sorted(state.petitions.items())
        ],
        votes=[
            OpenVoteInfo(
                vote=name,
                electorate=vote.electorate,
                until=_time(vote.until),
                votes=len(vote.choices),
                size=state.electorates[vote.electorate],
                closed=vote.closed,
            )
            for name, vote in sorted(state.open_votes.items())
        ],
    )


def seats_of(record: Record, documents: Sequence[Contest], at: int) -> SeatRegister:
    """Every seat that a poll was declared about, and every office that somebody was appointed to."""
    names = names_of(documents)
    appointed = [mandate.seat for mandate in record.register.mandates()]
    seats = [_seat(record, names, seat, at) for seat in sorted({*record.seats, *appointed})]
    return SeatRegister(seats=seats, honorary=[title.person for title in record.register.titles])


def _seat(record: Record, names: Mapping[str, Names], seat: str, at: int) -> SeatInfo:
    mandate, known = record.register.mandate(seat), record.seats.get(seat)
    position = known.position if known is not None else seat
    pending = known.pending if known is not None else None
    person = mandate.person if mandate is not None else pending
    acting = None if mandate is not None else _acting(record, position)
    return SeatInfo(
        seat=seat,
        position=position,
        state=_state(record, seat, mandate, pending, at),
        person=person,
        name=names.get(person or "", {}),
        since=_time(mandate.since) if mandate is not None else None,
        until=mandate.until if mandate is not None else "",
        by=mandate.by if mandate is not None else "",
        cause=mandate.cause if mandate is not None else "",
        acting=acting,
        acting_name=names.get(acting or "", {}),
    )


def _state(record: Record, seat: str, mandate: Mandate | None, pending: str | None, at: int) -> SeatState:
    if mandate is not None:
        rule = record.rules.calendar
        if record.register.is_caretaker(mandate, at, rule):
            return "caretaker"
        return "held" if record.register.in_force(mandate, at, rule) else "ended"
    if pending is not None:
        return "pending"
    return "open" if seat in record.agenda else "vacant"


def _acting(record: Record, position: str) -> str | None:
    """Whose work it is meanwhile: the holder of the position that the rules name (6.9.7; ATU 4)."""
    found = next((item for item in record.rules.positions if item.id == position), None)
    acting = found.seat.acting.value if found is not None and found.seat is not None else ""
    return record.register.holder_of(acting) if acting else None


# ---- in the service --------------------------------------------------------------------------------------------------


async def show_agenda(service: Service, election: str) -> Agenda:
    """The agenda as the log tells it; ActRefusedError before there is a constitution."""
    await service.election(election)
    facts = await service.facts(election)
    return agenda_of(facts.record, facts.documents)


async def show_seats(service: Service, election: str) -> SeatRegister:
    """The register as the log tells it; ActRefusedError before there is a constitution."""
    await service.election(election)
    facts = await service.facts(election)
    return seats_of(facts.record, facts.documents, service.clock())


async def show_notices(service: Service, election: str, poll: int, opens: int, closes: int) -> NoticeList:
    """The calendar's warnings for an opening; ActRefusedError, with the clause, where the poll may not open so."""
    facts = await service.facts(election)
    try:
        notices = opening_notices(facts, poll, opens, closes)
    except OutcomeError as error:
        raise ActRefusedError(f"poll.opened: {error}") from error
    return NoticeList(
        notices=[
            NoticeInfo(severity=item.severity, clause=item.clause, text=item.text, due=_time(item.due))
            for item in notices
        ]
    )
