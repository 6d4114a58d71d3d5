"""Incidents: what went wrong while a poll ran, as the committee wrote it down; sealed, for the committee alone.

A note is never changed: what became of it is another note, and the first is closed. Nothing of it stands in the log.
The same note by the same person within ten minutes is the same note: a second tap writes nothing twice.
"""

from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service.console.events import record
from election_service.console.revisions import next_revision
from election_service.errors import InputError, NotFoundError
from election_service.plain_text import clean_text
from election_service.schema_console import incidents
from election_service.secrets import MasterKey
from election_service.service import Service
from keys.errors import FormatError

State = Literal["open", "closed"]

MAX_TEXT: Final = 4000  # letters
_AGAIN: Final = 600  # seconds
_COUNTER: Final = "incidents"


@dataclass(frozen=True, slots=True)
class Incident:
    """``at``: when it was written down, POSIX seconds; ``account``: by whom."""

    number: int
    at: int
    account: str
    text: str
    state: State


async def record_incident(service: Service, election: str, account: str, text: str) -> int:
    """Keep a note; returns its number. InputError for no text, or for one that cannot be shown."""
    written, now = _clean(text), service.clock()
    async with service.database.transaction() as connection:
        await next_revision(connection, election, _COUNTER)  # from here on nobody else writes one
        earlier = await list_incidents(connection, service.master, election)
        for known in earlier:
            if (known.account, known.text) == (account, written) and known.at <= now < known.at + _AGAIN:
                return known.number
        number = earlier[0].number + 1 if earlier else 1
        sealed = service.master.seal(_place(election, number), written.encode(), service.random)
        row = {"election": election, "number": number, "at": now, "account": account}
        await connection.execute(insert(incidents).values(**row, text_sealed=sealed, state="open"))
        await record(service, connection, election, account, "incident-recorded", str(number))
    return number


def _clean(text: str) -> str:
    try:
        written = clean_text(text, MAX_TEXT)
    except FormatError as error:
        raise InputError(f"incident: {str(error).removeprefix('text: ')}", "write it in plain letters") from error
    if not written:
        raise InputError("incident: expected some words, got none", "say what happened, and when")
    return written


async def list_incidents(connection: AsyncConnection, master: MasterKey, election: str) -> list[Incident]:
    """All notes, the newest first; SecretError under another master key."""
    query = select(incidents).where(incidents.c.election == election).order_by(incidents.c.number.desc())
    return [
        Incident(
            row.number,
            row.at,
            row.account,
            master.open(_place(election, row.number), row.text_sealed).decode(),
            row.state,
        )
        for row in (await connection.execute(query)).all()
    ]


async def close_incident(service: Service, election: str, account: str, number: int) -> bool:
    """Mark a note as dealt with; False where it is already. NotFoundError where there is none of this number."""
    mine = (incidents.c.election == election) & (incidents.c.number == number)
    async with service.database.transaction() as connection:
        if (await connection.execute(select(incidents.c.state).where(mine))).first() is None:
            raise NotFoundError(f"incident {number}: there is none")
        closing = update(incidents).where(mine, incidents.c.state == "open").values(state="closed")
        closed = bool((await connection.execute(closing)).rowcount)
        if closed:
            await record(service, connection, election, account, "incident-closed", str(number))
    return closed


def _place(election: str, number: int) -> str:
    return f"{election}/incident/{number}"
