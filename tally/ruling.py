"""What recorded decisions change: one function for each `what` (tally/decision.py).

Each checks everything before it changes anything, and returns the entries that follow: mandates that end and begin.
"""

from collections.abc import Callable
from typing import Final

from tally.agenda import by_election
from tally.calendar import Suspension, read_time
from tally.constitution import Ground, Motion
from tally.decision import Decision
from tally.errors import OutcomeError
from tally.legal_state import LegalState, PlannedContest, SeatState
from tally.open_vote import OpenVote
from tally.petition import Petition
from tally.register import Mandate
from tally.settlement import Event, finish, give_seats, vacate
from tally.verdict import Rank

NOMINATION: Final = "nomination"

Ruling = Callable[[LegalState, str, Decision, int], list[Event]]
"""(state, cause "decision:ACT", decision, POSIX time of its entry) -> entries that follow."""


def rule_on(state: LegalState, act: str, decision: Decision, time: int) -> list[Event]:
    """Apply one decision; OutcomeError where it has no ground in the rules or in the log."""
    _check_members(decision)
    return RULINGS[decision.what](state, f"decision:{act}", decision, time)


_USED: Final[dict[str, tuple[str, ...]]] = {
    "vacancy": ("seat", "person", "ground", "motion"),
    "bar": ("seat", "person", "ground"),
    "withdrawal": ("seat", "person"),
    "approval": ("seat", "person"),
    "refusal": ("seat", "person"),
    "appointment": ("seat", "person"),
    "attendance": ("seat", "number"),
    "notice": ("seat",),
    "suspension": (),
    "resumption": (),
    "permission": (),
    "paper": ("seat", "person"),
    "honorary": ("person",),
    "complaint": ("number", "ground"),
    "petition": ("seat", "ground", "electorate", "until", "person", "motion"),
    "petition-result": ("seat", "number", "ground"),
    "board-vote": ("seat", "electorate", "person", "until"),
    "board-result": ("seat", "number", "ground"),
}
_OPTIONAL: Final = {
    ("vacancy", "motion"),
    ("bar", "seat"),
    ("board-vote", "person"),
    ("board-vote", "until"),
    ("petition", "until"),
    ("petition", "person"),
    ("petition", "motion"),
    ("attendance", "number"),
    ("petition-result", "number"),
    ("board-result", "number"),
}


def _check_members(decision: Decision) -> None:
    used = _USED[decision.what]
    for name in ("seat", "person", "ground", "motion", "electorate", "number", "until"):
        value = getattr(decision, name)
        if value and name not in used:
            raise OutcomeError(f"decision {decision.what}: {name}: has no meaning there, got {value!r}")
        if not value and name in used and (decision.what, name) not in _OPTIONAL:
            raise OutcomeError(f"decision {decision.what}: {name}: missing")


# ---- seats -----------------------------------------------------------------------------------------------------------


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


def _vacancy(state: LegalState, cause: str, decision: Decision, time: int) -> list[Event]:
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


def _bar(state: LegalState, cause: str, decision: Decision, time: int) -> list[Event]:
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


def _withdrawal(state: LegalState, cause: str, decision: Decision, time: int) -> list[Event]:
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


def _approval(state: LegalState, cause: str, decision: Decision, time: int) -> list[Event]:
    seat = _pending(state, decision)
    seat.approved = decision.person
    seat.pending = None
    return give_seats(state, cause, time)


def _refusal(state: LegalState, cause: str, decision: Decision, time: int) -> list[Event]:
    seat = _pending(state, decision)
    seat.pending = None
    seat.passed[decision.person] = "refused"
    seat.grounds, seat.succession = (*seat.grounds, cause), True
    _, rule = state.seat_rule(seat)
    if rule.refused.value == "by-election":
        seat.ranking, seat.possible, seat.poll = (), (), None
        seat.task, seat.asked, seat.cause = by_election(state, seat, rule.refused.clause), time, cause
    return give_seats(state, cause, time)


def _appointment(state: LegalState, cause: str, decision: Decision, time: int) -> list[Event]:
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


def _paper(state: LegalState, cause: str, decision: Decision, time: int) -> list[Event]:
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


def _honorary(state: LegalState, cause: str, decision: Decision, time: int) -> list[Event]:
    state.register.honour(decision.person, time, cause)
    return []


# ---- meetings, standstill, permission --------------------------------------------------------------------------------


def _attendance(state: LegalState, cause: str, decision: Decision, _time: int) -> list[Event]:
    newest = state.polls.get(len(state.polls))
    planned = newest.contests.get(decision.seat) if newest is not None and newest.declared is None else None
    if planned is None:
        raise OutcomeError(f"decision attendance: no poll that is open votes on {decision.seat}")
    if decision.number > planned.size:
        raise OutcomeError(f"decision attendance: expected at most {planned.size} persons, got {decision.number}")
    state.attended[decision.seat] = decision.number
    state.causes["attendance", decision.seat] = cause
    return []


def _notice(state: LegalState, _cause: str, decision: Decision, time: int) -> list[Event]:
    if decision.seat in state.notices:
        raise OutcomeError(f"decision notice: of {decision.seat} is recorded already")
    if not any(isinstance(procedure, Motion) for procedure in state.rules.procedures):
        raise OutcomeError("decision notice: these rules know no motions")
    state.notices[decision.seat] = time
    return []


def _suspension(state: LegalState, _cause: str, _decision: Decision, time: int) -> list[Event]:
    if state.suspended:
        raise OutcomeError("decision suspension: the self-governance is at a standstill already")
    state.suspensions.append(Suspension(time, None))
    return []


