"""The writer of a simulated log: entries in memory, published as the files that a copy holds."""

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from audit.checkpoint import make_checkpoint
from audit.entries import KINDS, NO_ENTRY, encode_entry, encode_unsigned, format_time, parse_time
from audit.merkle import leaf_hash, tree_root
from audit.tiles import TILE_WIDTH, TileStack, bundle_names, make_bundle
from keys.canonical import Wire
from tests.simulated.builders import Signer, approve

START = parse_time("2026-10-05T08:00:00Z")


@dataclass
class Logbook:
    """One log: origin, log key (Ed25519 seed), the clock in POSIX seconds, entries and blobs."""

    origin: str
    log_secret: bytes
    now: int = START
    entries: list[bytes] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)

    @property
    def log_id(self) -> bytes:
        return sha256(self.entries[0]).digest()

    def append(self, kind: str, data: Wire) -> bytes:
        """Log one entry; the clock goes on by a second, but for derived entries: they have the time of their cause."""
        prev = sha256(self.entries[-1]).digest() if self.entries else NO_ENTRY
        self.now += 0 if KINDS[kind].derived else 1
        time = format_time(self.now) if KINDS[kind].timed else None
        raw = encode_entry(len(self.entries), prev, kind, time, data)
        self.entries.append(raw)
        return raw

    def act(self, kind: str, data: Any, members: dict[str, Signer]) -> bytes:
        """Log an act of the committee with the approvals of these members."""
        approvals = approve(self.log_id, kind, encode_unsigned(data), members)
        return self.append(kind, msgspec.structs.replace(data, approvals=approvals))

    def add_blob(self, content: bytes) -> str:
        name = sha256(content).hexdigest()
        self.blobs[name] = content
        return name

    def files(self) -> dict[str, bytes]:
        """The published log: relative path -> content."""
        return published(self.origin, self.log_secret, self.entries, self.blobs)


def published(origin: str, log_secret: bytes, entries: list[bytes], blobs: dict[str, bytes]) -> dict[str, bytes]:
    """Tiles, bundles, checkpoint and blobs of any list of entries, signed with the log key."""
    leaves = [leaf_hash(entry) for entry in entries]
    files = {"checkpoint": make_checkpoint(origin, len(entries), tree_root(leaves), log_secret)}
    stack = TileStack()
    for leaf in leaves:
        files |= {name.path: content for name, content in stack.append(leaf)}
    files |= {name.path: content for name, content in stack.partial()}
    for name in bundle_names(len(entries)):
        first = name.index * TILE_WIDTH
        files[name.path] = make_bundle(entries[first : first + name.width])
    return files | {f"blobs/{name}": content for name, content in blobs.items()}


def write_folder(files: dict[str, bytes], folder: Path) -> Path:
    """Write a published log as a folder."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder
