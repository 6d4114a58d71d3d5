"""Where a copy of a log comes from: a folder, a ZIP file, a server, memory. The only way that a log comes in.

A copy has the files of c2sp.org/tlog-tiles and `blobs/<sha256>` (docs/protocol.md §9). Nothing it says is trusted:
every read is bounded, every blob is checked against its name, and only paths made here are ever asked for, so a ZIP or
folder cannot lead anywhere else.
"""

import gzip
import http.client
import io
import re
import struct
import urllib.error
import urllib.request
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from audit.checkpoint import parse_checkpoint
from audit.errors import AuditError, MissingError, SourceError
from audit.merkle import HASH_SIZE
from audit.note import MAX_NOTE
from audit.tiles import (
    ENTRIES,
    MAX_BUNDLE,
    MAX_TILE,
    TILE_HEIGHT,
    TILE_WIDTH,
    TileName,
    bundle_names,
    split_bundle,
)

MAX_BLOB: Final = 64 << 20  # bytes: an electorate of two million
MAX_DIRECTORY: Final = 64 << 20  # bytes of a ZIP's central directory: what opening it costs in memory
TIMEOUT: Final = 30.0  # seconds without an answer from a server
_BLOB_NAME: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_GONE: Final = frozenset({404, 410})


class LogSource(ABC):
    """A copy of a log: `name` for people, and the files in it. Use as a context manager."""

    name: str

    @abstractmethod
    def read(self, path: str, limit: int) -> bytes | None:
        """A file's content, None where there is none; AuditError beyond `limit` bytes, SourceError if unreadable."""

    def close(self) -> None:  # noqa: B027 -- most sources hold nothing open
        """Let go of what is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def checkpoint(self) -> bytes:
        """The newest checkpoint of this copy; SourceError where it has none: then it is no copy of a log."""
        raw = self.read("checkpoint", MAX_NOTE)
        if raw is None:
            raise SourceError(f"{self.name}: no checkpoint there, so no copy of a log")
        return raw

    def log_id(self) -> bytes:
        """SHA-256 of entry 0; MissingError or TileError where the copy has none."""
        return sha256(next(self.entries(parse_checkpoint(self.checkpoint()).size), b"")).digest()

    def entries(self, size: int) -> Iterator[bytes]:
        """The first `size` entries, one bundle in memory at a time; MissingError or TileError where they end."""
        for name in bundle_names(size):
            raw = self.read(name.path, MAX_BUNDLE)
            width = name.width
            if raw is None:
                width = self._grown_width(0, name.index, name.width)
                raw = self.read(TileName(ENTRIES, name.index, width).path, MAX_BUNDLE)
            if raw is None or width < name.width:
                raise MissingError(f"{name.path}: missing from this copy")
            yield from split_bundle(raw, width)[: name.width]

    def tile(self, name: TileName) -> bytes | None:
        """The content of a hash tile, None where the copy lacks it."""
        raw = self.read(name.path, MAX_TILE)
        if raw is None:
            width = self._grown_width(name.level, name.index, name.width)
            raw = self.read(TileName(name.level, name.index, width).path, MAX_TILE)
        return None if raw is None else raw[: name.width * HASH_SIZE]

    def _grown_width(self, level: int, index: int, width: int) -> int:
        """How wide a partial tile has become: a log that has grown may drop the narrower ones (tlog-tiles)."""
        if width == TILE_WIDTH:
            return width
        size = parse_checkpoint(self.checkpoint()).size >> TILE_HEIGHT * level
        return max(1, min(size - index * TILE_WIDTH, TILE_WIDTH))

    def blob(self, name: str) -> bytes:
        """The file of that SHA-256 (lower-case hex), checked against its name; MissingError or AuditError."""
        if not _BLOB_NAME.fullmatch(name):
            raise AuditError(f"blob: expected a SHA-256 in lower-case hex, got {name[:80]!r}")
        raw = self.read(f"blobs/{name}", MAX_BLOB)
        if raw is None:
            raise MissingError(f"blobs/{name}: missing from this copy")
        found = sha256(raw).hexdigest()
        if found != name:
            raise AuditError(f"blobs/{name}: wrong content: its SHA-256 is {found}")
        return raw


class MemorySource(LogSource):
    """A copy held in memory: path → content."""

    def __init__(self, files: Mapping[str, bytes], name: str = "memory") -> None:
        self.files = files
        self.name = name

    def read(self, path: str, limit: int) -> bytes | None:
        raw = self.files.get(path)
        return None if raw is None else _bounded(io.BytesIO(raw), path, limit)


class FolderSource(LogSource):
    """A copy in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = str(folder)

    def read(self, path: str, limit: int) -> bytes | None:
        place = self.folder / path
        try:
            if not place.is_file():  # neither a folder nor a pipe that would never end
                return None
            with place.open("rb") as file:
                return _bounded(file, path, limit)
        except OSError as error:
            raise SourceError(f"{place}: {error.strerror or error}") from error


