"""How a log is laid out as files: c2sp.org/tlog-tiles with 256 hashes a tile and entry bundles.

A path names a tile; a tile is hashes, a bundle is entries with 16-bit lengths. Nothing here reads or writes files.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from audit.errors import TileError
from audit.merkle import HASH_SIZE, NodeReader, leaf_hash, node_hash

TILE_WIDTH: Final = 256
TILE_HEIGHT: Final = 8  # 2**8 hashes a tile
MAX_LEVEL: Final = 63
MAX_ENTRY: Final = 0xFFFF  # bytes: a bundle counts an entry's length in 16 bits (A61)
MAX_BUNDLE: Final = TILE_WIDTH * (MAX_ENTRY + 2)  # bytes of the largest bundle there can be
MAX_TILE: Final = TILE_WIDTH * HASH_SIZE
MAX_INDEX: Final = 2**63 // TILE_WIDTH
ENTRIES: Final = -1  # the level of entry bundles in a TileName

_PATH: Final = re.compile(
    r"tile/(?:(?P<level>0|[1-9][0-9]?)|entries)/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?\Z",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, order=True)
class TileName:
    """Which tile: level 0 … 63 or ENTRIES, index from 0, width 1 … 256 (below 256: partial)."""

    level: int
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """The path relative to the log's prefix, such as ``tile/0/x001/x234/067.p/8``."""
        elements = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            elements.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = f".p/{self.width}" if self.width < TILE_WIDTH else ""
        return f"tile/{level}/{'/'.join(elements)}{partial}"

    @classmethod
    def from_path(cls, path: str) -> "TileName":
        """The one reader of tile paths; TileError for any other spelling (leading zeros, wrong x, signs, spaces)."""
        match = _PATH.match(path)
        if not match:
            raise TileError(f"tile path: expected tile/<L>/<N>[.p/<W>], got {path[:80]!r}")
        level = ENTRIES if match["level"] is None else int(match["level"])
        index = int(match["index"].replace("x", "").replace("/", "")) if len(match["index"]) < 80 else MAX_INDEX
        width = int(match["width"]) if match["width"] else TILE_WIDTH
        name = cls(level, index, width)
        if level > MAX_LEVEL or index >= MAX_INDEX or (match["width"] and width >= TILE_WIDTH) or name.path != path:
            raise TileError(f"tile path: expected tile/<L>/<N>[.p/<W>], got {path[:80]!r}")
        return name


def tile_names(size: int) -> Iterator[TileName]:
    """Every hash tile of a tree of that size, level by level; the last of a level may be partial."""
    level, width = 0, size
    while width:
        full, partial = divmod(width, TILE_WIDTH)
        for index in range(full):
            yield TileName(level, index)
        if partial:
            yield TileName(level, full, partial)
        level, width = level + 1, full


def bundle_names(size: int) -> Iterator[TileName]:
    """Every entry bundle of a log of that size, in order."""
    full, partial = divmod(size, TILE_WIDTH)
    for index in range(full):
        yield TileName(ENTRIES, index)
    if partial:
        yield TileName(ENTRIES, full, partial)


def tile_root(hashes: Sequence[bytes]) -> bytes:
    """The root of a full tile: one hash of the level above."""
    row = list(hashes)
    if len(row) != TILE_WIDTH:
        raise TileError(f"tile: expected {TILE_WIDTH} hashes, got {len(row)}")
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


class TileStack:
    """The rightmost tile of every level of a growing log, and the full tiles as they come about.

    ``append`` returns the tiles that the new leaf completed (mostly none); ``partial`` those that are not full yet.
    Memory is 256 hashes a level.
    """

    __slots__ = ("rows", "size")

    def __init__(self) -> None:
        self.size = 0
        self.rows: list[list[bytes]] = []

    def append(self, leaf: bytes) -> list[tuple[TileName, bytes]]:
        """Add one leaf hash; the full tiles (name, content) that it ends, lowest level first."""
        done: list[tuple[TileName, bytes]] = []
        node, level, index = leaf, 0, self.size
        self.size += 1
        while True:
            if level == len(self.rows):
                self.rows.append([])
            row = self.rows[level]
            row.append(node)
            index //= TILE_WIDTH
            if len(row) < TILE_WIDTH:
                return done
            done.append((TileName(level, index), b"".join(row)))
            node = tile_root(row)
            row.clear()
            level += 1

    def partial(self) -> list[tuple[TileName, bytes]]:
        """The partial tiles of the present size, lowest level first."""
        return [
            (TileName(level, self.size >> TILE_HEIGHT * (level + 1), len(row)), b"".join(row))
            for level, row in enumerate(self.rows)
            if row
        ]


def split_tile(raw: bytes, width: int) -> list[bytes]:
    """The hashes of a tile's content; TileError unless there are exactly ``width``."""
    if len(raw) != width * HASH_SIZE:
        raise TileError(f"tile: expected {width * HASH_SIZE} bytes, got {len(raw)}")
    return [raw[at : at + HASH_SIZE] for at in range(0, len(raw), HASH_SIZE)]


def make_bundle(entries: Iterable[bytes]) -> bytes:
    """The content of an entry bundle: each entry after its length, 16 bits big-endian."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise TileError(f"bundle: expected entries of at most {MAX_ENTRY} bytes, got {len(entry)}")
        parts.append(len(entry).to_bytes(2, "big"))
        parts.append(entry)
    return b"".join(parts)


def split_bundle(raw: bytes, width: int) -> list[bytes]:
    """The entries of a bundle's content; TileError unless there are exactly ``width`` and nothing is left over."""
    entries: list[bytes] = []
    at = 0
    while at < len(raw):
        end = at + 2 + int.from_bytes(raw[at : at + 2], "big")
        if at + 2 > len(raw) or end > len(raw):
            raise TileError(f"bundle: entry {len(entries)} ends after the bundle does")
        entries.append(raw[at + 2 : end])
        at = end
    if len(entries) != width:
        raise TileError(f"bundle: expected {width} entries, got {len(entries)}")
    return entries


def tile_reader(size: int, read: Callable[[TileName], bytes]) -> NodeReader:
    """A NodeReader for a tree of ``size`` leaves over stored tiles: ``read`` gives a tile's content by its name."""

    def node(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, TILE_HEIGHT)
        first = index << height
        tile_index, at = divmod(first, TILE_WIDTH)
        width = min((size >> TILE_HEIGHT * tile_level) - tile_index * TILE_WIDTH, TILE_WIDTH)
        name = TileName(tile_level, tile_index, width)
        row = split_tile(read(name), width)[at : at + (1 << height)]
        if len(row) != 1 << height:
            raise TileError(f"tile {name.path}: no full subtree {index} of level {level} in {size} leaves")
        while len(row) > 1:
            row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
        return row[0]

    return node


def log_files(entries: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """The bundles and tiles of a whole log, (path, content), from its entries in order; memory is one bundle."""
    stack = TileStack()
    bundle: list[bytes] = []
    for entry in entries:
        bundle.append(entry)
        for name, content in stack.append(leaf_hash(entry)):
            yield name.path, content
        if len(bundle) == TILE_WIDTH:
            yield TileName(ENTRIES, stack.size // TILE_WIDTH - 1).path, make_bundle(bundle)
            bundle.clear()
    for name, content in stack.partial():
        yield name.path, content
    if bundle:
        yield TileName(ENTRIES, stack.size // TILE_WIDTH, len(bundle)).path, make_bundle(bundle)
