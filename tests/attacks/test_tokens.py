"""Attacks on the blind tokens, as far as keys/ decides: A31, A33, A34, A36, A37, A38 (and A35's range checks)."""

from __future__ import annotations

import os
from functools import cache
from itertools import permutations

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, HashAlgorithm

from keys.blind_rsa import (
    BlindSignatureError,
    ModulusError,
    blind,
    check_modulus,
    finalize,
    prepare,
    pss_encode,
    verify_moduli_coprime,
    verify_signature,
)
from keys.errors import InternalError
from keys.issuer import IssuerKey, blind_sign, constant_time_power, generate_issuer_key

MESSAGE = b"m" * 32


@cache
def issuer(number: int) -> IssuerKey:
    """Rehearsal keys of 1024 bits: what is attacked here does not depend on the length."""
    assert number >= 0
    return generate_issuer_key(1024, rehearsal=True)


@cache
def private(number: int) -> rsa.RSAPrivateKey:
    """The same key for the library's own signing."""
    key = issuer(number)
    public = rsa.RSAPublicNumbers(65537, key.n)
    return rsa.RSAPrivateNumbers(key.p, key.q, key.d, key.dp, key.dq, key.qinv, public).private_key()


def token(number: int = 0) -> tuple[bytes, bytes]:
    """(prepared, signature) of an honest issue."""
    key = issuer(number)
    prepared = prepare(MESSAGE, os.urandom(32))
    blinded, inverse = blind(key.modulus, prepared, os.urandom)
    return prepared, finalize(key.modulus, prepared, blind_sign(key, blinded, os.urandom), inverse)


# --- A31: a malicious issuer key, a message with too little entropy


@pytest.mark.parametrize(
    ("what", "modulus"),
    [
        ("even", b"\x80" + bytes(382) + b"\x02"),
        ("short by a byte", b"\xff" * 383),
        ("2048 bits", b"\xff" * 256),
        ("3071 bits", b"\x7f" + b"\xff" * 383),
        ("leading zero", b"\x00" + b"\xff" * 383),
        ("4096 bits", b"\xff" * 512),
        ("empty", b""),
    ],
)
def test_a31_an_issuer_key_outside_the_protocol_is_refused(what: str, modulus: bytes) -> None:
    with pytest.raises(ModulusError, match="issuer key: expected"):
        check_modulus(modulus, None)
    assert what


def test_a31_a_rehearsal_key_does_not_pass_where_the_log_is_real() -> None:
    check_modulus(issuer(0).modulus, 128)
    with pytest.raises(ModulusError, match="issuer key: expected 384 bytes, got 128"):
        check_modulus(issuer(0).modulus, None)


def test_a31_signatures_under_another_exponent_are_refused() -> None:
    """The exponent is the protocol's; a key made for e = 3 signs nothing that verifies."""
    numbers = rsa.generate_private_key(65537, 1024).private_numbers()
    while (numbers.p - 1) % 3 == 0 or (numbers.q - 1) % 3 == 0:
        numbers = rsa.generate_private_key(65537, 1024).private_numbers()
    n = numbers.p * numbers.q
    d = pow(3, -1, (numbers.p - 1) * (numbers.q - 1))
    prepared = prepare(MESSAGE, os.urandom(32))
    encoded = int.from_bytes(pss_encode(prepared, os.urandom(48), 1023), "big")
    signature = pow(encoded, d, n)
    assert pow(signature, 3, n) == encoded  # a good signature, for e = 3
    with pytest.raises(BlindSignatureError, match="does not verify"):
        verify_signature(n.to_bytes(128, "big"), prepared, signature.to_bytes(128, "big"))


def test_a31_the_issuer_sees_nothing_of_prefix_salt_or_message() -> None:
    """The blinded value of one and the same encoding is different each time, and uniform by r^e."""
    key = issuer(0)
    prepared = prepare(MESSAGE, bytes(32))
    seen = {blind(key.modulus, prepared, os.urandom)[0] for _ in range(20)}
    assert len(seen) == 20


# --- A33: a bad signature as a tag


def test_a33_a_wrong_blind_signature_never_becomes_a_token() -> None:
    key = issuer(0)
    prepared = prepare(MESSAGE, os.urandom(32))
    blinded, inverse = blind(key.modulus, prepared, os.urandom)
    good = int.from_bytes(blind_sign(key, blinded, os.urandom), "big")
    other, _ = blind(key.modulus, prepare(MESSAGE, os.urandom(32)), os.urandom)
    wrong = {
        "one more": (good + 1) % key.n,
        "negated": key.n - good,
        "the blinded message itself": int.from_bytes(blinded, "big"),
        "the signature of another request": int.from_bytes(blind_sign(key, other, os.urandom), "big"),
        "zero": 0,
        "one": 1,
    }
    for what, value in wrong.items():
        with pytest.raises(BlindSignatureError, match="does not verify"):
            finalize(key.modulus, prepared, value.to_bytes(key.size, "big"), inverse)
        assert what
    assert finalize(key.modulus, prepared, good.to_bytes(key.size, "big"), inverse)  # the state is still good


