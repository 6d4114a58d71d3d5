"""The contest document: its bounds, its context, what everything is bound to (docs/protocol.md §2)."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from ballot.contest import context_of, load_contest
from ballot.errors import ContestError
from keys.blind_rsa import ModulusError
from keys.canonical import b64, encode
from keys.curve import GENERATOR, Point, Scalar
from keys.errors import FormatError, PointError
from tests.strategies import contest_document, contest_from, issuer, make_contest


def test_context_is_the_tagged_hash_of_the_document() -> None:
    raw = encode(contest_document())
    by_hand = sha256(b"\x00\x00\x00\x0bes1/context" + len(raw).to_bytes(4, "big") + raw).digest()
    assert context_of(raw) == by_hand == load_contest(raw, rehearsal=True).context


def test_rules_are_those_of_the_document() -> None:
    contest = make_contest(options=4, low=1, high=3, blank=3)
    assert contest.weights == (1, 1, 1, 3)
    assert (contest.options, contest.sum_branches) == (4, 3)
    assert contest.sum_values == {GENERATOR * Scalar(t) for t in (1, 2, 3)}
    assert contest.modulus == issuer().modulus
    assert contest.log_id == b"L" * 32
    assert make_contest(2, 0, 1).sum_values == {Point.IDENTITY, GENERATOR}


@pytest.mark.parametrize(
    ("options", "low", "high", "blank"),
    [(1, 0, 1, None), (1, 1, 1, 0), (100, 0, 31, None), (100, 69, 100, None), (100, 100, 100, 5), (2, 2, 2, None)],
)
def test_bounds_at_their_limits_are_accepted(options: int, low: int, high: int, blank: int | None) -> None:
    assert make_contest(options, low, high, blank=blank).options == options


@pytest.mark.parametrize(
    ("options", "low", "high", "blank", "fault"),
    [
        (0, 0, 1, None, "options: expected 1 to 100, got 0"),
        (101, 0, 1, None, "options: expected 1 to 100, got 101"),
        (2, 0, 3, None, "max: expected at most 2"),
        (3, 2, 1, None, r"min: expected at most max \(1\), got 2"),
        (100, 0, 32, None, "max - min: expected at most 31, got 32"),
        (3, 0, 1, 2, "min: expected at least 1 where there is a blank option"),
    ],
)
def test_a61_bounds_beyond_their_limits_are_refused(
    options: int, low: int, high: int, blank: int | None, fault: str
) -> None:
    with pytest.raises(ContestError, match=fault):
        make_contest(options, low, high, blank=blank)


def _options(**changes: Any) -> list[dict[str, Any]]:
    options: list[dict[str, Any]] = contest_document()["options"]
    return [options[0] | changes, *options[1:]]


@pytest.mark.parametrize(
    ("changes", "error", "fault"),
    [
        ({"v": "es2"}, ContestError, "v: expected 'es1', got 'es2'"),
        ({"min": -1}, FormatError, "expected canonical|Expected `int` >= 0"),
        ({"max": 0}, FormatError, "Expected `int` >= 1"),
        ({"poll": 0}, FormatError, "Expected `int` >= 1"),
        ({"size": 0}, FormatError, "Expected `int` >= 1"),
        ({"contest": "President"}, FormatError, "matching regex"),
        ({"election": ""}, FormatError, "matching regex"),
        ({"position": 1}, FormatError, "Expected `str"),
        ({"log": b64(b"L" * 31)}, FormatError, "log: expected 32 bytes, got 31"),
        ({"root": b64(b"R" * 33)}, FormatError, "root: expected 32 bytes, got 33"),
        ({"joint_key": b64(b"\x02" + bytes(32))}, PointError, "not on the curve"),
        ({"joint_key": b64(bytes(33))}, PointError, "prefix 02 or 03"),
        ({"issuer_key": b64(issuer().modulus[:-1] + b"\x02")}, ModulusError, "odd"),
        ({"issuer_key": b64(b"\x7f" + issuer().modulus[1:])}, ModulusError, "top bit"),
        ({"issuer_key": b64(b"\xff" * 127)}, ModulusError, "expected 128 to 384 bytes"),
        ({"issuer_key": b64(b"\xff" * 385)}, ModulusError, "expected 128 to 384 bytes"),
        ({"issuer_key": ""}, ModulusError, "expected 128 to 384 bytes"),
        ({"recovery": 1}, FormatError, "Expected `bool`"),
        ({"e": 3}, FormatError, "unknown field `e`"),
        ({"options": _options(id="option-1")}, ContestError, "expected distinct ids"),
        ({"options": _options(name={})}, ContestError, "a name in at least one language"),
        ({"options": _options(name={"EN": "x"})}, FormatError, "matching regex"),
        ({"options": _options(name={"en\n": "x"})}, FormatError, "matching regex"),
        ({"options": _options(weight=5)}, FormatError, "unknown field `weight`"),
        (
            {"options": [option | {"blank": True} for option in _options()], "min": 1},
            ContestError,
            "at most one blank, got 3",
        ),
    ],
)
def test_a31_a_document_outside_the_protocol_is_refused(
    changes: dict[str, Any], error: type[Exception], fault: str
) -> None:
    contest_from(contest_document())
    with pytest.raises(error, match=fault):
        contest_from(contest_document() | changes)


def test_a38_a_short_issuer_key_is_refused_where_the_log_is_no_rehearsal() -> None:
    raw = encode(contest_document())
    load_contest(raw, rehearsal=True)
    with pytest.raises(ModulusError, match="expected 384 bytes, got 128"):
        load_contest(raw)


def test_a61_a_document_too_large_for_an_entry_is_refused() -> None:
    def document(size: int) -> bytes:
        empty = len(encode(contest_document(2)))
        options = contest_document(2)["options"]
        padded = [options[0] | {"name": {"en": "x" * (size - empty + len("option-0")), "fr": "option-0"}}, options[1]]
        return encode(contest_document(2) | {"options": padded})

    assert len(document(60_000)) == 60_000
    load_contest(document(60_000), rehearsal=True)
    with pytest.raises(ContestError, match="at most 60000 bytes, got 60001"):
        load_contest(document(60_001), rehearsal=True)
