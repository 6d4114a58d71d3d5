"""Is the ballot of a receipt in the log? For the voter who kept the file; much cheaper than a whole verification."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import msgspec

from audit.checkpoint import parse_checkpoint, verify_checkpoint
from audit.entries import LogOpenedData, PollClosedData, decode_entry, decode_envelope
from audit.errors import LogError
from audit.merkle import Frontier, leaf_hash
from audit.source import LogSource
from ballot.ballot import tracker_of
from ballot.receipt import Receipt, verify_receipt
from keys.canonical import b64, unb64
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


def find_receipt(source: LogSource, receipt: Receipt) -> Found:
    """Look for a receipt's ballot among the entries under the log's signed checkpoint.

    DataError where the receipt is not one of this log, or the entries are not those that the log signed.
    """
    checkpoint = parse_checkpoint(source.checkpoint())
    tree, found, closed = Frontier(), None, False
    context = tracker = b""
    for seq, raw in enumerate(source.entries(checkpoint.size)):
        tree.append(leaf_hash(raw))
        kind = decode_envelope(raw).kind
        if seq == 0:
            opened = decode_entry(raw).data
            if not isinstance(opened, LogOpenedData):
                raise LogError(f"entry 0: expected log.opened, got {kind}")
            verify_checkpoint(checkpoint, opened.origin, unb64(opened.log_key, 32, "log_key"))
            receipt_key = unb64(opened.receipt_key, 32, "receipt_key")
            context, tracker = verify_receipt(receipt, receipt_key, sha256(raw).digest())
        elif kind == "ballot" and found is None and _is_ballot(raw, context, tracker):
            found = seq
        elif kind == "poll.closed":
            data: PollClosedData = decode_entry(raw).data
            closed = closed or any(item.context == receipt.context for item in data.contests)
    if checkpoint.size == 0 or tree.root() != checkpoint.root:
        raise LogError(f"the entries do not have the root of the checkpoint, {b64(checkpoint.root)}")
    return Found(found, checkpoint.size, closed)


def _is_ballot(raw: bytes, context: bytes, tracker: bytes) -> bool:
    try:
        outline = _OUTLINE.decode(decode_envelope(raw).data)
        return unb64(outline.context, 32, "context") == context and tracker_of(bytes(outline.body)) == tracker
    except (msgspec.DecodeError, FormatError):
        return False  # no ballot at all; `verify` says why
