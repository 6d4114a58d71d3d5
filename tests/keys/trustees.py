"""Ceremonies for tests: honest trustees by their real tool, with a place to change a message on its way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from keys.shares import Polynomial
from keys.trustee import Ceremony, JointKey, StepData, TrusteeSession
from keys.trustee.file import TrusteeFile, new_trustee_file, polynomial_of
from keys.trustee.tool import next_step

ELECTION = "ibsu-2026"
LOG_ID = hashlib.sha256(b"entry 0").digest()

Meddle = Callable[[StepData], StepData]


class Stream:
    """Reproducible bytes in place of the operating system's generator."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._count = 0

    def __call__(self, size: int) -> bytes:
        out = b""
        while len(out) < size:
            self._count += 1
            out += hashlib.sha256(self._seed + self._count.to_bytes(8, "big")).digest()
        return out[:size]


@dataclass(frozen=True)
class Done:
    """A finished ceremony: its state, the trustees' files, the key."""

    ceremony: Ceremony
    files: tuple[TrusteeFile, ...]
    joint: JointKey

    def signer(self, i: int) -> bytes:
        return self.files[i - 1].identity_secret

    def polynomial(self, i: int) -> Polynomial:
        current = self.files[i - 1].current
        assert current is not None
        return polynomial_of(current)


def new_session(
    n: int = 3, k: int = 2, attempt: int = 1, seed: str = "seed"
) -> tuple[TrusteeSession, list[TrusteeFile], Stream]:
    random = Stream(f"{seed}/{n}/{k}")
    files = [new_trustee_file(ELECTION, random) for _ in range(n)]
    return TrusteeSession(LOG_ID, attempt, k, tuple(file.identity_key for file in files)), files, random


def play(
    ceremony: Ceremony, files: list[TrusteeFile], random: Stream, rounds: int = 5, meddle: Meddle | None = None
) -> Ceremony:
    """Let the trustees' tools do what is due for up to ``rounds`` rounds; ``files`` are updated in place."""
    for _ in range(rounds):
        for position, file in enumerate(files):
            files[position], data = next_step(file, ceremony, random)
            if data is not None:
                ceremony = ceremony.add(meddle(data) if meddle else data)
    return ceremony


@cache
def finished(n: int = 3, k: int = 2) -> Done:
    session, files, random = new_session(n, k)
    ceremony = play(Ceremony(session), files, random)
    return Done(ceremony, tuple(files), ceremony.joint_key)


def length_prefixed(*parts: bytes) -> bytes:
    """The parts as H takes them, written apart from keys/transcript.py."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def flipped(text: str, bit: int = 0) -> str:
    """The base64url text with one bit of its bytes changed, still canonical."""
    from keys.canonical import b64, unb64

    raw = bytearray(unb64(text, None, "text"))
    raw[bit // 8] ^= 1 << (bit % 8)
    return b64(bytes(raw))
