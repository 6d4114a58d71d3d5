"""Signed receipts and signed refusals (docs/protocol.md §7): what a voter can hold against the service."""

from collections.abc import Callable
from hashlib import sha256
from typing import Final

from ballot.errors import BallotFormatError
from keys import schnorr
from keys.canonical import Wire, b64, decode, unb64
from keys.transcript import Tag, digest

RECEIPT_VERSION: Final = "es1"
NO_CONTEXT: Final = bytes(32)  # stands in a refusal where the request names no context that is known


class Receipt(Wire, frozen=True):
    """The file that the voter keeps. Nothing in it says how one voted."""

    v: str
    log: str
    context: str
    tracker: str
    signature: str


def receipt_message(log_id: bytes, context: bytes, tracker: bytes) -> bytes:
    """``H("es1/receipt", log id, context, tracker)``."""
    return digest(Tag.RECEIPT, log_id, context, tracker)


def make_receipt(
    secret: bytes, log_id: bytes, context: bytes, tracker: bytes, random: Callable[[int], bytes]
) -> Receipt:
    """Promise, with the receipt key, that the ballot will stand in the log."""
    signature = schnorr.sign(secret, receipt_message(log_id, context, tracker), random(32))
    return Receipt(
        v=RECEIPT_VERSION, log=b64(log_id), context=b64(context), tracker=b64(tracker), signature=b64(signature)
    )


def verify_receipt(receipt: Receipt, receipt_key: bytes, log_id: bytes) -> tuple[bytes, bytes]:
    """Check a receipt against a log's receipt key; returns (context, tracker). DataError otherwise."""
    if receipt.v != RECEIPT_VERSION:
        message = f"receipt: expected version {RECEIPT_VERSION!r}, got {receipt.v!r}"
        raise BallotFormatError(message)
    if unb64(receipt.log, 32, "receipt: log") != log_id:
        message = f"receipt: wrong log: expected {b64(log_id)}, got {receipt.log}"
        raise BallotFormatError(message)
    context = unb64(receipt.context, 32, "receipt: context")
    tracker = unb64(receipt.tracker, 32, "receipt: tracker")
    signature = unb64(receipt.signature, schnorr.SIGNATURE_SIZE, "receipt: signature")
    schnorr.verify(receipt_key, receipt_message(log_id, context, tracker), signature)
    return context, tracker


def load_receipt(raw: bytes) -> Receipt:
    """Read a receipt file; FormatError otherwise."""
    return decode(raw.strip(), Receipt)


def refusal_message(log_id: bytes, context: bytes | None, request: bytes, code: str) -> bytes:
    """``H("es1/refusal", log id, context or zeros, SHA-256(request), code)``."""
    return digest(Tag.REFUSAL, log_id, context or NO_CONTEXT, sha256(request).digest(), code.encode())


def make_refusal(
    secret: bytes, log_id: bytes, context: bytes | None, request: bytes, code: str, random: Callable[[int], bytes]
) -> bytes:
    """Sign, with the receipt key, that this very request was refused for this reason; 64 bytes."""
    return schnorr.sign(secret, refusal_message(log_id, context, request, code), random(32))


def verify_refusal(
    signature: bytes, receipt_key: bytes, log_id: bytes, context: bytes | None, request: bytes, code: str
) -> None:
    """Check a signed refusal; SignatureError otherwise."""
    schnorr.verify(receipt_key, refusal_message(log_id, context, request, code), signature)
