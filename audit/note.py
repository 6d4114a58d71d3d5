"""Signed notes: c2sp.org/signed-note. Text, a blank line, and signature lines (A62).

Parsing decides nothing about trust: `verify_note` ignores signatures of unknown keys, refuses the whole note if a known
key's signature is bad, and refuses a note that no known key signed.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from audit.ed25519 import ed25519_public_key, ed25519_sign, verify_ed25519
from audit.errors import NoteError

MAX_NOTE: Final = 1 << 20  # bytes; the largest text read at all
MAX_SIGNATURES: Final = 100  # the specification asks for at least 16
ED25519: Final = 0x01  # signature types of the specification
COSIGNATURE: Final = 0x04
_DASH: Final = "\N{EM DASH} "
_ID_SIZE: Final = 4


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: key name, 4-byte key id, and the bytes after it."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note: its text with the final newline, and its signature lines in order."""

    text: str
    signatures: tuple[NoteSignature, ...]


def check_key_name(name: str) -> None:
    """Refuse a key name that is empty or holds a space, a plus or a control character."""
    if not name or "+" in name or any(character.isspace() or ord(character) < 0x20 for character in name):
        raise NoteError(f"key name: expected neither spaces nor plus, got {name[:80]!r}")


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """The 4-byte key id: SHA-256(name ‖ 0A ‖ signature type ‖ public key), first 4 bytes."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:_ID_SIZE]


def parse_note(raw: bytes) -> Note:
    """Read a note strictly; NoteError for anything the specification does not allow."""
    if len(raw) > MAX_NOTE:
        raise NoteError(f"note: expected at most {MAX_NOTE} bytes, got {len(raw)}")
    try:
        content = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoteError(f"note: not UTF-8: {error.reason} at byte {error.start}") from error
    if any(ord(character) < 0x20 and character != "\n" for character in content):
        raise NoteError("note: holds a control character")
    text, blank, lines = content.rpartition("\n\n")
    if not blank or not text or not lines.endswith("\n"):
        raise NoteError("note: expected a text, an empty line and signature lines, each ending in a newline")
    rows = lines[:-1].split("\n")
    if len(rows) > MAX_SIGNATURES:
        raise NoteError(f"note: expected at most {MAX_SIGNATURES} signatures, got {len(rows)}")
    return Note(text + "\n", tuple(_parse_signature(row) for row in rows))


def _parse_signature(line: str) -> NoteSignature:
    parts = line.removeprefix(_DASH).split(" ")
    if not line.startswith(_DASH) or len(parts) != 2:
        raise NoteError(f"note: expected an em dash, a key name and a signature, got {line[:80]!r}")
    name, text = parts
    check_key_name(name)
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(f"note: signature of {name}: not base64") from error
    if base64.b64encode(raw).decode() != text or len(raw) <= _ID_SIZE:
        raise NoteError(f"note: signature of {name}: expected base64 of a key id and a signature")
    return NoteSignature(name, raw[:_ID_SIZE], raw[_ID_SIZE:])


def signature_line(name: str, identity: bytes, signature: bytes) -> str:
    """The line that carries a signature, newline included."""
    return f"{_DASH}{name} {base64.b64encode(identity + signature).decode()}\n"


def make_note(text: str, name: str, secret: bytes) -> bytes:
    """Sign ``text`` (ends in a newline) as key ``name`` with a 32-byte Ed25519 seed."""
    check_key_name(name)
    if not text.endswith("\n") or any(ord(character) < 0x20 and character != "\n" for character in text):
        raise NoteError("note: expected a text that ends in a newline and holds no other control character")
    identity = key_id(name, ED25519, ed25519_public_key(secret))
    return (text + "\n" + signature_line(name, identity, ed25519_sign(secret, text.encode()))).encode()


def find_signature(note: Note, name: str, identity: bytes) -> bytes | None:
    """The signature by that key name and id; None where there is none, NoteError where there are two."""
    found = [item.signature for item in note.signatures if item.name == name and item.key_id == identity]
    if len(found) > 1:
        raise NoteError(f"note: {len(found)} signatures by {name}, expected one")
    return found[0] if found else None


def verify_note(note: Note, keys: Sequence[tuple[str, bytes]]) -> None:
    """At least one of the known (name, 32-byte Ed25519 key) signed the text, and no known key's signature is bad."""
    signed = False
    for name, public in keys:
        signature = find_signature(note, name, key_id(name, ED25519, public))
        if signature is None:
            continue
        verify_ed25519(public, note.text.encode(), signature)
        signed = True
    if not signed:
        names = ", ".join(name for name, _ in keys)
        raise NoteError(f"note: expected a signature by {names}, got none")
