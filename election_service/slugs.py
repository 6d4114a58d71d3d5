"""Ids from names: short, readable, the same every time, and never the same for two names (docs/protocol.md §1).

Names stay beside the ids wherever people read; an id only has to be stable. Georgian follows the national system,
Cyrillic a plain one; other letters lose their accents.
"""

import re
import unicodedata
from collections.abc import Collection
from typing import Final

MAX_SLUG: Final = 40  # characters: leaves room for a prefix and a number in an id of 64
# One written form for each letter of the alphabet before it; "_" writes nothing.
_GEORGIAN: Final = (
    "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h",
)
_CYRILLIC: Final = (
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch _ y _ e iu ia",
)
_LATIN: Final = {"ə": "e", "ı": "i", "ø": "o", "đ": "d", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
_LETTERS: Final = _LATIN | {
    letter: "" if written == "_" else written
    for letters, forms in (_GEORGIAN, _CYRILLIC)
    for letter, written in zip(letters, forms.split(), strict=True)
}


def slug(name: str) -> str:
    """The name in [a-z0-9-], at most 40 characters; empty where nothing of it can be written so."""
    plain = unicodedata.normalize("NFC", name).casefold()
    written = "".join(_LETTERS.get(character, character) for character in plain)
    ascii_only = unicodedata.normalize("NFKD", written).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only)[:MAX_SLUG].strip("-")


def make_ids(prefix: str, names: Collection[str]) -> dict[str, str]:
    """Name → id ``prefix.slug``; names whose slugs meet, or are empty, are numbered in the order of the names."""
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(set(names)):
        base = slug(name) or "x"
        number, identity = 1, f"{prefix}.{base}"
        while identity in taken:
            number += 1
            identity = f"{prefix}.{base}-{number}"
        taken.add(identity)
        ids[name] = identity
    return ids
