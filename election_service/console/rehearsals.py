"""The rehearsals of an election: test elections that were cloned from it, each with a log of its own."""

from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema, schema_console
from election_service.console.drafts import MAX_WAIVER, Draft, read_draft, store_draft
from election_service.console.form_faults import FieldFault, FormFaultsError
from election_service.plain_text import clean_text
from keys.canonical import decode
from keys.errors import FormatError

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


async def waive_rehearsal(connection: AsyncConnection, election: str, waiver: str) -> None:
    """Write down why none is held, in the caller's transaction; FormFaultsError for text that cannot be kept."""
    try:
        text = clean_text(waiver, MAX_WAIVER)
    except FormatError as error:
        fault = FieldFault("waiver", str(error).removeprefix("text: "))
        raise FormFaultsError("rehearsal", [fault]) from error
    draft = await read_draft(connection, election, lock=True)
    await store_draft(connection, election, replace(draft, rehearsal_waiver=text))


def _is_of(document: bytes, election: str) -> bool:
    draft = decode(document, Draft)
    return draft.rehearsal and draft.cloned_from == election
