"""Canonical JSON against rfc8785, strict decoding, strict base64url (A87, A88, A90)."""

from __future__ import annotations

import base64
import string
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from keys.canonical import (
    MAX_INTEGER,
    Hex32,
    Id,
    Natural,
    Time,
    Wire,
    b64,
    check_depth,
    decode,
    encode,
    unb64,
    unb64_all,
)
from keys.errors import FormatError
from tests.strategies import json_objects, json_values


class Pair(Wire, frozen=True):
    """A wire struct of this test."""

    name: Id
    number: Natural


@given(json_objects())
def test_encoding_is_that_of_rfc_8785(document: dict[str, Any]) -> None:
    raw = encode(document)
    assert raw == rfc8785.dumps(document)
    assert decode(raw, dict) == document


@given(json_values())
def test_any_value_goes_round(value: Any) -> None:
    assert decode(encode(value), Any) == value


def test_every_character_is_written_as_in_rfc_8785() -> None:
    for start in range(0, 0x11000, 0x100):
        text = "".join(chr(number) for number in range(start, start + 0x100) if not 0xD800 <= number < 0xE000)
        assert encode({"": text}) == rfc8785.dumps({"": text})


def test_members_are_sorted_in_structs_too() -> None:
    class Unsorted(Wire, frozen=True):
        z: int
        a: int
        m: dict[str, int]

    assert encode(Unsorted(z=1, a=2, m={"b": 1, "B": 2, "": 3})) == b'{"a":2,"m":{"":3,"B":2,"b":1},"z":1}'


@given(st.binary(max_size=60))
def test_decoder_raises_nothing_but_its_own_error(raw: bytes) -> None:
    for kind in (dict, Pair, Any):
        try:
            assert encode(decode(raw, kind)) == raw
        except FormatError:
            continue


@pytest.mark.parametrize("kind", [dict, Any, dict[str, Any], dict[str, object]], ids=str)
@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1.5}',
        b'{"a":[0,1.5]}',
        b'{"a":{"a":9007199254740992}}',
        b'{"a":[[9007199254740992]]}',
        b'{"a":-9007199254740992}',
        '{"é":1}'.encode(),
        '{"a":[{"é":1}]}'.encode(),
    ],
)
def test_a87_untyped_documents_hold_no_other_values_either(kind: Any, raw: bytes) -> None:
    assert decode(b'{"a":9007199254740991}', kind) == {"a": MAX_INTEGER}
    with pytest.raises(FormatError, match=r"expected (integers|member names)"):
        decode(raw, kind)


@pytest.mark.parametrize("kind", [dict, Any, dict[str, Any]], ids=str)
def test_a87_sixteen_levels_and_no_seventeenth(kind: Any) -> None:
    def nested(depth: int) -> bytes:
        return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"

    assert encode(decode(nested(16), kind)) == nested(16)
    for depth in (17, 900, 5000, 100_000):
        with pytest.raises(FormatError, match="at most 16 levels"):
            decode(nested(depth), kind)


def test_brackets_inside_strings_are_no_depth() -> None:
    check_depth(encode({"a": "[{" * 40, 'b"\\': '"[[[[[[[[[[[[[[[[[[', "c": "\\"}), "document")
    with pytest.raises(FormatError, match="at most 16 levels"):
        check_depth(b'{"a":"\\\\","b":' + b"[" * 16 + b"]" * 16 + b"}", "document")
    with pytest.raises(FormatError, match="at most 16 levels"):
        check_depth(b'{"a":"\\"",' + b'"b":' + b"[" * 16 + b"]" * 16 + b"}", "document")


GOOD_PAIR = b'{"name":"a","number":1}'
NO_PAIRS = {
    "a member more": b'{"more":1,"name":"a","number":1}',
    "a member less": b'{"name":"a"}',
    "a member twice": b'{"name":"a","number":1,"number":1}',
    "another order": b'{"number":1,"name":"a"}',
    "a space": b'{"name":"a", "number":1}',
    "a newline at the end": b'{"name":"a","number":1}\n',
    "a byte order mark": b'\xef\xbb\xbf{"name":"a","number":1}',
    "an escape": b'{"name":"\\u0061","number":1}',
    "a fraction": b'{"name":"a","number":1.0}',
    "an exponent": b'{"name":"a","number":1e0}',
    "minus zero": b'{"name":"a","number":-0}',
    "a leading zero": b'{"name":"a","number":01}',
    "a negative number": b'{"name":"a","number":-1}',
    "2^53": b'{"name":"a","number":9007199254740992}',
    "true for a number": b'{"name":"a","number":true}',
    "a string for a number": b'{"name":"a","number":"1"}',
    "null": b'{"name":"a","number":null}',
    "a number for a string": b'{"name":1,"number":1}',
    "no id": b'{"name":"A","number":1}',
    "an id and a newline": b'{"name":"a\\n","number":1}',
    "an array": b'["a",1]',
    "nothing": b"",
}