def _resumption(state: LegalState, _cause: str, _decision: Decision, time: int) -> list[Event]:
    if not state.suspended:
        raise OutcomeError("decision resumption: the self-governance is not at a standstill")
    state.suspensions[-1] = Suspension(state.suspensions[-1].start, time)
    return []


def _permission(state: LegalState, _cause: str, _decision: Decision, _time: int) -> list[Event]:
    state.permitted = True
    return []


# ---- complaints, petitions, open votes -------------------------------------------------------------------------------


def _complaint(state: LegalState, _cause: str, decision: Decision, _time: int) -> list[Event]:
    complaint = state.complaints.get(decision.number)
    if complaint is None or complaint.answer:
        raise OutcomeError(f"decision complaint: entry {decision.number} is no complaint that waits for an answer")
    if decision.ground not in ("upheld", "rejected"):
        raise OutcomeError(f"decision complaint: ground: expected upheld or rejected, got {decision.ground!r}")
    complaint.answer = decision.ground
    return []


def _check_electorate(state: LegalState, decision: Decision) -> None:
    if decision.electorate not in state.electorates:
        raise OutcomeError(f"decision {decision.what}: no electorate {decision.electorate!r} is logged")


def _until(decision: Decision) -> int | None:
    return read_time(decision.until) if decision.until else None


def _petition(state: LegalState, _cause: str, decision: Decision, _time: int) -> list[Event]:
    _check_electorate(state, decision)
    if decision.seat in state.petitions:
        raise OutcomeError(f"decision petition: {decision.seat} was opened before")
    if decision.ground not in {rule.id for rule in state.rules.petitions}:
        raise OutcomeError(f"decision petition: ground: no rule {decision.ground!r} for petitions")
    named = bool(decision.person), bool(decision.motion)
    if named != (decision.ground == NOMINATION, decision.ground == NOMINATION):
        raise OutcomeError(f"decision petition: person and motion: expected them for {NOMINATION}, and only there")
    if decision.ground == NOMINATION:
        _check_nominators(state, decision)
    state.petitions[decision.seat] = Petition(decision.seat, decision.electorate, _until(decision))
    state.petition_rules[decision.seat] = decision.ground
    if decision.ground == NOMINATION:
        state.nominees[decision.seat] = decision.motion, decision.person
    return []


def _check_nominators(state: LegalState, decision: Decision) -> None:
    """A fifth of the members nominates (6.9.3); before there are any, a fifth of the whole body."""
    members, size = len(state.members()), state.electorates[decision.electorate]
    if members and size != members:
        raise OutcomeError(f"decision petition: {decision.electorate}: expected the {members} members, got {size}")
    if not members and decision.electorate != state.rules.body:
        raise OutcomeError(f"decision petition: expected {state.rules.body}, got {decision.electorate}")


def _petition_result(state: LegalState, _cause: str, decision: Decision, time: int) -> list[Event]:
    petition = state.petitions.get(decision.seat)
    if petition is None:
        raise OutcomeError(f"decision petition-result: no petition {decision.seat!r} was opened")
    rule = next(rule for rule in state.rules.petitions if rule.id == state.petition_rules[decision.seat])
    verdict = petition.result(state.electorates[petition.electorate], rule)
    if petition.until is not None and time <= petition.until and not verdict.supported:
        raise OutcomeError(f"decision petition-result: {decision.seat}: support is collected until its time is over")
    expected = ("supported" if verdict.supported else "not-supported", verdict.supporters)
    got = (decision.ground, decision.number)
    if got != expected:
        raise OutcomeError(f"decision petition-result: {decision.seat}: expected {expected}, got {got}")
    state.petitions[decision.seat] = petition.close()
    if verdict.supported and decision.seat in state.nominees:
        state.nominated[state.nominees[decision.seat]] = len(state.polls)
    return []


def _board_vote(state: LegalState, _cause: str, decision: Decision, _time: int) -> list[Event]:
    _check_electorate(state, decision)
    if state.rules.board is None:
        raise OutcomeError("decision board-vote: these rules know no board")
    if decision.person and not state.rules.board.casting.value:
        raise OutcomeError("decision board-vote: person: these rules know no casting vote")
    if decision.seat in state.open_votes:
        raise OutcomeError(f"decision board-vote: {decision.seat} was opened before")
    vote = OpenVote(decision.seat, decision.electorate, decision.person, _until(decision))
    state.open_votes[decision.seat] = vote
    return []


def _board_result(state: LegalState, _cause: str, decision: Decision, time: int) -> list[Event]:
    vote, rule = state.open_votes.get(decision.seat), state.rules.board
    if vote is None or rule is None:
        raise OutcomeError(f"decision board-result: no open vote {decision.seat!r} has begun")
    size = state.electorates[vote.electorate]
    if vote.until is not None and time <= vote.until and len(vote.choices) < size:
        raise OutcomeError(f"decision board-result: {decision.seat}: members vote until its time is over")
    verdict = vote.result(size, rule)
    got, expected = (decision.ground, decision.number), (verdict.outcome, verdict.votes_for)
    if got != expected:
        raise OutcomeError(f"decision board-result: {decision.seat}: expected {expected}, got {got}")
    state.open_votes[decision.seat] = vote.close()
    return []


RULINGS: Final[dict[str, Ruling]] = {
    "vacancy": _vacancy,
    "bar": _bar,
    "withdrawal": _withdrawal,
    "approval": _approval,
    "refusal": _refusal,
    "appointment": _appointment,
    "attendance": _attendance,
    "notice": _notice,
    "suspension": _suspension,
    "resumption": _resumption,
    "permission": _permission,
    "paper": _paper,
    "honorary": _honorary,
    "complaint": _complaint,
    "petition": _petition,
    "petition-result": _petition_result,
    "board-vote": _board_vote,
    "board-result": _board_result,
}
