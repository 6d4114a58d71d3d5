"""From sums and shares to votes per option (docs/protocol.md §10).

`t·G = B* - sum of lambda_l·D_l` is searched for t in 0 … ballots and nowhere else: a total outside is a broken or
forged tally, and the search ends there in bounded time (A09).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isqrt

from keys.canonical import b64
from keys.curve import GENERATOR, Point, Scalar, base_multiply, multi_multiply
from keys.shares import lagrange_coefficients
from tally.errors import CountsError
from tally.sums import ContestSums
from tally.wire import CountsData


@dataclass(frozen=True, slots=True)
class Bounds:
    """The contest's rule for one ballot: `minimum <= sum of weights·marks <= maximum`, weights per option."""

    minimum: int
    maximum: int
    weights: tuple[int, ...]


def choose_trustees(valid: Mapping[int, Sequence[Point]], k: int) -> tuple[int, ...]:
    """Return S, the k smallest trustee numbers with a valid share; raises CountsError where there are fewer."""
    numbers = sorted(valid)
    if len(numbers) < k:
        raise CountsError(f"counts: expected valid shares of {k} trustees, got {len(numbers)} ({numbers})")
    return tuple(numbers[:k])


class LogTable:
    """Discrete logarithms in 0 … limit by baby steps and giant steps: about 2·sqrt(limit) additions at most."""

    def __init__(self, limit: int) -> None:
        """Prepare the baby steps 0·G … (width-1)·G; `limit` >= 0."""
        self.limit = limit
        self.width = isqrt(limit) + 1
        self._baby: dict[Point, int] = {}
        point = Point.IDENTITY
        for step in range(self.width):
            self._baby[point] = step
            point += GENERATOR
        self._giant = -base_multiply(Scalar(self.width))

    def find(self, point: Point) -> int | None:
        """Return t with t·G = point and 0 <= t <= limit, or None after at most limit / width + 1 steps."""
        for giant in range(0, self.limit + 1, self.width):
            step = self._baby.get(point)
            if step is not None:
                return giant + step if giant + step <= self.limit else None
            point += self._giant
        return None


@lru_cache(maxsize=16)
def _table(power: int) -> LogTable:
    return LogTable((1 << power) - 1)


def find_total(point: Point, ballots: int) -> int | None:
    """Return t with t·G = point and 0 <= t <= ballots, else None. Tables are shared between contests of like size."""
    total = _table(ballots.bit_length()).find(point)
    return None if total is None or total > ballots else total


def make_counts(sums: ContestSums, bounds: Bounds, valid: Mapping[int, Sequence[Point]], k: int) -> CountsData:
    """Return the data of `tally.counts` from the valid shares by trustee number.

    Zero ballots need no shares: all counts 0, no trustees. Raises CountsError for fewer than k shares, for a total
    outside 0 … ballots, and where the totals break minimum·ballots <= sum of weights·totals <= maximum·ballots.
    """
    if len(bounds.weights) != len(sums.pairs):
        raise CountsError(f"counts: expected {len(bounds.weights)} options, got {len(sums.pairs)}")
    if not sums.ballots:
        return CountsData(context=b64(sums.context), trustees=[], counts=[0] * len(sums.pairs))
    numbers = choose_trustees(valid, k)
    weights = [(number, -weight) for number, weight in lagrange_coefficients(numbers).items()]
    counts: list[int] = []
    for option, (_, b_sum) in enumerate(sums.pairs):
        point = b_sum + multi_multiply([(weight, valid[number][option]) for number, weight in weights])
        total = find_total(point, sums.ballots)
        if total is None:
            raise CountsError(f"counts: option {option}: expected a total of 0 to {sums.ballots}, got none")
        counts.append(total)
    _check_bounds(bounds, sums.ballots, counts)
    return CountsData(context=b64(sums.context), trustees=list(numbers), counts=counts)


def verify_counts(data: CountsData, recomputed: CountsData) -> None:
    """Check a `tally.counts` entry against the recomputed one; raises CountsError, naming what differs."""
    if data.context != recomputed.context:
        raise CountsError(f"counts: wrong context: expected {recomputed.context}, got {data.context}")
    if data.trustees != recomputed.trustees:
        raise CountsError(f"counts: trustees: expected {recomputed.trustees}, got {data.trustees}")
    if data.counts != recomputed.counts:
        raise CountsError(f"counts: expected {recomputed.counts}, got {data.counts}")


def _check_bounds(bounds: Bounds, ballots: int, counts: Sequence[int]) -> None:
    weighted = sum(weight * count for weight, count in zip(bounds.weights, counts, strict=True))
    low, high = bounds.minimum * ballots, bounds.maximum * ballots
    if not low <= weighted <= high:
        raise CountsError(f"counts: weighted sum of all options: expected {low} to {high}, got {weighted}")