class ZipSource(LogSource):
    """A copy in a ZIP file, at its top or in the one folder that holds `checkpoint`."""

    def __init__(self, file: Path) -> None:
        self.name = str(file)
        _check_zip(file)
        try:
            self._zip = zipfile.ZipFile(file)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise SourceError(f"{file}: no usable ZIP file: {error}") from error
        names = [item.filename for item in self._zip.infolist()]
        if len(set(names)) != len(names):  # readers differ in which of two files they take
            self._zip.close()
            raise SourceError(f"{file}: two files of one name in it")
        roots = [name.removesuffix("checkpoint") for name in names if name.split("/")[-1] == "checkpoint"]
        self._prefix = roots[0] if len(roots) == 1 else ""
        self._names = frozenset(names)

    def read(self, path: str, limit: int) -> bytes | None:
        if self._prefix + path not in self._names:
            return None
        try:
            with self._zip.open(self._prefix + path) as file:
                return _bounded(file, path, limit)
        except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise SourceError(f"{self.name}: {path}: {error}") from error

    def close(self) -> None:
        self._zip.close()


class UrlSource(LogSource):
    """A copy on a server: the log's prefix, such as https://vote.example.edu/log/sg-2026/."""

    def __init__(self, url: str, timeout: float = TIMEOUT) -> None:
        self.name = url
        self._base = url if url.endswith("/") else url + "/"
        self._timeout = timeout

    def read(self, path: str, limit: int) -> bytes | None:
        request = urllib.request.Request(self._base + path, headers={"Accept-Encoding": "gzip, identity"})  # noqa: S310 -- open_log lets http and https through, nothing else
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as answer:  # noqa: S310 -- as above
                encoded = answer.headers.get("Content-Encoding", "identity").strip().lower()
                if encoded == "gzip":
                    return _bounded(gzip.GzipFile(fileobj=answer), path, limit)
                if encoded != "identity":
                    raise SourceError(f"{self._base}{path}: expected no encoding but gzip, got {encoded[:40]!r}")
                return _bounded(answer, path, limit)
        except urllib.error.HTTPError as error:
            if error.code in _GONE:
                return None
            raise SourceError(f"{self._base}{path}: the server answered {error.code}") from error
        except (OSError, http.client.HTTPException, EOFError, zlib.error, ValueError) as error:
            raise SourceError(f"{self._base}{path}: {getattr(error, 'reason', None) or error}") from error


def open_log(location: str) -> LogSource:
    """The copy of a log at a URL, in a folder or in a ZIP file; SourceError where there is none to be read."""
    scheme, found, rest = location.partition("://")
    if found:
        if scheme.lower() not in {"http", "https"} or not rest:
            raise SourceError(f"{location}: expected a URL that begins with http:// or https://")
        return UrlSource(location)
    place = Path(location)
    if place.is_dir():
        return FolderSource(place)
    if place.is_file():
        return ZipSource(place)
    raise SourceError(f"{location}: no such folder or file")


def _bounded(file: "IO[bytes] | http.client.HTTPResponse | gzip.GzipFile", path: str, limit: int) -> bytes:
    """Read to the end, but never more than `limit` bytes: no bomb unpacks in memory."""
    raw = file.read(limit + 1)
    if len(raw) > limit:
        raise AuditError(f"{path}: expected at most {limit} bytes, got more")
    return raw


def _check_zip(file: Path) -> None:
    """Look at the ZIP's end record before its directory is read, since reading it costs as much memory as it claims."""
    try:
        with file.open("rb") as handle:
            size = handle.seek(0, io.SEEK_END)
            handle.seek(max(0, size - 65_557))  # the end record with the longest comment there can be
            tail = handle.read()
    except OSError as error:
        raise SourceError(f"{file}: {error.strerror or error}") from error
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise SourceError(f"{file}: no folder and no ZIP file")
    (directory,) = struct.unpack_from("<L", tail, at + 12)
    if directory > MAX_DIRECTORY:  # ZIP64 has ffffffff here
        raise SourceError(f"{file}: too many files in it; unpack it and give the folder")
