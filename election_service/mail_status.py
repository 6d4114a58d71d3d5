"""What has become of the mails of an election, for the operator alone: no public address tells any of it (A72)."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service.schema_mail import outbox


@dataclass(frozen=True, slots=True)
class KindStatus:
    """How many mails of a kind are in a state."""

    kind: str
    state: str
    mails: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """A mail that was refused or came back, or that waits after it was tried. ``due``: POSIX seconds."""

    kind: str
    recipient: str
    state: str
    attempts: int
    due: int
    reason: str


async def read_status(connection: AsyncConnection, election: str) -> list[KindStatus]:
    """How many mails of each kind are in each state."""
    query = (
        select(outbox.c.kind, outbox.c.state, func.count().label("mails"))
        .where(outbox.c.election == election)
        .group_by(outbox.c.kind, outbox.c.state)
        .order_by(outbox.c.kind, outbox.c.state)
    )
    return [KindStatus(*row) for row in (await connection.execute(query)).all()]


async def read_troubles(connection: AsyncConnection, election: str) -> list[Trouble]:
    """The mails that need somebody's eye, by state and recipient."""
    columns = (outbox.c.kind, outbox.c.recipient, outbox.c.state, outbox.c.attempts, outbox.c.not_before)
    stuck = outbox.c.state.in_(("refused", "bounced")) | ((outbox.c.state == "waiting") & (outbox.c.reason != ""))
    query = select(*columns, outbox.c.reason).where(outbox.c.election == election, stuck)
    rows = (await connection.execute(query.order_by(outbox.c.state, outbox.c.recipient, outbox.c.kind))).all()
    return [Trouble(*row) for row in rows]
