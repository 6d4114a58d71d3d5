"""Decisions about seats: who leaves, is barred, withdraws, is approved or appointed (6.5.3, 6.9.6)."""

from tally.constitution import Ground
from tally.decision import Decision
from tally.errors import OutcomeError
from tally.legal_state import LegalState
from tally.matters import PlannedContest, SeatState
from tally.register import Mandate
from tally.settlement import Event, finish, give_seats, vacate
from tally.tasks import by_election
from tally.verdict import Rank


def _seat(state: LegalState, name: str, what: str) -> SeatState:
    if name not in state.seats:
        raise OutcomeError(f"decision {what}: {name}: no poll was declared about such a seat")
    return state.seats[name]


def _ground(state: LegalState, decision: Decision) -> Ground:
    for ground in state.rules.grounds:
        if ground.id == decision.ground:
            return ground
    known = ", ".join(ground.id for ground in state.rules.grounds)
    raise OutcomeError(f"decision {decision.what}: ground: expected one of {known}, got {decision.ground!r}")


def vacancy(state: LegalState, cause: str, decision: Decision, time: int) -> list[Event]:
    """A mandate ends early, on a ground of the constitution."""
    person, ground = decision.person, _ground(state, decision)
    mandate = _mandate(state, decision.seat, person, time)
    _use_motion(state, ground, decision.motion, mandate, cause)
    if ground.bars:
        state.barred[person] = ground.id
        state.causes["bar", person] = cause
    return _leave(state, person, _mandates(state, person) if ground.bars else [mandate], ground, cause, time)


def _mandate(state: LegalState, seat: str, person: str, time: int) -> Mandate:
    """The mandate that ends: of an elected holder, or of somebody appointed."""
    mandate = state.register.mandate(seat)
    if mandate is None:
        _seat(state, seat, "vacancy")
    if mandate is None or mandate.person != person:
        holder = "(nobody)" if mandate is None else mandate.person
        raise OutcomeError(f"decision vacancy: {seat}: expected its holder {holder}, got {person}")
    if not state.register.in_force(mandate, time, state.rules.calendar):
        raise OutcomeError(f"decision vacancy: {seat}: the term of {person} ended on {mandate.until}")
    return mandate


def _mandates(state: LegalState, person: str) -> list[Mandate]:
    return [mandate for mandate in state.register.mandates() if mandate.person == person]


def _use_motion(state: LegalState, ground: Ground, name: str, mandate: Mandate, cause: str) -> None:
    """Dismissal and impeachment need a vote, adopted and certified (6.8.4b, 6.9.6d): one vote for one mandate."""
    if not ground.motion:
        if name:
            raise OutcomeError(f"decision vacancy: motion: ground {ground.id} needs none")
        return
    motion = state.motions.get(name)
    if motion is None or motion.position != ground.motion or motion.outcome != "adopted":
        raise OutcomeError(
            f"decision vacancy: clause {ground.clause}: expected an adopted {ground.motion}, got {name!r}"
        )
    if state.polls[motion.poll].concluded != "certified":
        raise OutcomeError(f"decision vacancy: clause {ground.clause}: the result of {name} is not certified")
    if motion.used:
        raise OutcomeError(f"decision vacancy: clause {ground.clause}: somebody has left because of {name} already")
    if state.polls[motion.poll].opens < mandate.since:
        raise OutcomeError(
            f"decision vacancy: clause {ground.clause}: {name} was voted on before {mandate.person} had {mandate.seat}"
        )
    motion.used = cause


def _leave(
    state: LegalState, person: str, mandates: list[Mandate], ground: Ground, cause: str, time: int
) -> list[Event]:
    """The mandates end; the list, or a by-election, fills each seat (6.5.5, 6.9.7).

    Who leaves comes back by no other list: 6.5.5 asks for somebody who has not become a member. Appointments end
    without an entry of their own, as they began.
    """
    events: list[Event] = []
    for mandate in mandates:
        if mandate.by == "appointment":
            state.register.vacate(mandate.seat, time, ground.id, cause)
    for seat in state.seats.values():
        if state.is_certified(seat) and any(person in rank.persons for rank in seat.ranking):
            seat.passed.setdefault(person, "left")
    for seat in [state.seats[mandate.seat] for mandate in mandates if mandate.by != "appointment"]:
        events.append(vacate(state, seat, ground.id, ground.clause, cause, time))
        seat.passed[person] = "left"
        _open_succession(state, seat, cause, time)
    return finish(state, [*events, *give_seats(state, cause, time)])


def _open_succession(state: LegalState, seat: SeatState, cause: str, time: int) -> None:
    _, rule = state.seat_rule(seat)
    if rule.succession.value == "by-election":
        seat.ranking, seat.possible, seat.pending = (), (), None
        seat.poll, seat.grounds = None, (cause,)
        seat.task, seat.asked, seat.cause = by_election(state, seat, rule.succession.clause), time, cause
    else:
        seat.grounds, seat.succession = (*seat.grounds, cause), True


