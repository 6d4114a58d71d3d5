"""The log in the database: appended to inside the caller's transaction; ``log_signing`` signs what was committed.

Entries, their leaf hashes and the head change together or not at all, under one writer at a time (A57).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import msgspec
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.entries import KINDS, NO_ENTRY, LogOpenedData, encode_entry, format_time
from audit.merkle import EMPTY_ROOT, Frontier, leaf_hash
from audit.tiles import TILE_WIDTH, tile_root
from election_service import schema
from election_service.errors import (
    InputError,
    LogDamagedError,
    UnknownElectionError,
    WriterConflictError,
)
from keys.canonical import Wire

Item = tuple[str, Wire | msgspec.Raw]
"""Kind and data of an entry to append."""

_CHUNK: Final = 500  # entries at a time, so that the event loop breathes
COMPARE: Final = "stop the service, keep a copy of everything, and compare with a published copy of the log"


@dataclass(frozen=True, slots=True)
class Head:
    """The committed end of a log: size, root, frontier nodes, SHA-256 of the last entry, its time in POSIX seconds."""

    size: int
    root: bytes
    nodes: tuple[bytes, ...]
    last_hash: bytes
    last_time: int
    published: str | None
    published_size: int


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A row of the log: the entry's bytes and the leaf hash stored beside them."""

    seq: int
    entry: bytes
    leaf: bytes


def _lock_number(election: str) -> int:
    """The number of the log's advisory lock in PostgreSQL: 64 bits, signed."""
    return int.from_bytes(sha256(b"election-service/log/" + election.encode()).digest()[:8], "big", signed=True)


async def lock_log(connection: AsyncConnection, election: str) -> None:
    """Become the log's only writer until the transaction ends. SQLite's BEGIN IMMEDIATE has done it already.

    Take it before any row lock on ``polls`` is upgraded, and never the other way round.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _lock_number(election)})


async def read_head(connection: AsyncConnection, election: str) -> Head:
    """The log's head as this transaction sees it; UnknownElectionError where there is no such log."""
    table = schema.log_heads
    row = (await connection.execute(select(table).where(table.c.election == election))).mappings().one_or_none()
    if row is None:
        raise UnknownElectionError(f"log: no election {election[:64]!r} here")
    nodes = tuple(row["nodes"][at : at + 32] for at in range(0, len(row["nodes"]), 32))
    return Head(
        row["size"],
        row["root"],
        nodes,
        row["last_hash"],
        row["last_time"],
        row["published"],
        row["published_size"],
    )


async def read_entries(connection: AsyncConnection, election: str, start: int, end: int) -> AsyncIterator[StoredEntry]:
    """Entries ``start`` … ``end - 1``, in order, a few hundred at a time; LogDamagedError where one is missing."""
    table = schema.log_entries
    for first in range(start, end, _CHUNK):
        last = min(first + _CHUNK, end)
        query = (
            select(table.c.seq, table.c.entry, table.c.leaf)
            .where(table.c.election == election, table.c.seq >= first, table.c.seq < last)
            .order_by(table.c.seq)
        )
        rows = (await connection.execute(query)).all()
        for seq, row in zip(range(first, last), rows, strict=False):
            if row.seq != seq:
                raise LogDamagedError(f"log {election}: entry {seq} is missing", COMPARE)
            yield StoredEntry(row.seq, row.entry, row.leaf)
        if len(rows) < last - first:
            raise LogDamagedError(f"log {election}: entry {first + len(rows)} is missing", COMPARE)


async def open_log(connection: AsyncConnection, opened: LogOpenedData, *, title: str, config: bytes, now: int) -> bytes:
    """Make an election and entry 0 of its log; returns the log id. InputError where the election exists."""
    election = opened.election
    log_id = sha256(encode_entry(0, NO_ENTRY, "log.opened", format_time(now), opened)).digest()
    row = {"election": election, "origin": opened.origin, "title": title, "log_id": log_id, "config": config}
    try:
        await connection.execute(insert(schema.elections).values(row))
    except IntegrityError as error:
        raise InputError(
            f"election {election}: exists already", "an election has one log; choose another id"
        ) from error
    empty = {"size": 0, "root": EMPTY_ROOT, "nodes": b"", "last_hash": NO_ENTRY, "last_time": now}
    await connection.execute(insert(schema.log_heads).values(election=election, published_size=0, **empty))
    await append(connection, election, [("log.opened", opened)], now)
    return log_id


async def append(connection: AsyncConnection, election: str, items: Sequence[Item], now: int) -> list[int]:
    """Append entries in order inside the caller's transaction; returns their numbers.

    ``now`` in POSIX seconds; a time before the last entry's is raised to it. Entries and head change together: the head
    is set only if it is still the one that was extended, else WriterConflictError (A57). After the commit: ``publish``.
    """
    await lock_log(connection, election)
    head = await read_head(connection, election)
    frontier = Frontier(head.size, head.nodes)
    stamp = max(now, head.last_time)
    prev = head.last_hash
    for first in range(0, len(items), _CHUNK):
        rows: list[dict[str, Any]] = []
        for kind, data in items[first : first + _CHUNK]:
            time = format_time(stamp) if kind not in KINDS or KINDS[kind].timed else None
            entry = encode_entry(frontier.size, prev, kind, time, data)
            leaf = leaf_hash(entry)
            row = {"election": election, "seq": frontier.size, "kind": kind, "entry": entry, "leaf": leaf}
            rows.append(row)
            frontier.append(leaf)
            prev = sha256(entry).digest()
        try:
            await connection.execute(insert(schema.log_entries), rows)
        except IntegrityError as error:
            raise WriterConflictError(f"log {election}: entry {rows[0]['seq']} is there already", COMPARE) from error
        await asyncio.sleep(0)
    await _store_tile_roots(connection, election, head.size, frontier.size)
    table = schema.log_heads
    changed = await connection.execute(
        update(table)
        .where(table.c.election == election, table.c.size == head.size, table.c.root == head.root)
        .values(
            size=frontier.size,
            root=frontier.root(),
            nodes=b"".join(frontier.nodes),
            last_hash=prev,
            last_time=stamp,
        )
    )
    if changed.rowcount != 1:
        raise WriterConflictError(f"log {election}: the head moved from {head.size} while it was extended", "try again")
    return list(range(head.size, frontier.size))


async def _store_tile_roots(connection: AsyncConnection, election: str, old: int, new: int) -> None:
    """Store the root of every tile that was completed between two sizes, level by level."""
    entries, roots = schema.log_entries, schema.log_tile_roots
    level = 1
    while old // TILE_WIDTH < new // TILE_WIDTH:
        for index in range(old // TILE_WIDTH, new // TILE_WIDTH):
            first, last = index * TILE_WIDTH, (index + 1) * TILE_WIDTH
            if level == 1:
                query = (
                    select(entries.c.leaf)
                    .where(entries.c.election == election, entries.c.seq >= first, entries.c.seq < last)
                    .order_by(entries.c.seq)
                )
            else:
                query = (
                    select(roots.c.root)
                    .where(roots.c.election == election, roots.c.level == level - 1)
                    .where(roots.c.idx >= first, roots.c.idx < last)
                    .order_by(roots.c.idx)
                )
            root = tile_root(list((await connection.execute(query)).scalars()))
            await connection.execute(insert(roots).values(election=election, level=level, idx=index, root=root))
        old, new, level = old // TILE_WIDTH, new // TILE_WIDTH, level + 1
