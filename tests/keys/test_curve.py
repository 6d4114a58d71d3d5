"""The group against an oracle of its own (tests/keys/affine.py), at every border that keys/curve.py knows."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.curve import (
    _WIDTHS,
    GENERATOR,
    ORDER,
    Point,
    Scalar,
    _bucket_sum,
    base_multiply,
    multi_multiply,
    point_sum,
    weighted_sum,
)
from keys.errors import InternalError, PointError, ScalarError
from tests.attacks.corpus import BAD_POINTS, BAD_SCALARS, GOOD
from tests.keys import affine
from tests.strategies import points, scalars

BORDER_SCALARS = [
    1,
    2,
    3,
    15,
    16,
    17,
    255,
    256,
    2**127,
    2**128 - 1,
    2**128,
    2**128 + 1,
    ORDER // 2,
    ORDER - 2,
    ORDER - 1,
]


def oracle(number: int) -> affine.Affine:
    return affine.multiply(affine.G, number % ORDER)


# ---- scalars ----


@pytest.mark.parametrize("value", [-1, ORDER, ORDER + 1, 2**256])
def test_scalar_outside_its_range_is_refused(value: int) -> None:
    with pytest.raises(ScalarError, match="expected 0 <= value < q"):
        Scalar(value)


@pytest.mark.parametrize("name", BAD_SCALARS)
def test_a07_scalar_encoding_is_strict(name: str) -> None:
    assert Scalar.from_bytes((5).to_bytes(32, "big")).value == 5
    with pytest.raises(ScalarError, match="scalar: expected"):
        Scalar.from_bytes(BAD_SCALARS[name])


@given(scalars(), scalars())
def test_scalars_compute_modulo_q(a: Scalar, b: Scalar) -> None:
    assert (a + b).value == (a.value + b.value) % ORDER
    assert (a - b).value == (a.value - b.value) % ORDER
    assert (a * b).value == a.value * b.value % ORDER
    assert a + -a == Scalar.ZERO
    assert Scalar.from_bytes(a.to_bytes()) == a
    assert bool(a) is (a.value != 0)
    if a:
        assert a * a.inverse() == Scalar.ONE


def test_zero_has_no_inverse_and_values_stay_secret_in_messages() -> None:
    with pytest.raises(InternalError, match="zero has no inverse"):
        Scalar.ZERO.inverse()
    assert "77" not in repr(Scalar(77))
    assert Scalar.reduce(b"\xff" * 64).value == (2**512 - 1) % ORDER


# ---- points ----


def test_generator_is_that_of_sec_2() -> None:
    assert GENERATOR.to_bytes() == affine.compressed(affine.G)
    assert base_multiply(Scalar.ZERO).is_identity
    assert (base_multiply(Scalar(ORDER - 1)) + GENERATOR).is_identity


@pytest.mark.parametrize("number", [1, 2, 3, 7, 2**128, ORDER - 1, ORDER // 3])
def test_base_multiply_agrees_with_the_oracle(number: int) -> None:
    assert base_multiply(Scalar(number)).to_bytes() == affine.compressed(oracle(number))


@pytest.mark.parametrize("name", BAD_POINTS)
def test_a05_point_encoding_is_strict(name: str) -> None:
    assert Point.from_bytes(GOOD).to_bytes() == GOOD
    bad = BAD_POINTS[name]
    fault = "is not on the curve" if len(bad) == 33 and bad[0] in (2, 3) else "expected 33 bytes with prefix 02 or 03"
    with pytest.raises(PointError, match=fault):
        Point.from_bytes(bad)


@given(st.integers(0, 2**256 - 1), st.sampled_from([2, 3]))
def test_a05_a_point_is_decoded_exactly_where_the_oracle_finds_one(x: int, prefix: int) -> None:
    encoded = bytes([prefix]) + x.to_bytes(32, "big")
    if affine.lift(x) is None:
        with pytest.raises(PointError, match="not on the curve"):
            Point.from_bytes(encoded)
    else:
        assert Point.from_bytes(encoded).to_bytes() == encoded


@given(st.binary(max_size=80))
def test_a05_decoders_raise_nothing_but_their_own_error(raw: bytes) -> None:
    for decoder, error in ((Point.from_bytes, PointError), (Scalar.from_bytes, ScalarError)):
        try:
            assert decoder(raw).to_bytes() == raw
        except error:
            continue


def test_a08_identity_is_an_ordinary_zero_without_an_encoding() -> None:
    zero, p = Point.IDENTITY, base_multiply(Scalar(5))
    assert zero.is_identity
    assert not p.is_identity
    assert zero + p == p == p + zero == p - zero
    assert zero - p == -p
    assert (p - p) == zero == p + -p == -zero == zero + zero
    assert (
        p * Scalar.ZERO == zero * Scalar(9) == p.multiply_secret(Scalar.ZERO) == zero.multiply_secret(Scalar(9)) == zero
    )
    assert repr(zero) == "Point(identity)"
    with pytest.raises(InternalError, match="identity has no encoding"):
        zero.to_bytes()


@pytest.mark.parametrize("first", [1, 2, ORDER - 1, 12345])
@pytest.mark.parametrize("second", [1, 2, ORDER - 2, 67890])
def test_sums_differences_and_negatives_agree_with_the_oracle(first: int, second: int) -> None:
    a, b = base_multiply(Scalar(first)), base_multiply(Scalar(second))
    for computed, expected in ((a + b, first + second), (a - b, first - second), (-a, -first)):
        found = oracle(expected)
        assert computed.is_identity if found is None else computed.to_bytes() == affine.compressed(found)


@pytest.mark.parametrize("number", BORDER_SCALARS)
def test_both_multiplications_agree_with_the_oracle(number: int) -> None:
    p = base_multiply(Scalar(0xC0FFEE))
    expected = affine.compressed(oracle(0xC0FFEE * number))
    assert (p * Scalar(number)).to_bytes() == expected
    assert p.multiply_secret(Scalar(number)).to_bytes() == expected


@given(points(), scalars(), scalars())
def test_secret_multiplication_equals_the_public_one_and_is_linear(p: Point, a: Scalar, b: Scalar) -> None:
    assert p.multiply_secret(a) == p * a
    assert p * (a + b) == p * a + p * b
    assert (p * a) * b == p * (a * b)


@given(scalars(), scalars())
def test_equal_points_are_equal_however_they_were_made(a: Scalar, b: Scalar) -> None:
    made = [
        base_multiply(a + b),
        base_multiply(a) + base_multiply(b),
        base_multiply(b) - base_multiply(-a),
        GENERATOR * (a + b),
        GENERATOR.multiply_secret(a + b),
        multi_multiply([(a, GENERATOR), (b, GENERATOR)]),
    ]
    if not made[0].is_identity:
        made.append(Point.from_bytes(made[0].to_bytes()))
    assert len(set(made)) == 1
    assert all(pickle.loads(pickle.dumps(point)) == made[0] for point in made)


def test_points_cannot_be_changed() -> None:
    point = base_multiply(Scalar(3))
    with pytest.raises(FrozenInstanceError):
        point._raw = b""  # type: ignore[misc]  # what the test shows


# ---- sums of many points ----


def test_a06_empty_sums_are_the_identity_and_never_reach_the_library() -> None:
    assert point_sum([]).is_identity
    assert point_sum([Point.IDENTITY] * 3).is_identity
    assert multi_multiply([]).is_identity
    assert weighted_sum([]).is_identity
    assert weighted_sum([(0, GENERATOR), (5, Point.IDENTITY)]).is_identity


@pytest.mark.parametrize("size", [1, 2, 3, 10, 300])
def test_point_sum_agrees_with_adding_scalars(size: int) -> None:
    numbers = [number * number + 1 for number in range(size)]
    assert point_sum(base_multiply(Scalar(n)) for n in numbers) == base_multiply(Scalar(sum(numbers)))
    doubled = [base_multiply(Scalar(n)) for n in numbers for _ in range(2)]
    assert point_sum(doubled) == base_multiply(Scalar(2 * sum(numbers)))
    assert point_sum([*doubled, *(-point for point in doubled)]).is_identity


Shape = Callable[[int, Random], list[tuple[int, int]]]
"""A sum of a given size as (scalar, logarithm of the point): so that the result is known from integers alone."""


def _cancelling(size: int, random: Random) -> list[tuple[int, int]]:
    half = [(random.randrange(1, ORDER), random.randrange(1, ORDER)) for _ in range(size // 2)]
    terms = half + [(scalar, ORDER - logarithm) for scalar, logarithm in half]
    return terms if size % 2 == 0 else [*terms, (1, 1)]


def _same_bucket_cancels(size: int, _random: Random) -> list[tuple[int, int]]:
    return [(0xA5A5A5, 9 if number % 2 else ORDER - 9) for number in range(size)]


def _buckets_cancel(size: int, _random: Random) -> list[tuple[int, int]]:
    """Digits 1 and 3 (0x11 and 0x33): two buckets that are not zero, and are so together in the bits that both have."""
    ones, threes = int("1" * 64, 16), int("3" * 64, 16) % ORDER
    return [(threes, ORDER - 9) if number % 2 else (ones, 9) for number in range(size)]


def _cancels_on_the_way(size: int, _random: Random) -> list[tuple[int, int]]:
    """2^101·P − 2^100·2P: the running total is zero after bit 100, and something again further down."""
    third = size // 3
    return [(2**101, 1)] * third + [(2**100, ORDER - 2)] * third + [(5, 7)] * (size - 2 * third)


SHAPES: dict[str, Shape] = {
    "random scalars": lambda size, random: [(random.randrange(ORDER), random.randrange(1, ORDER)) for _ in range(size)],
    "weights of 128 bits and whole scalars, mixed": lambda size, random: [
        (random.getrandbits(128) if number % 3 else random.randrange(ORDER), 1 + number) for number in range(size)
    ],
    "weights of 128 bits alone": lambda size, random: [(random.getrandbits(128), 1 + n) for n in range(size)],
    "scalars at the borders": lambda size, random: [
        (random.choice(BORDER_SCALARS), random.randrange(1, ORDER)) for _ in range(size)
    ],
    "one point again and again": lambda size, random: [(random.randrange(1, ORDER), 77) for _ in range(size)],
    "one term again and again": lambda size, _random: [(2**128 - 1, 77)] * size,
    "the whole sum cancels": _cancelling,
    "points cancel inside a bucket": _same_bucket_cancels,
    "buckets cancel inside a bit": _buckets_cancel,
    "the running total cancels on the way": _cancels_on_the_way,
    "zeros and identities among the terms": lambda size, random: [
        *((random.randrange(1, ORDER), random.randrange(1, ORDER)) for _ in range(size)),
        *((0, number) for number in range(1, 50)),
        *((number, 0) for number in range(1, 50)),
    ],
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize(
    "size", [1, 2, 5, *(border + step for border, _ in _WIDTHS if border < 5000 for step in (-1, 0))]
)
def test_weighted_sum_agrees_with_integers_around_each_threshold(name: str, size: int) -> None:
    terms = SHAPES[name](size, Random(size))
    known = {logarithm: base_multiply(Scalar(logarithm)) for _, logarithm in terms}
    expected = base_multiply(Scalar(sum(scalar * logarithm for scalar, logarithm in terms) % ORDER))
    assert weighted_sum([(scalar, known[logarithm]) for scalar, logarithm in terms]) == expected
    pairs = [(scalar, known[logarithm]._raw) for scalar, logarithm in terms if scalar and logarithm]
    for width in {width for _, width in _WIDTHS} if pairs else ():
        assert _bucket_sum(list(pairs), width) == expected
    if size < 10:
        assert multi_multiply([(Scalar(scalar), known[logarithm]) for scalar, logarithm in terms]) == expected


@given(st.lists(st.tuples(scalars(), scalars()), max_size=30))
def test_buckets_agree_with_one_by_one_on_any_terms(terms: list[tuple[Scalar, Scalar]]) -> None:
    pairs = [(scalar, base_multiply(logarithm)) for scalar, logarithm in terms]
    expected = base_multiply(Scalar(sum(s.value * l.value for s, l in terms) % ORDER))
    assert multi_multiply(pairs) == expected
    raw = [(scalar.value, point._raw) for scalar, point in pairs if scalar and not point.is_identity]
    for _, width in _WIDTHS:
        assert _bucket_sum(list(raw), width) == expected


@pytest.mark.parametrize("border", [border for border, _ in _WIDTHS])
def test_the_widest_digits_agree_as_well(border: int) -> None:
    point = base_multiply(Scalar(3))
    for size in (border - 1, border):
        terms = [(2**255 // (number + 1) >> number % 2 * 130, point) for number in range(size)]
        expected = base_multiply(Scalar(3 * sum(scalar for scalar, _ in terms) % ORDER))
        assert weighted_sum(terms) == expected
