"""IBSU 6.12.4: minimum half of all students, compared in integers (RULES C1-C4)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tally.errors import OutcomeError
from tally.facts import ContestFacts
from tally.turnout import is_valid, judge
from tests.tally.law import constitution, contest, poll


@pytest.mark.parametrize(
    ("size", "participants", "valid"),
    [(1001, 500, False), (1001, 501, True), (1000, 500, True), (1000, 499, False), (1, 0, False), (1, 1, True)],
)
def test_half_of_all_students_must_take_part_and_equality_passes(size: int, participants: int, valid: bool) -> None:
    assert is_valid(participants, size, 1, 2) is valid


@given(st.integers(0, 10**12), st.integers(1, 10**12), st.integers(0, 100), st.integers(1, 100))
def test_the_integer_test_is_the_exact_fraction(participants: int, size: int, top: int, bottom: int) -> None:
    assert is_valid(participants, size, top, bottom) is (Fraction(participants, size) >= Fraction(top, bottom))


WHOLE_BAD = contest("whole", {"ana": 9, "blank": 0}, size=100, ballots=49)
WHOLE_GOOD = contest("whole", {"ana": 9, "blank": 41}, size=100, ballots=50)
BLOCK_BAD = contest("block", {"gio": 4}, size=10, ballots=4, electorate="law", position="faculty")
BLOCK_GOOD = contest("block", {"gio": 5}, size=10, ballots=5, electorate="law", position="faculty")


@pytest.mark.parametrize(
    ("scope", "whole", "block", "reported", "binding"),
    [
        ("university", WHOLE_GOOD, BLOCK_BAD, (True, True), (True, True)),
        ("university", WHOLE_BAD, BLOCK_GOOD, (False, False), (False, False)),
        ("block", WHOLE_GOOD, BLOCK_BAD, (True, False), (True, False)),
        ("block", WHOLE_BAD, BLOCK_GOOD, (False, True), (False, True)),
        ("both", WHOLE_GOOD, BLOCK_BAD, (True, False), (True, True)),
        ("both", WHOLE_BAD, BLOCK_GOOD, (False, True), (False, False)),
    ],
)
def test_what_each_scope_reports_and_what_decides(
    scope: str, whole: ContestFacts, block: ContestFacts, reported: tuple[bool, bool], binding: tuple[bool, bool]
) -> None:
    verdict = judge(constitution(scope=scope).turnout, poll(whole, block))
    assert (verdict.reported["whole"], verdict.reported["block"]) == reported
    assert (verdict.binding["whole"], verdict.binding["block"]) == binding


def test_a_step_shows_its_comparison() -> None:
    (first, *_) = judge(constitution().turnout, poll(WHOLE_BAD)).steps
    assert (first.clause, first.comparison, first.holds) == ("6.12.4", "2 * 49 >= 1 * 100", False)
    assert first.inputs == {"ballots": 49, "size": 100}


@pytest.mark.parametrize("contests", [(BLOCK_GOOD,), (WHOLE_GOOD, contest("z", {"a": 0}, size=9, ballots=0))])
def test_without_exactly_one_contest_of_the_whole_body_there_is_no_verdict(contests: tuple[ContestFacts, ...]) -> None:
    with pytest.raises(OutcomeError, match=r"clause 6\.12\.4: turnout of university: expected one contest"):
        judge(constitution().turnout, poll(*contests))
    judge(constitution(scope="block").turnout, poll(*contests))  # where only blocks count it is not needed
