"""Signatures: BIP-340 over secp256k1 (docs/protocol.md §1). A key serves one role; tags separate its messages."""

from keys import curve
from keys.curve import Scalar
from keys.errors import InternalError

KEY_SIZE = 32
SIGNATURE_SIZE = 64
MESSAGE_SIZE = 32


def public_key(secret: bytes) -> bytes:
    """The 32-byte x-only public key of a 32-byte secret key (1 … q-1, else ScalarError)."""
    return curve.x_only(Scalar.from_bytes(secret))


def check_public_key(public: bytes) -> None:
    """Refuse 32 bytes that are no x-coordinate of a point (PointError)."""
    curve.check_x_only(public)


def sign(secret: bytes, message: bytes, auxiliary: bytes) -> bytes:
    """Sign the 32-byte message with 32 fresh random bytes as auxiliary input; 64 bytes."""
    return curve.schnorr_sign(Scalar.from_bytes(secret), message, auxiliary)


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Verify a signature on a 32-byte message; raises SignatureError, or PointError for a key that is none."""
    if len(message) != MESSAGE_SIZE:
        text = f"signature: expected a message of {MESSAGE_SIZE} bytes, got {len(message)}"
        raise InternalError(text)
    curve.schnorr_verify(public, message, signature)
