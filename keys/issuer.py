"""Issuer keys, one per contest, and BlindSign (docs/protocol.md §5, RFC 9474 §4.3).

The only module that uses gmpy2, because Python's ``pow`` takes time that depends on the key (A35). Imported by the
service alone; whoever verifies uses ``keys/blind_rsa.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import gmpy2
from cryptography.hazmat.primitives.asymmetric import rsa

from keys.blind_rsa import (
    MODULUS_SIZE,
    PUBLIC_EXPONENT,
    SMALLEST_REHEARSAL_SIZE,
    BlindSignatureError,
    ModulusError,
    check_modulus,
    draw_invertible,
)
from keys.errors import InternalError

KEY_BITS: Final = 8 * MODULUS_SIZE

Power = Callable[[int, int, int], int]
"""base^exponent mod an odd modulus, in time that does not depend on the exponent."""


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """An RSA key in CRT form. Picklable, for worker processes; its repr shows the modulus alone."""

    n: int
    p: int = field(repr=False)
    q: int = field(repr=False)
    d: int = field(repr=False)
    dp: int = field(repr=False)
    dq: int = field(repr=False)
    qinv: int = field(repr=False)

    @classmethod
    def from_primes(cls, p: int, q: int) -> IssuerKey:
        """The key of two distinct odd primes of equal length; ModulusError where they make no such key."""
        if p == q or p % 2 == 0 or q % 2 == 0 or not gmpy2.is_prime(p) or not gmpy2.is_prime(q):
            message = "issuer key: expected two distinct odd primes, got something else"
            raise ModulusError(message)
        if math.gcd(PUBLIC_EXPONENT, (p - 1) * (q - 1)) != 1:
            message = "issuer key: the public exponent divides p-1 or q-1"
            raise ModulusError(message)
        d = pow(PUBLIC_EXPONENT, -1, math.lcm(p - 1, q - 1))
        return cls(n=p * q, p=p, q=q, d=d, dp=d % (p - 1), dq=d % (q - 1), qinv=pow(q, -1, p))

    @property
    def size(self) -> int:
        """Length of every RSA value of this key, in bytes."""
        return (self.n.bit_length() + 7) // 8

    @property
    def modulus(self) -> bytes:
        """The public key: the ``issuer_key`` of the contest document."""
        return self.n.to_bytes(self.size, "big")

    def to_bytes(self) -> bytes:
        """The primes p ‖ q, each half as long as the modulus; secret: for wrapped storage only."""
        half = self.size // 2
        return self.p.to_bytes(half, "big") + self.q.to_bytes(half, "big")

    @classmethod
    def from_bytes(cls, raw: bytes, *, rehearsal: bool = False) -> IssuerKey:
        """Read ``to_bytes``; ModulusError for anything but a valid key of 3072 bits (in a rehearsal: 1024 to 3072)."""
        half = len(raw) // 2
        if len(raw) % 2 or half > MODULUS_SIZE:
            message = f"issuer key: expected {MODULUS_SIZE} bytes, got {len(raw)}"
            raise ModulusError(message)
        key = cls.from_primes(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
        check_modulus(key.n.to_bytes(len(raw), "big"), len(raw) if rehearsal else None)
        return key


def generate_issuer_key(bits: int = KEY_BITS, *, rehearsal: bool = False) -> IssuerKey:
    """A fresh key of 3072 bits; of fewer (multiples of 16, at least 1024) only for a rehearsal (A38).

    The primes come from OpenSSL's generator.
    """
    smallest = 8 * SMALLEST_REHEARSAL_SIZE if rehearsal else KEY_BITS
    if not smallest <= bits <= KEY_BITS or bits % 16:
        message = f"issuer key: expected {smallest} to {KEY_BITS} bits in steps of 16, got {bits}"
        raise ModulusError(message)
    numbers = rsa.generate_private_key(PUBLIC_EXPONENT, bits).private_numbers()
    return IssuerKey.from_primes(numbers.p, numbers.q)


def constant_time_power(base: int, exponent: int, modulus: int) -> int:
    """``Power`` by GMP's ``mpz_powm_sec``."""
    return int(gmpy2.powmod_sec(base, exponent, modulus))


def blind_sign(
    key: IssuerKey, blinded: bytes, random: Callable[[int], bytes], power: Power = constant_time_power
) -> bytes:
    """RFC 9474 §4.3, BlindSign: ``blinded``^d mod n, as long as the modulus.

    BlindSignatureError unless ``blinded`` has exactly the length of the modulus and is in 1 … n-1. The exponent never
    meets the caller's number but a multiple of it by a fresh random r^e (A35). The result is verified before it leaves:
    one wrong bit in a CRT half would give the key away (A34), so it becomes an InternalError and nothing is returned.
    """
    z = int.from_bytes(blinded, "big")
    if len(blinded) != key.size or not 1 <= z < key.n:
        message = f"blinded message: expected {key.size} bytes in 1 … n-1, got {len(blinded)} bytes"
        raise BlindSignatureError(message)
    r = draw_invertible(key.modulus, random)
    n = gmpy2.mpz(key.n)
    masked = z * gmpy2.powmod(r, PUBLIC_EXPONENT, n) % n
    signature = _crt_power(key, int(masked), power) * gmpy2.invert(r, n) % n
    if gmpy2.powmod(signature, PUBLIC_EXPONENT, n) != z:
        message = "blind signature: the private operation gave a wrong result; nothing is released"
        raise InternalError(message)
    return int(signature).to_bytes(key.size, "big")


def _crt_power(key: IssuerKey, base: int, power: Power) -> int:
    """base^d mod n from its halves modulo p and q (RFC 8017 §5.1.2, 2b)."""
    half_p = power(base % key.p, key.dp, key.p)
    half_q = power(base % key.q, key.dq, key.q)
    return half_q + (half_p - half_q) * key.qinv % key.p * key.q
