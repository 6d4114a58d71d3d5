"""The two statements that SQLAlchemy spells differently for each database, and the poll row that is the clean cut."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema


def insert_new(connection: AsyncConnection, table: Table) -> Any:
    """INSERT … ON CONFLICT DO NOTHING; add ``.returning(…)`` to learn which rows were new."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


@dataclass(frozen=True, slots=True)
class PollRow:
    """A poll as the accepting transaction sees it; times in POSIX seconds."""

    poll: int
    state: str
    opens: int | None
    closes: int | None
    issuing: bool

    def accepts(self, now: int) -> bool:
        """Whether ballots are accepted and tokens issued at this moment."""
        return self.state == "open" and self.closes is not None and now < self.closes


async def lock_polls(
    connection: AsyncConnection, election: str, polls: set[int], *, exclusive: bool
) -> dict[int, PollRow]:
    """Read poll rows so that nobody changes them before this transaction ends; ``exclusive``: that nobody else reads
    so.

    What accepts takes the shared lock, what changes the poll the exclusive one: a close waits for every ballot that is
    being stored, and every ballot after it sees the close. SQLite has one writer, which is the same. Locked in order.
    """
    table = schema.polls
    query = (
        select(table.c.poll, table.c.state, table.c.opens, table.c.closes, table.c.issuing)
        .where(table.c.election == election, table.c.poll.in_(polls))
        .order_by(table.c.poll)
        .with_for_update(read=not exclusive)
    )
    return {row.poll: PollRow(*row) for row in (await connection.execute(query)).all()}


async def read_polls(connection: AsyncConnection, election: str) -> dict[int, PollRow]:
    """All polls of an election, without a lock: for what is only shown or only a first look."""
    table = schema.polls
    query = select(table.c.poll, table.c.state, table.c.opens, table.c.closes, table.c.issuing).where(
        table.c.election == election
    )
    return {row.poll: PollRow(*row) for row in (await connection.execute(query.order_by(table.c.poll))).all()}
