"""Surveys are counted, and nothing follows."""

import pytest

from tally.errors import OutcomeError
from tally.survey import judge_survey
from tests.tally.counted import facts, survey


def test_a_survey_is_counted_and_elects_nobody() -> None:
    verdict = judge_survey(survey(), facts({"tea": 4, "coffee": 9, "blank": 1}, ballots=10), poll=1)
    assert (verdict.outcome, verdict.ranking, verdict.elected, verdict.advance) == ("counted", (), (), ())
    (step,) = verdict.steps
    assert step.inputs == {"votes.tea": 4, "votes.coffee": 9, "votes.blank": 1, "ballots": 10}
    assert (step.rule, step.conclusion, step.comparison, step.holds) == ("survey", "counted", "", True)
    assert step.grounds == ["count:1/head"]


def test_a_survey_without_a_ballot_is_counted_too() -> None:
    assert judge_survey(survey(), facts({"tea": 0, "coffee": 0}), poll=1).outcome == "counted"


def test_withheld_counts_are_refused() -> None:
    with pytest.raises(OutcomeError, match="contest head: counts are withheld"):
        judge_survey(survey(), facts(None, ballots=2), poll=1)
