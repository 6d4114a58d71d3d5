"""A security key in a few lines: makes passkeys and signs challenges as W3C WebAuthn asks, or wrongly where told to."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from keys.canonical import b64, unb64

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SecurityKey:
    """One credential; ``origin``: of the page that the browser believes to be on; ``counts``: as passkeys that are kept
    in a cloud do not.
    """

    origin: str
    host: str
    flags: int = PRESENT | VERIFIED
    count: int = 0
    counts: bool = True
    id: bytes = field(default_factory=lambda: os.urandom(32))
    secret: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _data(self, flags: int, more: bytes = b"") -> bytes:
        return sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big") + more

    def create(self, options: str) -> dict[str, Any]:
        """What the browser sends after navigator.credentials.create()."""
        point = self.secret.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        data = self._data(self.flags | ATTESTED, attested)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", json.loads(options)["challenge"])
        return self._answer({"clientDataJSON": b64(client), "attestationObject": b64(attestation)})

    def get(self, options: str) -> dict[str, Any]:
        """What the browser sends after navigator.credentials.get()."""
        self.count += self.counts
        data = self._data(self.flags)
        client = self._client("webauthn.get", json.loads(options)["challenge"])
        signature = self.secret.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._answer({**{name: b64(value) for name, value in parts.items()}, "userHandle": None})

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        return {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}


def flipped(text: str) -> str:
    """The base64url text with one bit of its middle byte turned over."""
    raw = bytearray(unb64(text, None, "part"))
    raw[len(raw) // 2] ^= 1
    return b64(bytes(raw))
