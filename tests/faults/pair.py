"""Two serving processes on one database, and a crowd that uses both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Select, Table, func, select

from election_service import schema
from election_service.config import Config
from election_service.database import open_database
from tests.faults.office import Office
from tests.faults.server import Server
from tests.faults.template import Template
from tests.faults.voters import Booth, Line, Paper


@dataclass(frozen=True, slots=True)
class Pair:
    """Two servers, a line to each, and the committee at the first one."""

    template: Template
    folder: Path
    config: Config
    servers: tuple[Server, Server]
    lines: tuple[Line, Line]
    office: Office
    unused: Iterator[str]

    async def booths(self, number: int, *, tokens: bool = True) -> list[Booth]:
        """``number`` voters who were not here yet, half of them at each server: logged in, with tokens if wanted."""
        booths = [Booth(link) for link in islice(self.unused, number)]
        assert len(booths) == number, "the template has too few voters"

        async def ready(booth: Booth, line: Line) -> None:
            await booth.enter(line)
            if tokens:
                for paper in booth.papers:
                    await booth.get_token(line, paper)

        await asyncio.gather(*(ready(booth, self.lines[at % 2]) for at, booth in enumerate(booths)))
        return booths

    @property
    def heads(self) -> Path:
        """The folder of signed heads and issue markers."""
        return self.folder / "state" / "heads"


@asynccontextmanager
async def running_pair(template: Template, folder: Path, seconds: int = 3600) -> AsyncIterator[Pair]:
    """Two servers; the poll opens for so many seconds once both answer."""
    async with AsyncExitStack() as stack:
        config = await stack.enter_async_context(template.copy(folder))
        servers = (Server(folder), Server(folder))
        for server in servers:
            stack.push_async_callback(server.kill)
        await asyncio.gather(*(server.start() for server in servers))
        first, second = [await stack.enter_async_context(Line(server.address)) for server in servers]
        office = Office(template, first)
        await office.open_poll(seconds)
        yield Pair(template, folder, config, servers, (first, second), office, iter(template.links))


def marked(booths: Sequence[Booth]) -> list[bytes]:
    """Every paper filled in; the bytes to cast."""
    return [booth.mark(paper) for booth in booths for paper in booth.papers]


async def read_rows(config: Config, query: Select[Any]) -> list[Any]:
    """What a query finds in the database as committed now."""
    database = open_database(config.database_url)
    try:
        async with database.snapshot() as connection:
            return list((await connection.execute(query)).all())
    finally:
        await database.close()


async def kinds_of(config: Config) -> list[str]:
    """The kinds of the log's entries, in order."""
    table = schema.log_entries
    return [row.kind for row in await read_rows(config, select(table.c.kind).order_by(table.c.seq))]


async def rows_of(config: Config, table: Table, papers: Sequence[Paper]) -> int:
    """How many of these papers a table of ballots or receipts has, counted by tracker."""
    trackers = [paper.ballot.tracker for paper in papers if paper.ballot is not None]
    query = select(func.count()).select_from(table).where(table.c.tracker.in_(trackers))
    return int((await read_rows(config, query))[0][0])
