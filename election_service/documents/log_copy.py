"""A copy of the log's beginning in a folder: up to the end of a poll's story, with a checkpoint over just that.

The root is recomputed from the stored leaves, on to the checkpoint that is published, so that nothing is signed here
that contradicts what was signed before (A58); that the entries have these leaves, the verifier finds.
"""

import asyncio
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.checkpoint import parse_checkpoint
from audit.entries import decode_entry
from audit.merkle import Frontier
from audit.tiles import bundle_names, split_tile, tile_names
from election_service import schema
from election_service.documents.record import story_ends
from election_service.errors import LogDamagedError, NotFoundError
from election_service.facts import read_kinds
from election_service.log import COMPARE, read_head
from election_service.publication import CHECKPOINT, read_published, read_tile

_BLOBS: Final = {"constitution": "blob", "electorate": "blob", "result.declared": "reasoning"}  # kind -> its member
_CONCLUSIONS: Final = ("result.certified", "result.annulled")
_CHUNK: Final = 4096  # leaves at a time


async def find_end(connection: AsyncConnection, election: str, poll: int) -> int | None:
    """How many entries tell the story of a poll; None where it is not certified or annulled yet."""
    for raw in await read_kinds(connection, election, _CONCLUSIONS):
        entry = decode_entry(raw)
        if entry.data.poll == poll:
            table = schema.log_entries
            query = select(table.c.seq, table.c.kind).where(table.c.election == election, table.c.seq >= entry.seq)
            rows = (await connection.execute(query.order_by(table.c.seq).limit(_CHUNK))).all()
            return story_ends(((row.seq, row.kind, poll if row.seq == entry.seq else None) for row in rows), poll)
    return None


async def copy_log(connection: AsyncConnection, election: str, size: int, folder: Path) -> bytes:
    """Write bundles, tiles and the blobs that the first ``size`` entries name; returns their root. No checkpoint yet.

    NotFoundError where so much is not published; LogDamagedError where the leaves are not those that were signed.
    """
    head = await read_head(connection, election)
    if head.published is None or size > head.published_size:
        raise NotFoundError(f"log {election}: entry {size - 1} is not published yet")
    tree = Frontier()
    for name in tile_names(size):
        tile = await read_tile(connection, election, name, size)
        await asyncio.to_thread(write_file, folder / name.path, tile)
        if name.level == 0:
            for leaf in split_tile(tile, name.width):
                tree.append(leaf)
    root = tree.root()
    await _check_published(connection, election, tree, head.published)
    for name in bundle_names(size):
        bundle = await read_tile(connection, election, name, size)
        await asyncio.to_thread(write_file, folder / name.path, bundle)
    for raw in await read_kinds(connection, election, tuple(_BLOBS)):
        entry = decode_entry(raw)
        if entry.seq < size:
            path = f"blobs/{getattr(entry.data, _BLOBS[entry.kind])}"
            await asyncio.to_thread(write_file, folder / path, await read_published(connection, election, path))
    return root


async def _check_published(connection: AsyncConnection, election: str, tree: Frontier, published: str) -> None:
    """Go on from the tree to the size that was signed last; its root has to come out."""
    signed = parse_checkpoint(published.encode())
    table = schema.log_entries
    while tree.size < signed.size:
        last = min(tree.size + _CHUNK, signed.size)
        query = select(table.c.leaf).where(table.c.election == election, table.c.seq >= tree.size, table.c.seq < last)
        leaves = list((await connection.execute(query.order_by(table.c.seq))).scalars())
        if len(leaves) != last - tree.size:
            raise LogDamagedError(f"log {election}: entries are missing before entry {last}", COMPARE)
        for leaf in leaves:
            tree.append(leaf)
    if tree.root() != signed.root:
        raise LogDamagedError(
            f"log {election}: the stored leaves do not have the root of the checkpoint of {signed.size} entries",
            COMPARE,
        )


def write_file(path: Path, content: bytes) -> None:
    """Write a file and the folders that it stands in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def write_checkpoint(folder: Path, checkpoint: bytes) -> None:
    """Complete a copy."""
    write_file(folder / CHECKPOINT, checkpoint)
