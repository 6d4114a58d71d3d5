"""entries: canonical bytes of a known kind, chained, in time, in the tree; published tiles are those of the tree."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from msgspec import UNSET

from audit.entries import Entry, Envelope, decode_data, decode_envelope, parse_time
from audit.errors import EntryError, LogError
from audit.merkle import leaf_hash
from audit.state import LogState
from audit.tiles import TileName
from keys.canonical import b64
from keys.errors import DataError

CHECK: Final = "entries"


@dataclass(frozen=True, slots=True)
class Link:
    """An entry in its place: number, SHA-256 of its bytes, POSIX time (None for untimed kinds), outside as decoded."""

    seq: int
    digest: bytes
    time: int | None
    envelope: Envelope

    @property
    def kind(self) -> str:
        """The entry's kind."""
        return self.envelope.kind


def verify_chain(log: LogState, raw: bytes) -> Link | None:
    """Take one entry into chain and tree; None where it cannot be read at all. Failures go into the book."""
    seq, prev = log.size, log.last_hash
    log.last_hash = sha256(raw).digest()
    _grow(log, leaf_hash(raw))
    log.book.count(CHECK)
    try:
        envelope = decode_envelope(raw)
    except EntryError as error:
        log.book.fail(CHECK, seq, error)
        return None
    if envelope.seq != seq:
        log.book.fail(CHECK, seq, f"seq: expected {seq}, got {envelope.seq}")
    if envelope.prev != b64(prev):
        log.book.fail(CHECK, seq, f"prev: expected {b64(prev)}, got {envelope.prev[:60]}")
    time = None
    if envelope.time is not UNSET:
        time = _verify_time(log, seq, envelope.time)
    return Link(seq, log.last_hash, time, envelope)


def read_data(log: LogState, link: Link) -> Entry | None:
    """The entry with its data by its kind; None where the schema refuses it."""
    try:
        return decode_data(link.envelope)
    except EntryError as error:
        log.book.fail(CHECK, link.seq, error)
        return None


def _verify_time(log: LogState, seq: int, text: str) -> int:
    try:
        time = parse_time(text)
        if time < log.last_time:
            raise LogError(f"time: {text} is before the time of an earlier entry")
    except DataError as error:
        log.book.fail(CHECK, seq, error)
        return log.last_time
    log.last_time = time
    return time


def _grow(log: LogState, leaf: bytes) -> None:
    """Append to the tree; note its root where a checkpoint has that size; compare tiles as they fill up."""
    log.tree.append(leaf)
    log.size += 1
    if log.size in log.roots:
        log.roots[log.size] = log.tree.root()
    for name, content in log.tiles.append(leaf):
        _verify_tile(log, name, content)


def _verify_tile(log: LogState, name: TileName, content: bytes) -> None:
    """A published tile that lies would mislead whoever builds proofs from it. A copy without any tiles is fine."""
    if log.tiles_published is False:
        return
    try:
        published = log.source.tile(name)
    except DataError as error:
        log.book.fail(CHECK, None, error)
        return
    if log.tiles_published is None:
        log.tiles_published = published is not None
        if published is None:
            log.book.note("this copy has no hash tiles; the tree was built from the entries alone")
    elif published is None:
        log.book.fail(CHECK, None, f"{name.path}: missing from this copy")
    if published is not None and published != content:
        log.book.fail(CHECK, None, f"{name.path}: not the hashes of the entries")


def verify_tree(log: LogState, size: int, root: bytes) -> None:
    """At the end: all entries were there, their root is the checkpoint's, nothing waits to be sealed."""
    for name, content in log.tiles.partial():
        _verify_tile(log, name, content)
    if log.size != size:
        raise LogError(f"expected {size} entries as the checkpoint says, got {log.size}")
    if log.tree.root() != root:
        raise LogError(f"expected the root of the checkpoint, {b64(root)}, got {b64(log.tree.root())}")
    if log.run:
        raise LogError(f"the log ends with {log.run} ballots that are not sealed")
