"""Contests below `min_ballots` are not opened (RULES C15, A48)."""

import msgspec
import pytest

from tally.errors import CountsError
from tally.withheld import is_withheld, make_withheld, verify_withheld

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
