"""A poll of opinion: the votes are counted and published, and nothing follows from them."""

from tally.constitution import Survey
from tally.facts import ContestFacts
from tally.ranking import Scribe, option_votes
from tally.reasoning import Conclusion, Rule
from tally.verdict import Verdict


def judge_survey(rule: Survey, contest: ContestFacts, *, poll: int) -> Verdict:
    """Return the verdict "counted"; raises OutcomeError where the counts are withheld."""
    votes = {f"votes.{option.id}": count for option, count in option_votes(contest)}
    inputs = {**votes, "ballots": contest.ballots}
    step = Scribe(contest, Rule.SURVEY, poll).counted(rule.clause, inputs, ("", True), Conclusion.COUNTED)
    return Verdict("counted", (), (), (), (step,))
