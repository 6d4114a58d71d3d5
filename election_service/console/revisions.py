"""The number of every changeable resource, so that nobody writes over what somebody else has changed meanwhile.

A page or answer carries the number it was made from (a hidden field `revision`, or the ETag); a change says which one
it changes. Where they differ nothing happens and the person is told.
"""

from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_console
from election_service.errors import RevisionRequiredError, RevisionStaleError
from election_service.sql import insert_new
from keys.errors import FormatError

FIRST: Final = 0  # of what was never changed
_MOST_DIGITS: Final = 15


async def read_revision(connection: AsyncConnection, election: str, resource: str) -> int:
    """The number of a resource; FIRST for one that was never changed."""
    table = schema_console.revisions
    mine = (table.c.election == election) & (table.c.resource == resource)
    found = (await connection.execute(select(table.c.number).where(mine))).scalar_one_or_none()
    return FIRST if found is None else int(found)


async def next_revision(connection: AsyncConnection, election: str, resource: str) -> int:
    """Count one up and return the new number. The row stays locked until the caller's transaction ends."""
    table = schema_console.revisions
    await connection.execute(insert_new(connection, table).values(election=election, resource=resource, number=FIRST))
    mine = (table.c.election == election) & (table.c.resource == resource)
    counted = update(table).where(mine).values(number=table.c.number + 1).returning(table.c.number)
    return int((await connection.execute(counted)).scalar_one())


async def change_revision(connection: AsyncConnection, election: str, resource: str, expected: int) -> int:
    """The change of a resource that was seen as ``expected``: returns its new number, in the caller's transaction.

    RevisionStaleError where it has another one: the caller's transaction is to be given up.
    """
    number = await next_revision(connection, election, resource)
    if number != expected + 1:
        raise RevisionStaleError(f"{resource}: somebody changed this meanwhile: look again")
    return number


def parse_revision(text: str | None) -> int:
    """The number of a hidden field or of `If-Match` (`"7"`); RevisionRequiredError where there is none."""
    if not text:
        raise RevisionRequiredError("revision: expected the number of the state that is changed (If-Match)")
    bare = text[1:-1] if len(text) > 2 and text[0] == text[-1] == '"' else text
    if not (bare.isascii() and bare.isdecimal()) or len(bare) > _MOST_DIGITS or (bare != "0" and bare[0] == "0"):
        raise FormatError("revision: expected a number")
    return int(bare)
