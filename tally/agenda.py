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

from tally.constitution import Motion, Survey
from tally.facts import ContestFacts
from tally.legal_state import LegalState
from tally.lot import draw_step
from tally.matters import MotionState, PlannedContest, SeatState
from tally.reasoning import Step
from tally.tasks import MEMBERS_VOTES, hold_again, members_task, re_election, second_tour
from tally.verdict import Rank, Verdict
from tally.wire import OutcomeKind, Task


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
        task = hold_again(state, planned, outcome) if outcome in ("withheld", "invalid-turnout") else None
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
        again = hold_again(state, planned, outcome)
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
        voted = members_task(state, seat, "advance-vote", planned.tour, advance)
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
