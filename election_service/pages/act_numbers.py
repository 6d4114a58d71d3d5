"""Which entries of a log are neither ballots nor tokens: what people leaf through."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema
from election_service.facts import BULK


@dataclass(slots=True)
class ActNumbers:
    """Their numbers in the first ``size`` entries, as far as this process has looked. Owner: ``published_acts``."""

    size: int = 0
    seqs: list[int] = field(default_factory=list)


async def published_acts(found: ActNumbers, connection: AsyncConnection, election: str, size: int) -> list[int]:
    """The numbers below ``size``; what is new since the last look is read, for a log only grows."""
    table, start = schema.log_entries, found.size
    if start < size:
        query = (
            select(table.c.seq)
            .where(table.c.election == election, table.c.kind.not_in(BULK), table.c.seq >= start, table.c.seq < size)
            .order_by(table.c.seq)
        )
        rows = list((await connection.execute(query)).scalars())
        if found.size == start:  # nobody else was faster
            found.seqs += rows
            found.size = size
    return [seq for seq in found.seqs if seq < size]
