"""What has to happen next about a seat or motion, as the agenda holds it: one function for each kind of task."""

from typing import Final

import msgspec

from tally.constitution import Majority, Plurality
from tally.legal_state import LegalState
from tally.matters import PlannedContest, SeatState
from tally.wire import OutcomeKind, Task, TaskKind, Tour

MEMBERS_VOTES: Final = ("members-vote", "advance-vote")


def second_tour(state: LegalState, seat: SeatState, procedure: str, options: list[str]) -> Task:
    """The second tour of those who advance, before the same voters."""
    rule = state.procedure(procedure)
    clause = rule.second_tour.clause if isinstance(rule, Majority) else rule.clause
    return Task(
        seat=seat.seat,
        kind="second-tour",
        tour="second",
        options=options,
        voters=rule.voters.value,
        barred=[],
        procedure=procedure,
        clause=clause,
        days=0,
    )


def re_election(state: LegalState, seat: SeatState) -> Task:
    """A fresh election with new nominations, by the procedure of the election before."""
    rule = state.procedure(seat.procedure)
    again = rule.again_days if isinstance(rule, Majority | Plurality) else None
    return Task(
        seat=seat.seat,
        kind="re-election",
        tour="first",
        options=[],
        voters=rule.voters.value,
        barred=[],
        procedure=rule.id,
        clause=again.clause if again is not None else rule.clause,
        days=again.value if again is not None else 0,
    )


def by_election(state: LegalState, seat: SeatState, clause: str) -> Task:
    """An election between terms, by the position's procedure for them."""
    _, rule = state.seat_rule(seat)
    procedure = state.procedure(rule.by_election.value)
    return Task(
        seat=seat.seat,
        kind="by-election",
        tour="first",
        options=[],
        voters=procedure.voters.value,
        barred=[],
        procedure=procedure.id,
        clause=clause,
        days=rule.by_election_days.value,
    )


def members_vote(state: LegalState, seat: SeatState, tied: tuple[str, ...]) -> Task:
    """The members choose among persons with equal votes, who have no vote in it themselves (6.5.5)."""
    return members_task(state, seat, "members-vote", "first", list(tied))


def members_task(state: LegalState, seat: SeatState, kind: TaskKind, tour: Tour, options: list[str]) -> Task:
    """A vote of the members about `options`, who have no vote in it themselves."""
    procedure = state.procedure(state.rules.members_vote.value)
    return Task(
        seat=seat.seat,
        kind=kind,
        tour=tour,
        options=options,
        voters="members",
        barred=options,
        procedure=procedure.id,
        clause=state.rules.members_vote.clause,
        days=0,
    )


def approval(state: LegalState, seat: SeatState, person: str) -> Task:
    """The faculty board approves the elected person, or does not (6.4.1b)."""
    position, rule = state.seat_rule(seat)
    return Task(
        seat=seat.seat,
        kind="approval",
        tour="first",
        options=[person],
        voters="block",
        barred=[],
        procedure=position.procedure.value,
        clause=rule.approval.clause,
        days=0,
    )


def hold_again(state: LegalState, planned: PlannedContest, outcome: OutcomeKind) -> Task | None:
    """The vote has to be held again as it was: too few took part, or too few for a count."""
    rules = state.rules
    task = vote_again(state, planned)
    if outcome == "invalid-turnout":
        failure = rules.turnout.failure
        days = rules.turnout.repeat_days.value
        return msgspec.structs.replace(task, clause=failure.clause, days=days) if failure.value == "repeat" else None
    small = rules.small_contest
    task = msgspec.structs.replace(task, clause=small.clause)
    if small.value == "repeat" or not _can_be(state, planned, small.value):
        return task
    return msgspec.structs.replace(task, kind=small.value)


def _can_be(state: LegalState, planned: PlannedContest, small: str) -> bool:
    """Whether a vote can be held on paper, or by more voters: not of the members, nor of more than everybody."""
    if small == "merge":
        return state.procedure(planned.procedure).voters.value == "block" and planned.electorate != state.rules.body
    seat = state.position(planned.position, planned.contest).seat
    return seat is not None and planned.vote not in MEMBERS_VOTES


def vote_again(state: LegalState, planned: PlannedContest) -> Task:
    """The same vote again: the same candidates before the same voters."""
    members = planned.vote in MEMBERS_VOTES
    procedure = state.procedure(planned.procedure)
    kind: TaskKind = "repeat"
    if planned.vote != "election" and planned.vote != "merge" and planned.vote != "moot":  # noqa: PLR1714 -- narrows
        kind = planned.vote
    return Task(
        seat=planned.contest,
        kind=kind,
        tour=planned.tour,
        options=list(planned.options),
        voters="members" if members else procedure.voters.value,
        barred=list(planned.options) if members else [],
        procedure=planned.procedure,
        clause=procedure.clause,
        days=0,
    )
