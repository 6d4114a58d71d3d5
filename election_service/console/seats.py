"""The register of seats as the committee works with it: who holds what, who would come next, what can be decided.

All of it comes from the record (tally/record.py), which the verifier folds too: nothing here decides anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from election_service.api_types import AgendaTask, SeatInfo
from election_service.errors import ActRefusedError, InputError, RegistrarError
from election_service.follow_up import NextPoll, Wanted, next_poll
from election_service.law_view import agenda_of, seats_of
from election_service.service import Service
from tally.constitution import Motion
from tally.decision import What
from tally.errors import OutcomeError
from tally.record import Record
from tally.register import Term


@dataclass(frozen=True, slots=True)
class Offer:
    """A decision that can be proposed with one tap; empty members are for whoever proposes it to fill."""

    what: What
    seat: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class SeatDesk:
    """A seat. ``next_in_line``: ids of persons who would come, the first first; ``history``: mandates, oldest first."""

    info: SeatInfo
    next_in_line: tuple[str, ...]
    history: tuple[Term, ...]
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class SeatsDesk:
    """The register, the agenda, and the next poll as far as it can be made; ``refusal``: why there is none now.

    ``offices``: positions that somebody can be appointed to; ``motions``: positions of motions. ``made``: the number of
    a poll whose contests stand in the log and that did not open yet.
    """

    seats: tuple[SeatDesk, ...] = ()
    tasks: tuple[AgendaTask, ...] = ()
    offers: Mapping[str, tuple[Offer, ...]] = field(default_factory=dict)
    offices: tuple[str, ...] = ()
    motions: tuple[str, ...] = ()
    planned: NextPoll | None = None
    refusal: str = ""
    made: int | None = None


async def read_seats_desk(service: Service, election: str) -> SeatsDesk:
    """See `SeatsDesk`; an empty one before there is a constitution. UnknownElectionError."""
    await service.election(election)
    facts = await service.facts(election)
    if facts.law is None:
        return SeatsDesk(refusal="there is no constitution yet")
    record, now = facts.record, service.clock()
    agenda = agenda_of(record, facts.documents)
    register = seats_of(record, facts.documents, now)
    newest = facts.polls[max(facts.polls)] if facts.polls else None
    elected = {seat.position for seat in record.seats.values()}
    planned, refusal = await _plan(service, election)
    return SeatsDesk(
        seats=tuple(_desk(record, info) for info in register.seats),
        tasks=tuple(agenda.tasks),
        offers={item.task.seat: _answers(item) for item in agenda.tasks},
        offices=tuple(
            item.id
            for item in record.rules.positions
            if item.seat is not None and not item.block and item.id not in elected
        ),
        motions=tuple(
            item.id
            for item in record.rules.positions
            if isinstance(record.rules.procedure(item.procedure.value), Motion)
        ),
        planned=planned,
        refusal=refusal,
        made=newest.number if newest is not None and newest.opened is None and newest.contests else None,
    )


async def _plan(service: Service, election: str) -> tuple[NextPoll | None, str]:
    try:
        return await next_poll(service, election, Wanted()), ""
    except (ActRefusedError, InputError, OutcomeError, RegistrarError) as error:
        return None, str(error)


def _desk(record: Record, info: SeatInfo) -> SeatDesk:
    history = tuple(term for term in record.register.history if term.mandate.seat == info.seat)
    return SeatDesk(info, _next_in_line(record, info), history, tuple(_offers(info)))


def _next_in_line(record: Record, info: SeatInfo) -> tuple[str, ...]:
    """Who of the list may still have the seat, most votes first; nobody where a by-election fills it (6.9.7)."""
    state = record.seats.get(info.seat)
    if state is None or not state.ranking:
        return ()
    _, rule = record.state.seat_rule(state)
    if rule.succession.value != "runner-up":
        return ()
    return tuple(
        person
        for rank in state.ranking
        if rank.votes >= rule.min_votes.value
        for person in rank.persons
        if person != info.person and record.state.can_have(state, person)
    )


def _offers(info: SeatInfo) -> list[Offer]:
    """What is decided about a seat in this state."""
    if info.person is None:
        return []
    if info.state == "pending":
        return [Offer("approval", info.seat, info.person), Offer("refusal", info.seat, info.person)]
    return [Offer("vacancy", info.seat, info.person), Offer("bar", "", info.person)]


def _answers(item: AgendaTask) -> tuple[Offer, ...]:
    """What answers a task that is not voted on here."""
    task = item.task
    if task.kind == "paper":
        return tuple(Offer("paper", task.seat, person) for person in task.options) or (Offer("paper", task.seat),)
    return ()
