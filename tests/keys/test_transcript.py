"""The transcript hash: its bytes, its registry of tags, and that nothing can move from field to field (A17, A19)."""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.curve import ORDER
from keys.transcript import Tag, challenge, digest, length_prefixed, u64

parts = st.lists(st.binary(max_size=6), max_size=4)


def test_hash_is_sha_256_over_length_prefixed_parts() -> None:
    by_hand = b"\x00\x00\x00\x0bes1/context" + b"\x00\x00\x00\x03abc" + b"\x00\x00\x00\x00"
    assert digest(Tag.CONTEXT, b"abc", b"") == sha256(by_hand).digest()
    assert length_prefixed(b"abc") == b"\x00\x00\x00\x03abc"
    assert length_prefixed(bytes(0x010203))[:4] == b"\x00\x01\x02\x03"


def test_challenge_is_the_hash_read_big_endian_modulo_q() -> None:
    expected = int.from_bytes(digest(Tag.BALLOT, b"x"), "big") % ORDER
    assert challenge(Tag.BALLOT, b"x").value == expected


def test_numbers_are_hashed_as_eight_bytes_big_endian() -> None:
    assert u64(1) == bytes(7) + b"\x01"
    assert u64(2**53 - 1) == b"\x00\x1f" + b"\xff" * 6
    with pytest.raises(OverflowError):
        u64(-1)
    with pytest.raises(OverflowError):
        u64(2**64)


def test_a19_tags_are_distinct_ascii_and_of_this_version() -> None:
    values = [str(tag) for tag in Tag]
    assert len(values) >= 25
    assert len(set(Tag.__members__)) == len(values) == len(set(values))  # an alias would be a tag used twice
    assert all(value.isascii() and value.startswith("es1/") and value == value.lower() for value in values)


def _splits(text: bytes) -> list[tuple[bytes, ...]]:
    """Every way to cut the text into parts that are not empty."""
    ways = []
    for number in range(1 << (len(text) - 1)):
        cuts = [0, *(place for place in range(1, len(text)) if number >> (place - 1) & 1), len(text)]
        ways.append(tuple(text[start:stop] for start, stop in pairwise(cuts)))
    return ways


def test_a17_hash_is_injective_over_cuts_empty_parts_and_types() -> None:
    """All pairs of 1,000 and more tuples that differ only in their borders: 5·10^5 pairs, no two hashes equal."""
    tuples: set[tuple[bytes, ...]] = {
        (),
        (b"",),
        (b"", b""),
        (u64(5),),
        (b"\x05",),
        (b"5",),
        (bytes(8),),
        (bytes(4),) * 2,
    }
    for text in (b"abcdefghij", bytes(8), length_prefixed(b"ab") + length_prefixed(b"c")):
        tuples.update(_splits(text))
    for way in _splits(b"abcdef"):
        tuples.update((*way[:place], b"", *way[place:]) for place in range(len(way) + 1))
    assert len(tuples) * (len(tuples) - 1) // 2 >= 10**5
    assert len({digest(Tag.CONTEXT, *way) for way in tuples}) == len(tuples)


def test_a17_tags_and_first_parts_cannot_be_confused() -> None:
    assert len({digest(tag, b"x") for tag in Tag}) == len(Tag)
    assert digest(Tag.TRUSTEE_HASHED) != digest(Tag.TRUSTEE_HASHED, b"")


@given(parts, parts)
def test_a17_distinct_parts_give_distinct_hashes(first: list[bytes], second: list[bytes]) -> None:
    assert (digest(Tag.CAST, *first) == digest(Tag.CAST, *second)) is (first == second)
