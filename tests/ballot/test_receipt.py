"""Receipts and refusals: what a voter can hold against the service (A47, docs/protocol.md §7)."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from msgspec.structs import replace

from ballot.errors import BallotFormatError
from ballot.receipt import (
    load_receipt,
    make_receipt,
    make_refusal,
    receipt_message,
    refusal_message,
    verify_receipt,
    verify_refusal,
)
from keys import schnorr
from keys.canonical import b64, encode
from keys.errors import FormatError, SignatureError
from keys.transcript import Tag, digest
from tests.simulated.randomness import seeded

SECRET = (11).to_bytes(32, "big")
KEY = schnorr.public_key(SECRET)
LOG, CONTEXT, TRACKER = b"L" * 32, b"C" * 32, b"T" * 32
RECEIPT = make_receipt(SECRET, LOG, CONTEXT, TRACKER, seeded("receipt"))
REQUEST = b'{"context":"x"}'


def test_a_receipt_goes_round_as_a_file() -> None:
    again = load_receipt(encode(RECEIPT))
    assert again == RECEIPT
    assert verify_receipt(again, KEY, LOG) == (CONTEXT, TRACKER)
    assert load_receipt(b"\n" + encode(RECEIPT) + b"\r\n") == RECEIPT  # a file may end in a newline


def test_the_message_of_a_receipt_is_that_of_the_protocol() -> None:
    assert receipt_message(LOG, CONTEXT, TRACKER) == digest(Tag.RECEIPT, LOG, CONTEXT, TRACKER)


OTHER = b64(b"x" * 32)


@pytest.mark.parametrize(
    ("changes", "error", "fault"),
    [
        ({"v": "es2"}, BallotFormatError, "expected version 'es1', got 'es2'"),
        ({"log": OTHER}, BallotFormatError, "wrong log: expected"),
        ({"context": OTHER}, SignatureError, "does not verify"),
        ({"tracker": OTHER}, SignatureError, "does not verify"),
        ({"signature": b64(bytes(64))}, SignatureError, "does not verify"),
        ({"signature": b64(bytes(63))}, FormatError, "signature: expected 64 bytes"),
        ({"context": b64(b"x" * 31)}, FormatError, "context: expected 32 bytes"),
        ({"tracker": b64(b"x" * 33)}, FormatError, "tracker: expected 32 bytes"),
        ({"log": RECEIPT.log + "="}, FormatError, "log: expected canonical"),
    ],
)
def test_a47_a_receipt_with_any_field_changed_is_refused(
    changes: dict[str, Any], error: type[Exception], fault: str
) -> None:
    with pytest.raises(error, match=fault):
        verify_receipt(replace(RECEIPT, **changes), KEY, LOG)


def test_a47_a_receipt_of_another_log_or_key_is_refused() -> None:
    with pytest.raises(BallotFormatError, match="wrong log"):
        verify_receipt(RECEIPT, KEY, b"M" * 32)
    with pytest.raises(SignatureError, match="does not verify"):
        verify_receipt(RECEIPT, schnorr.public_key((12).to_bytes(32, "big")), LOG)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", encode(RECEIPT)[:-1], encode(RECEIPT).replace(b",", b", ", 1)])
def test_a_file_that_is_no_receipt_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError, match="Receipt: "):
        load_receipt(raw)


def test_a_refusal_says_which_request_was_refused_and_why() -> None:
    for context in (CONTEXT, None):
        signature = make_refusal(SECRET, LOG, context, REQUEST, "token-spent", seeded("refusal"))
        verify_refusal(signature, KEY, LOG, context, REQUEST, "token-spent")
        for other in (
            (KEY, b"M" * 32, context, REQUEST, "token-spent"),
            (KEY, LOG, b"D" * 32, REQUEST, "token-spent"),
            (KEY, LOG, context, REQUEST + b" ", "token-spent"),
            (KEY, LOG, context, REQUEST, "poll-not-open"),
            (schnorr.public_key((12).to_bytes(32, "big")), LOG, context, REQUEST, "token-spent"),
        ):
            with pytest.raises(SignatureError, match="does not verify"):
                verify_refusal(signature, *other)


def test_the_message_of_a_refusal_is_that_of_the_protocol() -> None:
    expected = digest(Tag.REFUSAL, LOG, bytes(32), sha256(REQUEST).digest(), b"busy")
    assert refusal_message(LOG, None, REQUEST, "busy") == expected
    assert refusal_message(LOG, CONTEXT, REQUEST, "busy") != expected


def test_a19_a_receipt_is_no_refusal_and_a_refusal_no_receipt() -> None:
    signature = make_refusal(SECRET, LOG, CONTEXT, REQUEST, "busy", seeded("refusal"))
    with pytest.raises(SignatureError, match="does not verify"):
        verify_receipt(replace(RECEIPT, signature=b64(signature)), KEY, LOG)
