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

from typing import Final

import msgspec

from tally.constitution import Majority, Motion, Plurality, Survey
from tally.facts import ContestFacts
from tally.legal_state import LegalState, MotionState, PlannedContest, SeatState
from tally.lot import draw_step
from tally.reasoning import Step
from tally.verdict import Rank, Verdict
from tally.wire import OutcomeKind, Task, TaskKind, Tour

MEMBERS_VOTES: Final = ("members-vote", "advance-vote")


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
        motion = MotionState(planned.contest, planned.position, planned.electorate, poll, outcome, task)
        state.motions[planned.contest] = motion
        return
    seat = state.seats.get(planned.contest)
    if seat is None:
        seat = state.seats[planned.contest] = SeatState(planned.contest, planned.position, planned.electorate)
    seat.task, seat.asked, seat.cause = None, None, f"poll:{poll}"
    by_members = planned.vote in MEMBERS_VOTES
    if not by_members:
        _stand(seat, planned, poll)
    ground = f"count:{poll}/{planned.contest}"
    if outcome in ("withheld", "invalid-turnout") or verdict is None:
        again = _again(state, planned, outcome)
        if by_members:
            seat.task = again  # the list, or who advances, stays as it is until the members have chosen
        else:
            _unsettled(seat, planned.options if again is not None else (), again, ground)
    elif planned.vote == "members-vote":
        _order_tied(state, seat, planned, verdict, poll, ground)
    elif planned.vote == "advance-vote":
        _choose_second(state, seat, planned, verdict, ground)
    else:
        seat.tickets = dict(zip((option.id for option in facts.options), facts.tickets, strict=False))
        _elect(state, seat, planned, verdict, poll, ground)


def _stand(seat: SeatState, planned: PlannedContest, poll: int) -> None:
    """Where there are new nominations, nobody is passed over for what he or she did before them."""
    seat.procedure, seat.approved = planned.procedure, None
    if planned.fresh:
        seat.since, seat.passed = poll, {}
    if planned.vote == "merge":
        seat.electorate = planned.electorate


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
    seat.ranking, seat.possible, seat.certain = ranking, (), ()
    seat.poll, seat.grounds, seat.held, seat.succession = poll, grounds, False, False


def _unsettled(seat: SeatState, possible: tuple[str, ...], task: Task | None, ground: str) -> None:
    seat.ranking, seat.possible, seat.task = (), possible, task
    seat.poll, seat.grounds = None, (ground,)


def _order_tied(
    state: LegalState, seat: SeatState, planned: PlannedContest, verdict: Verdict, poll: int, ground: str
) -> None:
    """The members' order takes the place of the tied rank in the list; without one, there is a re-election.

    Where one of the tied is left, the others having gone in the meantime, nobody has to choose: the list says it.
    """
    tied = set(planned.options)
    if verdict.outcome != "elected":
        if sum(state.can_have(seat, person) for person in planned.options) > 1:
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
    held, succession = seat.held, seat.succession
    _decide(seat, tuple(ranking), poll, (*seat.grounds, ground))
    seat.held, seat.succession = held, succession


def _choose_second(state: LegalState, seat: SeatState, planned: PlannedContest, verdict: Verdict, ground: str) -> None:
    """Whom the members chose goes into the second tour; where they chose nobody, all who are tied."""
    chosen = verdict.elected or planned.options
    advance = [person for person in seat.possible if person in seat.certain or person in chosen]
    _put_to_second_tour(state, seat, advance, ground)


def _put_to_second_tour(state: LegalState, seat: SeatState, advance: list[str], ground: str) -> None:
    seat.certain = ()
    _unsettled(seat, tuple(advance), second_tour(state, seat, seat.procedure, advance), ground)


# ---- while a vote is asked for ---------------------------------------------------------------------------------------


def revise(state: LegalState, seat: SeatState) -> None:
    """Take persons who are barred or have withdrawn out of the vote that is asked for; its date stays.

    One who is left needs as many votes as before; where nobody is, there are new nominations.
    """
    task, void = seat.task, state.void(seat.seat)
    if task is None or task.kind in ("approval", "members-vote") or void.isdisjoint((*task.options, *seat.certain)):
        return
    asked, ground, left = seat.asked, _ground(seat), [person for person in task.options if person not in void]
    seat.certain = tuple(person for person in seat.certain if person not in void)
    if not left and not seat.certain:
        _unsettled(seat, (), re_election(state, seat), ground)
    elif task.kind == "advance-vote" and not (seat.certain and len(left) > 1):
        _put_to_second_tour(state, seat, [*seat.certain, *left], ground)
    else:
        seat.possible = tuple(person for person in seat.possible if person not in void)
        seat.task = msgspec.structs.replace(task, options=left, barred=left if task.barred else [])
        seat.asked = asked


def draw_advance(state: LegalState, seat: SeatState) -> Step:
    """Let the lot say who of the equal seconds advances, where too few members could choose; returns its step."""
    tied = [] if seat.task is None else seat.task.options
    position = state.position(seat.position, f"seat {seat.seat}")
    step = draw_step(seat.seat, position.clause, seat.tickets, tied, _ground(seat))
    advance = [person for person in seat.possible if person in (*seat.certain, step.names[0])]
    _put_to_second_tour(state, seat, advance, _ground(seat))
    return step


def _ground(seat: SeatState) -> str:
    return seat.grounds[0] if seat.grounds else seat.cause


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
