"""Ids, and the short code by which people find a tracker or compare a key."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import FormatError
from keys.ids import check_id, fingerprint, short_code

GOOD_IDS = ["a", "0", "union-2026", "a.b-c", "x" * 64, "a" + "-" * 62 + "b", "a--b", "1.2.3"]
BAD_IDS = [
    "", "-", ".", "-a", "a-", ".a", "a.", "A", "aB", "a_b", "a b", " a", "a ", "a\n", "\na", "a\x00", "ä", "a/b", "a:b",
    "x" * 65, "a" * 1000, "\uff41", "\u0430", "a\u200b", "a\u0301", "\u0661", "a,b", "a%20b", "../a",
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD_IDS)
def test_id_is_accepted(text: str) -> None:
    assert check_id(text, "poll") == text


@pytest.mark.parametrize("text", BAD_IDS)
def test_a89_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match=r"^poll: expected lower-case"):
        check_id(text, "poll")


@given(st.text(max_size=70))
def test_ids_are_what_the_protocol_says_and_nothing_else(text: str) -> None:
    inner = set("abcdefghijklmnopqrstuvwxyz0123456789.-")
    expected = 1 <= len(text) <= 64 and set(text) <= inner and text[0] not in ".-" and text[-1] not in ".-"
    try:
        assert check_id(text, "id") == text
        assert expected
    except FormatError:
        assert not expected


def code_by_hand(raw: bytes) -> str:
    """Bits as text, five at a time, into Crockford's letters: digits and letters without I, L, O, U."""
    letters = [letter for letter in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter not in "ILOU"]
    bits = "".join(f"{byte:08b}" for byte in raw)[:100]
    code = "".join(letters[int(bits[start : start + 5], 2)] for start in range(0, 100, 5))
    return "-".join([code[:5], code[5:10], code[10:15], code[15:]])


@given(st.binary(min_size=32, max_size=32))
def test_short_code_agrees_with_one_by_hand(raw: bytes) -> None:
    assert short_code(raw) == code_by_hand(raw)


def test_short_code_shows_the_first_hundred_bits_alone() -> None:
    assert short_code(bytes(32)) == "00000-00000-00000-00000"
    assert short_code(b"\xff" * 32) == "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ"
    assert short_code(b"\x80" + bytes(31)) == "G0000-00000-00000-00000"
    same, other = bytes(12) + b"\x0f" + b"\xff" * 19, bytes(12) + b"\x10" + bytes(19)
    assert short_code(same) == short_code(bytes(32)) != short_code(other)


def test_fingerprint_is_the_short_code_of_a_tagged_hash() -> None:
    key = bytes(range(32))
    by_hand = sha256(b"\x00\x00\x00\x0fes1/fingerprint" + b"\x00\x00\x00\x20" + key).digest()
    assert fingerprint(key) == code_by_hand(by_hand)
