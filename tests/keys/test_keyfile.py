"""Key files under a passphrase (keys/keyfile.py)."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import canonical
from keys.errors import DataError, FormatError
from keys.keyfile import DEFAULT_COST, Cost, KeyFileError, open_key_file, read_key_file, seal_key_file
from tests.keys.trustees import flipped

CHEAP = Cost(memory=8 * 1024, iterations=1, lanes=1)  # the least that a reader accepts
SECRET = b"the secret"
PUBLIC = {"election": "ibsu-2026", "name": "ნინო"}


def sealed(passphrase: str = "correct horse") -> bytes:
    return seal_key_file("member", PUBLIC, SECRET, passphrase, os.urandom, CHEAP)


def changed(raw: bytes, **members: Any) -> bytes:
    document = canonical.decode(raw, dict)
    for path, value in members.items():
        target, *rest = path.split("__")
        if rest:
            document[target][rest[0]] = value
        else:
            document[target] = value
    return canonical.encode(document)


def test_a_secret_comes_back_with_its_passphrase_only() -> None:
    raw = sealed()
    assert open_key_file(raw, "member", "correct horse") == SECRET
    for wrong in ("correct horsf", "Correct horse", "correct horse ", "x"):
        with pytest.raises(KeyFileError, match="wrong passphrase, or the file was changed"):
            open_key_file(raw, "member", wrong)


def test_the_default_cost_is_64_mib_three_passes_four_lanes() -> None:
    raw = seal_key_file("trustee", {}, SECRET, "p", os.urandom)
    kdf = read_key_file(raw, "trustee").kdf
    assert (kdf.name, kdf.memory, kdf.iterations, kdf.lanes) == ("argon2id", 65536, 3, 4)
    assert Cost(memory=65536, iterations=3, lanes=4) == DEFAULT_COST
    assert open_key_file(raw, "trustee", "p") == SECRET


def test_one_passphrase_however_it_is_composed() -> None:
    assert open_key_file(sealed("café"), "member", "cafe\u0301") == SECRET


def test_the_public_members_are_readable_without_the_passphrase() -> None:
    assert read_key_file(sealed(), "member").public == PUBLIC


def test_a_file_of_another_kind_is_refused() -> None:
    with pytest.raises(KeyFileError, match="expected a trustee's file, got a member's"):
        open_key_file(sealed(), "trustee", "correct horse")


def test_two_files_share_neither_salt_nor_nonce() -> None:
    first, second = (read_key_file(sealed(), "member") for _ in range(2))
    assert first.kdf.salt != second.kdf.salt
    assert first.nonce != second.nonce


@pytest.mark.parametrize(
    "member",
    ["public", "kdf__memory", "kdf__iterations", "kdf__lanes", "kdf__salt", "nonce", "ciphertext", "kind"],
)
def test_any_changed_member_is_noticed(member: str) -> None:
    raw = sealed()
    file = read_key_file(raw, "member")
    values: dict[str, Any] = {
        "public": {**PUBLIC, "election": "ibsu-2027"},
        "kdf__memory": file.kdf.memory + 1,
        "kdf__iterations": 2,
        "kdf__lanes": 2,
        "kdf__salt": flipped(file.kdf.salt),
        "nonce": flipped(file.nonce),
        "ciphertext": flipped(file.ciphertext),
        "kind": "registrar",
    }
    bad = changed(raw, **{member: values[member]})
    kind = "registrar" if member == "kind" else "member"
    with pytest.raises(KeyFileError, match="wrong passphrase, or the file was changed"):
        open_key_file(bad, kind, "correct horse")  # type: ignore[arg-type]  # a Literal chosen at run time


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("kdf__memory", 8 * 1024 - 1),
        ("kdf__memory", 256 * 1024 + 1),
        ("kdf__memory", 2**40),
        ("kdf__iterations", 0),
        ("kdf__iterations", 11),
        ("kdf__lanes", 0),
        ("kdf__lanes", 17),
        ("kdf__name", "argon2i"),
        ("kdf__name", "none"),
        ("kdf__salt", "AA"),
        ("nonce", ""),
        ("ciphertext", "a"),
        ("v", "es2"),
        ("kind", "admin"),
        ("public", {"Not an id": "x"}),
        ("public", {f"k{number}": "x" for number in range(17)}),
        ("extra", 1),
    ],
)
def test_parameters_out_of_bounds_are_refused_before_any_work(member: str, value: Any) -> None:
    with pytest.raises(FormatError, match=r"KeyFile|key file"):
        open_key_file(changed(sealed(), **{member: value}), "member", "correct horse")


def test_what_could_not_be_read_again_is_not_written() -> None:
    with pytest.raises(FormatError, match="KeyFile"):
        seal_key_file("member", {}, SECRET, "p", os.urandom, Cost(memory=1024, iterations=1, lanes=1))
    with pytest.raises(FormatError, match="KeyFile"):
        seal_key_file("member", {"Kein Id": ""}, SECRET, "p", os.urandom, CHEAP)
    with pytest.raises(FormatError, match="at most 262144 bytes"):
        seal_key_file("member", {}, bytes(262144), "p", os.urandom, CHEAP)


def test_a_passphrase_must_be_text_and_not_empty() -> None:
    for passphrase, reason in (("", "empty"), ("a\ud800", "lone surrogate")):
        with pytest.raises(KeyFileError, match=reason):
            seal_key_file("member", {}, SECRET, passphrase, os.urandom, CHEAP)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=100).map(str.encode)))
def test_arbitrary_bytes_are_no_key_file(data: bytes) -> None:
    with pytest.raises(DataError, match=r"KeyFile|key file"):
        read_key_file(data, "member")


@given(cut=st.integers(1, 100), insert=st.binary(min_size=1, max_size=3), position=st.integers(0, 300))
def test_a_damaged_file_raises_errors_of_the_data_only(cut: int, insert: bytes, position: int) -> None:
    raw = sealed()
    position %= len(raw)
    for bad in (raw[:-cut], raw[:position] + insert + raw[position:]):
        with pytest.raises(DataError, match=r"KeyFile|key file"):
            open_key_file(bad, "member", "correct horse")
