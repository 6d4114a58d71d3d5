"""Sealing to one X25519 key: HPKE base mode (RFC 9180) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.

Used for the trustees' shares (docs/protocol.md §3), with empty additional data. ``sealed`` = enc (32 bytes) ‖
ciphertext ‖ tag (16). The ephemeral key comes from the library's own generator: it takes no randomness from outside.
"""

from typing import ClassVar, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from keys.errors import DataError

KEY_SIZE: Final = 32
OVERHEAD: Final = 48  # the encapsulated key and the tag

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_PROBE: Final = X25519PrivateKey.from_private_bytes(b"\x01" * KEY_SIZE)


class SealError(DataError):
    """A key that nobody may seal to, or sealed bytes that do not open."""

    code: ClassVar[str] = "malformed"


def public_key(secret: bytes) -> bytes:
    """The X25519 public key (32 bytes) of a 32-byte secret, clamped as RFC 7748 says."""
    return _private(secret).public_key().public_bytes_raw()


def check_public_key(public: bytes) -> None:
    """Refuse a key that is not 32 bytes, or of low order: anyone could open what is sealed to it."""
    _public(public)


def seal(public: bytes, info: bytes, plaintext: bytes) -> bytes:
    """Seal ``plaintext`` to ``public``, bound to ``info``; 48 bytes longer than the plaintext."""
    return _SUITE.encrypt(plaintext, _public(public), info)


def open_sealed(secret: bytes, info: bytes, sealed: bytes) -> bytes:
    """Open what was sealed to the public key of ``secret`` with the same ``info``; SealError for anything else."""
    if len(sealed) < OVERHEAD:
        message = f"sealed: expected at least {OVERHEAD} bytes, got {len(sealed)}"
        raise SealError(message)
    try:
        return _SUITE.decrypt(sealed, _private(secret), info)
    except (InvalidTag, ValueError):
        message = "sealed: does not open with this key and purpose"
        raise SealError(message) from None


def _private(secret: bytes) -> X25519PrivateKey:
    if len(secret) != KEY_SIZE:
        message = f"sealing key: expected a secret of {KEY_SIZE} bytes, got {len(secret)}"
        raise SealError(message)
    return X25519PrivateKey.from_private_bytes(secret)


def _public(raw: bytes) -> X25519PublicKey:
    if len(raw) != KEY_SIZE:
        message = f"sealing key: expected {KEY_SIZE} bytes, got {len(raw)}"
        raise SealError(message)
    key = X25519PublicKey.from_public_bytes(raw)
    try:
        _PROBE.exchange(key)  # every low-order point gives zero with every secret, which the library refuses
    except ValueError:
        message = f"sealing key: {raw.hex()} is of low order"
        raise SealError(message) from None
    return key
