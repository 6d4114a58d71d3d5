"""Whether enough of the entitled took part (IBSU 6.12.4: minimum half of all students).

Participants of a body are the ballots, blank ones included, of the one contest whose electorate is that body: ballots
of different contests cannot be linked, and tokens are never turnout. Equality passes.

What each scope tests, and what then decides:

| scope        | reported as the contest's turnout | decides for a contest        |
|--------------|-----------------------------------|------------------------------|
| `university` | the whole body's test             | the whole body's test        |
| `block`      | the contest's own test            | the contest's own test       |
| `both`       | the contest's own test            | the whole body's test        |
"""

from dataclasses import dataclass

from tally.constitution import TurnoutRule
from tally.errors import OutcomeError
from tally.facts import ContestFacts, PollFacts
from tally.reasoning import Step


def is_valid(participants: int, size: int, numerator: int, denominator: int) -> bool:
    """Say whether participants / size >= numerator / denominator, in integers."""
    return denominator * participants >= numerator * size


@dataclass(frozen=True, slots=True)
class TurnoutVerdict:
    """The test's answers by contest id, and its steps: the whole body first, then the contests in order."""

    reported: dict[str, bool]
    binding: dict[str, bool]
    steps: tuple[Step, ...]


def judge(rule: TurnoutRule, facts: PollFacts) -> TurnoutVerdict:
    """Test the turnout of a poll.

    Raises OutcomeError where the scope needs the whole body and not exactly one contest is put to it.
    """
    steps: list[Step] = []
    whole = True
    if rule.scope != "block":
        step = _step(rule, whole_body(rule, facts), contest=None)
        whole = step.holds
        steps.append(step)
    own: dict[str, bool] = {}
    for contest in facts.contests:
        if rule.scope == "university":
            own[contest.contest] = whole
            continue
        step = _step(rule, contest, contest=contest.contest)
        own[contest.contest] = step.holds
        steps.append(step)
    binding = own if rule.scope == "block" else dict.fromkeys(own, whole)
    return TurnoutVerdict(own, binding, tuple(steps))


def whole_body(rule: TurnoutRule, facts: PollFacts) -> ContestFacts:
    """Return the one contest of the poll that is put to the whole body; raises OutcomeError if there is not one."""
    found = [contest for contest in facts.contests if contest.electorate == rule.electorate]
    if len(found) != 1:
        raise OutcomeError(
            f"clause {rule.clause}: turnout of {rule.electorate}: expected one contest with this electorate, "
            f"got {len(found)}"
        )
    return found[0]


def _step(rule: TurnoutRule, body: ContestFacts, contest: str | None) -> Step:
    holds = is_valid(body.ballots, body.size, rule.numerator, rule.denominator)
    return Step(
        contest=contest,
        rule="turnout",
        clause=rule.clause,
        inputs={"ballots": body.ballots, "size": body.size},
        comparison=f"{rule.denominator} * {body.ballots} >= {rule.numerator} * {body.size}",
        holds=holds,
        conclusion=f"turnout of {body.electorate} is {'valid' if holds else 'invalid'}",
    )
