"""Text that may enter a document that is being made (A89): NFC, assigned characters, no controls."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import FormatError
from keys.text import check_text

REFUSED_BY_NFC = [
    ("\u00e9", "e\u0301"), ("\u00e8", "e\u0300"), ("\u00fc", "u\u0308"), ("\u00f1", "n\u0303"), ("\u00c5", "A\u030a"),
    ("\u00c5", "\u212b"), ("\u03a9", "\u2126"), ("K", "\u212a"), ("\u00e7", "c\u0327"), ("\u0161", "s\u030c"),
    ("\u1ec7", "e\u0323\u0302"), ("\u1ec7", "\u1eb9\u0302"), ("\u1e69", "s\u0307\u0323"), ("\uac00", "\u1100\u1161"),
    ("\u304c", "\u304b\u3099"), ("\u0451", "\u0435\u0308"), ("\u0439", "\u0438\u0306"), ("\u0622", "\u0627\u0653"),
    ("\u8c48", "\uf900"), ("\u00b4", "\u1ffd"), ("\u2002", "\u2000"), ("\u3008", "\u2329"),
]  # fmt: skip
"""Two writings of one text: what a document may hold, and its twin, which is the same by canonical equivalence."""

REFUSED_BY_CONTROL = [
    ("Ana", "A\u202ena"), ("Ana", "\u200eAna"), ("Ana", "Ana\u200f"), ("Ana", "\u061cAna"), ("Ana", "\u202aAna\u202c"),
    ("Ana", "\u202bAna\u202c"), ("Ana", "\u202dAna\u202c"), ("Ana", "\u2066Ana\u2069"), ("Ana", "\u2067Ana\u2069"),
    ("Ana", "\u2068Ana\u2069"), ("Ana", "A\x00na"), ("Ana", "Ana\x08"), ("Ana", "Ana\n"), ("Ana", "Ana\r"),
    ("Ana", "A\tna"), ("Ana", "\x1bAna"), ("Ana", "Ana\x7f"), ("Ana", "\x80Ana"), ("Ana", "A\x85na"),
    ("Ana", "A\x9fna"),
]  # fmt: skip
"""A name, and the same with something in it that is not seen, or that turns its order around."""


@pytest.mark.parametrize(("good", "twin"), REFUSED_BY_NFC)
def test_a89_canonical_twins_cannot_both_be_written(good: str, twin: str) -> None:
    assert unicodedata.normalize("NFC", twin) == good != twin
    assert check_text(good, "name") == good
    with pytest.raises(FormatError, match=r"^name: expected text in Unicode normal form C"):
        check_text(twin, "name")


@pytest.mark.parametrize(("good", "twin"), REFUSED_BY_CONTROL)
def test_a89_twins_with_controls_are_refused(good: str, twin: str) -> None:
    assert check_text(good, "name") == good
    with pytest.raises(FormatError, match=r"^name: (bidi )?control character U\+"):
        check_text(twin, "name")


def test_a89_there_are_forty_twins_and_all_bidi_controls_are_among_them() -> None:
    assert len(REFUSED_BY_NFC) + len(REFUSED_BY_CONTROL) >= 40
    used = {letter for _, twin in REFUSED_BY_CONTROL for letter in twin}
    from_docs = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]  # docs/protocol.md §1
    assert {chr(number) for number in from_docs} <= used


@pytest.mark.parametrize("number", [0xD800, 0xDFFF])
def test_lone_surrogates_are_refused(number: int) -> None:
    with pytest.raises(FormatError, match=rf"lone surrogate U\+{number:04X}"):
        check_text(f"a{chr(number)}", "name")


@pytest.mark.parametrize("number", [0x0378, 0xFFFE, 0xFFFF, 0xFDD0, 0x10FFFF, 0xE0000])
def test_unassigned_characters_are_refused(number: int) -> None:
    with pytest.raises(FormatError, match=rf"unassigned character U\+{number:04X}"):
        check_text(f"a{chr(number)}", "name")


@pytest.mark.parametrize("number", [*range(0x20), *range(0x7F, 0xA0)])
def test_every_c0_and_c1_control_is_refused(number: int) -> None:
    with pytest.raises(FormatError, match=rf"control character U\+{number:04X}"):
        check_text(chr(number), "name")


@pytest.mark.parametrize("text", ["", "Élise Müller-O'Neil", "ანა", "محمد", "数学部", "🎓 Faculty", "a b", "Zoë"])
def test_ordinary_names_are_accepted(text: str) -> None:
    assert check_text(unicodedata.normalize("NFC", text), "name") == text


@given(st.text(max_size=20))
def test_accepted_text_is_nfc_and_stays_what_it_is(text: str) -> None:
    try:
        assert check_text(text, "name") == text
    except FormatError:
        return
    assert unicodedata.is_normalized("NFC", text)
    assert not {unicodedata.category(letter) for letter in text} & {"Cc", "Cn", "Cs"}
