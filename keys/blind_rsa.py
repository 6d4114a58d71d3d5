"""Blind signatures RSABSSA-SHA384-PSS-Randomized (RFC 9474), the voter's and the verifier's side (docs/protocol.md §5).

The signer is in ``keys/issuer.py``: whoever only blinds, finalizes or verifies needs no constant-time arithmetic and
does not import it. All RSA values are byte strings, big-endian, exactly as long as the modulus.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import sha384
from typing import ClassVar, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA384

from keys.errors import DataError

PUBLIC_EXPONENT: Final = 65537
MODULUS_SIZE: Final = 384  # RSA-3072: 128 bits of strength (A38)
SMALLEST_REHEARSAL_SIZE: Final = 128  # what PSS with SHA-384 needs is 98; libraries refuse keys below 1024 bits
PREFIX_SIZE: Final = 32
SALT_SIZE: Final = 48

_HASH_SIZE: Final = 48
_TRAILER: Final = b"\xbc"
# Exactly 48: with PSS.AUTO another salt length would verify too, and the variants could be confused (A36).
_PADDING: Final = PSS(mgf=MGF1(SHA384()), salt_length=SALT_SIZE)


class ModulusError(DataError):
    """An issuer key that the protocol does not allow."""

    code: ClassVar[str] = "malformed"


class BlindSignatureError(DataError):
    """A token signature, blind or finished, that is not one of this issuer key on this message."""

    code: ClassVar[str] = "token-invalid"


def check_modulus(modulus: bytes, rehearsal_size: int | None) -> None:
    """Refuse an issuer key that is not an odd modulus of 384 bytes with the top bit set (A31, A38).

    ``rehearsal_size`` (bytes, 128 to 384) replaces the length where the log is a rehearsal; None elsewhere.
    """
    size = MODULUS_SIZE if rehearsal_size is None else rehearsal_size
    if not SMALLEST_REHEARSAL_SIZE <= size <= MODULUS_SIZE:
        message = f"issuer key: expected {SMALLEST_REHEARSAL_SIZE} to {MODULUS_SIZE} bytes, got {size}"
        raise ModulusError(message)
    if len(modulus) != size:
        message = f"issuer key: expected {size} bytes, got {len(modulus)}"
        raise ModulusError(message)
    _check_shape(modulus)


def _check_shape(modulus: bytes) -> None:
    size = len(modulus)
    if size < SMALLEST_REHEARSAL_SIZE or not modulus[0] & 0x80:
        message = f"issuer key: expected {SMALLEST_REHEARSAL_SIZE} bytes or more, the top bit set, got {size} bytes"
        raise ModulusError(message)
    if not modulus[-1] & 1:
        message = "issuer key: expected an odd modulus, got an even one"
        raise ModulusError(message)


def verify_moduli_coprime(moduli: Sequence[bytes]) -> None:
    """Refuse two issuer keys of one log that share a prime or are the same key (A37); names the pair."""
    product = 1
    for number, modulus in enumerate(moduli):
        value = int.from_bytes(modulus, "big")
        if math.gcd(product % value, value) != 1:
            other = next(j for j in range(number) if math.gcd(int.from_bytes(moduli[j], "big"), value) != 1)
            message = f"issuer keys {other} and {number}: expected coprime moduli, got a common factor"
            raise ModulusError(message)
        product *= value


def prepare(message: bytes, prefix: bytes) -> bytes:
    """RFC 9474 §4.1, PrepareRandomize: 32 fresh random bytes, then the message."""
    if len(prefix) != PREFIX_SIZE:
        text = f"token: expected a prefix of {PREFIX_SIZE} bytes, got {len(prefix)}"
        raise DataError(text)
    return prefix + message


def blind(modulus: bytes, prepared: bytes, random: Callable[[int], bytes]) -> tuple[bytes, bytes]:
    """RFC 9474 §4.2, Blind: returns (blinded message, inverse), each as long as the modulus.

    Draws the salt (48 bytes), then r (as long as the modulus, again where it is 0 or not below the modulus). Both are
    true randomness, never derived (docs/protocol.md §12): what hides the voter must not be computable later.
    """
    salt = random(SALT_SIZE)
    encoded = pss_encode(prepared, salt, 8 * len(modulus) - 1)
    return blind_encoded(modulus, encoded, draw_invertible(modulus, random))


def draw_invertible(modulus: bytes, random: Callable[[int], bytes]) -> int:
    """A uniform r with 1 <= r < n, coprime to n, by rejection of raw draws."""
    n = int.from_bytes(modulus, "big")
    while True:
        r = int.from_bytes(random(len(modulus)), "big")
        if 1 <= r < n and math.gcd(r, n) == 1:
            return r


def blind_encoded(modulus: bytes, encoded: bytes, r: int) -> tuple[bytes, bytes]:
    """The arithmetic of Blind on an encoded message: m·r^e mod n, and r^-1 mod n."""
    n = int.from_bytes(modulus, "big")
    m = int.from_bytes(encoded, "big")
    if math.gcd(m, n) != 1:
        message = "token: the encoded message shares a factor with the issuer key"
        raise ModulusError(message)
    blinded = m * pow(r, PUBLIC_EXPONENT, n) % n
    size = len(modulus)
    return blinded.to_bytes(size, "big"), pow(r, -1, n).to_bytes(size, "big")


def finalize(modulus: bytes, prepared: bytes, blind_signature: bytes, inverse: bytes) -> bytes:
    """RFC 9474 §4.4, Finalize: unblind, and verify before anything else happens (A33). BlindSignatureError if not."""
    size, n = len(modulus), int.from_bytes(modulus, "big")
    for what, part in (("blind signature", blind_signature), ("inverse", inverse)):
        if len(part) != size or int.from_bytes(part, "big") >= n:
            message = f"{what}: expected {size} bytes below the modulus, got {len(part)} bytes"
            raise BlindSignatureError(message)
    value = int.from_bytes(blind_signature, "big") * int.from_bytes(inverse, "big") % n
    signature = value.to_bytes(size, "big")
    verify_signature(modulus, prepared, signature)
    return signature


def verify_signature(modulus: bytes, prepared: bytes, signature: bytes) -> None:
    """RSASSA-PSS with SHA-384, MGF1-SHA-384 and a salt of exactly 48 bytes; raises BlindSignatureError.

    ``modulus`` comes from the contest document, whose length was checked by ``check_modulus``.
    """
    if len(signature) != len(modulus) or signature >= modulus:  # same length: the order of bytes is that of numbers
        message = f"token signature: expected {len(modulus)} bytes below the modulus, got {len(signature)} bytes"
        raise BlindSignatureError(message)
    try:
        _public_key(modulus).verify(signature, prepared, _PADDING, SHA384())
    except InvalidSignature:
        message = "token signature: does not verify under the issuer key of this contest"
        raise BlindSignatureError(message) from None


@lru_cache(maxsize=256)  # an election has some 80 contests; a key object costs more than a verification
def _public_key(modulus: bytes) -> RSAPublicKey:
    _check_shape(modulus)
    return RSAPublicNumbers(PUBLIC_EXPONENT, int.from_bytes(modulus, "big")).public_key()


def pss_encode(message: bytes, salt: bytes, bits: int) -> bytes:
    """EMSA-PSS-ENCODE (RFC 8017 §9.1.1) with SHA-384 and MGF1-SHA-384; ``bits`` = size of the modulus in bits - 1."""
    size = (bits + 7) // 8
    if size < _HASH_SIZE + len(salt) + 2:
        text = f"token: a modulus of {bits + 1} bits is too short for PSS with a salt of {len(salt)} bytes"
        raise ModulusError(text)
    hashed = sha384(bytes(8) + sha384(message).digest() + salt).digest()
    block = bytes(size - len(salt) - _HASH_SIZE - 2) + b"\x01" + salt
    mask = _mgf1(hashed, len(block))
    masked = bytearray(a ^ b for a, b in zip(block, mask, strict=True))
    masked[0] &= 0xFF >> (8 * size - bits)
    return bytes(masked) + hashed + _TRAILER


def _mgf1(seed: bytes, size: int) -> bytes:
    """MGF1 (RFC 8017 §B.2.1) with SHA-384."""
    blocks = [sha384(seed + counter.to_bytes(4, "big")).digest() for counter in range(-(-size // _HASH_SIZE))]
    return b"".join(blocks)[:size]
