"""From counts to results: a pure function of published facts, returned with its reasoning (docs/protocol.md §10).

The order is fixed: the committee's readings, the turnout, then contest by contest (ascending by id) whether the counts
are withheld, and the method of the contest's position. More law (majorities, second tours, one position per person)
comes in as further methods and as further stages of `declare`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ballot.contest import Contest
from tally.constitution import Constitution, Position, Resolution, apply_resolutions
from tally.errors import OutcomeError
from tally.facts import ContestFacts, OptionFacts, PollFacts, make_poll_facts
from tally.methods import METHODS
from tally.reasoning import Step, blob_name, make_blob
from tally.turnout import judge
from tally.wire import ContestResult, DeclaredData, OutcomeKind
from tally.withheld import is_withheld


@dataclass(frozen=True, slots=True)
class Outcome:
    """The results of one poll, ascending by contest, and the blob with the reasoning (canonical JSON)."""

    poll: int
    results: tuple[ContestResult, ...]
    steps: tuple[Step, ...]
    reasoning: bytes


def contest_facts(document: Contest, ballots: int, counts: Sequence[int] | None) -> ContestFacts:
    """Return the facts of a logged contest document with its ballots and counts (None: withheld)."""
    return ContestFacts(
        contest=document.contest,
        position=document.position,
        electorate=document.electorate,
        size=document.size,
        options=tuple(OptionFacts(option.id, option.blank) for option in document.options),
        ballots=ballots,
        counts=None if counts is None else tuple(counts),
    )


def verify_plan(
    constitution: Constitution, resolutions: Sequence[Resolution], poll: int, contests: Sequence[Contest]
) -> None:
    """Check, before a poll opens, that the rules will have an answer for it; raises OutcomeError.

    Refused: a contest without a position that the constitution knows, and a turnout scope that needs the whole body
    where not exactly one contest is put to it.
    """
    facts = make_poll_facts(poll, [contest_facts(contest, 0, [0] * len(contest.options)) for contest in contests])
    declare(constitution, resolutions, facts)


def declare(constitution: Constitution, resolutions: Sequence[Resolution], facts: PollFacts) -> Outcome:
    """Apply the rules to the facts of one closed poll; `resolutions` are those logged before it opened, in order.

    Raises OutcomeError where the rules have no answer: an unknown position, a reading that is none, no whole body,
    counts where `min_ballots` withholds them or none where they are due.
    """
    rules, resolution_steps = apply_resolutions(constitution, resolutions)
    turnout = judge(rules.turnout, facts)
    steps = [*resolution_steps, *turnout.steps]
    results = []
    for contest in facts.contests:
        reported, binding = turnout.reported[contest.contest], turnout.binding[contest.contest]
        result, contest_steps = _contest_result(rules, contest, reported=reported, binding=binding)
        results.append(result)
        steps += contest_steps
    return Outcome(facts.poll, tuple(results), tuple(steps), make_blob(facts.poll, steps))


def make_declared(outcome: Outcome) -> DeclaredData:
    """Return the data of `result.declared`; the blob that it names is `outcome.reasoning`."""
    return DeclaredData(poll=outcome.poll, results=list(outcome.results), reasoning=blob_name(outcome.reasoning))


def verify_declared(data: DeclaredData, outcome: Outcome) -> None:
    """Check a `result.declared` entry against the recomputed outcome; raises OutcomeError, naming what differs."""
    if data.poll != outcome.poll:
        raise OutcomeError(f"declared: wrong poll: expected {outcome.poll}, got {data.poll}")
    contests = [result.contest for result in outcome.results]
    if [result.contest for result in data.results] != contests:
        raise OutcomeError(f"declared: contests: expected {contests}, got {[r.contest for r in data.results]}")
    for declared, recomputed in zip(data.results, outcome.results, strict=True):
        for member in ContestResult.__struct_fields__:
            got, expected = getattr(declared, member), getattr(recomputed, member)
            if got != expected:
                raise OutcomeError(f"declared: {recomputed.contest}: {member}: expected {expected!r}, got {got!r}")
    if data.reasoning != blob_name(outcome.reasoning):
        raise OutcomeError(f"declared: reasoning: expected {blob_name(outcome.reasoning)}, got {data.reasoning}")


def _contest_result(
    rules: Constitution, contest: ContestFacts, *, reported: bool, binding: bool
) -> tuple[ContestResult, list[Step]]:
    position = _position(rules, contest)
    steps = _withheld_steps(rules, contest)
    outcome: OutcomeKind = "withheld"
    elected: tuple[str, ...] = ()
    if contest.counts is not None:
        verdict = METHODS[position.method](position.clause, contest)
        steps += verdict.steps
        outcome, elected = verdict.outcome, verdict.elected
    if not binding:
        steps.append(_void_step(rules, contest))
        outcome, elected = "invalid-turnout", ()
    result = ContestResult(
        contest=contest.contest,
        position=position.id,
        electorate=contest.electorate,
        size=contest.size,
        ballots=contest.ballots,
        turnout="valid" if reported else "invalid",
        counts=None if contest.counts is None else list(contest.counts),
        outcome=outcome,
        elected=list(elected),
    )
    return result, steps


def _position(rules: Constitution, contest: ContestFacts) -> Position:
    for position in rules.positions:
        if position.id == contest.position:
            return position
    known = ", ".join(position.id for position in rules.positions)
    raise OutcomeError(f"contest {contest.contest}: position: expected one of {known}, got {contest.position!r}")


def _withheld_steps(rules: Constitution, contest: ContestFacts) -> list[Step]:
    withheld = is_withheld(contest.ballots, rules.min_ballots)
    if withheld != (contest.counts is None):
        expected = "withheld" if withheld else "given"
        raise OutcomeError(f"contest {contest.contest}: counts: expected them {expected} at {contest.ballots} ballots")
    if not withheld:
        return []
    step = Step(
        contest=contest.contest,
        rule="withheld",
        clause="min_ballots",
        inputs={"ballots": contest.ballots, "min_ballots": rules.min_ballots},
        comparison=f"{contest.ballots} < {rules.min_ballots}",
        holds=True,
        conclusion="too few ballots: nothing is decrypted",
    )
    return [step]


def _void_step(rules: Constitution, contest: ContestFacts) -> Step:
    return Step(
        contest=contest.contest,
        rule="turnout",
        clause=rules.turnout.clause,
        inputs={},
        comparison="",
        holds=False,
        conclusion="the turnout that decides for this contest is invalid: nobody is elected",
    )
