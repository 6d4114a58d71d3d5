"""Who has which seat, all seats together: lists, ties and open tasks into persons (docs/rules.md).

`settle` on a declared poll tells what the seats would be; on a certified one, or after a decision, it gives them: the
entries `seat.vacated`, `seat.taken`, `seat.filled`, in this order for every person who moves.
"""

from dataclasses import replace
from typing import Final, TypeAlias

import msgspec

from keys.canonical import Wire
from tally.agenda import draw_advance, revise
from tally.legal_state import LegalState
from tally.matters import MOVED_UP, SeatState
from tally.one_position import Allocation, Claim, allocate
from tally.reasoning import Step
from tally.register import By, Mandate
from tally.tasks import approval, by_election, members_vote, re_election
from tally.wire import SeatTakenData, SeatVacatedData, Task

Event: TypeAlias = tuple[str, Wire]
HIGHER: Final = "higher-position"


def settle(
    state: LegalState, cause: str, time: int | None, *, certified_only: bool
) -> tuple[list[Allocation], list[Claim]]:
    """Resolve every seat; seats that need a board's approval wait for it, ties and empty lists become tasks.

    Returns the allocations, and the claims that they were made from.

    Each round settles who waits for a board in one more rank, or turns one more members' vote into a lot, so it ends.
    """
    lots: set[str] = set()
    reasons: dict[str, tuple[Step, ...]] = {}  # why somebody waits for the board, or advances
    for seat in state.seats.values():
        if state.voted_on(seat.seat) is None or time is None:
            _revise(state, seat, cause, time)
    while True:
        claims = [
            _with_lot(claim) if claim.seat in lots else claim for claim in state.claims(certified_only=certified_only)
        ]
        rule = state.rules.one_position.applies
        allocations = allocate(claims, rule.value, rule.clause)
        if _put_before_boards(state, allocations, reasons):
            continue
        members = _future_members(state, allocations)
        too_few = {item.seat for item in allocations if _too_few_members(state, item, members)} - lots
        advance = [seat for seat in state.seats.values() if _too_few_to_advance(state, seat, members, time)]
        for seat in advance:
            reasons[seat.seat] = (draw_advance(state, seat),)
            seat.asked, seat.cause = time, cause
        if not too_few and not advance:
            break
        lots |= too_few
    for item in allocations:
        _set_task(state, item, cause, time)
    return [replace(item, steps=(*reasons.get(item.seat, ()), *item.steps)) for item in allocations], claims


def _revise(state: LegalState, seat: SeatState, cause: str, time: int | None) -> None:
    before = seat.task
    revise(state, seat)
    if seat.task != before and (seat.task is None or before is None or seat.task.kind != before.kind):
        seat.asked, seat.cause = time, cause


def _put_before_boards(state: LegalState, allocations: list[Allocation], reasons: dict[str, tuple[Step, ...]]) -> bool:
    """In the highest rank where that changes: who has a seat waits for its board, who cannot have it waits no more.

    Rank by rank, since a board may refuse, and who waits for a higher seat may still get a lower one.
    """
    changed: set[int] = set()
    for item in allocations:
        seat, rank = state.seats[item.seat], state.rank(item.seat)
        if changed and rank not in changed:
            break
        if _needs_approval(state, item):
            seat.pending, reasons[item.seat] = item.person, item.steps
            changed.add(rank)
        elif seat.pending is not None and seat.pending not in item.possible:
            seat.pending = None
            if seat.task is not None and seat.task.kind == "approval":
                seat.task, seat.asked = None, None
            changed.add(rank)
    return bool(changed)


def _with_lot(claim: Claim) -> Claim:
    return replace(claim, tie="lot", next_tie="lot")


def _needs_approval(state: LegalState, item: Allocation) -> bool:
    seat = state.seats[item.seat]
    if item.status != "filled" or item.person == state.holder(item.seat):
        return False
    return state.seat_rule(seat)[1].approval.value == "faculty-board" and seat.approved != item.person


def _future_members(state: LegalState, allocations: list[Allocation]) -> set[str]:
    found = {item.person for item in allocations if item.status == "filled" and item.person is not None}
    return found | set(state.members())


def _too_few_members(state: LegalState, item: Allocation, members: set[str]) -> bool:
    """A members' vote of fewer than `min_ballots` persons could never be counted; then the lot decides."""
    if item.status != "tie" or item.tie_rule != "members-vote":
        return False
    if any(person not in state.seats[item.seat].tickets for person in item.tied):
        return False
    return len(members - set(item.tied)) < state.rules.min_ballots


