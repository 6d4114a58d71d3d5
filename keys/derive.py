"""Derivation of keys from seeds: HKDF-SHA-256 with empty salt (docs/protocol.md §1, RFC 5869)."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys.curve import ORDER, SCALAR_SIZE
from keys.errors import DataError


def kdf(secret: bytes, info: bytes, size: int) -> bytes:
    """``KDF(secret, info, n)``: ``size`` bytes."""
    return HKDF(algorithm=SHA256(), length=size, salt=None, info=info).derive(secret)


def derive_key(seed: bytes, info: bytes) -> bytes:
    """A 32-byte secret key; 0 or >= q means that the seed must be discarded (DataError)."""
    key = kdf(seed, info, SCALAR_SIZE)
    if not 0 < int.from_bytes(key, "big") < ORDER:
        message = "seed: derives no key; discard it and draw another"
        raise DataError(message)
    return key


def credential_key(seed: bytes, election: str) -> bytes:
    """A voter's credential secret key for one election (docs/protocol.md §4)."""
    return derive_key(seed, f"es1/credential/{election}".encode())
