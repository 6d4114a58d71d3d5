"""What happened in the console: sign-ins, failures, roles, acts. Neither secrets nor addresses stand here (A64)."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_console
from election_service.console.revisions import next_revision
from election_service.console.roles import SERVICE
from election_service.service import Service

EVENTS: Final = "events"  # the counter of their numbers
MOST_SHOWN: Final = 500


@dataclass(frozen=True, slots=True)
class Event:
    """``at``: POSIX seconds; ``account``: who did it; ``what``: a word such as `signed-in`; ``subject``: of what."""

    number: int
    at: int
    account: str
    what: str
    subject: str


async def record(
    service: Service, connection: AsyncConnection, election: str, account: str, what: str, subject: str = ""
) -> None:
    """Write down an event, last in the caller's transaction: the counter stays locked until it ends.

    ``election``: roles.SERVICE for what belongs to none.
    """
    number = await next_revision(connection, election, EVENTS)
    row = {"election": election, "number": number, "at": service.clock(), "account": account}
    await connection.execute(schema_console.console_events.insert().values(**row, what=what, subject=subject))


async def read_events(connection: AsyncConnection, election: str, most: int = MOST_SHOWN) -> list[Event]:
    """The newest events of an election, and of its people outside of any (sign-ins), the newest first.

    Those outside are half of them at most: who tries passwords, and needs no account for that, hides no act.
    """
    table, roles = schema_console.console_events, schema_console.account_roles
    people = select(roles.c.account).where(roles.c.election == election)
    outside = await _newest(connection, (table.c.election == SERVICE) & table.c.account.in_(people), most // 2)
    own = await _newest(connection, table.c.election == election, most - len(outside))
    return sorted([*own, *outside], key=lambda event: (event.at, event.number), reverse=True)


async def _newest(connection: AsyncConnection, which: ColumnElement[bool], most: int) -> list[Event]:
    table = schema_console.console_events
    query = select(table.c.number, table.c.at, table.c.account, table.c.what, table.c.subject).where(which)
    rows = await connection.execute(query.order_by(table.c.at.desc(), table.c.number.desc()).limit(most))
    return [Event(*row) for row in rows]
