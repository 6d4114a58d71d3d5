"""The rehearsals of an election: test elections that were cloned from it, each with a log of its own."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema, schema_console
from election_service.console.drafts import Draft
from keys.canonical import decode

_DECLARED: Final = "declared"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """``held``: it came to a result."""

    election: str
    held: bool


async def read_rehearsals(connection: AsyncConnection, election: str) -> list[Rehearsal]:
    """All of them, by id."""
    drafts, polls = schema_console.drafts, schema.polls
    rows = (await connection.execute(select(drafts).order_by(drafts.c.election))).all()
    names = [row.election for row in rows if _is_of(row.document, election)]
    query = select(polls.c.election).where(polls.c.election.in_(names), polls.c.state == _DECLARED)
    held = set((await connection.execute(query)).scalars()) if names else set()
    return [Rehearsal(name, name in held) for name in names]


def _is_of(document: bytes, election: str) -> bool:
    draft = decode(document, Draft)
    return draft.rehearsal and draft.cloned_from == election
