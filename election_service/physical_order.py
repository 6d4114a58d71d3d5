"""Taking the order of arrival out of the database, after the close (A65).

SQLite keeps the tables of tokens and ballots in the order of their random keys; what is left of older states in free
pages and in the write-ahead log goes with VACUUM and a truncating checkpoint. PostgreSQL keeps rows where they came in,
and in every row the number of its transaction: so the tables are written anew, by one transaction, in the order of the
keys. What neither can take back: PostgreSQL's own write-ahead log and its archives, backups, and copies of the disk.
"""

import asyncio
import sqlite3
from typing import Final

from sqlalchemy import Table, text
from sqlalchemy.exc import DBAPIError

from election_service import schema, schema_mail
from election_service.database import Database
from election_service.errors import StorageError

ATTEMPTS: Final = 12
_PAUSE: Final = 0.1  # seconds, longer with each attempt
# Shorter than PostgreSQL's deadlock_timeout (one second): where a cast and the rewrite wait for each other, it is the
# rewrite that gives up and tries again, never the voter's request that fails.
_PATIENCE: Final = "SET LOCAL lock_timeout = '200ms'"

_KEYS: Final[dict[Table, str]] = {
    schema.issued: "context, credential",
    schema.spent: "context, token_key",
    schema.unsealed_ballots: "tracker",
    schema.receipts: "tracker",
    schema_mail.token_notices: "context, credential",
}


async def rewrite_unordered(database: Database) -> None:
    """Write the tables of tokens and ballots anew in the order of their keys; safe to repeat, and while polls run.

    On PostgreSQL the tables are locked while they are written: a second or so for 100,000 rows. Who reads them at that
    moment can end it, so it is tried again; StorageError where the database stays too busy.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            await _rewrite(database)
        except (DBAPIError, sqlite3.Error, StorageError) as error:
            if attempt == ATTEMPTS:
                raise StorageError(
                    f"database: the order of arrival was not taken out of it: {error}",
                    "it is done again at the next close",
                ) from error
            await asyncio.sleep(_PAUSE * attempt)
        else:
            return


async def _rewrite(database: Database) -> None:
    if database.dialect == "sqlite":
        await database.vacuum()
        return
    async with database.transaction() as connection:
        await connection.execute(text(_PATIENCE))
        for table, keys in _KEYS.items():
            for statement in _statements(table.name, keys):
                await connection.execute(text(statement))


def _statements(table: str, keys: str) -> tuple[str, ...]:
    """How one table is written anew; the names come from the schema, never from outside."""
    copy = f"{table}_in_order"
    return (
        f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
        f"CREATE TEMPORARY TABLE {copy} ON COMMIT DROP AS SELECT * FROM {table}",  # noqa: S608
        f"TRUNCATE {table}",
        f"INSERT INTO {table} SELECT * FROM {copy} ORDER BY {keys}",  # noqa: S608
    )
