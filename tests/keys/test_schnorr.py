"""BIP-340 signatures: the published vectors, and one key for one purpose (A14, A19)."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from keys import curve, schnorr
from keys.curve import ORDER, Scalar
from keys.errors import DataError, InternalError, PointError, ScalarError, SignatureError
from keys.transcript import Tag, digest
from tests.attacks.corpus import BAD_KEYS, BAD_SCALARS, GOOD

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "bip340.json").read_text(encoding="utf-8"))["cases"]
SECRET = (7).to_bytes(32, "big")
PUBLIC = schnorr.public_key(SECRET)
MESSAGE = digest(Tag.CAST, b"body")
SIGNATURE = schnorr.sign(SECRET, MESSAGE, bytes(32))


def test_all_published_vectors_are_here() -> None:
    assert len(VECTORS) == 18
    assert {case["verify"] for case in VECTORS} == {True, False}


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: f"index {case['index']}")
def test_a14_verdict_on_each_published_vector(case: dict[str, Any]) -> None:
    public = bytes.fromhex(case["pk"])
    if "sig" not in case:
        assert case["note"] == "public key must not parse"
        with pytest.raises(PointError, match="x-coordinate"):
            schnorr.check_public_key(public)
        return
    message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
    if case["verify"]:
        schnorr.check_public_key(public)
        curve.schnorr_verify(public, message, signature)
    else:
        with pytest.raises((SignatureError, PointError), match=r"does not verify|x-coordinate"):
            curve.schnorr_verify(public, message, signature)


@pytest.mark.parametrize(
    "case", [case for case in VECTORS if case.get("sk") and len(case["msg"]) == 64], ids=lambda c: f"index {c['index']}"
)
def test_signing_gives_the_bytes_of_each_published_vector(case: dict[str, Any]) -> None:
    secret, message, auxiliary = (bytes.fromhex(case[name]) for name in ("sk", "msg", "aux_rand"))
    assert schnorr.public_key(secret).hex().upper() == case["pk"].upper()
    assert schnorr.sign(secret, message, auxiliary).hex().upper() == case["sig"].upper()


def test_a04_every_flipped_bit_of_key_message_or_signature_is_refused() -> None:
    schnorr.verify(PUBLIC, MESSAGE, SIGNATURE)
    for parts in ((0, PUBLIC), (1, MESSAGE), (2, SIGNATURE)):
        place, raw = parts
        for bit in range(8 * len(raw)):
            flipped = (int.from_bytes(raw, "big") ^ 1 << bit).to_bytes(len(raw), "big")
            given = [PUBLIC, MESSAGE, SIGNATURE]
            given[place] = flipped
            with pytest.raises((SignatureError, PointError)):
                schnorr.verify(*given)


def test_a13_no_second_encoding_of_a_signature() -> None:
    r, s = SIGNATURE[:32], int.from_bytes(SIGNATURE[32:], "big")
    others = [SIGNATURE + b"\x00", SIGNATURE[:-1], b"", r + (ORDER - s).to_bytes(32, "big"), SIGNATURE[32:] + r]
    if s + ORDER < 2**256:
        others.append(r + (s + ORDER).to_bytes(32, "big"))
    for other in others:
        with pytest.raises(SignatureError, match="does not verify"):
            schnorr.verify(PUBLIC, MESSAGE, other)


@pytest.mark.parametrize("name", BAD_KEYS)
def test_a05_bad_public_keys_are_refused(name: str) -> None:
    with pytest.raises(PointError, match="x-coordinate"):
        schnorr.verify(BAD_KEYS[name], MESSAGE, SIGNATURE)


@pytest.mark.parametrize("name", BAD_SCALARS)
def test_a07_bad_secret_keys_are_refused(name: str) -> None:
    with pytest.raises(ScalarError, match="scalar: expected"):
        schnorr.public_key(BAD_SCALARS[name])


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_only_messages_of_32_bytes_are_signed_or_verified(size: int) -> None:
    with pytest.raises(InternalError, match="32 bytes"):
        schnorr.sign(SECRET, bytes(size), bytes(32))
    with pytest.raises(InternalError, match="32 bytes"):
        schnorr.verify(PUBLIC, bytes(size), SIGNATURE)
    with pytest.raises(InternalError, match="32 bytes"):
        schnorr.sign(SECRET, MESSAGE, bytes(size))


def test_a19_bytes_signed_for_one_purpose_are_refused_for_every_other() -> None:
    parts = (b"L" * 32, b"C" * 32, b"T" * 32)
    signed = {tag: schnorr.sign(SECRET, digest(tag, *parts), bytes(32)) for tag in Tag}
    for tag in Tag:
        schnorr.verify(PUBLIC, digest(tag, *parts), signed[tag])
    for made_for, used_for in permutations(Tag, 2):
        with pytest.raises(SignatureError, match="does not verify"):
            schnorr.verify(PUBLIC, digest(used_for, *parts), signed[made_for])


def test_a_signature_is_random_in_its_auxiliary_input_and_never_a_bool() -> None:
    other = schnorr.sign(SECRET, MESSAGE, b"\x01" * 32)
    assert other != SIGNATURE
    schnorr.verify(PUBLIC, MESSAGE, other)
    assert issubclass(SignatureError, DataError)


@pytest.mark.parametrize("name", BAD_KEYS)
def test_a05_x_only_key_encoding_is_strict(name: str) -> None:
    curve.check_x_only(GOOD[1:])
    with pytest.raises(PointError, match="x-coordinate"):
        curve.check_x_only(BAD_KEYS[name])


def test_zero_is_no_secret_key() -> None:
    assert curve.x_only(Scalar(7)) == GOOD[1:]
    with pytest.raises(ScalarError, match="zero is no secret key"):
        curve.x_only(Scalar.ZERO)
    with pytest.raises(InternalError, match="expected a non-zero key"):
        curve.schnorr_sign(Scalar.ZERO, bytes(32), bytes(32))
