"""Issuer keys and BlindSign (docs/protocol.md §5)."""

from __future__ import annotations

import os
import pickle
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.blind_rsa import BlindSignatureError, ModulusError
from keys.errors import InternalError
from keys.issuer import IssuerKey, blind_sign, constant_time_power, generate_issuer_key


@cache
def small_key() -> IssuerKey:
    return generate_issuer_key(1024, rehearsal=True)


def test_a_generated_key_has_3072_bits_and_signs() -> None:
    key = generate_issuer_key()
    assert (key.n.bit_length(), key.size, len(key.modulus)) == (3072, 384, 384)
    z = os.urandom(383).rjust(384, b"\0")
    signature = blind_sign(key, z, os.urandom)
    assert pow(int.from_bytes(signature, "big"), 65537, key.n) == int.from_bytes(z, "big")
    assert IssuerKey.from_bytes(key.to_bytes()) == key


@pytest.mark.parametrize("value", [1, 2, "n-1", "p", "q"])
def test_every_value_from_1_to_n_minus_1_is_signed_right(value: int | str) -> None:
    key = small_key()
    z = {"n-1": key.n - 1, "p": key.p, "q": key.q}.get(str(value), value)
    assert isinstance(z, int)
    signature = blind_sign(key, z.to_bytes(key.size, "big"), os.urandom)
    assert signature == pow(z, key.d, key.n).to_bytes(key.size, "big")


def test_values_outside_the_range_are_refused() -> None:
    key = small_key()
    for z in (0, key.n, key.n + 1, (1 << 8 * key.size) - 1):
        with pytest.raises(BlindSignatureError, match=r"blinded message: expected 128 bytes in 1 … n-1"):
            blind_sign(key, z.to_bytes(key.size, "big"), os.urandom)
    for size in (0, 1, 127, 129, 384):
        with pytest.raises(BlindSignatureError, match=f"got {size} bytes"):
            blind_sign(key, b"\x01" * size, os.urandom)


def test_the_same_message_gives_the_same_signature_whatever_the_masking() -> None:
    key = small_key()
    z = os.urandom(127).rjust(128, b"\0")
    assert len({blind_sign(key, z, os.urandom) for _ in range(5)}) == 1


def test_the_private_power_never_sees_the_callers_number() -> None:
    """A35: base blinding. The same request twice gives two different bases."""
    key = small_key()
    z = (12345).to_bytes(key.size, "big")
    seen: list[int] = []

    def watching(base: int, exponent: int, modulus: int) -> int:
        seen.append(base)
        return constant_time_power(base, exponent, modulus)

    for _ in range(2):
        blind_sign(key, z, os.urandom, watching)
    assert len(set(seen)) == 4
    assert 12345 not in seen


@pytest.mark.parametrize("half", ["p", "q"])
def test_a_fault_in_either_half_releases_nothing(half: str) -> None:
    key = small_key()

    def faulty(base: int, exponent: int, modulus: int) -> int:
        right = constant_time_power(base, exponent, modulus)
        return right ^ 1 if modulus == getattr(key, half) else right

    with pytest.raises(InternalError, match="nothing is released"):
        blind_sign(key, (7).to_bytes(key.size, "big"), os.urandom, faulty)


def test_a_key_survives_storage_and_a_worker_process() -> None:
    key = small_key()
    assert IssuerKey.from_bytes(key.to_bytes(), rehearsal=True) == key
    assert pickle.loads(pickle.dumps(key)) == key


def test_the_secret_parts_are_not_shown() -> None:
    key = small_key()
    for secret in (key.p, key.q, key.d, key.dp, key.dq, key.qinv):
        assert str(secret) not in repr(key)


def test_a_stored_key_with_any_wrong_bit_is_refused() -> None:
    stored = bytearray(small_key().to_bytes())
    for position in (0, 40, 63, 64, 127):
        changed = bytearray(stored)
        changed[position] ^= 2
        with pytest.raises(ModulusError, match="issuer key"):
            IssuerKey.from_bytes(bytes(changed), rehearsal=True)


@given(st.binary(max_size=800))
def test_arbitrary_bytes_are_no_key(data: bytes) -> None:
    with pytest.raises(ModulusError, match="issuer key"):
        IssuerKey.from_bytes(data)


def test_equal_primes_or_a_prime_that_fits_no_exponent_are_refused() -> None:
    p = small_key().p
    with pytest.raises(ModulusError, match="two distinct odd primes"):
        IssuerKey.from_primes(p, p)
    divisible = 2 * 65537 * 4 * 3 + 1
    while pow(2, divisible - 1, divisible) != 1:
        divisible += 2 * 65537
    with pytest.raises(ModulusError, match=r"the public exponent divides|two distinct odd primes"):
        IssuerKey.from_primes(p, divisible)


def test_wrong_sizes_are_refused_when_a_key_is_made() -> None:
    for bits, rehearsal in ((2048, False), (3056, False), (4096, False), (1008, True), (1025, True), (4096, True)):
        with pytest.raises(ModulusError, match=r"issuer key: expected \d+ to 3072 bits"):
            generate_issuer_key(bits, rehearsal=rehearsal)
