"""The published log as one ZIP file: a trustee's tool checks it without a connection, `election-audit verify` as well.

Same log, same bytes: the files come in one order, as they are (ciphertexts do not shrink), with one date for all.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from tempfile import TemporaryFile
from typing import IO, Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from election_service.publication import published_files
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


@asynccontextmanager
async def open_archive(service: Service, election: str) -> AsyncIterator[IO[bytes]]:
    """The archive as a temporary file, at its beginning: no slow connection holds a snapshot of the database."""
    found = (await service.election(election)).id
    with TemporaryFile() as file:
        async with service.database.snapshot() as connection:
            await write_archive(connection, found, file)
        file.seek(0)
        yield file
