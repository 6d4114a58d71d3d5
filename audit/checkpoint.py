"""Checkpoints: the signed size and root of the log (c2sp.org/tlog-checkpoint), and witnesses' cosignatures on them
(c2sp.org/tlog-cosignature, Ed25519 ``cosignature/v1``).

A checkpoint stops a log from showing different people different entries (A55) only together with witnesses, or with
people who compare.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from audit.ed25519 import ed25519_public_key, ed25519_sign, verify_ed25519
from audit.errors import NoteError
from audit.merkle import HASH_SIZE, MAX_SIZE
from audit.note import COSIGNATURE, Note, find_signature, key_id, make_note, parse_note, signature_line, verify_note

MAX_EXTENSIONS: Final = 16  # lines after the root; opaque, kept because they are signed
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}\Z", re.ASCII)
_STAMP_SIZE: Final = 8
_COSIGNATURE_SIZE: Final = _STAMP_SIZE + 64


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Origin line, number of entries, 32-byte root, and the note that carries them."""

    origin: str
    size: int
    root: bytes
    note: Note


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness of the policy: key name and 32-byte Ed25519 key."""

    name: str
    key: bytes


@dataclass(frozen=True, slots=True)
class WitnessPolicy:
    """How many of which witnesses a checkpoint needs (entry 0)."""

    witnesses: tuple[Witness, ...]
    quorum: int


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """The three lines that are signed."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def make_checkpoint(origin: str, size: int, root: bytes, secret: bytes) -> bytes:
    """A signed checkpoint; origin and key name are the same; ``secret`` is the log key's 32-byte Ed25519 seed."""
    if not 0 <= size <= MAX_SIZE or len(root) != HASH_SIZE:
        raise NoteError(f"checkpoint: expected a size up to {MAX_SIZE} and a root of {HASH_SIZE} bytes")
    return make_note(checkpoint_text(origin, size, root), origin, secret)


def parse_checkpoint(raw: bytes) -> Checkpoint:
    """Read a checkpoint strictly; NoteError. Nothing is trusted yet: see verify_checkpoint."""
    note = parse_note(raw)
    lines = note.text[:-1].split("\n")
    if len(lines) < 3 or not all(lines) or len(lines) > 3 + MAX_EXTENSIONS:
        raise NoteError("checkpoint: expected origin, size and root, each on a line, and no empty line")
    origin, size, root = lines[:3]
    if not _SIZE.fullmatch(size) or int(size) > MAX_SIZE:
        raise NoteError(f"checkpoint: expected a size without leading zeros, got {size[:40]!r}")
    try:
        digest = base64.b64decode(root, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(f"checkpoint: root is not base64: {root[:80]!r}") from error
    if base64.b64encode(digest).decode() != root or len(digest) != HASH_SIZE:
        raise NoteError(f"checkpoint: expected a root of {HASH_SIZE} bytes in base64, got {root[:80]!r}")
    return Checkpoint(origin, int(size), digest, note)


def verify_checkpoint(checkpoint: Checkpoint, origin: str, log_key: bytes) -> None:
    """The log of that origin signed it with its key, under the origin as key name; else NoteError."""
    if checkpoint.origin != origin:
        raise NoteError(f"checkpoint: wrong origin: expected {origin}, got {checkpoint.origin[:80]}")
    verify_note(checkpoint.note, [(origin, log_key)])


def cosign(checkpoint: Checkpoint, witness: str, secret: bytes, timestamp: int) -> str:
    """A witness's signature line for the checkpoint; ``timestamp`` in POSIX seconds."""
    identity = key_id(witness, COSIGNATURE, ed25519_public_key(secret))
    signature = ed25519_sign(secret, _cosigned(checkpoint.note.text, timestamp))
    return signature_line(witness, identity, timestamp.to_bytes(_STAMP_SIZE, "big") + signature)


def cosignatures(checkpoint: Checkpoint, witnesses: Sequence[Witness]) -> dict[str, int]:
    """The witnesses that cosigned, with the times in POSIX seconds; NoteError if a known witness's is bad."""
    found: dict[str, int] = {}
    for witness in witnesses:
        line = find_signature(checkpoint.note, witness.name, key_id(witness.name, COSIGNATURE, witness.key))
        if line is None:
            continue
        if len(line) != _COSIGNATURE_SIZE:
            raise NoteError(f"cosignature of {witness.name}: expected {_COSIGNATURE_SIZE} bytes, got {len(line)}")
        timestamp = int.from_bytes(line[:_STAMP_SIZE], "big")
        if timestamp > MAX_SIZE:
            raise NoteError(f"cosignature of {witness.name}: expected a time below 2^63")
        verify_ed25519(witness.key, _cosigned(checkpoint.note.text, timestamp), line[_STAMP_SIZE:])
        found[witness.name] = timestamp
    return found


def verify_cosignatures(checkpoint: Checkpoint, policy: WitnessPolicy) -> dict[str, int]:
    """At least ``quorum`` of the witnesses cosigned, and no known witness's signature is bad; returns their times."""
    found = cosignatures(checkpoint, policy.witnesses)
    if len(found) < policy.quorum:
        raise NoteError(f"checkpoint {checkpoint.size}: expected {policy.quorum} cosignatures, got {len(found)}")
    return found


def _cosigned(text: str, timestamp: int) -> bytes:
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()
