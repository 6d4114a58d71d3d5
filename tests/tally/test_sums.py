"""Sums over ballots: incremental, mergeable, exact; the identity is an ordinary zero (A08)."""

import pickle
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.curve import GENERATOR, Point, Scalar, base_multiply
from tally.errors import SumsError
from tally.sums import Accumulator, ContestSums, make_sums, verify_sums
from tests.tally.box import Box

CONTEXT = b"C" * 32


def pair(number: int) -> tuple[Point, Point]:
    return base_multiply(Scalar.reduce(number.to_bytes(8, "big"))), GENERATOR * Scalar(number)


def accumulate(numbers: list[int]) -> ContestSums:
    """Ballots of two options whose sums all differ."""
    total = Accumulator(CONTEXT, 2)
    for number in numbers:
        total.add([pair(number), pair(number + 10_000)])
    return total.sums()


@given(st.lists(st.integers(1, 1000), max_size=40), st.data())
def test_batches_merge_to_the_sum_of_all(numbers: list[int], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(numbers)), max_size=4)))
    total = Accumulator(CONTEXT, 2)
    for start, end in zip([0, *cuts], [*cuts, len(numbers)], strict=True):
        total.merge(pickle.loads(pickle.dumps(accumulate(numbers[start:end]))))  # as from a worker process
    assert total.sums() == accumulate(numbers)
    assert total.sums().ballots == len(numbers)
    assert total.sums().pairs[0][1] == GENERATOR * Scalar(sum(numbers))
    assert total.sums().pairs[1][1] == GENERATOR * Scalar(sum(numbers) + 10_000 * len(numbers))


def test_a_long_stream_is_flushed_and_exact() -> None:
    total = Accumulator(CONTEXT, 1)
    for _ in range(1500):
        total.add([(GENERATOR, GENERATOR)])
        assert all(len(column) <= 513 for column in total._columns)
    assert total.sums().pairs == ((GENERATOR * Scalar(1500), GENERATOR * Scalar(1500)),)


def test_sums_that_cancel_are_null_on_the_wire_and_go_on_being_added() -> None:
    total = Accumulator(CONTEXT, 1)
    total.add([(GENERATOR, GENERATOR)])
    total.add([(-GENERATOR, -GENERATOR)])
    assert make_sums(total.sums()).sums == [(None, None)]
    total.add([(GENERATOR, GENERATOR)])
    assert total.sums().pairs == ((GENERATOR, GENERATOR),)


def test_zero_ballots_have_null_sums() -> None:
    sums = Accumulator(CONTEXT, 3).sums()
    assert make_sums(sums).sums is None
    verify_sums(make_sums(sums), sums)


def test_another_number_of_options_and_another_contest_are_refused() -> None:
    total = Accumulator(CONTEXT, 2)
    with pytest.raises(SumsError, match="expected 2 options, got 1"):
        total.add([pair(1)])
    with pytest.raises(SumsError, match="expected 3 options, got 2"):
        Accumulator(CONTEXT, 3).merge(accumulate([1]))
    with pytest.raises(SumsError, match="wrong context"):
        Accumulator(b"D" * 32, 2).merge(accumulate([1]))


def test_each_flipped_member_is_refused_by_name() -> None:
    sums = Box(2, 3).sums([(1, 0), (0, 1), (0, 1)])
    data = make_sums(sums)
    verify_sums(data, sums)
    assert data.sums is not None
    flips: list[tuple[dict[str, object], str]] = [
        ({"context": "x"}, "wrong context"),
        ({"ballots": 2}, "ballots: expected 3, got 2"),
        ({"sums": None}, "expected 2 options, got 0"),
        ({"sums": data.sums[:1]}, "expected 2 options, got 1"),
        ({"sums": [data.sums[1], data.sums[0]]}, "option 0"),
        ({"sums": [data.sums[0], (data.sums[1][0], None)]}, "option 1"),
        ({"sums": [data.sums[0], (data.sums[1][1], data.sums[1][0])]}, "option 1"),
    ]
    for change, message in flips:
        with pytest.raises(SumsError, match=f"sums: {message}"):
            verify_sums(msgspec.structs.replace(data, **change), sums)
    with pytest.raises(SumsError, match="ballots: expected 0"):
        verify_sums(data, replace(sums, ballots=0))
