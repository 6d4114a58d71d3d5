"""RFC 9474 against its own vectors, and everything that must not verify (docs/protocol.md §5)."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import blind_rsa
from keys.blind_rsa import (
    BlindSignatureError,
    ModulusError,
    blind,
    blind_encoded,
    check_modulus,
    draw_invertible,
    finalize,
    prepare,
    pss_encode,
    verify_moduli_coprime,
    verify_signature,
)
from keys.errors import DataError
from keys.issuer import IssuerKey, blind_sign, generate_issuer_key

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/rfc9474.json").read_text())["vectors"]


def raw(vector: dict[str, Any], name: str) -> bytes:
    text = vector[name].removeprefix("0x")
    return bytes.fromhex(text)


def vector_key(vector: dict[str, Any]) -> IssuerKey:
    return IssuerKey.from_primes(int(vector["p"], 16), int(vector["q"], 16))


def scripted(*draws: bytes) -> Any:
    """A generator that gives exactly these draws, and checks the lengths asked for."""
    rest = list(draws)

    def draw(size: int) -> bytes:
        found = rest.pop(0)
        assert len(found) == size
        return found

    return draw


@cache
def small_key() -> IssuerKey:
    return generate_issuer_key(1024, rehearsal=True)


@cache
def signed() -> tuple[bytes, bytes, bytes]:
    """Modulus, prepared message, signature of a rehearsal key."""
    key = small_key()
    prepared = prepare(os.urandom(32), os.urandom(32))
    blinded, inverse = blind(key.modulus, prepared, os.urandom)
    return key.modulus, prepared, finalize(key.modulus, prepared, blind_sign(key, blinded, os.urandom), inverse)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["name"]))
def test_every_vector_of_the_rfc_encodes_blinds_signs_and_unblinds(vector: dict[str, Any]) -> None:
    key = vector_key(vector)
    assert key.modulus == raw(vector, "n")
    assert key.d == int(vector["d"], 16)
    prefix = raw(vector, "msg_prefix")
    prepared = prepare(raw(vector, "msg"), prefix) if prefix else raw(vector, "msg")
    assert prepared == raw(vector, "input_msg")
    encoded = pss_encode(prepared, raw(vector, "salt"), 8 * key.size - 1)
    if "encoded_msg" in vector:  # the RFC leaves it out of one vector
        assert encoded == raw(vector, "encoded_msg")
    r = pow(int(vector["inv"], 16), -1, key.n)
    blinded, inverse = blind_encoded(key.modulus, encoded, r)
    assert blinded == raw(vector, "blinded_msg")
    assert inverse == raw(vector, "inv").rjust(key.size, b"\0")[-key.size :]
    blind_signature = blind_sign(key, blinded, os.urandom)
    assert blind_signature == raw(vector, "blind_sig")
    unblinded = int.from_bytes(blind_signature, "big") * int.from_bytes(inverse, "big") % key.n
    assert unblinded.to_bytes(key.size, "big") == raw(vector, "sig")


def test_the_randomized_pss_vector_runs_through_the_public_functions() -> None:
    vector = VECTORS[0]
    assert vector["name"] == "RSABSSA-SHA384-PSS-Randomized"
    key = vector_key(vector)
    prepared = prepare(raw(vector, "msg"), raw(vector, "msg_prefix"))
    r = pow(int(vector["inv"], 16), -1, key.n).to_bytes(key.size, "big")
    blinded, inverse = blind(key.modulus, prepared, scripted(raw(vector, "salt"), r))
    assert blinded == raw(vector, "blinded_msg")
    assert finalize(key.modulus, prepared, raw(vector, "blind_sig"), inverse) == raw(vector, "sig")
    verify_signature(key.modulus, prepared, raw(vector, "sig"))


def test_a_draw_outside_the_units_is_drawn_again() -> None:
    key = small_key()
    too_big, zero, shared = key.n, 0, key.p
    draws = [value.to_bytes(key.size, "big") for value in (too_big, zero, shared, 5)]
    assert draw_invertible(key.modulus, scripted(*draws)) == 5


def test_two_blindings_of_one_message_share_nothing() -> None:
    key = small_key()
    prepared = prepare(bytes(32), bytes(32))
    first, second = (blind(key.modulus, prepared, os.urandom) for _ in range(2))
    assert first[0] != second[0]
    assert first[1] != second[1]


def test_a_message_that_shares_a_factor_with_the_key_is_refused() -> None:
    key = small_key()
    with pytest.raises(ModulusError, match="shares a factor"):
        blind_encoded(key.modulus, key.p.to_bytes(key.size, "big"), 5)


@pytest.mark.parametrize("bit", [0, 7, 512, 1023])
def test_every_changed_bit_of_a_blind_signature_is_refused(bit: int) -> None:
    key = small_key()
    prepared = prepare(bytes(32), os.urandom(32))
    blinded, inverse = blind(key.modulus, prepared, os.urandom)
    good = int.from_bytes(blind_sign(key, blinded, os.urandom), "big")
    bad = ((good ^ 1 << bit) % key.n).to_bytes(key.size, "big")
    with pytest.raises(BlindSignatureError, match="does not verify"):
        finalize(key.modulus, prepared, bad, inverse)


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("one byte short", lambda part: part[1:]),
        ("one byte long", lambda part: b"\0" + part),
        ("not below the modulus", lambda part: b"\xff" * len(part)),
        ("empty", lambda _: b""),
    ],
)
def test_finalize_refuses_parts_of_wrong_length_or_size(what: str, change: Any) -> None:
    key = small_key()
    good = (1).to_bytes(key.size, "big")
    with pytest.raises(BlindSignatureError, match="blind signature: expected 128 bytes below the modulus"):
        finalize(key.modulus, b"m", change(good), good)
    with pytest.raises(BlindSignatureError, match="inverse: expected 128 bytes below the modulus"):
        finalize(key.modulus, b"m", good, change(good))


def test_a_signature_plus_the_modulus_is_refused() -> None:
    """A13: s + n is the same number modulo n, and must not be a second signature."""
    modulus, prepared, signature = signed()
    verify_signature(modulus, prepared, signature)
    n, s = int.from_bytes(modulus, "big"), int.from_bytes(signature, "big")
    while s + n >= 1 << 1024:  # draw until s + n fits the length
        prepared = prepare(os.urandom(32), os.urandom(32))
        blinded, inverse = blind(modulus, prepared, os.urandom)
        s = int.from_bytes(finalize(modulus, prepared, blind_sign(small_key(), blinded, os.urandom), inverse), "big")
    with pytest.raises(BlindSignatureError, match="below the modulus"):
        verify_signature(modulus, prepared, (s + n).to_bytes(128, "big"))


@given(position=st.integers(0, 64 + 128 - 1), bit=st.integers(0, 7))
def test_any_flipped_bit_of_message_or_signature_is_refused(position: int, bit: int) -> None:
    modulus, prepared, signature = signed()
    both = bytearray(prepared + signature)
    both[position] ^= 1 << bit
    with pytest.raises(BlindSignatureError, match="token signature"):
        verify_signature(modulus, bytes(both[:64]), bytes(both[64:]))


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_no_signature(data: bytes) -> None:
    modulus, prepared, _ = signed()
    with pytest.raises(BlindSignatureError, match="token signature"):
        verify_signature(modulus, prepared, data)


@given(st.binary(max_size=400), st.sampled_from([None, 128, 256, 384]))
def test_check_modulus_says_yes_only_to_odd_full_length_moduli(data: bytes, size: int | None) -> None:
    good = len(data) == (size or 384) and data[0] >= 0x80 and data[-1] % 2 == 1
    if good:
        check_modulus(data, size)
    else:
        with pytest.raises(ModulusError, match="issuer key: expected"):
            check_modulus(data, size)


def test_check_modulus_accepts_what_the_protocol_allows() -> None:
    check_modulus(b"\x80" + bytes(382) + b"\x01", None)
    check_modulus(b"\xff" * 128, 128)
    for size in (127, 385, 0, -1):
        with pytest.raises(ModulusError, match="expected 128 to 384 bytes"):
            check_modulus(b"\xff" * max(size, 0), size)


def test_nothing_is_verified_under_a_modulus_that_is_none() -> None:
    for modulus in (b"\x80" + bytes(126) + b"\x02", b"\x7f" + b"\xff" * 127, b"\xff" * 127):
        with pytest.raises(ModulusError, match="issuer key: expected"):
            verify_signature(modulus, b"", bytes(len(modulus)))


def test_prepare_takes_a_prefix_of_exactly_32_bytes() -> None:
    assert prepare(b"message", bytes(32)) == bytes(32) + b"message"
    for size in (0, 31, 33):
        with pytest.raises(DataError, match=f"prefix of 32 bytes, got {size}"):
            prepare(b"message", bytes(size))


def test_a_modulus_too_short_for_the_padding_is_refused() -> None:
    assert len(pss_encode(b"m", bytes(48), 98 * 8 - 1)) == 98
    with pytest.raises(ModulusError, match="too short for PSS"):
        pss_encode(b"m", bytes(48), 97 * 8 - 1)


def test_common_factors_between_moduli_are_named() -> None:
    p, q, r, s = 65_537, 65_539, 65_543, 65_551
    moduli = [(a * b).to_bytes(8, "big") for a, b in ((p, q), (r, s), (q, s))]
    verify_moduli_coprime(moduli[:2])
    verify_moduli_coprime([])
    with pytest.raises(ModulusError, match="issuer keys 0 and 2: expected coprime moduli"):
        verify_moduli_coprime(moduli)
    with pytest.raises(ModulusError, match="issuer keys 0 and 1"):
        verify_moduli_coprime([moduli[1], moduli[1]])


def test_the_verifier_needs_no_gmpy2() -> None:
    assert not hasattr(blind_rsa, "gmpy2")
    assert "gmpy2" not in Path(blind_rsa.__file__).read_text()
