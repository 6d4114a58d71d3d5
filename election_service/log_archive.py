"""The published log as one ZIP file: a trustee's tool checks it without a connection, `election-audit verify` as well.

Same log, same bytes: the files come in one order, as they are (ciphertexts do not shrink), with one date for all.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from election_service.log import read_head
from election_service.publication import published_files

if TYPE_CHECKING:
    from election_service.service import Service

_DATE: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that the format knows: a file of a log has no date of its own
_MODE: Final = 0o100644 << 16  # a plain file that its owner may write


async def write_archive(connection: AsyncConnection, election: str, file: IO[bytes]) -> int:
    """Write every file of the published log into a ZIP; returns how many. NotFoundError before the first checkpoint."""
    count = 0
    with ZipFile(file, "w", ZIP_STORED) as archive:
        async for path, content in published_files(connection, election):
            archive.writestr(member(path), content)
            count += 1
    return count


def member(path: str) -> ZipInfo:
    """The directory entry of a file in an archive whose bytes depend on nothing but its content."""
    info = ZipInfo(path, _DATE)
    info.external_attr = _MODE
    info.create_system = 3  # the attributes are Unix ones, wherever the archive is made
    return info


@dataclass(slots=True, eq=False)
class LogArchive:
    """An archive in a temporary file. ``checkpoint``: of the log that is in it; ``size``: bytes; ``readers``: how many
    it is being sent to.
    """

    checkpoint: str | None
    size: int
    file: IO[bytes]
    readers: int = 0

    def read(self, at: int, most: int) -> bytes:
        """A part of it; nobody moves another reader's place."""
        return os.pread(self.file.fileno(), most, at)


@dataclass(slots=True, eq=False)
class ArchiveDesk:
    """The newest archive of each log, made once for everybody who asks: a crowd of slow readers fills no disk (A93),
    and none of them holds a snapshot of the database. An older one goes with its last reader.
    """

    service: "Service"
    _newest: dict[str, LogArchive] = field(default_factory=dict)
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    @asynccontextmanager
    async def open(self, election: str) -> AsyncIterator[LogArchive]:
        """The archive of a log; UnknownElectionError, NotFoundError before the first checkpoint."""
        archive = await self._have((await self.service.election(election)).id)
        archive.readers += 1
        try:
            yield archive
        finally:
            archive.readers -= 1
            self._forget(archive)

    async def _have(self, election: str) -> LogArchive:
        async with self._locks.setdefault(election, asyncio.Lock()), self.service.database.snapshot() as connection:
            checkpoint = (await read_head(connection, election)).published
            known = self._newest.get(election)
            if known is not None and known.checkpoint == checkpoint:
                return known
            file = TemporaryFile()  # noqa: SIM115 -- closed by _forget
            try:
                await write_archive(connection, election, file)
                file.flush()
            except BaseException:
                file.close()
                raise
            archive = self._newest[election] = LogArchive(checkpoint, os.fstat(file.fileno()).st_size, file)
        if known is not None:
            self._forget(known)
        return archive

    def _forget(self, archive: LogArchive) -> None:
        if not archive.readers and archive not in self._newest.values():
            archive.file.close()

    def close(self) -> None:
        """Delete all of them; nobody reads any more."""
        for archive in self._newest.values():
            archive.file.close()
        self._newest.clear()
