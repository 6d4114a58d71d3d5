"""Proof that two points have one discrete logarithm, to the bases G and A (Chaum-Pedersen; docs/protocol.md §3.4, §10).

Used by a trustee's canary and shares. The caller's ``challenge`` hashes the whole statement besides a and b: keys,
bases, products and where they belong (A02, A26).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from keys.curve import Point, Scalar, base_multiply
from keys.errors import DataError
from keys.shares import draw_scalar

Challenge = Callable[[Point, Point], Scalar]
"""From the commitments a and b to c."""


class EqualityError(DataError):
    """A proof whose equations do not hold."""

    code: ClassVar[str] = "proof-invalid"


@dataclass(frozen=True, slots=True)
class EqualityProof:
    """Commitments a = w·G and b = w·A, response z = w + c·x."""

    a: Point
    b: Point
    z: Scalar


def make_equality_proof(
    secret: Scalar, base: Point, challenge: Challenge, random: Callable[[int], bytes]
) -> EqualityProof:
    """Prove that ``secret``·G and ``secret``·``base`` have one logarithm; draws again where c or z is zero."""
    while True:
        w = draw_scalar(random)
        a, b = base_multiply(w), base.multiply_secret(w)
        c = challenge(a, b)
        z = w + c * secret
        if c and z:
            return EqualityProof(a, b, z)


def verify_equality_proof(
    public: Point, base: Point, product: Point, proof: EqualityProof, challenge: Challenge
) -> None:
    """Check z·G = a + c·public and z·base = b + c·product; EqualityError otherwise, or where c or z is zero."""
    c = challenge(proof.a, proof.b)
    if not c or not proof.z:
        message = "proof: expected a challenge and a response other than zero"
        raise EqualityError(message)
    if base_multiply(proof.z) != proof.a + public * c:
        message = "proof: z·G differs from a + c·Y"
        raise EqualityError(message)
    if base * proof.z != proof.b + product * c:
        message = "proof: z·A differs from b + c·D"
        raise EqualityError(message)
