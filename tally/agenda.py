"""What a vote leads to: the list from which a seat is filled, or the next task about it.

Every vote takes its seat from one state to the next:

    election, re-election, repeat, merge, by-election, second tour
        elected, tie        the list is decided; who takes the seat is for tally/one_position.py
        not-enough          second tour of those who advance, or re-election
        tie-for-second      the members choose who advances
        nobody              re-election
        withheld            the vote is repeated, held on paper, or merged into a larger electorate
        invalid-turnout     the vote is repeated, or the seat stays vacant
    advance-vote            second tour
    members-vote            the list is decided, the tied persons in the order that the members gave them
"""

import msgspec

from tally.constitution import Majority, Motion, Plurality, Survey
from tally.facts import ContestFacts
from tally.legal_state import LegalState, MotionState, PlannedContest, SeatState
from tally.verdict import Rank, Verdict
from tally.wire import OutcomeKind, Task, TaskKind, Tour


def apply_vote(
    state: LegalState,
    poll: int,
    planned: PlannedContest,
    outcome: OutcomeKind,
    verdict: Verdict | None,
    facts: ContestFacts,
) -> None:
    """Change the seat or motion of a counted contest. `verdict`: None where the counts are withheld."""
    if planned.vote == "moot":
        return
    procedure = state.procedure(planned.procedure)
    if isinstance(procedure, Motion | Survey):
        task = _again(state, planned, outcome) if outcome in ("withheld", "invalid-turnout") else None
        state.motions[planned.contest] = MotionState(planned.contest, planned.position, poll, outcome, task)
        return
    seat = state.seats.get(planned.contest)
    if seat is None:
        seat = state.seats[planned.contest] = SeatState(planned.contest, planned.position, planned.electorate)
    if planned.vote == "merge":
        seat.electorate = planned.electorate
    seat.task, seat.asked, seat.cause = None, None, f"poll:{poll}"
    by_members = planned.vote in ("members-vote", "advance-vote")
    if not by_members:
        seat.procedure = planned.procedure
    ground = f"count:{poll}/{planned.contest}"
    if outcome in ("withheld", "invalid-turnout") or verdict is None:
        again = _again(state, planned, outcome)
        if by_members:
            seat.task = again  # the list, or who advances, stays as it is until the members have chosen
        else:
            _unsettled(seat, planned.options, again, ground)
    elif planned.vote == "members-vote":
        _order_tied(state, seat, planned, verdict, poll, ground)
    elif planned.vote == "advance-vote":
        _choose_second(state, seat, planned, verdict, ground)
    else:
        seat.tickets = dict(zip((option.id for option in facts.options), facts.tickets, strict=False))
        _elect(state, seat, planned, verdict, poll, ground)


def _elect(
    state: LegalState, seat: SeatState, planned: PlannedContest, verdict: Verdict, poll: int, ground: str
) -> None:
    if verdict.outcome in ("elected", "tie"):
        _decide(seat, verdict.ranking, poll, (ground,))
    elif verdict.outcome == "tie-for-second":
        advance = [person for person in planned.options if person in verdict.tied]
        seat.certain = verdict.advance
        voted = _task(state, seat, "advance-vote", planned.tour, advance)
        _unsettled(seat, (*verdict.advance, *verdict.tied), voted, ground)
    elif verdict.advance:
        advance = [person for person in planned.options if person in verdict.advance]
        _unsettled(seat, tuple(advance), second_tour(state, seat, planned.procedure, advance), ground)
    else:
        _unsettled(seat, (), re_election(state, seat), ground)


def _decide(seat: SeatState, ranking: tuple[Rank, ...], poll: int | None, grounds: tuple[str, ...]) -> None:
    """A new list: who left or was refused before may come back by it."""
    seat.ranking, seat.possible, seat.certain = ranking, (), ()
    seat.passed = {person: reason for person, reason in seat.passed.items() if reason == "barred"}
    seat.poll, seat.grounds, seat.held, seat.succession = poll, grounds, False, False


def _unsettled(seat: SeatState, possible: tuple[str, ...], task: Task | None, ground: str) -> None:
    seat.ranking, seat.possible, seat.task = (), possible, task
    seat.poll, seat.grounds = None, (ground,)


def _order_tied(
    state: LegalState, seat: SeatState, planned: PlannedContest, verdict: Verdict, poll: int, ground: str
) -> None:
    """The members' order takes the place of the tied rank in the list; without one, there is a re-election."""
    tied = set(planned.options)
    if verdict.outcome != "elected":
        _unsettled(seat, (), re_election(state, seat), ground)
        return
    ranking: list[Rank] = []
    for rank in seat.ranking:
        if not tied & set(rank.persons):
            ranking.append(rank)
            continue
        groups = [tuple(person for person in rank.persons if person in member.persons) for member in verdict.ranking]
        named = {person for group in groups for person in group}
        groups.append(tuple(person for person in rank.persons if person not in named))
        ranking += [Rank(rank.votes, group) for group in groups if group]
    held, succession, passed = seat.held, seat.succession, seat.passed
    _decide(seat, tuple(ranking), poll, (*seat.grounds, ground))
    seat.held, seat.succession, seat.passed = held, succession, passed


def _choose_second(state: LegalState, seat: SeatState, planned: PlannedContest, verdict: Verdict, ground: str) -> None:
    """Whom the members chose goes into the second tour; where they chose nobody, all who are tied."""
    chosen = verdict.elected or planned.options
    advance = [person for person in seat.possible if person in seat.certain or person in chosen]
    seat.certain = ()
    _unsettled(seat, tuple(advance), second_tour(state, seat, seat.procedure, advance), ground)


# ---- tasks -----------------------------------------------------------------------------------------------------------


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
    return _task(state, seat, "members-vote", "first", list(tied))


def _task(state: LegalState, seat: SeatState, kind: TaskKind, tour: Tour, options: list[str]) -> Task:
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


def _again(state: LegalState, planned: PlannedContest, outcome: OutcomeKind) -> Task | None:
    """The vote has to be held again as it was: too few took part, or too few for a count."""
    rules = state.rules
    task = vote_again(state, planned)
    if outcome == "invalid-turnout":
        failure = rules.turnout.failure
        days = rules.turnout.repeat_days.value
        return msgspec.structs.replace(task, clause=failure.clause, days=days) if failure.value == "repeat" else None
    small = rules.small_contest
    if small.value == "repeat" or planned.vote in ("members-vote", "advance-vote"):
        return msgspec.structs.replace(task, clause=small.clause)
    return msgspec.structs.replace(task, kind=small.value, clause=small.clause)


def vote_again(state: LegalState, planned: PlannedContest) -> Task:
    """The same vote again: the same candidates before the same voters."""
    members = planned.vote in ("members-vote", "advance-vote")
    procedure = state.procedure(planned.procedure)
    kind: TaskKind = "repeat" if planned.vote == "election" or planned.vote == "moot" else planned.vote  # noqa: PLR1714 -- narrows
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
