"""Sealing by HPKE (docs/protocol.md §3.2, RFC 9180)."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import hpke
from keys.hpke import SealError, check_public_key, open_sealed, public_key, seal
from tests.keys.hpke_by_hand import KEY_SIZES, open_first, schedule, seal_first

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/rfc9180.json").read_text())
SECRET = bytes(range(32))
INFO = b"i" * 32

P = 2**255 - 19
LOW_ORDER = [  # every point of order 1, 2, 4, 8 on the curve and its twist, and their encodings not reduced modulo p
    0,
    1,
    P - 1,
    P,
    P + 1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
]


def test_the_oracle_opens_the_vector_of_the_rfc() -> None:
    v = VECTORS["aes-128-gcm"]
    secret, enc, info = (bytes.fromhex(v[name]) for name in ("skRm", "enc", "info"))
    key, nonce = schedule(secret, enc, info, 1)
    assert (key.hex(), nonce.hex()) == (v["key"], v["base_nonce"])
    assert open_first(secret, enc, info, bytes.fromhex(v["aad"]), bytes.fromhex(v["ct"]), 1).hex() == v["pt"]


def test_the_oracle_reproduces_the_accumulated_vector_for_aes_256_gcm() -> None:
    """1,000 messages whose lengths and bytes come from SHAKE128, the ciphertexts hashed by SHAKE128."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    v = VECTORS["aes-256-gcm"]
    assert public_key(bytes.fromhex(v["skRm"])).hex() == v["pkRm"]
    key, base = schedule(bytes.fromhex(v["skRm"]), bytes.fromhex(v["enc"]), bytes.fromhex(v["info"]), 2)
    source = hashlib.shake_128(b"").digest(600_000)
    sink = hashlib.shake_128()
    position = 0

    def draw() -> bytes:
        nonlocal position
        size = source[position]
        position += 1 + size
        return source[position - size : position]

    for number in range(1000):
        aad, plaintext = draw(), draw()
        nonce = (int.from_bytes(base, "big") ^ number).to_bytes(12, "big")
        sink.update(AESGCM(key).encrypt(nonce, plaintext, aad))
    assert sink.hexdigest(16) == v["encryptions"]


@given(plaintext=st.binary(max_size=100), info=st.binary(max_size=64))
def test_what_the_library_seals_the_oracle_opens(plaintext: bytes, info: bytes) -> None:
    sealed = seal(public_key(SECRET), info, plaintext)
    assert len(sealed) == len(plaintext) + 48
    assert open_first(SECRET, sealed[:32], info, b"", sealed[32:], 2) == plaintext
    assert open_sealed(SECRET, info, sealed) == plaintext


@given(ephemeral=st.binary(min_size=32, max_size=32), plaintext=st.binary(max_size=100))
def test_what_the_oracle_seals_the_library_opens(ephemeral: bytes, plaintext: bytes) -> None:
    sealed = seal_first(ephemeral, public_key(SECRET), INFO, plaintext, 2)
    assert open_sealed(SECRET, INFO, sealed) == plaintext


def test_another_suite_does_not_open() -> None:
    assert KEY_SIZES[1] == 16
    with pytest.raises(SealError, match="does not open"):
        open_sealed(SECRET, INFO, seal_first(bytes(range(1, 33)), public_key(SECRET), INFO, b"x", 1))


def test_a_share_is_80_bytes_and_never_the_same() -> None:
    first, second = (seal(public_key(SECRET), INFO, bytes(32)) for _ in range(2))
    assert len(first) == 80
    assert first != second


@given(position=st.integers(0, 79), bit=st.integers(0, 7))
def test_any_flipped_bit_is_refused(position: int, bit: int) -> None:
    sealed = bytearray(seal(public_key(SECRET), INFO, bytes(32)))
    sealed[position] ^= 1 << bit
    with pytest.raises(SealError, match="does not open"):
        open_sealed(SECRET, INFO, bytes(sealed))


def test_another_key_or_purpose_does_not_open() -> None:
    sealed = seal(public_key(SECRET), INFO, bytes(32))
    with pytest.raises(SealError, match="does not open"):
        open_sealed(bytes(range(1, 33)), INFO, sealed)
    with pytest.raises(SealError, match="does not open"):
        open_sealed(SECRET, b"j" * 32, sealed)


@given(st.binary(max_size=120))
def test_arbitrary_bytes_do_not_open(data: bytes) -> None:
    with pytest.raises(SealError, match="sealed: "):
        open_sealed(SECRET, INFO, data)


@pytest.mark.parametrize("u", LOW_ORDER)
@pytest.mark.parametrize("top_bit", [0, 1 << 255])
def test_keys_of_low_order_are_refused(u: int, top_bit: int) -> None:
    key = (u | top_bit).to_bytes(32, "little")
    with pytest.raises(SealError, match="of low order"):
        check_public_key(key)
    with pytest.raises(SealError, match="of low order"):
        seal(key, INFO, bytes(32))
    with pytest.raises(SealError, match="does not open"):
        open_sealed(SECRET, INFO, key + bytes(48))


def test_keys_of_wrong_length_are_refused() -> None:
    check_public_key(public_key(os.urandom(32)))
    for size in (0, 31, 33):
        with pytest.raises(SealError, match=f"expected 32 bytes, got {size}"):
            check_public_key(bytes([9] * size))
        with pytest.raises(SealError, match=f"secret of {hpke.KEY_SIZE} bytes, got {size}"):
            public_key(bytes([9] * size))
