"""Enough votes are needed, of a base that the constitution names; otherwise a second tour of the top two (IBSU 6.9.4).

The blank option is no candidate, and a candidate without a single vote is never elected and never advances. Where a
share of one half or less is enough and two persons have it, the one with more votes is elected; equal ones are not.
"""

from tally.constitution import Base, Majority
from tally.errors import OutcomeError
from tally.facts import ContestFacts
from tally.lot import draw_step
from tally.ranking import Scribe, in_order, lead_step, rank, tickets_of, void_steps, votes_step
from tally.reasoning import Conclusion, Rule, Step
from tally.threshold import Threshold
from tally.verdict import Rank, Verdict
from tally.wire import Tour


def judge_majority(rule: Majority, contest: ContestFacts, *, poll: int, tour: Tour) -> Verdict:
    """Return who has enough votes, or who goes into the second tour.

    Raises OutcomeError where the counts are withheld, where the base needs facts that are missing, and where a lot is
    needed and there are no tickets. Order and names of the options have no influence.
    """
    scribe = Scribe(contest, Rule.MAJORITY, poll)
    steps = [*void_steps(rule.clause, contest, poll), votes_step(scribe, rule.clause)]
    ranking = rank(contest)
    elected = False
    if ranking:
        elected, compared = _compare(rule, scribe, ranking)
        steps += compared
    if elected:
        return Verdict("elected", ranking, (), (), tuple(steps))
    if tour == "first" and rule.second_tour.value == "top-two":
        return _second_tour(rule, Scribe(contest, Rule.SECOND_TOUR, poll), ranking, steps)
    return Verdict("not-enough" if ranking else "nobody", ranking, (), (), tuple(steps))


def count_base(base: Base, contest: ContestFacts, valid: int) -> tuple[str, int]:
    """Return the number that votes are a share of, with its name in `Step.inputs`.

    `valid` = votes for options that are neither blank nor void: one ballot each. Raises OutcomeError where a ballot
    holds more votes than one, and where it was not recorded how many attended.
    """
    if base == "valid":
        if sum(contest.counts or ()) > contest.ballots:
            raise OutcomeError(f"contest {contest.contest}: valid ballots: expected one vote in each, got more")
        return "valid", valid
    if base == "attending":
        return "attended", attended(contest)
    return ("ballots", contest.ballots) if base == "ballots" else ("size", contest.size)


def attended(contest: ContestFacts) -> int:
    """Return how many attended the meeting (6.8.3); raises OutcomeError where that was not recorded."""
    if contest.attended is None:
        raise OutcomeError(f"contest {contest.contest}: attended: expected a recorded number, got none")
    return contest.attended


def _compare(rule: Majority, scribe: Scribe, ranking: tuple[Rank, ...]) -> tuple[bool, list[Step]]:
    """Say whether the first rank is one person with enough votes, with the steps that show it."""
    threshold = Threshold.parse(rule.threshold.value)
    most, leaders = ranking[0].votes, ranking[0].persons
    valid = sum(votes for _, votes in scribe.contest.candidate_votes())
    name, base = count_base(rule.base.value, scribe.contest, valid)
    holds = threshold.holds(most, base)
    inputs = {**{f"votes.{person}": most for person in leaders}, name: base}
    comparison = (threshold.comparison(most, base), holds)
    conclusion = Conclusion.ENOUGH if holds else Conclusion.NOT_ENOUGH
    steps = [scribe.ruled(rule.threshold.clause, inputs, comparison, conclusion, leaders)]
    several = len(leaders) > 1 or (len(ranking) > 1 and threshold.holds(ranking[1].votes, base))
    if holds and several:
        steps.append(lead_step(scribe, rule.clause, ranking))
    return holds and len(leaders) == 1, steps


def _second_tour(rule: Majority, scribe: Scribe, ranking: tuple[Rank, ...], steps: list[Step]) -> Verdict:
    """Return who advances: two persons, or more where the constitution lets all tied ones advance."""
    persons = sum(len(level.persons) for level in ranking)
    possible = (f"{persons} >= 2", persons >= 2)
    if persons < 2:
        inputs = {"persons": persons}
        step = scribe.ruled(rule.second_tour.clause, inputs, possible, Conclusion.SECOND_TOUR_IMPOSSIBLE)
        return Verdict("not-enough" if ranking else "nobody", ranking, (), (), (*steps, step))
    leaders = ranking[0].persons
    certain, rest = (leaders, ranking[1].persons) if len(leaders) == 1 else ((), leaders)
    places = 2 - len(certain)
    if len(rest) > places:
        rest = _break_tie(rule, scribe, rest, places, steps)
        if len(rest) > places and certain and rule.tie_for_second.value == "members-vote":
            return Verdict("tie-for-second", ranking, certain, rest, tuple(steps))
    advance = in_order(scribe.contest, certain + rest)
    step = scribe.ruled(rule.second_tour.clause, {"persons": persons}, possible, Conclusion.ADVANCE, advance)
    return Verdict("not-enough", ranking, advance, (), (*steps, step))


def _break_tie(
    rule: Majority, scribe: Scribe, tied: tuple[str, ...], places: int, steps: list[Step]
) -> tuple[str, ...]:
    """Say that more are tied than there are places, and draw the lot where the constitution asks for it.

    Three or more equal leaders all advance under "members-vote", too: one vote chooses one name, never two.
    """
    clause, contest = rule.tie_for_second.clause, scribe.contest
    inputs, comparison = {"persons": len(tied), "places": places}, (f"{len(tied)} > {places}", True)
    steps.append(scribe.ruled(clause, inputs, comparison, Conclusion.TIE_FOR_SECOND, tied))
    if rule.tie_for_second.value != "lot":
        return tied
    step = draw_step(contest.contest, clause, tickets_of(contest), tied, scribe.ground)
    steps.append(step)
    return tuple(step.names[:places])