def test_a33_a_signature_of_another_contest_is_refused() -> None:
    prepared = prepare(MESSAGE, os.urandom(32))
    blinded, inverse = blind(issuer(0).modulus, prepared, os.urandom)
    foreign = int.from_bytes(blinded, "big") % issuer(1).n
    signature = blind_sign(issuer(1), foreign.to_bytes(128, "big"), os.urandom)
    value = int.from_bytes(signature, "big") % issuer(0).n
    with pytest.raises(BlindSignatureError, match="does not verify"):
        finalize(issuer(0).modulus, prepared, value.to_bytes(128, "big"), inverse)


# --- A34: a fault in one half of the private operation


@pytest.mark.parametrize("bit", [0, 1, 100, 511])
@pytest.mark.parametrize("prime", ["p", "q"])
def test_a34_one_flipped_bit_in_a_half_releases_nothing(prime: str, bit: int) -> None:
    key = issuer(0)
    faulted: list[int] = []

    def faulty(base: int, exponent: int, modulus: int) -> int:
        right = constant_time_power(base, exponent, modulus)
        if modulus != getattr(key, prime):
            return right
        faulted.append(right ^ 1 << bit)
        return faulted[-1]

    blinded, _ = blind(key.modulus, prepare(MESSAGE, os.urandom(32)), os.urandom)
    with pytest.raises(InternalError, match="wrong result; nothing is released"):
        blind_sign(key, blinded, os.urandom, faulty)
    assert len(faulted) == 1


def test_a34_the_fault_would_have_given_the_key_away() -> None:
    """Boneh-DeMillo-Lipton: why the check stands there. One faulty signature, and gcd finds a prime."""
    from math import gcd

    key = issuer(0)
    z = 123456789
    half_p = pow(z, key.dp, key.p) ^ 1
    half_q = pow(z, key.dq, key.q)
    faulty = half_q + (half_p - half_q) * key.qinv % key.p * key.q
    assert gcd(pow(faulty, 65537, key.n) - z, key.n) == key.q


# --- A35: what has the wrong range never reaches the private operation; what reaches it says nothing of the input


def test_a35_low_and_high_inputs_look_alike_to_the_private_power() -> None:
    """Times can depend only on what the power is given. For 1, 2, 3 … and n-1, n-2 … alike that is a random number.

    ``python -m bench --only timing`` measures the times themselves.
    """
    key = issuer(0)
    seen: dict[str, list[int]] = {"low": [], "high": []}
    for name, inputs in (("low", range(1, 65)), ("high", range(key.n - 64, key.n))):

        def watching(base: int, exponent: int, modulus: int, bases: list[int] = seen[name]) -> int:
            bases.append(base)
            return constant_time_power(base, exponent, modulus)

        for value in inputs:
            blind_sign(key, value.to_bytes(key.size, "big"), os.urandom, watching)
    for bases in seen.values():
        assert len(set(bases)) == 128
        assert min(bases).bit_length() > 512 - 40  # unmasked, a low input would leave a short one
        assert 150 < sum(base >> bit & 1 for base in bases for bit in (0, 100, 300, 500)) < 362  # of 512, half are 1
    assert not set(seen["low"]) & set(seen["high"])


@pytest.mark.parametrize("shift", [0, 1, 2])
def test_a35_a_blinded_value_out_of_range_is_refused_before_the_private_power(shift: int) -> None:
    key = issuer(0)

    def never(_base: int, _exponent: int, _modulus: int) -> int:
        raise AssertionError("the private power was used")

    for bad in (bytes(128), (key.n + shift).to_bytes(128, "big"), b"\xff" * 128, b"\x01" * 127, b"\x01" * 129, b""):
        with pytest.raises(BlindSignatureError, match=r"expected 128 bytes in 1 … n-1"):
            blind_sign(key, bad, os.urandom, never)


# --- A36: another variant of the signature


