"""Motions: quorum and share in integers (IBSU 6.8.3, 6.8.4, 6.9.6d; RULES C20)."""

import pytest

from tally.errors import OutcomeError
from tally.motion import judge_motion
from tests.tally.counted import facts, motion


def test_c20_10_members_7_attend_6_yes_the_meeting_is_quorate_and_the_dismissal_fails() -> None:
    verdict = judge_motion(motion(), facts({"for": 6, "against": 1}, size=10, attended=7), poll=2)
    assert (verdict.outcome, verdict.ranking, verdict.elected) == ("rejected", (), ())
    quorum, adoption = verdict.steps
    assert (quorum.clause, quorum.comparison, quorum.holds, quorum.conclusion) == (
        "6.8.3",
        "10 * 7 >= 7 * 10",
        True,
        "quorate",
    )
    assert (adoption.clause, adoption.comparison, adoption.holds, adoption.conclusion) == (
        "6.8.4b",
        "10 * 6 >= 7 * 10",
        False,
        "rejected",
    )
    assert quorum.inputs == {"attended": 7, "size": 10}
    assert adoption.inputs == {"votes.for": 6, "votes.against": 1, "size": 10}
    assert quorum.grounds == adoption.grounds == ["count:2/head", "constitution"]
    assert {str(step.rule) for step in verdict.steps} == {"motion"}


@pytest.mark.parametrize(
    ("sentence", "base", "threshold", "counts", "attended", "outcome"),
    [
        ("7 of 10 listed for the dismissal", "listed", ">= 7/10", {"for": 7, "against": 0}, 7, "adopted"),
        ("6 attend: no quorum, whatever they vote", "listed", ">= 7/10", {"for": 6, "against": 0}, 6, "no-quorum"),
        ("4 of 7 attending for the plan", "attending", "> 1/2", {"for": 4, "against": 3}, 7, "adopted"),
        ("4 of 8 attending for the plan", "attending", "> 1/2", {"for": 4, "against": 2}, 8, "rejected"),
        ("half of the ballots, one blank", "ballots", "> 1/2", {"for": 3, "against": 2, "blank": 1}, 7, "rejected"),
        ("more than half of the valid", "valid", "> 1/2", {"for": 3, "against": 2, "blank": 2}, 7, "adopted"),
        ("nobody for it, nobody against it", "valid", ">= 1/2", {"for": 0, "against": 0, "blank": 7}, 7, "rejected"),
        ("no ballot at all", "ballots", ">= 1/2", {"for": 0, "against": 0}, 7, "rejected"),
    ],
)
def test_motions(sentence: str, base: str, threshold: str, counts: dict[str, int], attended: int, outcome: str) -> None:
    rule = motion(base=base, threshold=threshold)
    assert judge_motion(rule, facts(counts, size=10, attended=attended), poll=1).outcome == outcome, sentence


def test_a_motion_without_quorum_needs_no_attendance() -> None:
    verdict = judge_motion(motion(quorum="", base="ballots"), facts({"for": 7, "against": 3}, size=10), poll=1)
    assert (verdict.outcome, len(verdict.steps)) == ("adopted", 1)


@pytest.mark.parametrize(("quorum", "base"), [(">= 7/10", "listed"), ("", "attending")])
def test_where_attendance_decides_it_must_be_recorded(quorum: str, base: str) -> None:
    with pytest.raises(OutcomeError, match="contest head: attended: expected a recorded number, got none"):
        judge_motion(motion(quorum=quorum, base=base), facts({"for": 7, "against": 3}, size=10), poll=1)


def test_a_motion_without_a_vote_for_it_is_rejected_with_its_reason() -> None:
    (step,) = judge_motion(motion(quorum="", base="valid"), facts({"for": 0, "against": 0}, size=10), poll=1).steps
    assert (step.comparison, step.holds, step.conclusion) == ("0 >= 1", False, "rejected")


@pytest.mark.parametrize("options", [{"for": 1}, {"for": 1, "against": 1, "ana": 1}, {"ana": 1, "beka": 1}])
def test_a_motion_has_two_answers(options: dict[str, int]) -> None:
    with pytest.raises(OutcomeError, match="contest head: options: expected for, against, got"):
        judge_motion(motion(quorum=""), facts(options, size=10), poll=1)


def test_withheld_counts_are_refused() -> None:
    with pytest.raises(OutcomeError, match="contest head: counts are withheld"):
        judge_motion(motion(), facts(None, ballots=2, size=10, attended=7), poll=1)
