"""The published log: tiles, entry bundles, checkpoint and blobs by their paths (c2sp.org/tlog-tiles).

What is served is what the newest published checkpoint covers, and not an entry more: everybody can check all of it.
Bytes under a tile's path never change; only ``checkpoint`` does.
"""

import re
from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.errors import TileError
from audit.merkle import HASH_SIZE, make_inclusion_proof
from audit.tiles import ENTRIES, TILE_HEIGHT, TILE_WIDTH, TileName, bundle_names, make_bundle, tile_names, tile_reader
from election_service import schema
from election_service.errors import InputError, NotFoundError, StorageError
from election_service.log import Head, read_head

CHECKPOINT: Final = "checkpoint"
_BLOB: Final = re.compile(r"blobs/(?P<hash>[0-9a-f]{64})\Z", re.ASCII)


async def read_published(connection: AsyncConnection, election: str, path: str) -> bytes:
    """The file at a path relative to the log's prefix; NotFoundError for everything that is not published."""
    head = await read_head(connection, election)
    if path == CHECKPOINT and head.published is not None:
        return head.published.encode()
    if blob := _BLOB.match(path):
        return await _read_blob(connection, election, blob["hash"])
    try:
        name = TileName.from_path(path)
    except TileError as error:
        raise NotFoundError(f"log: no file {path[:80]!r}") from error
    return await read_tile(connection, election, name, head.published_size)


async def read_tile(connection: AsyncConnection, election: str, name: TileName, size: int) -> bytes:
    """A tile or entry bundle of the log's first ``size`` entries; NotFoundError beyond them."""
    level = max(name.level, 0)  # bundles have the geometry of level 0
    first, last = name.index * TILE_WIDTH, name.index * TILE_WIDTH + name.width
    if last > size >> TILE_HEIGHT * level:
        raise NotFoundError(f"log: no file {name.path!r} in {size} entries")
    entries, roots = schema.log_entries, schema.log_tile_roots
    if level == 0:
        query = (
            select(entries.c.entry if name.level == ENTRIES else entries.c.leaf)
            .where(entries.c.election == election, entries.c.seq >= first, entries.c.seq < last)
            .order_by(entries.c.seq)
        )
    else:
        query = (
            select(roots.c.root)
            .where(roots.c.election == election, roots.c.level == level, roots.c.idx >= first, roots.c.idx < last)
            .order_by(roots.c.idx)
        )
    rows = list((await connection.execute(query)).scalars())
    if len(rows) != name.width:
        raise StorageError(f"log {election}: {name.path}: expected {name.width} rows, got {len(rows)}", "run doctor")
    return make_bundle(rows) if name.level == ENTRIES else b"".join(rows)


async def _read_blob(connection: AsyncConnection, election: str, name: str) -> bytes:
    table = schema.blobs
    query = select(table.c.content).where(table.c.election == election, table.c.sha256 == name)
    content: bytes | None = (await connection.execute(query)).scalar_one_or_none()
    if content is None:
        raise NotFoundError(f"log: no file 'blobs/{name}'")
    return content


async def store_blob(connection: AsyncConnection, election: str, content: bytes) -> str:
    """Store a content-addressed file; returns its SHA-256 in lower-case hex. The same content may be stored again."""
    name = sha256(content).hexdigest()
    table = schema.blobs
    query = select(table.c.sha256).where(table.c.election == election, table.c.sha256 == name)
    if (await connection.execute(query)).scalar_one_or_none() is None:
        try:
            async with connection.begin_nested():
                await connection.execute(insert(table).values(election=election, sha256=name, content=content))
        except IntegrityError:  # another process stored the same bytes
            await _read_blob(connection, election, name)
    return name


# ---- proofs for one voter --------------------------------------------------------------------------------------------


async def inclusion_proofs(
    connection: AsyncConnection, election: str, seqs: Sequence[int]
) -> tuple[Head, dict[int, list[bytes]]]:
    """Proofs for some entries under the published checkpoint; returns the head that holds it too.

    NotFoundError for an entry that is not published yet. Reads only the tiles that the proofs need.
    """
    head = await read_head(connection, election)
    size = head.published_size
    if any(not 0 <= seq < size for seq in seqs):
        raise NotFoundError(f"log: expected entries below {size}, got {max(seqs)}")
    needed: set[TileName] = set()

    def note(name: TileName) -> bytes:
        needed.add(name)
        return bytes(HASH_SIZE * name.width)

    for seq in seqs:  # the shape of a proof does not depend on the hashes: a first pass finds the tiles
        make_inclusion_proof(seq, size, tile_reader(size, note))
    tiles = {name: await read_tile(connection, election, name, size) for name in sorted(needed)}
    reader = tile_reader(size, tiles.__getitem__)
    return head, {seq: make_inclusion_proof(seq, size, reader) for seq in seqs}


# ---- a copy as a folder ----------------------------------------------------------------------------------------------


async def published_files(connection: AsyncConnection, election: str) -> AsyncIterator[tuple[str, bytes]]:
    """Every file of the published log, one at a time: bundles, tiles, blobs, and the checkpoint last."""
    head = await read_head(connection, election)
    if head.published is None:
        raise NotFoundError(f"log {election}: nothing is published yet")
    size = head.published_size
    for names in (bundle_names(size), tile_names(size)):
        for name in names:
            yield name.path, await read_tile(connection, election, name, size)
    table = schema.blobs
    query = select(table.c.sha256).where(table.c.election == election).order_by(table.c.sha256)
    for blob in list((await connection.execute(query)).scalars()):
        yield f"blobs/{blob}", await _read_blob(connection, election, blob)
    yield CHECKPOINT, head.published.encode()


async def export_log(connection: AsyncConnection, election: str, folder: Path) -> int:
    """Write the published log into a new or empty folder; returns the number of files. The checkpoint comes last.

    ``election-audit verify FOLDER`` checks it anywhere. Only names made here are written.
    """
    _make_empty(folder)
    count = 0
    async for path, content in published_files(connection, election):
        _write(folder / path, content)
        count += 1
    return count


def _make_empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise InputError(f"export: {folder} is not empty", "give a new folder")


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
