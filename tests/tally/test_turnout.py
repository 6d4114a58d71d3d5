"""IBSU 6.12.4: minimum half of all students, compared in integers (RULES C1-C4)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tally.errors import OutcomeError
from tally.turnout import Body, TurnoutVerdict, WholeBody, judge
from tests.tally.counted import compared, turnout


def body(contest: str, ballots: int, size: int, *, tested: bool = True) -> Body:
    return Body(contest, f"students-of-{contest}", ballots, size, tested)


def whole_of(ballots: int, size: int, ground: str = "count:1/head") -> WholeBody:
    return WholeBody("university", ballots, size, ground)


def one(ballots: int, size: int, share: str = ">= 1/2") -> TurnoutVerdict:
    return judge(turnout(scope="block", share=share), 1, [body("head", ballots, size)], None)


@pytest.mark.parametrize(
    ("sentence", "size", "ballots", "valid"),
    [
        ("C1: 1,001 eligible, 500 participate: invalid", 1001, 500, False),
        ("1,001 eligible, 501 participate: valid", 1001, 501, True),
        ("C2: 1,000 eligible, 500 participate: valid, equality passes", 1000, 500, True),
        ("1,000 eligible, 499 participate: invalid", 1000, 499, False),
        ("one eligible, nobody participates: invalid", 1, 0, False),
        ("one eligible, who participates: valid", 1, 1, True),
    ],
)
def test_half_of_all_students_must_take_part(sentence: str, size: int, ballots: int, valid: bool) -> None:
    verdict = one(ballots, size)
    assert verdict.binding == {"head": valid}, sentence
    assert verdict.reported == {"head": "valid" if valid else "invalid"}


def test_more_than_half_is_another_share_and_equality_fails_it() -> None:
    assert one(500, 1000, "> 1/2").binding == {"head": False}
    assert one(501, 1000, "> 1/2").binding == {"head": True}


@given(st.integers(1, 10**12), st.data(), st.integers(1, 100), st.integers(1, 100))
def test_the_integer_test_is_the_exact_fraction(size: int, data: st.DataObject, top: int, bottom: int) -> None:
    top, bottom = min(top, bottom), max(top, bottom)
    ballots = data.draw(st.integers(0, size))
    verdict = one(ballots, size, f">= {top}/{bottom}")
    assert verdict.binding["head"] is (Fraction(ballots, size) >= Fraction(top, bottom))
    assert all(compared(step) == step.holds for step in verdict.steps)


@given(st.integers(1, 10**6), st.integers(1, 100), st.integers(1, 100))
def test_equality_passes(factor: int, top: int, bottom: int) -> None:
    top, bottom = min(top, bottom), max(top, bottom)
    assert one(top * factor, bottom * factor, f">= {top}/{bottom}").binding == {"head": True}


@pytest.mark.parametrize(
    ("scope", "whole", "block", "reported", "binding"),
    [
        ("university", 50, 4, ("valid", "valid"), (True, True)),
        ("university", 49, 5, ("invalid", "invalid"), (False, False)),
        ("block", 50, 4, ("valid", "invalid"), (True, False)),
        ("block", 49, 5, ("invalid", "valid"), (False, True)),
        ("both", 50, 4, ("valid", "invalid"), (True, True)),
        ("both", 49, 5, ("invalid", "valid"), (False, False)),
        ("both-enforced", 50, 4, ("valid", "invalid"), (True, False)),
        ("both-enforced", 49, 5, ("invalid", "valid"), (False, False)),
        ("both-enforced", 50, 5, ("valid", "valid"), (True, True)),
        ("none", 0, 0, ("waived", "waived"), (True, True)),
    ],
)
def test_what_each_scope_reports_and_what_decides(
    scope: str, whole: int, block: int, reported: tuple[str, str], binding: tuple[bool, bool]
) -> None:
    """100 students, one class of 10 of them."""
    bodies = [body("head", whole, 100), body("head-of-class.a", block, 10)]
    verdict = judge(turnout(scope=scope), 1, bodies, whole_of(whole, 100))
    assert tuple(verdict.reported.values()) == reported
    assert tuple(verdict.binding.values()) == binding


def test_c3_university_55_percent_one_class_20_percent_is_valid_and_the_class_is_flagged() -> None:
    bodies = [body("head", 55, 100), body("head-of-class.a", 2, 10)]
    lenient = judge(turnout(scope="both"), 1, bodies, whole_of(55, 100))
    assert lenient.reported == {"head": "valid", "head-of-class.a": "invalid"}
    assert lenient.binding == {"head": True, "head-of-class.a": True}
    strict = judge(turnout(scope="both-enforced"), 1, bodies, whole_of(55, 100))
    assert strict.binding == {"head": True, "head-of-class.a": False}


def test_c4_blank_ballots_are_participants() -> None:
    """Turnout sees ballots only: 500 blank ones of 1,000 are enough."""
    assert one(500, 1000).binding == {"head": True}


def test_each_step_shows_its_comparison_and_where_its_numbers_come_from() -> None:
    bodies = [body("class", 4, 10), body("head", 49, 100), body("motion", 1, 10, tested=False)]
    whole, own, waived = judge(turnout(), 3, bodies, whole_of(49, 100, "count:3/head")).steps
    assert (whole.contest, whole.clause, whole.comparison, whole.holds) == (None, "6.12.4", "2 * 49 >= 1 * 100", False)
    assert (whole.conclusion, whole.names, whole.inputs) == (
        "turnout-invalid",
        ["university"],
        {"ballots": 49, "size": 100},
    )
    assert (own.contest, own.comparison, own.grounds) == ("class", "2 * 4 >= 1 * 10", ["count:3/class", "constitution"])
    assert (waived.contest, waived.comparison, waived.holds) == ("motion", "", True)
    assert (waived.conclusion, waived.names) == ("turnout-waived", ["students-of-motion"])
    assert waived.grounds == ["count:3/motion", "constitution"]


def test_the_contest_of_the_whole_body_is_tested_once() -> None:
    for scope in ("university", "both", "both-enforced"):
        verdict = judge(turnout(scope=scope), 1, [body("head", 50, 100)], whole_of(50, 100))
        assert [step.contest for step in verdict.steps] == [None]
        assert verdict.reported == {"head": "valid"}


@pytest.mark.parametrize("scope", ["university", "both", "both-enforced"])
def test_the_second_tour_of_one_faculty_takes_the_whole_bodys_turnout_of_the_first(scope: str) -> None:
    verdict = judge(turnout(scope=scope), 2, [body("head-of-faculty.law", 9, 10)], whole_of(60, 100, "count:1/head"))
    assert verdict.steps[0].grounds == ["count:1/head", "constitution"]
    assert verdict.binding == {"head-of-faculty.law": True}


def test_votes_that_are_not_tested_need_no_whole_body() -> None:
    verdict = judge(turnout(), 2, [body("motion", 1, 10, tested=False)], None)
    assert (verdict.reported, verdict.binding) == ({"motion": "waived"}, {"motion": True})


def test_without_a_whole_body_there_is_no_verdict_where_the_scope_needs_one() -> None:
    bodies = [body("head-of-class.a", 5, 10)]
    for scope in ("university", "both", "both-enforced"):
        with pytest.raises(OutcomeError, match=r"clause 6\.12\.4: turnout: expected a contest of the whole body"):
            judge(turnout(scope=scope), 1, bodies, None)
    for scope in ("block", "none"):
        assert judge(turnout(scope=scope), 1, bodies, None).binding == {"head-of-class.a": True}


BODIES = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.booleans()), min_size=1, max_size=5).map(
    lambda rows: [body(f"c{i}", min(a, b), max(a, b), tested=t) for i, (a, b, t) in enumerate(rows)]
)


@given(BODIES, st.sampled_from(["university", "block", "both", "both-enforced", "none"]), st.integers(0, 20), st.data())
def test_every_step_holds_as_it_is_written_and_order_is_of_no_matter(
    bodies: list[Body], scope: str, ballots: int, data: st.DataObject
) -> None:
    whole = whole_of(ballots, 20)
    verdict = judge(turnout(scope=scope), 1, bodies, whole)
    assert all(step.grounds for step in verdict.steps)
    assert all(compared(step) == step.holds for step in verdict.steps if step.comparison)
    shuffled = judge(turnout(scope=scope), 1, data.draw(st.permutations(bodies)), whole)
    assert (shuffled.reported, shuffled.binding) == (verdict.reported, verdict.binding)
