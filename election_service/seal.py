"""Sealing: waiting ballots go into the log, sorted by tracker, so that nothing tells when one came (docs/protocol.md
§7).
"""

from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.entries import SealedData
from election_service import schema
from election_service.log import Item, append
from election_service.service import Service, Writing
from election_service.sql import lock_polls, read_polls

RUNNING: Final = ("open", "paused")


async def seal_waiting(service: Service, election: str, minimum: int | None = None) -> int:
    """Seal the contests of running polls in which at least ``minimum`` ballots wait; returns how many were sealed.

    ``minimum``: by default the election's setting, 20: a smaller crowd would tell who is in it (A63).
    """
    known = await service.election(election)
    least = known.settings.seal_minimum if minimum is None else minimum
    async with service.database.snapshot() as connection:
        running = [poll for poll, row in (await read_polls(connection, election)).items() if row.state in RUNNING]
        due = [poll for poll in running if await _crowds(connection, election, poll, least)]
    sealed = 0
    for poll in due:
        async with service.writing(election) as writing:
            row = (await lock_polls(writing.connection, election, {poll}, exclusive=False)).get(poll)
            if row is not None and row.state in RUNNING:
                crowds = await _crowds(writing.connection, election, poll, least)
                sealed += await seal_contests(writing, poll, crowds)
    return sealed


async def _crowds(connection: AsyncConnection, election: str, poll: int, least: int) -> list[bytes]:
    """The contests of a poll in which enough ballots wait."""
    waiting, contests = schema.unsealed_ballots, schema.contests
    query = (
        select(waiting.c.context)
        .join(contests, (contests.c.election == waiting.c.election) & (contests.c.context == waiting.c.context))
        .where(waiting.c.election == election, contests.c.poll == poll)
        .group_by(waiting.c.context)
        .having(func.count() >= max(least, 1))
    )
    return list((await connection.execute(query)).scalars())


async def seal_contests(writing: Writing, poll: int, contexts: Iterable[bytes]) -> int:
    """Move all waiting ballots of these contests into the log, inside the caller's transaction; how many there were.

    One sealing is one run of entries, ascending by tracker over all contests, ended by its `sealed`.
    """
    table, election = schema.unsealed_ballots, writing.election.id
    statement = (
        delete(table)
        .where(table.c.election == election, table.c.context.in_(list(contexts)))
        .returning(table.c.tracker, table.c.request)
    )
    rows = sorted((row.tracker, row.request) for row in (await writing.connection.execute(statement)).all())
    if not rows:
        return 0
    items: list[Item] = [("ballot", msgspec.Raw(request)) for _, request in rows]
    items.append(("sealed", SealedData(poll=poll, ballots=len(rows))))
    await append(writing.connection, election, items, writing.now)
    return len(rows)
