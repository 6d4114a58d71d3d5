"""Identifiers, and how keys and hashes are shown to people (docs/protocol.md §1, §6)."""

import re
from typing import Final

from keys.errors import FormatError
from keys.transcript import Tag, digest

ID_PATTERN: Final = r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?\Z"
_ID: Final = re.compile(ID_PATTERN)
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SHOWN_BITS: Final = 100


def check_id(text: str, what: str) -> str:
    """Return ``text`` if it is an id; FormatError otherwise, naming ``what``."""
    if not _ID.match(text):
        message = f"{what}: expected lower-case letters, digits, '.' and '-', 1 to 64 of them, got {text[:80]!r}"
        raise FormatError(message)
    return text


def short_code(digest32: bytes) -> str:
    """The first 100 bits in Crockford base32, ``XXXXX-XXXXX-XXXXX-XXXXX``: for finding, not for comparing."""
    bits = int.from_bytes(digest32, "big") >> (8 * len(digest32) - _SHOWN_BITS)
    letters = [_CROCKFORD[bits >> shift & 31] for shift in range(_SHOWN_BITS - 5, -1, -5)]
    return "-".join("".join(letters[start : start + 5]) for start in range(0, 20, 5))


def fingerprint(key: bytes) -> str:
    """How a key is shown to people who compare it by voice or on paper."""
    return short_code(digest(Tag.FINGERPRINT, key))
