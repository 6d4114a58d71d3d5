"""Secret sharing over Z_q: polynomials, their commitments, Lagrange coefficients (docs/protocol.md §3, §10)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from keys.curve import Point, Scalar, multi_multiply, point_sum
from keys.errors import DataError


def draw_scalar(random: Callable[[int], bytes]) -> Scalar:
    """A uniform non-zero scalar, from 64 random bytes so that the reduction leaves no bias (A18)."""
    while True:
        scalar = Scalar.reduce(random(64))
        if scalar:
            return scalar


@dataclass(frozen=True, slots=True)
class Polynomial:
    """a_0 + a_1·x + … + a_(k-1)·x^(k-1), secret."""

    coefficients: tuple[Scalar, ...]

    def at(self, x: int) -> Scalar:
        """f(x)."""
        total = Scalar.ZERO
        for coefficient in reversed(self.coefficients):
            total = total * Scalar(x) + coefficient
        return total


def draw_polynomial(k: int, random: Callable[[int], bytes]) -> Polynomial:
    """A random polynomial with k coefficients, none of them zero: a zero has no commitment."""
    return Polynomial(tuple(draw_scalar(random) for _ in range(k)))


def committed_at(commitments: Sequence[Point], x: int) -> Point:
    """f(x)·G from the commitments C_j = a_j·G: the sum of x^j·C_j."""
    return multi_multiply([(_power(x, j), point) for j, point in enumerate(commitments)])


def verification_share(commitments: Sequence[Sequence[Point]], l: int) -> Point:
    """Y_l = x_l·G, recomputed from what every trustee committed to, never taken from a message (A25)."""
    return point_sum(committed_at(points, l) for points in commitments)


def lagrange_coefficients(numbers: Collection[int]) -> dict[int, Scalar]:
    """λ_l for each trustee number l of the set: the product over j ≠ l of j·(j-l)^-1 mod q.

    DataError for an empty set, a number below 1 or a repeated one (A23).
    """
    if not numbers or min(numbers) < 1 or len(set(numbers)) != len(numbers):
        message = f"trustees: expected distinct numbers from 1, got {sorted(numbers)}"
        raise DataError(message)
    return {l: _lagrange(numbers, l) for l in sorted(numbers)}


def _lagrange(numbers: Collection[int], l: int) -> Scalar:
    above = below = Scalar.ONE
    for j in numbers:
        if j != l:
            above = above * Scalar(j)
            below = below * (Scalar(j) - Scalar(l))
    return above * below.inverse()


def _power(x: int, exponent: int) -> Scalar:
    result = Scalar.ONE
    for _ in range(exponent):
        result = result * Scalar(x)
    return result
