"""Signing the log: never before it is durable, never two heads that disagree, never entries that changed since.

Durable steps, in this order (A59): entries and head commit → the head file is fsynced → the checkpoint is signed and
stored → it is served. A crash between any two leaves a state from which ``publish`` goes on by itself. What is signed
was recomputed from the stored entries, from the last signed head on (A58); ``check_log`` does it from entry 0.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Final

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.checkpoint import make_checkpoint
from audit.entries import NO_ENTRY, format_time
from audit.merkle import Frontier, leaf_hash
from audit.tiles import TILE_WIDTH, TileStack, split_tile, tile_root
from election_service import schema
from election_service.database import Database
from election_service.errors import ClockError, LogDamagedError, LogRollbackError
from election_service.head_file import HeadFile, advance_head_file, read_head_file
from election_service.log import COMPARE, Head, StoredEntry, read_entries, read_head
from election_service.state_dir import StateDir
from keys.canonical import b64, unb64

CLOCK_TOLERANCE: Final = 60  # seconds that the clocks of two machines may differ


def _extend(election: str, frontier: Frontier, prev: bytes, stored: StoredEntry) -> bytes:
    """Take one stored entry into the frontier; LogDamagedError names it if its bytes are not what was hashed."""
    if leaf_hash(stored.entry) != stored.leaf:
        raise LogDamagedError(f"log {election}: entry {stored.seq}: stored bytes and leaf hash differ", COMPARE)
    try:
        link = msgspec.json.decode(stored.entry, type=_Link)
    except msgspec.DecodeError as error:
        raise LogDamagedError(f"log {election}: entry {stored.seq}: {error}", COMPARE) from error
    if link.seq != stored.seq or link.prev != b64(prev):
        raise LogDamagedError(f"log {election}: entry {stored.seq}: does not follow entry {stored.seq - 1}", COMPARE)
    frontier.append(stored.leaf)
    return sha256(stored.entry).digest()


class _Link(msgspec.Struct, frozen=True):
    """What chains an entry: its number and the hash before it."""

    seq: int
    prev: str


async def publish(database: Database, state: StateDir, election: str, origin: str, log_key: bytes) -> int:
    """Sign the committed head and let it be served; returns the published size. Safe to run again, or in two processes.

    ``log_key``: the 32-byte Ed25519 seed. LogRollbackError where the database is older than the last signed head,
    LogDamagedError where its entries do not make its root: then nothing is signed.
    """
    while True:
        async with _both_heads(database, state, election) as (connection, head, seen):
            if seen is not None and head.published_size == seen.size == head.size:
                return head.size
            new = await _recompute(connection, election, head, seen)
        if await asyncio.to_thread(advance_head_file, state, seen, new):
            break
    note = make_checkpoint(origin, head.size, head.root, log_key).decode()
    table = schema.log_heads
    async with database.transaction() as connection:
        await connection.execute(
            update(table)
            .where(table.c.election == election, table.c.published_size < head.size)
            .values(published=note, published_size=head.size)
        )
    return head.size


@asynccontextmanager
async def _both_heads(
    database: Database, state: StateDir, election: str
) -> AsyncIterator[tuple[AsyncConnection, Head, HeadFile | None]]:
    """A snapshot with both heads, stored and signed; LogRollbackError where one is too old for the other (A56).

    The file is read before the snapshot and again after it: where it moved, another process has signed meanwhile, and
    both are read anew. Where it stood still, the snapshot holds at least what the file says.
    """
    while True:
        seen = await asyncio.to_thread(read_head_file, state, election)
        async with database.snapshot() as connection:
            head = await read_head(connection, election)
            if await asyncio.to_thread(read_head_file, state, election) == seen:
                _check_not_behind(election, head, seen)
                yield connection, head, seen
                return


def _check_not_behind(election: str, head: Head, seen: HeadFile | None) -> None:
    """The database must not be older than what was signed, nor the head file older than what was served (A56)."""
    signed = 0 if seen is None else seen.size
    if head.size < signed:
        raise LogRollbackError(
            f"log {election}: the database ends at entry {head.size}, but {signed} entries were signed",
            "this is an older database; give the newest one. Where it is lost, see docs/operator.md, Incidents",
        )
    if seen is not None and head.size == signed and b64(head.root) != seen.root:
        raise LogRollbackError(
            f"log {election}: two roots for size {signed}: signed {seen.root}, database {b64(head.root)}", COMPARE
        )
    if seen is None and head.published_size > 0:
        raise LogRollbackError(
            f"log {election}: {head.published_size} entries are published, but the state directory has no signed head",
            "copy the state directory of the running service to this machine; it is not part of a database backup",
        )


async def _recompute(connection: AsyncConnection, election: str, head: Head, seen: HeadFile | None) -> HeadFile:
    """The head after the stored entries, from the last signed one on; LogDamagedError unless it is the stored head."""
    frontier = Frontier() if seen is None else seen.frontier()
    prev = NO_ENTRY if seen is None else unb64(seen.last_hash, 32, "last_hash")
    async for stored in read_entries(connection, election, frontier.size, head.size):
        prev = _extend(election, frontier, prev, stored)
    _check_head(election, head, frontier, prev)
    return HeadFile.make(election, frontier, prev)


def _check_head(election: str, head: Head, frontier: Frontier, last_hash: bytes) -> None:
    if frontier.root() != head.root or tuple(frontier.nodes) != head.nodes or last_hash != head.last_hash:
        raise LogDamagedError(
            f"log {election}: the stored head of {head.size} entries is not theirs: expected root "
            f"{frontier.root().hex()}, got {head.root.hex()}",
            COMPARE,
        )


def check_clock(election: str, head: Head, now: int) -> None:
    """ClockError where the clock stands before the log's last entry: closing times could not be kept."""
    if now < head.last_time - CLOCK_TOLERANCE:
        raise ClockError(
            f"log {election}: clock: expected at least {format_time(head.last_time)} (the last entry), "
            f"got {format_time(now)}",
            "set the clock right (NTP); if the last entry's time is wrong, wait until it has passed",
        )


