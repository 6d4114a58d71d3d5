"""Electorates and replaced credentials: who is entitled (A15, A45)."""

import pytest

from audit.book import Book
from audit.checks.electorates import Roll, is_entitled, verify_blob
from audit.errors import LogError
from audit.merkle import leaf_hash, tree_root
from audit.pipeline import Pipeline
from audit.scratch import Scratch
from audit.source import MemorySource
from audit.state import LogState
from keys.errors import DataError
from tests.simulated.builders import make_signer

KEYS = sorted(make_signer(f"voter {number}").public for number in range(50))
STRANGER = make_signer("stranger").public


def root_of(keys: list[bytes]) -> bytes:
    return tree_root(map(leaf_hash, keys))


def test_a_roll_of_any_size_is_accepted() -> None:
    for size in (1, 2, 3, 49, 50):
        verify_blob(b"".join(KEYS[:size]), "all", size, root_of(KEYS[:size]))


OFF_CURVE = (5).to_bytes(32, "big")
BAD: dict[str, tuple[list[bytes], int, str]] = {
    "a key less": (KEYS[:-1], 50, "expected 50 keys"),
    "a key more": ([*KEYS, b"\xff" * 32], 50, "expected 50 keys"),
    "a key twice": ([KEYS[0], *KEYS[:-1]], 50, "key 1: expected strictly ascending"),
    "another order": ([KEYS[1], KEYS[0], *KEYS[2:]], 50, "key 1: expected strictly ascending"),
    "a key that is no point": ([OFF_CURVE, *KEYS[1:]], 50, "key: expected 32 bytes, the x-coordinate"),
    "a key of zeros": ([bytes(32), *KEYS[1:]], 50, "key"),
    "one key replaced": (sorted([STRANGER, *KEYS[1:]]), 50, "expected root"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_blob_is_refused_with(name: str) -> None:
    keys, size, text = BAD[name]
    with pytest.raises(DataError, match=text):
        verify_blob(b"".join(keys), "all", size, root_of(KEYS))


def test_half_a_key_at_the_end_is_refused() -> None:
    with pytest.raises(LogError, match="expected 50 keys in 1600 bytes, got 1584 bytes"):
        verify_blob(b"".join(KEYS)[:-16], "all", 50, root_of(KEYS))


def test_a_roll_holds_its_keys_and_no_others() -> None:
    roll = Roll(b"".join(KEYS[::2]))
    assert [key in roll for key in KEYS] == [True, False] * 25
    assert bytes(32) not in roll
    assert b"\xff" * 32 not in roll
    assert STRANGER not in Roll(b"")


def test_only_the_end_of_a_chain_of_replacements_is_entitled() -> None:
    first, second, third = (make_signer(f"replaced {number}").public for number in range(3))
    with Scratch() as scratch:
        log = LogState(MemorySource({}), Book(), scratch, Pipeline(None, 1))
        roll = Roll(first)
        assert is_entitled(log, roll, first)
        log.replaced_by, log.replaces = {first: second}, {second: first}
        assert [is_entitled(log, roll, key) for key in (first, second, third)] == [False, True, False]
        log.replaced_by, log.replaces = {first: second, second: third}, {second: first, third: second}
        assert [is_entitled(log, roll, key) for key in (first, second, third)] == [False, False, True]
        later = Roll(third)  # a roll made after the replacement holds the new key itself
        assert [is_entitled(log, later, key) for key in (first, second, third)] == [False, False, True]
