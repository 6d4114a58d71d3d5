"""Enough votes, or a second tour of the top two, or a re-election (IBSU 6.9.2, 6.9.4; RULES C4-C8)."""

from typing import Any, TypeAlias

import pytest

from tally.errors import OutcomeError
from tally.majority import judge_majority
from tally.verdict import Rank, Verdict
from tally.wire import Tour
from tests.tally.counted import facts, majority, short


def judge(counts: dict[str, int] | None, *, tour: Tour = "first", **given: Any) -> Verdict:
    rule = {name: given.pop(name) for name in ("threshold", "base", "second_tour", "tie") if name in given}
    return judge_majority(majority(**rule), facts(counts, **given), poll=1, tour=tour)


Answer: TypeAlias = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""Outcome, elected, advance, tied."""


def answer(verdict: Verdict) -> Answer:
    return verdict.outcome, verdict.elected, verdict.advance, verdict.tied


@pytest.mark.parametrize(
    ("sentence", "counts", "expected"),
    [
        ("C5: 5 ballots, leader 3: elected", {"ana": 3, "beka": 2}, ("elected", ("ana",), (), ())),
        (
            "C6: 6 ballots, leader 3: second tour",
            {"ana": 3, "beka": 2, "blank": 1},
            ("not-enough", (), ("ana", "beka"), ()),
        ),
        ("6 ballots, 3 to 3: second tour", {"ana": 3, "beka": 3}, ("not-enough", (), ("ana", "beka"), ())),
        (
            "C7: president 40/30/30: three names in the second tour",
            {"ana": 40, "beka": 30, "gio": 30},
            ("not-enough", (), ("ana", "beka", "gio"), ()),
        ),
        ("the top two of four", {"ana": 3, "beka": 4, "gio": 5, "luka": 1}, ("not-enough", (), ("beka", "gio"), ())),
        ("C4: all 500 ballots blank: no second tour", {"ana": 0, "beka": 0, "blank": 500}, ("nobody", (), (), ())),
        ("one with votes, but too few: no second tour", {"ana": 1, "beka": 0, "blank": 3}, ("not-enough", (), (), ())),
        ("a single candidate with half of the ballots", {"ana": 2, "blank": 2}, ("not-enough", (), (), ())),
        ("a single candidate with more than half", {"ana": 3, "blank": 2}, ("elected", ("ana",), (), ())),
        ("no candidate", {"blank": 3}, ("nobody", (), (), ())),
    ],
)
def test_the_first_tour(sentence: str, counts: dict[str, int], expected: Answer) -> None:
    assert answer(judge(counts)) == expected, sentence


@pytest.mark.parametrize(
    ("sentence", "counts", "expected"),
    [
        (
            "C8: second tour 45/45 and 10 blank: nobody",
            {"ana": 45, "beka": 45, "blank": 10},
            ("not-enough", (), (), ()),
        ),
        ("second tour 51/49: elected", {"ana": 51, "beka": 49}, ("elected", ("ana",), (), ())),
        ("second tour 50/49 and 1 blank: nobody", {"ana": 50, "beka": 49, "blank": 1}, ("not-enough", (), (), ())),
        ("second tour, all blank", {"ana": 0, "beka": 0, "blank": 9}, ("nobody", (), (), ())),
    ],
)
def test_after_the_second_tour_there_is_no_third(sentence: str, counts: dict[str, int], expected: Answer) -> None:
    assert answer(judge(counts, tour="second")) == expected, sentence


def test_without_second_tours_it_is_straight_to_the_re_election() -> None:
    assert answer(judge({"ana": 3, "beka": 3}, second_tour="none")) == ("not-enough", (), (), ())


@pytest.mark.parametrize(
    ("base", "given", "name", "comparison", "holds"),
    [
        ("ballots", {}, "ballots", "2 * 4 > 1 * 9", False),
        ("valid", {}, "valid", "2 * 4 > 1 * 7", True),
        ("listed", {"size": 8 + 4}, "size", "2 * 4 > 1 * 12", False),
        ("listed", {"size": 9, "ballots": 9}, "size", "2 * 4 > 1 * 9", False),
        ("attending", {"attended": 7}, "attended", "2 * 4 > 1 * 7", True),
        ("attending", {"attended": 8}, "attended", "2 * 4 > 1 * 8", False),
    ],
)
def test_the_base_that_votes_are_a_share_of(
    base: str, given: dict[str, Any], name: str, comparison: str, holds: bool
) -> None:
    """4 for ana, 3 for beka, 2 blank."""
    verdict = judge({"ana": 4, "beka": 3, "blank": 2}, base=base, **given)
    step = verdict.steps[1]
    assert (step.comparison, step.holds, step.clause) == (comparison, holds, "threshold-clause")
    assert step.inputs == {"votes.ana": 4, name: int(comparison.rpartition(" ")[2])}
    assert step.grounds == ["count:1/head", "constitution"]
    assert (verdict.outcome == "elected") is holds


def test_void_votes_are_in_the_ballots_cast_and_not_in_the_valid_ones() -> None:
    counts = {"ana": 4, "beka": 3, "gio": 2}
    assert judge(counts, void=["gio"], base="valid").elected == ("ana",)
    cast = judge(counts, void=["gio"], base="ballots")
    assert answer(cast) == ("not-enough", (), ("ana", "beka"), ())
    assert short(cast)[0] == ("void", "6.9.2", "", True, "votes-void", ["gio"])


def test_a_share_of_the_attending_needs_their_number() -> None:
    with pytest.raises(OutcomeError, match="contest head: attended: expected a recorded number, got none"):
        judge({"ana": 4, "beka": 3}, base="attending")


def test_valid_ballots_cannot_be_told_from_several_votes_on_a_ballot() -> None:
    with pytest.raises(OutcomeError, match="contest head: valid ballots: expected one vote in each, got more"):
        judge({"ana": 4, "beka": 3}, ballots=5, base="valid")


@pytest.mark.parametrize(
    ("sentence", "counts", "expected"),
    [
        ("two reach it, more votes win", {"ana": 3, "beka": 4, "gio": 2}, ("elected", ("beka",), (), ())),
        ("two reach it, equal: second tour", {"ana": 4, "beka": 4, "gio": 1}, ("not-enough", (), ("ana", "beka"), ())),
        ("one reaches it", {"ana": 4, "beka": 2, "gio": 2}, ("elected", ("ana",), (), ())),
    ],
)
def test_a_share_that_two_can_reach(sentence: str, counts: dict[str, int], expected: Answer) -> None:
    verdict = judge(counts, threshold=">= 1/3")
    assert answer(verdict) == expected, sentence
    conclusions = [str(step.conclusion) for step in verdict.steps]
    assert ("leads" in conclusions or "equal-leaders" in conclusions) is (sentence != "one reaches it")


FORTY = {"ana": 40, "beka": 30, "gio": 30}
TICKETS = {"ana": b"\x03" * 32, "beka": b"\x02" * 32, "gio": b"\x01" * 32, "luka": b"\x00" * 32}


@pytest.mark.parametrize(
    ("sentence", "tie", "counts", "expected"),
    [
        ("C7: all tied advance", "all-advance", FORTY, ("not-enough", (), ("ana", "beka", "gio"), ())),
        ("C7: the lot picks one", "lot", FORTY, ("not-enough", (), ("ana", "gio"), ())),
        ("C7: the members choose one", "members-vote", FORTY, ("tie-for-second", (), ("ana",), ("beka", "gio"))),
        (
            "three equal leaders: all advance",
            "all-advance",
            {"ana": 3, "beka": 3, "gio": 3, "luka": 2},
            ("not-enough", (), ("ana", "beka", "gio"), ()),
        ),
        (
            "three equal leaders: the lot picks two",
            "lot",
            {"ana": 3, "beka": 3, "gio": 3, "luka": 2},
            ("not-enough", (), ("beka", "gio"), ()),
        ),
        (
            "three equal leaders: one members' vote cannot choose two, all advance",
            "members-vote",
            {"ana": 3, "beka": 3, "gio": 3, "luka": 2},
            ("not-enough", (), ("ana", "beka", "gio"), ()),
        ),
        (
            "two equal leaders: both, whatever stands behind them",
            "lot",
            {"ana": 3, "beka": 3, "gio": 2, "luka": 2},
            ("not-enough", (), ("ana", "beka"), ()),
        ),
    ],
)
def test_ties_for_the_second_tour(sentence: str, tie: str, counts: dict[str, int], expected: Answer) -> None:
    verdict = judge(counts, tie=tie, tickets={option: TICKETS[option] for option in counts})
    assert answer(verdict) == expected, sentence


def test_the_steps_of_40_30_30_with_a_lot() -> None:
    verdict = judge(FORTY, tie="lot", tickets={option: TICKETS[option] for option in FORTY})
    assert verdict.ranking == (Rank(40, ("ana",)), Rank(30, ("beka", "gio")))
    low = int.from_bytes(b"\x01" * 6)
    assert short(verdict) == [
        ("majority", "6.9.2", "40 >= 1", True, "somebody-has-votes", []),
        ("majority", "threshold-clause", "2 * 40 > 1 * 100", False, "not-enough", ["ana"]),
        ("second-tour", "tie-clause", "2 > 1", True, "tie-for-second", ["beka", "gio"]),
        ("lot", "tie-clause", f"{low} <= {2 * low}", True, "drawn", ["gio", "beka"]),
        ("second-tour", "6.9.4", "3 >= 2", True, "advance", ["ana", "gio"]),
    ]


def test_the_steps_of_an_impossible_second_tour() -> None:
    assert short(judge({"ana": 0, "beka": 0, "blank": 500})) == [
        ("majority", "6.9.2", "0 >= 1", False, "nobody-has-votes", []),
        ("second-tour", "6.9.4", "0 >= 2", False, "second-tour-impossible", []),
    ]
    assert short(judge({"ana": 1, "beka": 0, "blank": 3}))[1:] == [
        ("majority", "threshold-clause", "2 * 1 > 1 * 4", False, "not-enough", ["ana"]),
        ("second-tour", "6.9.4", "1 >= 2", False, "second-tour-impossible", []),
    ]


def test_void_candidates_do_not_advance() -> None:
    assert judge({"ana": 4, "beka": 3, "gio": 3}, void=["ana"]).advance == ("beka", "gio")


def test_withheld_counts_are_refused() -> None:
    with pytest.raises(OutcomeError, match="contest head: counts are withheld"):
        judge(None, ballots=2)