async def check_log(database: Database, state: StateDir, election: str, now: int | None = None) -> Head:
    """Before anything is signed after a start: every stored entry, its leaf, the chain, the tree, the signed head.

    LogDamagedError names the first entry that is wrong; LogRollbackError as in ``publish``; with ``now`` (POSIX
    seconds) also ClockError. Returns the head.
    """
    async with _both_heads(database, state, election) as (connection, head, seen):
        if now is not None:
            check_clock(election, head, now)
        total = await connection.scalar(
            select(func.count()).select_from(schema.log_entries).where(schema.log_entries.c.election == election)
        )
        if total != head.size:
            raise LogDamagedError(f"log {election}: expected {head.size} entries, got {total}", COMPARE)
        frontier, prev, tiles = Frontier(), NO_ENTRY, TileStack()
        roots: dict[tuple[int, int], bytes] = {}
        async for stored in read_entries(connection, election, 0, head.size):
            prev = _extend(election, frontier, prev, stored)
            for name, content in tiles.append(stored.leaf):
                roots[name.level + 1, name.index] = tile_root(split_tile(content, TILE_WIDTH))
            if seen is not None and frontier.size == seen.size and b64(frontier.root()) != seen.root:
                raise LogDamagedError(
                    f"log {election}: an entry up to {seen.size - 1} was changed after it was signed: expected root "
                    f"{seen.root}, got {b64(frontier.root())}",
                    COMPARE,
                )
        _check_head(election, head, frontier, prev)
        await _check_tile_roots(connection, election, roots)
    return head


async def _check_tile_roots(connection: AsyncConnection, election: str, expected: dict[tuple[int, int], bytes]) -> None:
    """The stored roots of full tiles, from which tiles are served, are those of the entries."""
    table = schema.log_tile_roots
    rows = await connection.execute(
        select(table.c.level, table.c.idx, table.c.root).where(table.c.election == election)
    )
    found = {(row.level, row.idx): row.root for row in rows}
    for level, index in sorted(expected.keys() | found.keys()):
        if found.get((level, index)) != expected.get((level, index)):
            raise LogDamagedError(f"log {election}: stored root {index} of tile level {level} is wrong", COMPARE)
