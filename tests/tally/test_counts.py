"""Counts from sums and shares: any k of n, bounded search, totals that a ballot box can hold (A09, A29)."""

import time
from itertools import combinations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.canonical import b64
from keys.curve import GENERATOR, ORDER, Point, Scalar, base_multiply
from tally.counts import Bounds, LogTable, choose_trustees, find_total, make_counts, verify_counts
from tally.errors import CountsError
from tally.share import judge_shares
from tally.sums import Accumulator, ContestSums
from tests.tally.box import WHERE, Box, bounds

VOTES = [(1, 0, 0), (0, 1, 0), (0, 1, 0), (0, 0, 1), (0, 1, 0)]


def decrypt(box: Box, sums: ContestSums, numbers: tuple[int, ...]) -> dict[int, tuple[Point, ...]]:
    return judge_shares(WHERE, box.trustees, sums, [box.share(number, sums) for number in numbers]).valid


@pytest.mark.parametrize(("k", "n"), [(k, n) for n in range(2, 8) for k in range(max(2, n // 2 + 1), n + 1)])
def test_every_k_subset_gives_the_same_counts_and_fewer_never_do(k: int, n: int) -> None:  # A29
    box = Box(k, n)
    sums = box.sums(VOTES)
    valid = decrypt(box, sums, tuple(range(1, n + 1)))
    for subset in combinations(range(1, n + 1), k):
        counts = make_counts(sums, bounds(3), {number: valid[number] for number in subset}, k)
        assert counts.counts == [1, 3, 1]
        assert counts.trustees == list(subset)
    for subset in combinations(range(1, n + 1), k - 1):
        with pytest.raises(CountsError, match=f"expected valid shares of {k} trustees, got {k - 1}"):
            make_counts(sums, bounds(3), {number: valid[number] for number in subset}, k)
        with pytest.raises(CountsError, match="expected a total of 0 to 5, got none"):  # a service that lies about k
            make_counts(sums, bounds(3), {number: valid[number] for number in subset}, k - 1)


def test_the_k_smallest_numbers_are_used() -> None:
    assert choose_trustees({5: (), 2: (), 9: (), 3: ()}, 2) == (2, 3)


@pytest.mark.parametrize("limit", [0, 1, 2, 3, 15, 16, 17, 255])
def test_the_search_finds_exactly_what_is_in_range(limit: int) -> None:
    table = LogTable(limit)
    for total in range(limit + 1):
        assert table.find(base_multiply(Scalar(total))) == total
    for outside in (limit + 1, limit + 2, limit + table.width, 2 * limit + 5, ORDER - 1):
        assert table.find(base_multiply(Scalar(outside))) is None


@given(st.integers(0, 50_000), st.integers(0, 60_000))
def test_no_total_above_the_number_of_ballots(ballots: int, total: int) -> None:
    assert find_total(GENERATOR * Scalar(total), ballots) == (total if total <= ballots else None)


def test_a_total_out_of_range_fails_in_bounded_time() -> None:  # A09
    find_total(Point.IDENTITY, 40_000)  # the table is made once
    start = time.process_time()
    assert find_total(base_multiply(Scalar(ORDER - 5)), 40_000) is None
    assert time.process_time() - start < 5  # some 256 steps; an unbounded search would never end


@pytest.mark.parametrize("mark", [-3, 6, 2**40])
def test_negative_and_oversized_totals_fail_closed(mark: int) -> None:  # A09
    box = Box(2, 3)
    total = Accumulator(box.context, 2)
    for vote in ((1, 0), (0, 1), (1, 0)):
        total.add(box.encrypt(vote))
    r = box.scalar()
    total.add([(base_multiply(r), GENERATOR * Scalar(mark % ORDER) + box.joint_key * r), box.encrypt([0])[0]])
    sums = total.sums()
    with pytest.raises(CountsError, match="option 0: expected a total of 0 to 4, got none"):
        make_counts(sums, bounds(2), decrypt(box, sums, (1, 3)), 2)


@pytest.mark.parametrize(
    ("votes", "limit", "message"),
    [
        ([(1, 1), (1, 0), (0, 1)], bounds(2), "expected 3 to 3, got 4"),
        ([(0, 0), (1, 0), (0, 1)], bounds(2), "expected 3 to 3, got 2"),
        ([(0, 0), (0, 0), (0, 1)], bounds(2, 0, 1), None),
        ([(1, 1), (1, 1), (0, 1)], bounds(2, 1, 2), None),
        ([(1, 0, 1), (0, 1, 0), (0, 0, 1)], bounds(3, 1, 2, blank=2), None),
        ([(1, 1, 1), (0, 1, 0), (0, 0, 1)], bounds(3, 1, 2, blank=2), "expected 3 to 6, got 7"),
    ],
)
def test_the_totals_must_be_possible_for_that_many_ballots(
    votes: list[tuple[int, ...]], limit: Bounds, message: str | None
) -> None:
    box = Box(2, 3)
    sums = box.sums(votes)
    valid = decrypt(box, sums, (1, 2))
    if message is None:
        assert make_counts(sums, limit, valid, 2).counts == [sum(column) for column in zip(*votes, strict=True)]
    else:
        with pytest.raises(CountsError, match=f"weighted sum of all options: {message}"):
            make_counts(sums, limit, valid, 2)


def test_zero_ballots_count_zero_without_shares() -> None:  # A08
    counts = make_counts(Accumulator(b"C" * 32, 2).sums(), bounds(2), {}, 2)
    assert (counts.counts, counts.trustees) == ([0, 0], [])


@pytest.mark.parametrize("votes", [[(1, 0)] * 4, [(0, 1)] * 4, [(1, 0), (0, 1), (0, 1), (0, 1)]])
def test_options_without_a_vote_and_with_every_vote(votes: list[tuple[int, int]]) -> None:  # A08
    box = Box(2, 3)
    sums = box.sums(votes)
    assert make_counts(sums, bounds(2), decrypt(box, sums, (2, 3)), 2).counts == [
        sum(column) for column in zip(*votes, strict=True)
    ]


def test_randomness_that_cancels_leaves_a_null_sum_and_a_right_count() -> None:  # A08
    """Two ballots whose r add to zero: A* is the identity, nobody decrypts it, its total is still found."""
    box = Box(2, 3)
    r = box.scalar()
    total = Accumulator(box.context, 2)
    for scalar in (r, -r):
        total.add([(base_multiply(scalar), GENERATOR + box.joint_key * scalar), box.encrypt([0])[0]])
    sums = total.sums()
    assert sums.pairs[0][0].is_identity
    share = box.share(1, sums)
    assert share.shares[0] is None
    assert make_counts(sums, bounds(2), decrypt(box, sums, (1, 2)), 2).counts == [2, 0]


def test_each_flipped_member_is_refused_by_name() -> None:
    box = Box(2, 3)
    sums = box.sums(VOTES)
    counts = make_counts(sums, bounds(3), decrypt(box, sums, (1, 2)), 2)
    verify_counts(counts, counts)
    flips: list[tuple[dict[str, object], str]] = [
        ({"context": b64(b"D" * 32)}, "wrong context"),
        ({"trustees": [1, 3]}, r"trustees: expected \[1, 2\], got \[1, 3\]"),
        ({"counts": [1, 2, 2]}, r"expected \[1, 3, 1\], got \[1, 2, 2\]"),
        ({"counts": [1, 3]}, "expected"),
    ]
    for change, message in flips:
        with pytest.raises(CountsError, match=f"counts: {message}"):
            verify_counts(msgspec.structs.replace(counts, **change), counts)


def test_another_number_of_options_is_refused() -> None:
    box = Box(2, 3)
    with pytest.raises(CountsError, match="expected 2 options, got 3"):
        make_counts(box.sums(VOTES), bounds(2), {}, 2)
