"""The proof that two points have one logarithm (keys/equality.py)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keys.curve import Point, Scalar, base_multiply
from keys.equality import EqualityError, EqualityProof, make_equality_proof, verify_equality_proof
from keys.transcript import Tag, challenge
from tests.keys.trustees import Stream

SECRET = Scalar(1234567)
PUBLIC = base_multiply(SECRET)
BASE = base_multiply(Scalar(7654321))
PRODUCT = BASE * SECRET


def hashed(a: Point, b: Point) -> Scalar:
    parts = (PUBLIC, BASE, PRODUCT, a, b)
    return challenge(Tag.CANARY_PROOF, *(point.to_bytes() for point in parts))


def proof() -> EqualityProof:
    return make_equality_proof(SECRET, BASE, hashed, Stream("equality"))


def test_a_proof_verifies() -> None:
    verify_equality_proof(PUBLIC, BASE, PRODUCT, proof(), hashed)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"a": BASE}, "z·G differs"),
        ({"b": BASE}, "differs"),
        ({"z": Scalar(5)}, "z·G differs"),
        ({"z": Scalar.ZERO}, "other than zero"),
        ({"a": Point.IDENTITY}, "z·G differs"),
    ],
)
def test_every_changed_part_is_refused(change: dict[str, object], reason: str) -> None:
    fixed = hashed(proof().a, proof().b)  # the challenge held still, so that each equation shows itself
    with pytest.raises(EqualityError, match=reason):
        verify_equality_proof(PUBLIC, BASE, PRODUCT, replace(proof(), **change), lambda *_: fixed)  # type: ignore[arg-type]  # a table of mixed types


def test_another_statement_is_refused() -> None:
    good = proof()
    with pytest.raises(EqualityError, match="z·G differs"):
        verify_equality_proof(BASE, BASE, PRODUCT, good, hashed)
    with pytest.raises(EqualityError, match="z·A differs"):
        verify_equality_proof(PUBLIC, PUBLIC, PRODUCT, good, hashed)
    with pytest.raises(EqualityError, match="z·A differs"):
        verify_equality_proof(PUBLIC, BASE, PRODUCT + PUBLIC, good, hashed)


def test_a_challenge_of_zero_is_refused_and_never_made() -> None:
    with pytest.raises(EqualityError, match="other than zero"):
        verify_equality_proof(PUBLIC, BASE, PRODUCT, proof(), lambda *_: Scalar.ZERO)
    answers = [Scalar.ZERO, Scalar(3)]
    made = make_equality_proof(SECRET, BASE, lambda *_: answers.pop(0), Stream("again"))
    assert not answers
    verify_equality_proof(PUBLIC, BASE, PRODUCT, made, lambda *_: Scalar(3))


def test_a_response_of_zero_is_never_made() -> None:
    w = Stream("response")
    first = Scalar.reduce(w(64))
    c = -first * SECRET.inverse()  # makes w + c·x = 0 for the first nonce
    made = make_equality_proof(SECRET, BASE, lambda *_: c, Stream("response"))
    assert made.z
    assert made.a != base_multiply(first)