@pytest.mark.parametrize("name", NO_PAIRS)
def test_a90_a_wire_struct_is_read_from_its_one_form_alone(name: str) -> None:
    assert decode(GOOD_PAIR, Pair) == Pair(name="a", number=1)
    with pytest.raises(FormatError, match=r"^Pair: "):
        decode(NO_PAIRS[name], Pair)


HEX, TIME = "0a" * 32, "2026-11-05T08:00:00Z"
PATTERNS = {
    Hex32: (HEX, [HEX.upper(), HEX[2:], HEX + "0a", HEX + "\n", "0g" * 32, ""]),
    Time: (
        TIME,
        [TIME[:-1], TIME.replace("T", " "), TIME + "\n", TIME[:-1] + ".0Z", TIME[:-1] + "+00:00", "\u0662" + TIME[1:]],
    ),
    Id: ("a", ["A", "a\n", "", "-a", "a" * 65]),
}


@pytest.mark.parametrize("kind", PATTERNS, ids=["hex", "time", "id"])
def test_patterns_take_the_whole_text(kind: Any) -> None:
    good, bad = PATTERNS[kind]
    assert decode(encode(good), kind) == good
    for text in bad:
        with pytest.raises(FormatError, match="matching regex"):
            decode(encode(text), kind)


# ---- base64url ----


@given(st.binary(max_size=100))
def test_base64url_goes_round_and_is_that_of_rfc_4648(raw: bytes) -> None:
    assert b64(raw) == base64.urlsafe_b64encode(raw).decode().rstrip("=")
    assert unb64(b64(raw), len(raw), "key") == unb64(b64(raw), None, "key") == raw
    with pytest.raises(FormatError, match=rf"^key: expected {len(raw) + 1} bytes, got {len(raw)}"):
        unb64(b64(raw), len(raw) + 1, "key")


@pytest.mark.parametrize("size", [0, 1, 2, 3, 16, 32, 33, 64])
def test_a88_every_one_character_mutant_is_refused_or_means_other_bytes(size: int) -> None:
    """Changed, put in or taken out: 130 letters at each place. No two texts decode to the same bytes."""
    raw = bytes(number * 37 % 256 for number in range(size))
    text = b64(raw)
    letters = [*map(chr, range(128)), "\u00e9", "\uff21"]
    mutants = {text[:place] + letter + text[place + 1 :] for place in range(len(text)) for letter in letters}
    mutants |= {text[:place] + letter + text[place:] for place in range(len(text) + 1) for letter in letters}
    mutants |= {text[:place] + text[place + 1 :] for place in range(len(text))}
    mutants |= {text + end for end in ("=", "==", "\n", " ", "A", "AA", "AAAA")}
    mutants.discard(text)
    allowed = set(string.ascii_letters + string.digits + "-_")
    seen = {raw}
    for mutant in mutants:
        try:
            decoded = unb64(mutant, None, "key")
        except FormatError:
            continue
        assert set(mutant) <= allowed
        assert decoded not in seen
        seen.add(decoded)


def test_a88_stray_bits_in_the_last_character_are_refused() -> None:
    assert base64.urlsafe_b64decode("AAF=") == base64.urlsafe_b64decode("AAE=")  # what a lenient reader does
    assert unb64("AAE", 2, "key") == b"\x00\x01"
    with pytest.raises(FormatError, match="key: expected canonical base64url"):
        unb64("AAF", 2, "key")


@given(st.text(max_size=30))
def test_a88_decoder_of_base64url_raises_nothing_but_its_own_error(text: str) -> None:
    try:
        assert b64(unb64(text, None, "key")) == text
    except FormatError:
        return


@given(
    st.lists(st.binary(min_size=33, max_size=33), max_size=6), st.lists(st.binary(min_size=32, max_size=32), max_size=6)
)
def test_many_values_at_once_are_those_one_by_one(first: list[bytes], second: list[bytes]) -> None:
    assert unb64_all([b64(raw) for raw in first], 33, "point") == first
    assert unb64_all([b64(raw) for raw in second], 32, "scalar") == second


@pytest.mark.parametrize("size", [32, 33])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a88_one_bad_value_among_many_is_refused(size: int, place: int) -> None:
    good = [b64(bytes([number]) * size) for number in range(3)]
    assert len(unb64_all(good, size, "point")) == 3
    text = good[place]
    for bad in (
        text[:-1],
        text + "A",
        text[:-1] + "=",
        "",
        text[:-1] + "+",
        "=" + text[1:],
        text[:-1] + "\u00e9",
        text[:-1] + "*",
    ):
        with pytest.raises(FormatError, match=r"^point: expected"):
            unb64_all([bad if number == place else other for number, other in enumerate(good)], size, "point")
    moved = [good[0][:-1], good[0][-1] + good[1], good[2]]  # the same letters, cut elsewhere
    with pytest.raises(FormatError, match=r"^point: expected"):
        unb64_all(moved, size, "point")
