"""Step 1, commit: one round trip, one change per member (docs/protocol.md §3.1)."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest

from keys import canonical
from keys.canonical import b64, unb64
from keys.curve import Point, Scalar, base_multiply
from keys.errors import DataError
from keys.trustee import (
    CeremonyError,
    Commitment,
    TrusteeProofError,
)
from keys.trustee.commitment import (
    make_commitment,
    message_hash,
    verify_commitment,
    verify_committed,
    verify_hashed,
    verify_message,
)
from keys.trustee.messages import sign_step
from tests.keys.trustees import Stream, finished, length_prefixed

replace = msgspec.structs.replace
DONE = finished()
SESSION = DONE.ceremony.session
MESSAGE = DONE.ceremony.messages[0]
POINT = b64(base_multiply(Scalar(99)).to_bytes())


def commitment(i: int = 1, j: int = 1) -> Commitment:
    return make_commitment(SESSION, i, j, Scalar(4711), Stream("commitment"))


def test_a_commitment_proves_knowledge_of_its_coefficient() -> None:
    made = commitment()
    verify_commitment(SESSION, 1, 1, made)
    assert Point.from_bytes(unb64(made.point, 33, "point")) == base_multiply(Scalar(4711))


def test_the_challenge_is_that_of_the_protocol() -> None:
    made = commitment(2, 1)
    point, r, z = (unb64(text, None, "part") for text in (made.point, made.r, made.z))
    numbers = [number.to_bytes(8, "big") for number in (2, 1)]
    hashed = length_prefixed(b"es1/trustee-pok", SESSION.id, *numbers, SESSION.identity(2), point, r)
    c = Scalar.reduce(hashlib.sha256(hashed).digest())
    assert base_multiply(Scalar.from_bytes(z)) == Point.from_bytes(r) + Point.from_bytes(point) * c


@pytest.mark.parametrize("change", [{"point": POINT}, {"r": POINT}, {"z": b64(Scalar(5).to_bytes())}])
def test_a_changed_commitment_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(TrusteeProofError, match="trustee 1: commitment 1: the proof of knowledge does not hold"):
        verify_commitment(SESSION, 1, 1, replace(commitment(), **change))


@pytest.mark.parametrize(
    "change",
    [
        {"point": b64(bytes(33))},
        {"point": b64(b"\x04" + bytes(32))},
        {"point": b64(b"\x07" + unb64(POINT, 33, "point")[1:])},
        {"point": b64(b"\x02" + b"\xff" * 32)},
        {"point": ""},
        {"r": b64(unb64(POINT, 33, "point")[:-1])},
        {"r": POINT + "="},
        {"z": b64(b"\xff" * 32)},
        {"z": b64(bytes(31))},
    ],
)
def test_bad_encodings_and_zero_are_refused_naming_trustee_and_coefficient(change: dict[str, str]) -> None:
    with pytest.raises(TrusteeProofError, match="trustee 1: commitment 1: "):
        verify_commitment(SESSION, 1, 1, replace(commitment(), **change))


def test_a_response_of_zero_is_refused_for_what_it_is() -> None:
    with pytest.raises(TrusteeProofError, match="trustee 1: commitment 1: expected a challenge and a response other"):
        verify_commitment(SESSION, 1, 1, replace(commitment(), z=b64(bytes(32))))


def test_a_commitment_serves_one_place_only() -> None:
    for i, j, session in ((2, 1, SESSION), (1, 0, SESSION), (1, 1, finished(5, 3).ceremony.session)):
        with pytest.raises(TrusteeProofError, match=f"trustee {i}: commitment {j}"):
            verify_commitment(session, i, j, commitment())


def test_a_message_verifies_and_hashes_as_the_protocol_says() -> None:
    verify_message(SESSION, MESSAGE)
    expected = hashlib.sha256(length_prefixed(b"es1/trustee-message", canonical.encode(MESSAGE))).digest()
    assert message_hash(MESSAGE) == expected
    assert len(MESSAGE.commitments) == SESSION.k


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"session": b64(bytes(32))}, "trustee 1: wrong session"),
        ({"hpke": b64(bytes(32))}, "trustee 1: sealing key: .* is of low order"),
        ({"hpke": b64(bytes(31))}, "trustee 1: sealing key: expected 32 bytes"),
        ({"i": 2}, "trustee 2: commitment 0: the proof of knowledge"),
        ({"commitments": MESSAGE.commitments[:1]}, "expected exactly 2 commitments, got 1"),
        ({"commitments": (*MESSAGE.commitments, MESSAGE.commitments[0])}, "expected exactly 2 commitments, got 3"),
        ({"commitments": ()}, "expected exactly 2 commitments, got 0"),
        ({"commitments": MESSAGE.commitments[::-1]}, "trustee 1: commitment 0: the proof of knowledge"),
    ],
)
def test_a_changed_message_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        verify_message(SESSION, replace(MESSAGE, **change))


def test_hashed_and_committed_must_fit_together() -> None:
    ceremony = DONE.ceremony
    verify_hashed(SESSION, ceremony.hashed[1])
    verify_committed(SESSION, ceremony.committed[1], ceremony.hashed[1])
    with pytest.raises(CeremonyError, match="trustee 1: the message differs from the one hashed"):
        verify_committed(SESSION, ceremony.committed[1], ceremony.hashed[2])
    borrowed = sign_step(
        SESSION, replace(ceremony.hashed[2], hash=ceremony.hashed[1].hash), DONE.signer(2), Stream("x")
    )
    with pytest.raises(CeremonyError, match=r"trustee 1: the message differs from the one hashed: .* of trustee 2"):
        verify_committed(SESSION, ceremony.committed[1], borrowed)
    other = sign_step(SESSION, replace(ceremony.hashed[1], hash=b64(bytes(32))), DONE.signer(1), Stream("x"))
    verify_hashed(SESSION, other)
    with pytest.raises(CeremonyError, match="trustee 1: the message differs from the one hashed"):
        verify_committed(SESSION, ceremony.committed[1], other)


def test_a_hash_must_have_32_bytes() -> None:
    bad = sign_step(SESSION, replace(DONE.ceremony.hashed[1], hash=b64(bytes(31))), DONE.signer(1), Stream("x"))
    with pytest.raises(DataError, match="trustee 1: hash: expected 32 bytes, got 31"):
        verify_hashed(SESSION, bad)
