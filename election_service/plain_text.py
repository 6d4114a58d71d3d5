"""Plain text that people write: one spelling of it, and nothing in it that could act (A81, A85, A89)."""

import unicodedata
from typing import Final

from keys.errors import FormatError
from keys.text import check_text

_LINES: Final = str.maketrans({"\v": "\n", "\f": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n", "\t": " "})
_INVISIBLE: Final = frozenset("\u00ad\u200b\u2060\ufeff")
_MOST_EMPTY: Final = 1  # lines in a row


def clean_text(raw: str, most: int) -> str:
    """The text in Unicode normal form C with lines ended by LF, without empty lines around it or many within.

    FormatError for controls, characters that turn the order of letters round or cannot be seen, and more than ``most``
    letters.
    """
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n").translate(_LINES))
    lines: list[str] = []
    for line in (item.rstrip() for item in text.strip().split("\n")):
        if line or (lines and any(lines[-_MOST_EMPTY:])):
            lines.append(check_text(line, "text"))
    cleaned = "\n".join(lines)
    hidden = next((letter for letter in cleaned if letter in _INVISIBLE), None)
    if hidden is not None:
        raise FormatError(f"text: invisible character U+{ord(hidden):04X}")
    if len(cleaned) > most:
        raise FormatError(f"text: expected at most {most} letters, got {len(cleaned)}")
    return cleaned


def cleaned(raw: str) -> str:
    """The text in its one spelling; as it was typed where it has none, for a check to name."""
    try:
        return clean_text(raw, len(raw) + 1)
    except FormatError:
        return raw
