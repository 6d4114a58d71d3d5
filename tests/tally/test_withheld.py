"""Contests below `min_ballots` are not opened, and few voters are warned of (RULES C15, A48, A67)."""

import msgspec
import pytest

from tally.errors import CountsError, OutcomeError
from tally.withheld import is_withheld, make_withheld, verify_withheld, warn_of_unanimity, withheld_step
from tests.tally.counted import compared, facts

CONTEXT = b"C" * 32


@pytest.mark.parametrize(("ballots", "withheld"), [(0, False), (1, True), (2, True), (3, False), (4, False)])
def test_from_one_to_one_below_the_least(ballots: int, withheld: bool) -> None:
    assert is_withheld(ballots, 3) is withheld


def test_each_flipped_member_is_refused() -> None:
    data = make_withheld(CONTEXT, 2, 3)
    verify_withheld(data, CONTEXT, 2, 3)
    with pytest.raises(CountsError, match="withheld: wrong context"):
        verify_withheld(data, b"D" * 32, 2, 3)
    with pytest.raises(CountsError, match="withheld: ballots: expected 1, got 2"):
        verify_withheld(data, CONTEXT, 1, 3)
    with pytest.raises(CountsError, match="withheld: ballots: expected 2, got 1"):
        verify_withheld(msgspec.structs.replace(data, ballots=1), CONTEXT, 2, 3)


@pytest.mark.parametrize("ballots", [0, 3])
def test_a_contest_that_is_to_be_counted_is_not_withheld(ballots: int) -> None:
    with pytest.raises(CountsError, match=f"expected 1 to 2 ballots, got {ballots}"):
        make_withheld(CONTEXT, ballots, 3)


def test_c15_a_class_of_4_in_which_2_vote_is_not_decrypted() -> None:
    step = withheld_step(facts(None, ballots=2, size=4), 3, poll=1)
    assert step is not None
    assert (step.rule, step.clause, step.comparison, step.holds) == ("withheld", "min_ballots", "2 < 3", True)
    assert (step.conclusion, step.names) == ("nothing-decrypted", [])
    assert step.inputs == {"ballots": 2, "min_ballots": 3}
    assert step.grounds == ["count:1/head", "constitution"]
    assert compared(step)


def test_c15_a_class_of_3_who_all_vote_is_decrypted() -> None:
    assert withheld_step(facts({"ana": 3, "beka": 0}, size=3), 3, poll=1) is None


def test_without_a_ballot_there_is_nothing_to_withhold() -> None:
    assert withheld_step(facts({"ana": 0, "beka": 0}), 3, poll=1) is None


def test_counts_where_they_are_withheld_and_none_where_they_are_due_are_refused() -> None:
    with pytest.raises(OutcomeError, match="contest head: counts: expected them withheld at 2 ballots"):
        withheld_step(facts({"ana": 2, "beka": 0}), 3, poll=1)
    with pytest.raises(OutcomeError, match="contest head: counts: expected them given at 3 ballots"):
        withheld_step(facts(None, ballots=3), 3, poll=1)


def test_c15_unanimity_in_a_class_of_3_is_warned_of_before_the_poll_opens() -> None:
    sizes = {"class.law.1": 3, "class.law.2": 9, "class.law.3": 10, "class.law.4": 2}
    few, never = warn_of_unanimity(sizes, 3)
    assert few.severity == never.severity == "warn"
    assert few.text.endswith("everybody knows how each voted: class.law.1, class.law.2")
    assert never.text.endswith("so these cannot be counted: class.law.4")
    assert warn_of_unanimity({"university": 10}, 3) == []
