"""A question that is adopted or rejected by a share of a base, where enough attend (IBSU 6.8.3, 6.8.4, 6.9.6)."""

from typing import Final

from tally.constitution import Motion
from tally.errors import OutcomeError
from tally.facts import ContestFacts
from tally.majority import attended, count_base
from tally.ranking import Scribe, option_votes
from tally.reasoning import Conclusion, Rule, Step
from tally.threshold import Threshold
from tally.verdict import Verdict

FOR: Final = "for"
AGAINST: Final = "against"


def judge_motion(rule: Motion, contest: ContestFacts, *, poll: int) -> Verdict:
    """Return whether the motion is adopted; `void` is of no matter, since its options are no persons.

    A motion for which nobody votes is rejected, even where a share of nothing would be reached. Raises OutcomeError
    where the counts are withheld, where the options are others, and where attendance is needed and not recorded.
    """
    scribe = Scribe(contest, Rule.MOTION, poll)
    votes = _votes(contest)
    steps: list[Step] = []
    if rule.quorum.value:
        steps.append(_quorum_step(rule, scribe))
        if not steps[0].holds:
            return Verdict("no-quorum", (), (), (), tuple(steps))
    steps.append(_adoption_step(rule, scribe, votes))
    return Verdict("adopted" if steps[-1].holds else "rejected", (), (), (), tuple(steps))


def _votes(contest: ContestFacts) -> dict[str, int]:
    votes = {option.id: count for option, count in option_votes(contest) if not option.blank}
    if set(votes) != {FOR, AGAINST}:
        raise OutcomeError(f"contest {contest.contest}: options: expected {FOR}, {AGAINST}, got {', '.join(votes)}")
    return votes


def _quorum_step(rule: Motion, scribe: Scribe) -> Step:
    quorum, present, size = Threshold.parse(rule.quorum.value), attended(scribe.contest), scribe.contest.size
    holds = quorum.holds(present, size)
    conclusion = Conclusion.QUORATE if holds else Conclusion.NOT_QUORATE
    inputs = {"attended": present, "size": size}
    return scribe.ruled(rule.quorum.clause, inputs, (quorum.comparison(present, size), holds), conclusion)


def _adoption_step(rule: Motion, scribe: Scribe, votes: dict[str, int]) -> Step:
    threshold = Threshold.parse(rule.threshold.value)
    name, base = count_base(rule.base.value, scribe.contest, sum(votes.values()))
    comparison = (threshold.comparison(votes[FOR], base), threshold.holds(votes[FOR], base))
    if votes[FOR] == 0:
        comparison = ("0 >= 1", False)
    inputs = {**{f"votes.{option}": count for option, count in votes.items()}, name: base}
    conclusion = Conclusion.ADOPTED if comparison[1] else Conclusion.REJECTED
    return scribe.ruled(rule.threshold.clause, inputs, comparison, conclusion)
