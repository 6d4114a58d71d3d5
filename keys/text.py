"""Text that goes into a document when it is made: NFC, assigned characters, no controls (docs/protocol.md §1)."""

import unicodedata
from typing import Final

from keys.errors import FormatError

BIDI_CONTROLS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REFUSED_CATEGORIES: Final = {"Cc": "control character", "Cn": "unassigned character", "Cs": "lone surrogate"}


def printable(text: str) -> str:
    """Text from elsewhere, for a terminal: what is no letter, mark or space is written out, so that it cannot act.

    A log or service that lies could otherwise clear the screen and print a verdict of its own, or turn the order of
    letters round.
    """
    return "".join(letter if letter.isprintable() else f"<U+{ord(letter):04X}>" for letter in text)


def check_text(text: str, what: str) -> str:
    """Return ``text`` if it may enter a document that is being made; FormatError names ``what`` and the fault."""
    for character in text:
        fault = "bidi control character" if character in BIDI_CONTROLS else None
        fault = fault or _REFUSED_CATEGORIES.get(unicodedata.category(character))
        if fault:
            message = f"{what}: {fault} U+{ord(character):04X}"
            raise FormatError(message)
    if unicodedata.normalize("NFC", text) != text:
        message = f"{what}: expected text in Unicode normal form C (NFC)"
        raise FormatError(message)
    return text
