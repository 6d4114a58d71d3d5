"""Most votes wins: the rule of IBSU 6.12.5 for heads of blocks, and the default where a text is silent.

The blank option is no candidate, and a candidate without a single vote is never elected. A single candidate needs more
than half of the ballots cast, where the constitution says so: the ballot is a yes-or-no ballot then.
"""

from tally.constitution import Plurality
from tally.facts import ContestFacts
from tally.lot import draw_step
from tally.ranking import Scribe, lead_step, rank, tickets_of, void_steps, votes_step
from tally.reasoning import Conclusion, Rule, Step
from tally.threshold import Threshold
from tally.verdict import Rank, Verdict
from tally.wire import Tour

_HALF = Threshold(strict=True, numerator=1, denominator=2)


def judge_plurality(rule: Plurality, contest: ContestFacts, *, poll: int, tour: Tour) -> Verdict:
    """Return who has most votes, or what equal leaders lead to.

    Raises OutcomeError where the counts are withheld, and where a lot is needed and there are no tickets. Cost: one
    pass over the options. Order and names of the options have no influence.
    """
    scribe = Scribe(contest, Rule.PLURALITY, poll)
    steps = [*void_steps(rule.clause, contest, poll), votes_step(scribe, rule.clause)]
    ranking = rank(contest)
    if not ranking:
        return Verdict("nobody", (), (), (), tuple(steps))
    if _is_single(contest) and rule.single.value == "majority":
        return _judge_single(rule, scribe, ranking, steps)
    steps.append(lead_step(scribe, rule.clause, ranking))
    if len(ranking[0].persons) == 1:
        return Verdict("elected", ranking, (), (), tuple(steps))
    return _judge_equal(rule, scribe, ranking, steps, tour)


def _is_single(contest: ContestFacts) -> bool:
    return sum(not option.blank for option in contest.options) == 1  # whether or not the votes are void


def _judge_single(rule: Plurality, scribe: Scribe, ranking: tuple[Rank, ...], steps: list[Step]) -> Verdict:
    votes, (person,), ballots = ranking[0].votes, ranking[0].persons, scribe.contest.ballots
    holds = _HALF.holds(votes, ballots)
    comparison = (_HALF.comparison(votes, ballots), holds)
    conclusion = Conclusion.ENOUGH if holds else Conclusion.NOT_ENOUGH
    inputs = {f"votes.{person}": votes, "ballots": ballots}
    steps.append(scribe.ruled(rule.single.clause, inputs, comparison, conclusion, [person]))
    return Verdict("elected" if holds else "not-enough", ranking, (), (), tuple(steps))


def _judge_equal(rule: Plurality, scribe: Scribe, ranking: tuple[Rank, ...], steps: list[Step], tour: Tour) -> Verdict:
    votes, leaders = ranking[0].votes, ranking[0].persons
    if rule.tie.value == "lot":
        step = draw_step(scribe.contest.contest, rule.tie.clause, tickets_of(scribe.contest), leaders, scribe.ground)
        winner = step.names[0]
        others = tuple(person for person in leaders if person != winner)
        ranking = (Rank(votes, (winner,)), Rank(votes, others), *ranking[1:])
        return Verdict("elected", ranking, (), (), (*steps, step))
    if rule.tie.value == "second-tour" and tour == "first":
        inputs = {f"votes.{person}": votes for person in leaders}
        second = Scribe(scribe.contest, Rule.SECOND_TOUR, scribe.poll)
        step = second.ruled(rule.tie.clause, inputs, ("", True), Conclusion.ADVANCE, leaders)
        return Verdict("not-enough", ranking, leaders, (), (*steps, step))
    return Verdict("tie", ranking, (), leaders, tuple(steps))
