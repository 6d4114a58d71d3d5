"""To whom a mail about a credential goes: the roll's row of whoever holds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema
from election_service.credentials import read_replacements
from election_service.mail_text import LetterHead, make_letter
from election_service.outbox import Letter


@dataclass(frozen=True, slots=True)
class VoterMail:
    """A person on the roll, as far as mail is concerned. ``credential``: the one that is good now."""

    student_id: str
    full_name: str
    email: str
    language: str
    credential: bytes | None

    def letter(self, head: LetterHead, template: str, values: Mapping[str, Any]) -> Letter:
        """A letter to this person, in the own language."""
        return make_letter(template, head, to=self.email, name=self.full_name, language=self.language, values=values)


async def read_voter(connection: AsyncConnection, election: str, credential: bytes) -> VoterMail | None:
    """Who holds this credential now; None where the roll names nobody."""
    found = await _read(connection, election, schema.voters.c.credential == credential)
    return found[0] if found else None


async def read_voters(
    connection: AsyncConnection, election: str, credentials: Sequence[bytes]
) -> dict[bytes, VoterMail]:
    """Credential → its holder, also for credentials that were replaced since: read through the chain."""
    replaced = await read_replacements(connection, election)
    ends: dict[bytes, bytes] = {}
    for credential in credentials:
        end = credential
        while end in replaced:
            end = replaced[end]
        ends[credential] = end
    rows = await _read(connection, election, schema.voters.c.credential.in_(set(ends.values())))
    holders = {row.credential: row for row in rows}
    return {credential: holders[end] for credential, end in ends.items() if end in holders}


async def read_students(connection: AsyncConnection, election: str, students: Sequence[str]) -> dict[str, VoterMail]:
    """Student id → the person, for those of these who are on the roll."""
    rows = await _read(connection, election, schema.voters.c.student_id.in_(students))
    return {row.student_id: row for row in rows}


async def read_address(connection: AsyncConnection, election: str, address: str) -> list[VoterMail]:
    """Who has this address on the roll and a credential; ``address`` as the roll writes it."""
    columns = schema.voters.c
    return await _read(connection, election, (columns.email == address) & columns.credential.is_not(None))


async def _read(connection: AsyncConnection, election: str, which: ColumnElement[bool]) -> list[VoterMail]:
    table = schema.voters
    columns = [getattr(table.c, name) for name in VoterMail.__dataclass_fields__]
    query = select(*columns).where(table.c.election == election, which).order_by(table.c.student_id)
    return [VoterMail(*row) for row in (await connection.execute(query)).all()]
