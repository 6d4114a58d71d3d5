"""Is the ballot of a receipt in the log? For the voter who kept the file; much cheaper than a whole verification."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import msgspec

from audit.entries import PollClosedData, decode_entry, decode_envelope
from audit.errors import LogError
from audit.signed_entries import open_entry, signed_entries
from audit.source import LogSource
from ballot.ballot import tracker_of
from ballot.receipt import Receipt, verify_receipt
from keys.canonical import unb64
from keys.errors import FormatError


class _Outline(msgspec.Struct):
    """A ballot's data, the body left as the bytes that the tracker covers."""

    body: msgspec.Raw
    context: str


_OUTLINE: Final = msgspec.json.Decoder(_Outline)


@dataclass(frozen=True, slots=True)
class Found:
    """Where the ballot stands: entry number (None: nowhere), entries in all, and whether its contest is closed."""

    entry: int | None
    size: int
    closed: bool


def find_receipt(source: LogSource, receipt: Receipt, log_id: bytes | None = None) -> Found:
    """Look for a receipt's ballot among the entries under the log's signed checkpoint.

    DataError where the receipt is not one of this log, or the entries are not those that the log signed.
    """
    found, closed, size = None, False, 0
    wanted = (b"", b"")
    for seq, raw in signed_entries(source, log_id):
        size = seq + 1
        kind = decode_envelope(raw).kind
        if seq == 0:
            receipt_key = unb64(open_entry(raw).receipt_key, 32, "receipt_key")
            wanted = verify_receipt(receipt, receipt_key, sha256(raw).digest())
        elif kind == "ballot" and found is None and ballot_of(raw) == wanted:
            found = seq
        elif kind == "poll.closed":
            data: PollClosedData = decode_entry(raw).data
            closed = closed or any(item.context == receipt.context for item in data.contests)
    return Found(found, size, closed)


def ballot_of(raw: bytes) -> tuple[bytes, bytes] | None:
    """(context, tracker) of a `ballot` entry; None where the bytes hold no ballot: `verify` says why."""
    try:
        outline = _OUTLINE.decode(decode_envelope(raw).data)
        return unb64(outline.context, 32, "context"), tracker_of(bytes(outline.body))
    except (msgspec.DecodeError, FormatError):
        return None


def read_ballot(raw: bytes, seq: int) -> tuple[bytes, bytes]:
    """(context, tracker) of entry ``seq``; LogError where it is no ballot, or another entry."""
    envelope = decode_envelope(raw)
    found = ballot_of(raw) if envelope.kind == "ballot" else None
    if envelope.seq != seq or found is None:
        raise LogError(f"entry {seq}: expected a ballot, got {envelope.kind} of entry {envelope.seq}")
    return found
