"""A disk that loses power: a VFS for SQLite that remembers which writes were synced, and draws what a crash leaves.

Writes that were synced are on the disk. Of the others each may be there, missing, or torn in the middle of a sector;
in any order, as disks do. Images are drawn from a seed, so a failure can be drawn again.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512


class Disk:
    """Durable contents by file name, and the writes after the last sync of each file."""

    def __init__(self) -> None:
        self.durable: dict[str, bytearray] = {}
        self.pending: dict[str, list[tuple[str, int, bytes]]] = {}
        self.syncs = 0

    def note(self, name: str, kind: str, offset: int, content: bytes = b"") -> None:
        self.pending.setdefault(name, []).append((kind, offset, content))

    def sync(self, name: str) -> None:
        self.syncs += 1
        content = self.durable.setdefault(name, bytearray())
        for change in self.pending.pop(name, []):
            _apply(content, change)

    def remove(self, name: str) -> None:
        self.durable.pop(name, None)
        self.pending.pop(name, None)

    def crash(self, seed: int, folder: Path) -> None:
        """Write one of the states that a power cut at this moment may leave into ``folder``."""
        draw = random.Random(seed)
        for name in sorted({*self.durable, *self.pending}):
            content = bytearray(self.durable.get(name, b""))
            for kind, offset, data in self.pending.get(name, []):
                fate = draw.random()
                if fate < 0.5:
                    _apply(content, (kind, offset, data))
                elif fate < 0.75 and kind == "write":
                    cut = draw.randrange(0, len(data) + 1) // SECTOR * SECTOR
                    _apply(content, (kind, offset, data[:cut]))
            (folder / Path(name).name).write_bytes(content)


def _apply(content: bytearray, change: tuple[str, int, bytes]) -> None:
    kind, offset, data = change
    if kind == "truncate":
        del content[offset:]
        return
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


class CrashVFS(apsw.VFS):
    """The system's own VFS, with a Disk that takes note."""

    def __init__(self, name: str, disk: Disk) -> None:
        self.disk = disk
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> CrashFile:
        return CrashFile(name, flags, self.disk)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, syncdir)
        self.disk.remove(filename)


class CrashFile(apsw.VFSFile):
    """One file: what is written and synced goes to the real file and into the disk's notes."""

    def __init__(self, name: Any, flags: list[int], disk: Disk) -> None:
        self.path = name.filename() if hasattr(name, "filename") else (name or "temporary")
        self.disk = disk
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        super().xWrite(data, offset)
        self.disk.note(self.path, "write", offset, bytes(data))

    def xTruncate(self, newsize: int) -> None:
        super().xTruncate(newsize)
        self.disk.note(self.path, "truncate", newsize)

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self.disk.sync(self.path)