def _too_few_to_advance(state: LegalState, seat: SeatState, members: set[str], time: int | None) -> bool:
    """The same where the members were to say who goes into the second tour."""
    if seat.task is None or seat.task.kind != "advance-vote":
        return False
    if time is not None and state.voted_on(seat.seat) is not None:
        return False  # they are voting, or who the members are is not certain yet
    if any(person not in seat.tickets for person in seat.task.options):
        return False
    return len(members - set(seat.task.options)) < state.rules.min_ballots


def _set_task(state: LegalState, item: Allocation, cause: str, time: int | None) -> None:
    """The task that follows from where a seat stands; one that was asked for before keeps its date."""
    seat = state.seats[item.seat]
    if seat.pending is not None:
        task: Task | None = approval(state, seat, seat.pending)
    elif item.status == "undecided":
        return  # its task comes from its own vote
    else:
        task = _task_of(state, seat, item)
    if task != seat.task:
        seat.task, seat.asked, seat.cause = task, time, cause


def _task_of(state: LegalState, seat: SeatState, item: Allocation) -> Task | None:
    if item.status == "exhausted":
        _, rule = state.seat_rule(seat)
        gone = state.gone(seat)
        lists = rule.refused if "refused" in gone else rule.succession
        return by_election(state, seat, lists.clause if gone else state.rules.one_position.ex_position.clause)
    if item.status != "tie":
        return None
    match item.tie_rule:
        case "members-vote":
            return members_vote(state, seat, item.tied)
        case "by-election":
            return by_election(state, seat, state.seat_rule(seat)[1].successor_tie.clause)
        case _:
            return re_election(state, seat)


# ---- mandates --------------------------------------------------------------------------------------------------------


def give_seats(state: LegalState, cause: str, time: int) -> list[Event]:
    """Settle what is certified, and let everybody take the seat that is theirs; returns the entries, in order."""
    events: list[Event] = []
    for item in settle(state, cause, time, certified_only=True)[0]:
        if item.status == "filled" and item.person is not None and state.holder(item.seat) is None:
            # Otherwise the holder stays, or waits for a higher seat that is still provisional; then so does the next.
            events += take_seat(state, item, item.person, cause, time)
        elif item.status == "exhausted":  # for good: nobody comes back into a list whose by-election was called
            seat = state.seats[item.seat]
            seat.ranking, seat.possible, seat.poll = (), (), None
    return finish(state, events)


def take_seat(state: LegalState, item: Allocation, person: str, cause: str, time: int) -> list[Event]:
    """`person` leaves any lower seat and takes this one."""
    events: list[Event] = []
    lower = state.members().get(person)
    if lower is not None and state.rules.one_position.applies.value:
        clause = state.rules.one_position.applies.clause
        events.append(vacate(state, state.seats[lower], HIGHER, clause, cause, time))
        state.seats[lower].passed[person] = MOVED_UP
    seat = state.seats[item.seat]
    position, rule = state.seat_rule(seat)
    until = state.rules.calendar.term_ends.value
    appointed = state.register.mandate(seat.position)
    if appointed is not None and appointed.by == "appointment":
        state.register.vacate(seat.position, time, "replaced", cause)
    data = SeatTakenData(
        seat=seat.seat,
        position=seat.position,
        person=person,
        until=until,
        clause=rule.succession.clause if seat.held else position.clause,
        cause=cause,
        skipped=list(item.skipped),
    )
    by: By = "succession" if seat.held else "election"
    state.register.take(Mandate(seat.seat, seat.position, person, time, until, cause, by))
    events.append(("seat.filled" if seat.held else "seat.taken", data))
    seat.held, seat.pending, seat.task, seat.asked = True, None, None, None
    return events


def vacate(state: LegalState, seat: SeatState, ground: str, clause: str, cause: str, time: int) -> Event:
    """The holder leaves; who acts meanwhile is named, what follows is added by `finish`."""
    person = state.register.holder(seat.seat) or ""
    state.register.vacate(seat.seat, time, ground, cause)
    _, rule = state.seat_rule(seat)
    acting = state.register.holder_of(rule.acting.value) if rule.acting.value else None
    data = SeatVacatedData(
        seat=seat.seat,
        position=seat.position,
        person=person,
        ground=ground,
        clause=clause,
        cause=cause,
        acting=acting if acting is not None and acting != person else "",
        next=None,
    )
    return "seat.vacated", data


def finish(state: LegalState, events: list[Event]) -> list[Event]:
    """Every vacancy names what has to happen, where nobody takes the seat at once."""
    done: list[Event] = []
    for kind, data in events:
        found = data
        if isinstance(data, SeatVacatedData):
            empty = state.holder(data.seat) is None
            found = msgspec.structs.replace(data, next=state.seats[data.seat].task if empty else None)
            if not empty:
                found = msgspec.structs.replace(found, acting="")
        done.append((kind, found))
    return done
