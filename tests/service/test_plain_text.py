"""Plain text: one spelling, nothing that acts, nothing that hides."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election_service.plain_text import clean_text
from keys.errors import FormatError
from tests.attacks.payloads import MARKUP, TWINS

SPELLINGS = {
    "spaces around": (" a ", "a"),
    "line ends of Windows and old Macs": ("a\r\nb\rc", "a\nb\nc"),
    "rare line ends": ("a\u2028b\u2029c\x85d\x0be\x0cf", "a\nb\nc\nd\ne\nf"),
    "many empty lines": ("\n\na\n\n\n\nb\n\n", "a\n\nb"),
    "spaces at the ends of lines": ("a  \n b", "a\n b"),
    "tabs": ("a\tb", "a b"),
    "a letter and a mark": ("e\u0301", "\u00e9"),
    "Georgian as it is": ("მე ვარ ნინო.", "მე ვარ ნინო."),
    "pictures": ("👩‍🎓 მზად ვარ", "👩‍🎓 მზად ვარ"),
    "nothing": (" \r\n\t ", ""),
}


@pytest.mark.parametrize("case", SPELLINGS)
def test_the_same_text_has_one_spelling(case: str) -> None:
    written, cleaned = SPELLINGS[case]
    assert clean_text(written, 100) == cleaned


REFUSED = {
    **{
        f"bidi control U+{ord(letter):04X}": (f"a{letter}b", "bidi")
        for letter in "\u061c\u200e\u202a\u202e\u2066\u2069"
    },
    **{f"control U+{ord(letter):04X}": (f"a{letter}b", "control") for letter in "\0\x07\x08\x1b\x1c\x7f\x9b"},
    **{f"invisible U+{ord(letter):04X}": (f"a{letter}b", "invisible") for letter in "\u00ad\u200b\u2060\ufeff"},
    "half a character": ("a\ud800", "surrogate"),
    "no character": ("a\U000e0080", "unassigned"),
    "too long": ("a" * 101, "at most 100 letters, got 101"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a89_what_hides_or_turns_letters_round_is_refused(case: str) -> None:
    written, reason = REFUSED[case]
    with pytest.raises(FormatError, match=reason):
        clean_text(written, 100)


@pytest.mark.parametrize(("one", "other"), TWINS)
def test_a89_twins_become_one(one: str, other: str) -> None:
    assert clean_text(other, 10) == clean_text(one, 10) == unicodedata.normalize("NFC", one)


@pytest.mark.parametrize("text", MARKUP)
def test_a81_markup_stays_the_text_that_it_is(text: str) -> None:
    """Nobody guesses what was meant: whoever shows it escapes it."""
    assert clean_text(text, 500) == text


@given(st.text(max_size=60))
def test_a_text_is_refused_or_has_its_one_spelling(text: str) -> None:
    try:
        cleaned = clean_text(text, 60)
    except FormatError:
        return
    assert clean_text(cleaned, 60) == cleaned
    assert all(letter == "\n" or unicodedata.category(letter) != "Cc" for letter in cleaned)
