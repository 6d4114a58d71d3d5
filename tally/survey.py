"""A poll of opinion: the votes are counted and published, and nothing follows from them."""

from tally.constitution import Survey
from tally.errors import OutcomeError
from tally.facts import ContestFacts
from tally.ranking import Scribe
from tally.reasoning import Conclusion, Rule
from tally.verdict import Verdict


def judge_survey(rule: Survey, contest: ContestFacts, *, poll: int) -> Verdict:
    """Return the verdict "counted"; raises OutcomeError where the counts are withheld."""
    if contest.counts is None:
        raise OutcomeError(f"contest {contest.contest}: counts are withheld")
    pairs = zip(contest.options, contest.counts, strict=True)
    inputs = {**{f"votes.{option.id}": count for option, count in pairs}, "ballots": contest.ballots}
    step = Scribe(contest, Rule.SURVEY, poll).counted(rule.clause, inputs, ("", True), Conclusion.COUNTED)
    return Verdict("counted", (), (), (), (step,))
