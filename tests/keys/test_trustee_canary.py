"""Step 4, canary: one round trip, one change per member (docs/protocol.md §3.4)."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest

from keys.canonical import b64, unb64
from keys.curve import Point, Scalar, base_multiply
from keys.trustee import (
    CeremonyError,
    TrusteeProofError,
)
from keys.trustee.canary import make_canary, verify_canary
from tests.keys.trustees import LOG_ID, Stream, finished, length_prefixed

replace = msgspec.structs.replace
DONE = finished()
JOINT = DONE.joint
POINT = b64(base_multiply(Scalar(99)).to_bytes())


@pytest.mark.parametrize("l", [1, 2, 3])
def test_every_trustee_proves_that_its_file_works(l: int) -> None:
    share = DONE.files[l - 1].secret_share(JOINT)
    verify_canary(LOG_ID, JOINT, make_canary(LOG_ID, JOINT, 1, l, share, Stream("canary")))


def test_the_canary_point_and_challenge_are_those_of_the_protocol() -> None:
    data = make_canary(LOG_ID, JOINT, 3, 2, DONE.files[1].secret_share(JOINT), Stream("canary"))
    poll, l = (3).to_bytes(8, "big"), (2).to_bytes(8, "big")
    rho = Scalar.reduce(hashlib.sha256(length_prefixed(b"es1/canary", LOG_ID, JOINT.session, poll)).digest())
    public, base = JOINT.verification_shares[1], base_multiply(rho)
    d, a, b = (unb64(text, 33, "point") for text in (data.d, data.a, data.b))
    assert Point.from_bytes(d) == public * rho
    parts = (LOG_ID, JOINT.session, poll, l, public.to_bytes(), base.to_bytes(), d, a, b)
    c = Scalar.reduce(hashlib.sha256(length_prefixed(b"es1/canary-proof", *parts)).digest())
    z = Scalar.from_bytes(unb64(data.z, 32, "z"))
    assert base_multiply(z) == Point.from_bytes(a) + public * c
    assert base * z == Point.from_bytes(b) + Point.from_bytes(d) * c


@pytest.mark.parametrize(
    "change",
    [
        {"poll": 2},
        {"i": 2},
        {"d": POINT},
        {"a": POINT},
        {"b": POINT},
        {"z": b64(Scalar(5).to_bytes())},
        {"d": b64(bytes(33))},
        {"a": ""},
        {"z": b64(b"\xff" * 32)},
    ],
)
def test_a_changed_canary_is_refused(change: dict[str, Any]) -> None:
    good = make_canary(LOG_ID, JOINT, 1, 1, DONE.files[0].secret_share(JOINT), Stream("canary"))
    with pytest.raises(TrusteeProofError, match=r"trustee \d: canary: "):
        verify_canary(LOG_ID, JOINT, replace(good, **change))


def test_a_response_of_zero_is_refused_for_what_it_is() -> None:
    good = make_canary(LOG_ID, JOINT, 1, 1, DONE.files[0].secret_share(JOINT), Stream("canary"))
    with pytest.raises(TrusteeProofError, match="trustee 1: canary: proof: expected a challenge and a response other"):
        verify_canary(LOG_ID, JOINT, replace(good, z=b64(bytes(32))))


def test_a_product_that_is_not_rho_times_the_verification_share_is_refused_for_that() -> None:
    good = make_canary(LOG_ID, JOINT, 1, 1, DONE.files[0].secret_share(JOINT), Stream("canary"))
    with pytest.raises(TrusteeProofError, match=r"trustee 1: canary: D differs from ρ·Y: expected 0[23]"):
        verify_canary(LOG_ID, JOINT, replace(good, d=POINT))


def test_a_canary_of_another_log_or_trustee_is_refused() -> None:
    good = make_canary(LOG_ID, JOINT, 1, 1, DONE.files[0].secret_share(JOINT), Stream("canary"))
    with pytest.raises(TrusteeProofError, match="trustee 1: canary: "):
        verify_canary(bytes(32), JOINT, good)
    with pytest.raises(CeremonyError, match="trustee 4: expected a number from 1 to 3"):
        verify_canary(LOG_ID, JOINT, replace(good, i=4))


def test_a_share_that_is_not_the_trustees_makes_no_canary() -> None:
    with pytest.raises(TrusteeProofError, match="trustee 2: the stored share does not belong to this joint key"):
        make_canary(LOG_ID, JOINT, 1, 2, DONE.files[0].secret_share(JOINT), Stream("canary"))
