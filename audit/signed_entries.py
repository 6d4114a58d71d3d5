"""The entries of a copy under the checkpoint that the log signed: for commands that look for one thing in a log.

Whole verification is audit/verify.py; this is what stands between a copy and a reader who asks it a single question.
"""

from collections.abc import Iterator
from hashlib import sha256

from audit.checkpoint import parse_checkpoint, verify_checkpoint
from audit.entries import LogOpenedData, decode_entry
from audit.errors import LogError
from audit.merkle import Frontier, leaf_hash
from audit.source import LogSource
from keys.canonical import b64, unb64


def signed_entries(source: LogSource, log_id: bytes | None = None) -> Iterator[tuple[int, bytes]]:
    """(seq, bytes) of every entry, in order. Nothing is proven before the iteration has ended without an error.

    ``log_id``: the log must be this one. DataError where entry 0 is not, where its key did not sign the checkpoint, and
    at the end where the entries do not have the checkpoint's root.
    """
    checkpoint = parse_checkpoint(source.checkpoint())
    tree = Frontier()
    for seq, raw in enumerate(source.entries(checkpoint.size)):
        if seq == 0:
            opened = open_entry(raw, log_id)
            verify_checkpoint(checkpoint, opened.origin, unb64(opened.log_key, 32, "log_key"))
        tree.append(leaf_hash(raw))
        yield seq, raw
    if checkpoint.size == 0 or tree.root() != checkpoint.root:
        raise LogError(f"the entries do not have the root of the checkpoint, {b64(checkpoint.root)}")


def open_entry(raw: bytes, log_id: bytes | None = None) -> LogOpenedData:
    """What entry 0 says; LogError where it is no `log.opened`, or that of another log."""
    entry = decode_entry(raw)
    if entry.seq != 0 or not isinstance(entry.data, LogOpenedData):
        raise LogError(f"entry 0: expected log.opened, got {entry.kind}")
    found = sha256(raw).digest()
    if log_id is not None and found != log_id:
        raise LogError(f"wrong log: expected {b64(log_id)}, got {b64(found)}")
    return entry.data
