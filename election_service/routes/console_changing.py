"""How an endpoint of the console changes something: as `If-Match` has seen it, and written down."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from election_service.console.events import record
from election_service.console.revisions import change_revision, read_revision
from election_service.routes.call import Call


@asynccontextmanager
async def changing(call: Call, resource: str, event: str, subject: str = "") -> AsyncIterator[AsyncConnection]:
    """A transaction that changes a resource; RevisionStaleError where somebody else was faster."""
    async with call.service.database.transaction() as connection:
        await change_revision(connection, call.election, resource, call.revision)
        yield connection
        await record(call.service, connection, call.election, call.who.account, event, subject)


async def begin_change(call: Call, resource: str) -> None:
    """For what has transactions of its own: of two requests one goes on."""
    async with call.service.database.transaction() as connection:
        await change_revision(connection, call.election, resource, call.revision)


async def note_change(call: Call, event: str, subject: str = "") -> None:
    """Write down who did what has transactions of its own."""
    async with call.service.database.transaction() as connection:
        await record(call.service, connection, call.election, call.who.account, event, subject)


async def revision_of(call: Call, resource: str) -> int:
    """The number of a resource as it is now."""
    async with call.service.database.snapshot() as connection:
        return await read_revision(connection, call.election, resource)
