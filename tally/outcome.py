"""From counts to results: a pure function of published facts, returned with its reasoning (docs/protocol.md §10).

The order is fixed: the committee's readings, the turnout, contest by contest (ascending by id) what the counts say,
seat by seat (by rank) who gets it, and what has to happen next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from tally.agenda import apply_vote
from tally.errors import OutcomeError
from tally.facts import ContestFacts
from tally.legal_state import LegalState
from tally.matters import PlannedContest, PollState
from tally.one_position import Allocation, Claim, branches
from tally.plan import is_tested, whole_body
from tally.procedures import judge
from tally.reasoning import Conclusion, Rule, Step, make_blob
from tally.resolutions import resolution_steps
from tally.settlement import settle
from tally.turnout import Body, TurnoutVerdict, WholeBody
from tally.turnout import judge as judge_turnout
from tally.verdict import Verdict
from tally.wire import Branch, ContestResult, OutcomeKind, SeatResult, Task
from tally.withheld import withheld_step


@dataclass(frozen=True, slots=True)
class Counted:
    """What the log says of a closed contest: ballots, counts in the order of the document (None: withheld), tickets.

    `tickets`: one for each option, of tally/lot.py; () where there are no sums.
    """

    contest: str
    ballots: int
    counts: tuple[int, ...] | None
    tickets: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one poll leads to. `reasoning`: the blob; `after`: what the rules know when it is declared."""

    poll: int
    results: tuple[ContestResult, ...]
    seats: tuple[SeatResult, ...]
    agenda: tuple[Task, ...]
    steps: tuple[Step, ...]
    reasoning: bytes
    after: LegalState = field(repr=False, compare=False)


def declare(state: LegalState, poll: int, counted: Sequence[Counted]) -> Outcome:
    """Apply the rules to the counts of a closed poll; changes nothing.

    Raises OutcomeError for counts of other contests than were opened, counts where `min_ballots` withholds them or
    none where they are due.
    """
    opened = state.polls[poll]
    facts = _facts(state, opened, counted)
    after = state.copy()
    turnout, whole = _turnout(state, opened, facts)
    if whole is not None:
        after.whole = whole
    steps = [*resolution_steps(state.constitution, state.resolutions), *turnout.steps]
    results = []
    for name, planned in sorted(opened.contests.items()):
        outcome, verdict, found = _judge(state, poll, planned, facts[name], binding=turnout.binding[name])
        steps += found
        results.append(_result(planned, facts[name], turnout, outcome, verdict))
        apply_vote(after, poll, planned, outcome, verdict, facts[name])
        after.attended.pop(name, None)  # the next meeting about it is another one
        after.notices.pop(name, None)
    allocations, claims = settle(after, f"poll:{poll}", None, certified_only=False)
    steps += [step for item in allocations for step in item.steps]
    steps += _agenda_steps(state, after, poll)
    seats, agenda = tuple(_seat_results(after, allocations, claims)), tuple(after.agenda().values())
    return Outcome(
        poll=poll,
        results=tuple(results),
        seats=seats,
        agenda=agenda,
        steps=tuple(steps),
        reasoning=make_blob(poll, steps, seats, agenda),
        after=after,
    )


# ---- contests --------------------------------------------------------------------------------------------------------


def _facts(state: LegalState, opened: PollState, counted: Sequence[Counted]) -> dict[str, ContestFacts]:
    by_contest = {item.contest: item for item in counted}
    if sorted(by_contest) != sorted(opened.contests) or len(by_contest) != len(counted):
        raise OutcomeError(
            f"poll {opened.number}: counts: expected {sorted(opened.contests)}, got {sorted(by_contest)}"
        )
    return {name: _contest_facts(state, opened, planned, by_contest[name]) for name, planned in opened.contests.items()}


def _contest_facts(state: LegalState, opened: PollState, planned: PlannedContest, item: Counted) -> ContestFacts:
    attended = state.attended.get(planned.contest)
    if attended is not None and attended < item.ballots:
        raise OutcomeError(
            f"contest {planned.contest}: attended: expected at least the {item.ballots} who voted, got {attended}: "
            "record it again"
        )
    return ContestFacts(
        contest=planned.contest,
        position=planned.position,
        electorate=planned.electorate,
        size=planned.size,
        options=planned.all_options,
        ballots=item.ballots,
        counts=item.counts,
        void=state.void(planned.contest, opened.number if planned.fresh else None) & frozenset(planned.options),
        attended=attended,
        tickets=item.tickets,
    )


def _turnout(
    state: LegalState, opened: PollState, facts: dict[str, ContestFacts]
) -> tuple[TurnoutVerdict, WholeBody | None]:
    """The test of every contest, and the whole body's numbers as this poll tells them, if it does."""
    planned = [opened.contests[name] for name in sorted(opened.contests)]
    bodies = [
        Body(item.contest, item.electorate, facts[item.contest].ballots, item.size, is_tested(state, item))
        for item in planned
    ]
    found = whole_body(state, opened.number, planned)
    if isinstance(found, list):
        most = min(found, key=lambda item: (-facts[item.contest].ballots, item.contest))
        ground = f"count:{opened.number}/{most.contest}"
        found = WholeBody(most.electorate, facts[most.contest].ballots, most.size, ground)
        return judge_turnout(state.rules.turnout, opened.number, bodies, found), found
    return judge_turnout(state.rules.turnout, opened.number, bodies, found), None


