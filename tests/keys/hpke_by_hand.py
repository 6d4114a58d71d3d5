"""HPKE base mode written from RFC 9180 alone, for X25519 and HKDF-SHA256: the oracle for the library's.

The RFC prints no vector for AES-256-GCM with X25519, and the library seals with empty additional data only; so this
code is first held against the RFC's vector for AES-128-GCM, and then holds the library's AES-256-GCM to account.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEM_ID, KDF_ID = (0x0020).to_bytes(2, "big"), (0x0001).to_bytes(2, "big")
KEY_SIZES = {1: 16, 2: 32}  # aead_id: AES-128-GCM, AES-256-GCM


def extract(salt: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), ikm, "sha256")


def expand(prk: bytes, info: bytes, size: int) -> bytes:
    out = block = b""
    for counter in range(1, -(-size // 32) + 1):
        block = hmac.new(prk, block + info + bytes([counter]), hashlib.sha256).digest()
        out += block
    return out[:size]


def labeled_extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return extract(salt, b"HPKE-v1" + suite + label + ikm)


def labeled_expand(suite: bytes, prk: bytes, label: bytes, info: bytes, size: int) -> bytes:
    return expand(prk, size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, size)


def schedule(secret: bytes, enc: bytes, info: bytes, aead_id: int) -> tuple[bytes, bytes]:
    """The recipient's (key, base nonce): RFC 9180 §4.1 Decap, §5.1 KeySchedule with mode_base."""
    private = X25519PrivateKey.from_private_bytes(secret)
    dh = private.exchange(X25519PublicKey.from_public_bytes(enc))
    kem = b"KEM" + KEM_ID
    kem_context = enc + private.public_key().public_bytes_raw()
    shared = labeled_expand(kem, labeled_extract(kem, b"", b"eae_prk", dh), b"shared_secret", kem_context, 32)
    suite = b"HPKE" + KEM_ID + KDF_ID + aead_id.to_bytes(2, "big")
    psk_id_hash = labeled_extract(suite, b"", b"psk_id_hash", b"")
    context = b"\x00" + psk_id_hash + labeled_extract(suite, b"", b"info_hash", info)
    prk = labeled_extract(suite, shared, b"secret", b"")
    key = labeled_expand(suite, prk, b"key", context, KEY_SIZES[aead_id])
    return key, labeled_expand(suite, prk, b"base_nonce", context, 12)


def open_first(secret: bytes, enc: bytes, info: bytes, aad: bytes, ciphertext: bytes, aead_id: int) -> bytes:
    """Open the first message of a context (sequence number 0)."""
    key, nonce = schedule(secret, enc, info, aead_id)
    return AESGCM(key).decrypt(nonce, ciphertext, aad)


def seal_first(ephemeral: bytes, public: bytes, info: bytes, plaintext: bytes, aead_id: int) -> bytes:
    """Seal the first message with a given ephemeral secret: enc ‖ ciphertext, empty additional data."""
    private = X25519PrivateKey.from_private_bytes(ephemeral)
    enc = private.public_key().public_bytes_raw()
    dh = private.exchange(X25519PublicKey.from_public_bytes(public))
    kem = b"KEM" + KEM_ID
    shared = labeled_expand(kem, labeled_extract(kem, b"", b"eae_prk", dh), b"shared_secret", enc + public, 32)
    suite = b"HPKE" + KEM_ID + KDF_ID + aead_id.to_bytes(2, "big")
    psk_id_hash = labeled_extract(suite, b"", b"psk_id_hash", b"")
    context = b"\x00" + psk_id_hash + labeled_extract(suite, b"", b"info_hash", info)
    prk = labeled_extract(suite, shared, b"secret", b"")
    key = labeled_expand(suite, prk, b"key", context, KEY_SIZES[aead_id])
    return enc + AESGCM(key).encrypt(labeled_expand(suite, prk, b"base_nonce", context, 12), plaintext, b"")
