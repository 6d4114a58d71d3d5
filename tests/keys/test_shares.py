"""Secret sharing: polynomials, Lagrange, verification shares (docs/protocol.md §3, §10)."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.curve import ORDER, Point, Scalar, base_multiply, point_sum
from keys.errors import DataError
from keys.shares import (
    Polynomial,
    committed_at,
    draw_polynomial,
    draw_scalar,
    lagrange_coefficients,
    verification_share,
)
from tests.keys.trustees import Stream

scalars = st.integers(1, ORDER - 1).map(Scalar)


def combine(shares: dict[int, Scalar]) -> Scalar:
    coefficients = lagrange_coefficients(shares)
    total = Scalar.ZERO
    for l, share in shares.items():
        total = total + coefficients[l] * share
    return total


@pytest.mark.parametrize(("n", "k"), [(2, 2), (3, 2), (4, 3), (5, 3), (5, 5), (7, 4)])
def test_every_set_of_k_reconstructs_and_none_of_fewer(n: int, k: int) -> None:
    polynomial = draw_polynomial(k, Stream(f"{n}/{k}"))
    shares = {l: polynomial.at(l) for l in range(1, n + 1)}
    for size in range(1, n + 1):
        for numbers in combinations(shares, size):
            found = combine({l: shares[l] for l in numbers})
            assert (found == polynomial.coefficients[0]) == (size >= k), numbers


@given(st.lists(scalars, min_size=1, max_size=5), st.integers(1, 9))
def test_commitments_give_the_point_of_every_share(coefficients: list[Scalar], l: int) -> None:
    polynomial = Polynomial(tuple(coefficients))
    commitments = [base_multiply(a) for a in coefficients]
    assert committed_at(commitments, l) == base_multiply(polynomial.at(l))
    expected = sum(a.value * l**j for j, a in enumerate(coefficients)) % ORDER
    assert polynomial.at(l).value == expected


def test_a_verification_share_is_the_sum_over_the_trustees() -> None:
    polynomials = [draw_polynomial(3, Stream(str(i))) for i in range(5)]
    commitments = [[base_multiply(a) for a in p.coefficients] for p in polynomials]
    for l in range(1, 6):
        expected = point_sum(base_multiply(p.at(l)) for p in polynomials)
        assert verification_share(commitments, l) == expected


def test_a_share_that_is_zero_has_the_identity_as_its_point() -> None:
    polynomial = Polynomial((Scalar.ONE, -Scalar.ONE))  # 1 - x
    assert polynomial.at(1) == Scalar.ZERO
    assert committed_at([base_multiply(a) for a in polynomial.coefficients], 1) == Point.IDENTITY


@pytest.mark.parametrize("numbers", [[], [0], [0, 1], [-1, 2], [1, 1], [2, 3, 2]])
def test_numbers_that_are_no_set_of_trustees_are_refused(numbers: list[int]) -> None:
    with pytest.raises(DataError, match="trustees: expected distinct numbers from 1"):
        lagrange_coefficients(numbers)


def test_known_coefficients() -> None:
    assert {l: c.value for l, c in lagrange_coefficients([1, 2]).items()} == {1: 2, 2: ORDER - 1}
    assert {l: c.value for l, c in lagrange_coefficients([3]).items()} == {3: 1}


def test_zero_is_drawn_again() -> None:
    draws: list[Any] = [bytes(64), ORDER.to_bytes(64, "big"), (5).to_bytes(64, "big")]
    assert draw_scalar(lambda size: draws.pop(0) if size == 64 else b"") == Scalar(5)
