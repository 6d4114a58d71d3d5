"""What is personal of an election, table by table, and its deletion (console/retention.py says when).

What stands in the log stays: it is public, it names candidates and credentials, and nothing can be taken back from it.
Of the rest everything goes that says who somebody is, or that only such people could use.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Table, delete, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema, schema_console, schema_mail
from election_service.database import Database
from election_service.errors import StorageError
from election_service.languages import translatable
from election_service.roll import forget_roll
from election_service.secrets import REGISTRAR_KEY

# What is told of, in this order → the tables in which all rows of the election go. The roll is emptied by roll.py, so
# that no other takes its place; recovery blobs are members of rows that stay.
TABLES: Final[Mapping[str, tuple[Table, ...]]] = {
    "roll": (schema.voters,),
    "upload": (schema_console.roll_uploads,),
    "mails": (schema_mail.outbox, schema_mail.token_notices),
    "requests": (schema_mail.link_requests, schema_console.planned_acts),  # re-issues: a student and the credential
    "messages": (schema_mail.messages,),
    "incidents": (schema_console.incidents,),
    "factors": (schema.second_factors, schema_mail.login_codes, schema.login_nonces, schema.bearers),
    "candidates": (schema.candidates, schema.persons),
    "profiles": (schema_mail.profiles, schema_mail.photos),
    "recovery": (schema.issued,),
    "registrar": (schema.secrets,),
}
WORDS: Final[Mapping[str, str]] = {
    "roll": translatable("the roll: names, student ids, addresses, faculties, years and credentials of everybody"),
    "upload": translatable("files of rolls that were uploaded"),
    "mails": translatable("mails, and notes of where they went"),
    "requests": translatable("requests for a new ballot link"),
    "messages": translatable("messages to the committee"),
    "incidents": translatable("the committee's notes of incidents"),
    "factors": translatable("second factors, codes and logins"),
    "candidates": translatable("lists of candidates, and which student has which number in the log"),
    "profiles": translatable("photos and statements of candidates"),
    "recovery": translatable("recovery blobs, and the keys that open them"),
    "registrar": translatable("the registrar's key of the service"),
}
_LOCK_TIMEOUT: Final = "SET lock_timeout = '200ms'"


async def count_personal(connection: AsyncConnection, election: str) -> dict[str, int]:
    """What is there to be deleted → how many rows; what is not there is left out.

    Shown to nobody while a poll runs: some of it grows with every voter (A69).
    """
    found = {}
    for what, tables in TABLES.items():
        rows = sum([await _count(connection, election, what, table) for table in tables])
        if rows:
            found[what] = rows
    return found


async def _count(connection: AsyncConnection, election: str, what: str, table: Table) -> int:
    query = select(func.count()).select_from(table).where(table.c.election == election)
    if what == "recovery":
        query = query.where(table.c.recovery_sealed.is_not(None))
    if what == "registrar":
        query = query.where(table.c.name == REGISTRAR_KEY)
    return int((await connection.execute(query)).scalar_one())


async def delete_personal(connection: AsyncConnection, election: str) -> dict[str, int]:
    """Delete all of it in the caller's transaction; returns what was there, as `count_personal`."""
    found = await count_personal(connection, election)
    await forget_roll(connection, election)
    for what, tables in TABLES.items():
        if what in ("roll", "recovery", "registrar"):
            continue
        for table in tables:
            await connection.execute(delete(table).where(table.c.election == election))
    issued, secrets = schema.issued, schema.secrets
    sealed = (issued.c.election == election) & issued.c.recovery_sealed.is_not(None)
    await connection.execute(update(issued).where(sealed).values(recovery_sealed=None))
    mine = (secrets.c.election == election) & (secrets.c.name == REGISTRAR_KEY)
    await connection.execute(delete(secrets).where(mine))
    return found


async def empty_older_states(database: Database) -> None:
    """Take what was deleted from where the database keeps older states; StorageError where it is busy: try again.

    PostgreSQL's own write-ahead log and its archives keep it, as backups do (docs/operator.md).
    """
    if database.dialect == "sqlite":
        await database.vacuum()
        return
    names = sorted({table.name for tables in TABLES.values() for table in tables})
    try:
        async with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            await connection.execute(text(_LOCK_TIMEOUT))
            try:
                for name in names:  # of the schema, never from outside
                    await connection.execute(text(f"VACUUM (FULL) {name}"))
            finally:
                await connection.execute(text("RESET lock_timeout"))
    except DBAPIError as error:
        raise StorageError(f"database: what was deleted is still in dead rows: {error.orig}", "try again") from error