@pytest.mark.parametrize(
    ("what", "digest", "mask", "salt"),
    [
        ("salt 0", SHA384(), SHA384(), 0),
        ("salt 32", SHA384(), SHA384(), 32),
        ("salt 47", SHA384(), SHA384(), 47),
        ("the longest salt", SHA384(), SHA384(), padding.PSS.MAX_LENGTH),
        ("SHA-256", SHA256(), SHA256(), 48),
        ("SHA-384 with MGF1-SHA-256", SHA384(), SHA256(), 48),
        ("SHA-256 with MGF1-SHA-384", SHA256(), SHA384(), 48),
    ],
)
def test_a36_other_parameters_of_pss_are_refused(
    what: str, digest: HashAlgorithm, mask: HashAlgorithm, salt: int | padding._MaxLength
) -> None:
    prepared = prepare(MESSAGE, os.urandom(32))
    scheme = padding.PSS(mgf=padding.MGF1(mask), salt_length=salt)
    signature = private(0).sign(prepared, scheme, digest)
    private(0).public_key().verify(signature, prepared, scheme, digest)  # good in its own variant
    with pytest.raises(BlindSignatureError, match="does not verify"):
        verify_signature(issuer(0).modulus, prepared, signature)
    assert what


def test_a36_the_right_parameters_verify_whoever_signed() -> None:
    """The other half of the table above: it is the parameters that are refused, not the library's signatures."""
    prepared = prepare(MESSAGE, os.urandom(32))
    scheme = padding.PSS(mgf=padding.MGF1(SHA384()), salt_length=48)
    verify_signature(issuer(0).modulus, prepared, private(0).sign(prepared, scheme, SHA384()))


def test_a36_pkcs1_v1_5_is_refused() -> None:
    prepared = prepare(MESSAGE, os.urandom(32))
    with pytest.raises(BlindSignatureError, match="does not verify"):
        verify_signature(issuer(0).modulus, prepared, private(0).sign(prepared, padding.PKCS1v15(), SHA384()))


def test_a36_a_signature_without_the_prefix_is_no_token() -> None:
    """The deterministic variant signs the message alone; its signature is not one on prefix and message."""
    key = issuer(0)
    blinded, inverse = blind(key.modulus, MESSAGE, os.urandom)
    signature = finalize(key.modulus, MESSAGE, blind_sign(key, blinded, os.urandom), inverse)
    with pytest.raises(BlindSignatureError, match="does not verify"):
        verify_signature(key.modulus, prepare(MESSAGE, bytes(32)), signature)


def test_a36_another_prefix_or_message_is_refused() -> None:
    prepared, signature = token()
    verify_signature(issuer(0).modulus, prepared, signature)
    for other in (prepare(MESSAGE, bytes(32)), prepare(b"n" * 32, prepared[:32]), MESSAGE, b"", prepared + b"\0"):
        with pytest.raises(BlindSignatureError, match="does not verify"):
            verify_signature(issuer(0).modulus, other, signature)


# --- A37: one key for two contests


def test_a37_a_token_is_good_under_its_own_issuer_key_only() -> None:
    tokens = [token(number) for number in range(4)]
    for own, (prepared, signature) in enumerate(tokens):
        verify_signature(issuer(own).modulus, prepared, signature)
    for own, other in permutations(range(4), 2):
        with pytest.raises(BlindSignatureError, match="token signature"):
            verify_signature(issuer(other).modulus, *tokens[own])


def test_a37_equal_keys_and_keys_with_a_common_prime_are_found_among_80() -> None:
    p, q, r = issuer(0).p, issuer(0).q, issuer(1).p
    moduli = [issuer(number).modulus for number in range(6)]
    verify_moduli_coprime(moduli)
    with pytest.raises(ModulusError, match="issuer keys 2 and 6: expected coprime moduli, got a common factor"):
        verify_moduli_coprime([*moduli, issuer(2).modulus])
    shared = (q * issuer(4).q).to_bytes(128, "big")
    with pytest.raises(ModulusError, match="issuer keys 0 and 6: expected coprime moduli"):
        verify_moduli_coprime([*moduli, shared])
    assert len({p, q, r}) == 3


# --- A38: keys below 128 bits of strength


def test_a38_a_short_key_is_neither_made_nor_read_outside_a_rehearsal() -> None:
    for bits in (1024, 2048, 3056):
        with pytest.raises(ModulusError, match=f"expected 3072 to 3072 bits in steps of 16, got {bits}"):
            generate_issuer_key(bits)
    numbers = rsa.generate_private_key(65537, 2048).private_numbers()
    stored = IssuerKey.from_primes(numbers.p, numbers.q).to_bytes()
    with pytest.raises(ModulusError, match="issuer key: expected 384 bytes, got 256"):
        IssuerKey.from_bytes(stored)
    assert IssuerKey.from_bytes(stored, rehearsal=True).size == 256