def _judge(
    state: LegalState, poll: int, planned: PlannedContest, facts: ContestFacts, *, binding: bool
) -> tuple[OutcomeKind, Verdict | None, list[Step]]:
    """What the counts say, unless they are withheld or the turnout does not let them stand."""
    if planned.vote == "moot":
        return "counted", None, [_plain_step(Rule.AGENDA, Conclusion.MOOT, "silent", poll, planned, holds=True)]
    withheld = withheld_step(facts, state.rules.min_ballots, poll=poll)
    steps = [withheld] if withheld is not None else []
    verdict: Verdict | None = None
    outcome: OutcomeKind = "withheld"
    if withheld is None:
        verdict = judge(state.procedure(planned.procedure), facts, poll=poll, tour=planned.tour)
        steps += [_with_decision(state, planned, step) for step in verdict.steps]
        outcome = verdict.outcome
    if not binding:
        outcome = "invalid-turnout"
        clause = state.rules.turnout.share.clause
        steps.append(_plain_step(Rule.TURNOUT, Conclusion.RESULT_VOID, clause, poll, planned, holds=False))
    return outcome, verdict, steps


def _with_decision(state: LegalState, planned: PlannedContest, step: Step) -> Step:
    """Name the decision that a step goes back to besides the count: who is barred, how many attended."""
    if step.rule is Rule.VOID:
        cause = state.cause_of_void(planned.contest, step.names[0])
    elif "attended" in step.inputs:
        cause = state.causes["attendance", planned.contest]
    else:
        return step
    return msgspec.structs.replace(step, grounds=[*step.grounds, cause])


def _plain_step(
    rule: Rule, conclusion: Conclusion, clause: str, poll: int, planned: PlannedContest, *, holds: bool
) -> Step:
    return Step(
        contest=planned.contest,
        rule=rule,
        clause=clause,
        inputs={},
        comparison="",
        holds=holds,
        conclusion=conclusion,
        names=[],
        grounds=[f"count:{poll}/{planned.contest}"],
    )


def _result(
    planned: PlannedContest, facts: ContestFacts, turnout: TurnoutVerdict, outcome: OutcomeKind, verdict: Verdict | None
) -> ContestResult:
    return ContestResult(
        contest=planned.contest,
        position=planned.position,
        electorate=planned.electorate,
        vote=planned.vote,
        tour=planned.tour,
        procedure=planned.procedure,
        size=planned.size,
        ballots=facts.ballots,
        turnout=turnout.reported[planned.contest],
        counts=None if facts.counts is None else list(facts.counts),
        outcome=outcome,
        elected=list(verdict.elected) if verdict is not None and outcome == "elected" else [],
    )


# ---- seats -----------------------------------------------------------------------------------------------------------


def _seat_results(state: LegalState, allocations: Sequence[Allocation], claims: Sequence[Claim]) -> list[SeatResult]:
    rule = state.rules.one_position.applies
    ways = branches(claims, rule.value, rule.clause)
    return [_seat_result(state, item, ways) for item in allocations]


def _seat_result(state: LegalState, item: Allocation, ways: Mapping[str, Sequence[Branch]]) -> SeatResult:
    seat = state.seats[item.seat]
    possible = list(item.possible) if item.status != "filled" else []
    status = {"filled": "filled", "provisional": "provisional", "open": "provisional"}.get(item.status, "vacant")
    if status == "vacant" and seat.task is not None:
        status = "open"
    return SeatResult(
        seat=item.seat,
        position=seat.position,
        status=status,  # type: ignore[arg-type]  # one of the four
        person=item.person,
        possible=possible,
        branches=list(ways.get(item.seat, [])) if status == "provisional" else [],
    )


def _agenda_steps(before: LegalState, after: LegalState, poll: int) -> list[Step]:
    """One step for every task that was not there before."""
    known = before.agenda()
    return [
        Step(
            contest=task.seat,
            rule=Rule.AGENDA,
            clause=task.clause,
            inputs={"days": task.days} if task.days else {},
            comparison="",
            holds=True,
            conclusion=Conclusion.FOLLOWS,
            names=[task.kind, *task.options],
            grounds=_grounds(after, task, poll),
        )
        for name, task in after.agenda().items()
        if known.get(name) != task or name in before.polls[poll].contests
    ]


def _grounds(state: LegalState, task: Task, poll: int) -> list[str]:
    if task.seat in state.polls[poll].contests:
        return [f"count:{poll}/{task.seat}"]
    return list(state.seats[task.seat].grounds) or [f"poll:{poll}"]