def bar(state: LegalState, cause: str, decision: Decision, time: int) -> list[Event]:
    """Somebody can be elected no more: to one seat, or to any."""
    ground, person, name = _ground(state, decision), decision.person, decision.seat
    if ground.motion or not (ground.bars or name):
        raise OutcomeError(f"decision bar: ground {ground.id} bars nobody{' without a vote' if ground.motion else ''}")
    if person in state.barred or person in state.barred_from.get(name, ()):
        raise OutcomeError(f"decision bar: {person} is barred already")
    if name:
        _offices(state, name, "bar")
        state.barred_from.setdefault(name, set()).add(person)
        state.causes["bar", f"{name}/{person}"] = cause
    else:
        state.barred[person] = ground.id
        state.causes["bar", person] = cause
    return _leave_or_pass(state, person, name, ground, cause, time)


def _leave_or_pass(state: LegalState, person: str, seat: str, ground: Ground, cause: str, time: int) -> list[Event]:
    mandates = [mandate for mandate in _mandates(state, person) if seat in ("", mandate.seat)]
    if mandates:
        return _leave(state, person, mandates, ground, cause, time)
    return give_seats(state, cause, time)


def _offices(state: LegalState, name: str, what: str) -> dict[int, PlannedContest]:
    """The contests about a seat, logged or opened, by their polls."""
    polls = state.planned | {number: poll.contests for number, poll in state.polls.items()}
    found = {number: contests[name] for number, contests in polls.items() if name in contests}
    if not found or any(state.position(contest.position, name).seat is None for contest in found.values()):
        raise OutcomeError(f"decision {what}: {name}: no poll is about such a seat")
    return found


def withdrawal(state: LegalState, cause: str, decision: Decision, time: int) -> list[Event]:
    """A candidate withdraws."""
    person, name = decision.person, decision.seat
    stands = [number for number, contest in _offices(state, name, "withdrawal").items() if person in contest.options]
    if not stands:
        raise OutcomeError(f"decision withdrawal: {person} is no candidate of {name}")
    if state.holder(name) == person:
        raise OutcomeError(f"decision withdrawal: {person} holds {name}: record a vacancy instead")
    state.withdrawn.setdefault(name, {})[person] = max(stands)
    state.causes["withdrawal", f"{name}/{person}"] = cause
    return give_seats(state, cause, time)


def _pending(state: LegalState, decision: Decision) -> SeatState:
    seat = _seat(state, decision.seat, decision.what)
    if seat.pending != decision.person:
        got = seat.pending or "(nobody)"
        raise OutcomeError(f"decision {decision.what}: {seat.seat}: {got} waits for the board, not {decision.person}")
    _check_certified(state, seat, decision.what)
    return seat


def _check_certified(state: LegalState, seat: SeatState, what: str) -> None:
    """Nobody acts upon what a poll says that may still be annulled."""
    newest = state.polls.get(len(state.polls))
    if newest is None or newest.concluded is not None:
        return
    if seat.seat in newest.contests or seat.cause == f"poll:{newest.number}":
        raise OutcomeError(f"decision {what}: {seat.seat}: the result of poll {newest.number} is not certified")


def approval(state: LegalState, cause: str, decision: Decision, time: int) -> list[Event]:
    """The board approves: the elected person takes the seat."""
    seat = _pending(state, decision)
    seat.approved = decision.person
    seat.pending = None
    return give_seats(state, cause, time)


def refusal(state: LegalState, cause: str, decision: Decision, time: int) -> list[Event]:
    """The board refuses: the next on the list, or a by-election."""
    seat = _pending(state, decision)
    seat.pending = None
    seat.passed[decision.person] = "refused"
    seat.grounds, seat.succession = (*seat.grounds, cause), True
    _, rule = state.seat_rule(seat)
    if rule.refused.value == "by-election":
        seat.ranking, seat.possible, seat.poll = (), (), None
        seat.task, seat.asked, seat.cause = by_election(state, seat, rule.refused.clause), time, cause
    return give_seats(state, cause, time)


def appointment(state: LegalState, cause: str, decision: Decision, time: int) -> list[Event]:
    """Somebody is appointed to an office that no contest fills."""
    position = state.position(decision.seat, "decision appointment")
    elected = any(seat.position == position.id for seat in state.seats.values())
    if position.seat is None or position.block or elected:
        raise OutcomeError(f"decision appointment: {position.id} is filled by elections")
    if decision.person in state.barred:
        raise OutcomeError(f"decision appointment: {decision.person} is barred")
    until = state.rules.calendar.term_ends.value
    mandate = Mandate(position.id, position.id, decision.person, time, until, cause, "appointment")
    state.register.appoint(mandate)
    return []


def paper(state: LegalState, cause: str, decision: Decision, time: int) -> list[Event]:
    """The vote on paper has elected somebody."""
    seat = _seat(state, decision.seat, "paper")
    task = seat.task
    if task is None or task.kind != "paper":
        raise OutcomeError(f"decision paper: {seat.seat}: no vote on paper is due")
    _check_certified(state, seat, "paper")
    if task.options and decision.person not in task.options:
        raise OutcomeError(f"decision paper: {seat.seat}: expected one of {task.options}, got {decision.person}")
    if decision.person in state.passed(seat):
        raise OutcomeError(f"decision paper: {decision.person} is barred or has withdrawn")
    seat.ranking, seat.possible, seat.poll = (Rank(1, (decision.person,)),), (), None
    seat.grounds, seat.task, seat.held, seat.approved = (cause,), None, False, None
    return give_seats(state, cause, time)


def honorary(state: LegalState, cause: str, decision: Decision, time: int) -> list[Event]:
    """An honorary title, without a vote."""
    state.register.honour(decision.person, time, cause)
    return []
