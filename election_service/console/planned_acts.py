"""Acts that are ready and that nobody has signed: what the set-up has prepared, and re-issues of ballot links."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema, schema_console
from election_service.console.events import record
from election_service.console.prepared_acts import prepared_acts, waiting_acts
from election_service.facts import LogFacts
from election_service.reissue import KIND as REISSUE
from election_service.reissue import import_replacements, reissue_links
from election_service.reissue_file import read_replacements
from election_service.service import Service
from keys.canonical import decode, encode, unb64

Planned = tuple[str, dict[str, Any]]
"""Kind, and data without `act` and `approvals`."""


async def plan_reissue(service: Service, election: str, account: str, student: str, reason: str) -> Planned:
    """A new ballot link for a student, held until members have approved it; a plan for the same student is given up.

    What `reissue_links` refuses. The link is in the held mail alone. That ``account`` asked is written down first: a
    refusal while a poll is open says that the student has begun to vote, and nobody learns that of many without leaving
    a trace (A69).
    """
    async with service.database.transaction() as connection:
        await record(service, connection, election, account, "reissue-asked")
    ((kind, data),) = await reissue_links(service, election, [student], reason)
    async with service.database.transaction() as connection:
        await _plan(connection, election, student, data, service.clock())
    return kind, data


async def plan_replacements(service: Service, election: str, raw: bytes) -> int:
    """The same from the file of an offline registrar, who sends the links; how many. What `import_replacements`
    refuses.
    """
    async with service.database.transaction() as connection:
        acts = await import_replacements(connection, election, raw)
        for item, (_, data) in zip(read_replacements(raw).replacements, acts, strict=True):
            await _plan(connection, election, item.student_id, data, service.clock())
    return len(acts)


async def _plan(connection: AsyncConnection, election: str, student: str, data: dict[str, Any], now: int) -> None:
    """One plan for each student: the newest."""
    table = schema_console.planned_acts
    mine = (table.c.election == election) & (table.c.kind == REISSUE) & (table.c.subject == student)
    row = {"election": election, "kind": REISSUE, "subject": student, "data": encode(data), "created": now}
    await connection.execute(delete(table).where(mine))
    await connection.execute(insert(table).values(row))


async def planned_acts(service: Service, election: str) -> list[Planned]:
    """Everything that a member can propose without filling in a form, in the order in which it is to be done."""
    facts = await service.facts(election)
    found = await prepared_acts(service, election)
    async with service.database.snapshot() as connection:
        found += await _reissues(connection, election, facts)
        waiting = await waiting_acts(connection, election, service.clock())
    return [(kind, data) for kind, data in found if (kind, encode(data)) not in waiting]


async def student_of_plan(connection: AsyncConnection, election: str, data: dict[str, Any]) -> str:
    """Whom a planned or proposed re-issue is about; empty where that is not known here any more."""
    voters = schema.voters
    old = unb64(str(data["old"]), 32, "old")
    query = select(voters.c.student_id).where(voters.c.election == election, voters.c.credential == old)
    return (await connection.execute(query)).scalar_one_or_none() or ""


async def _reissues(connection: AsyncConnection, election: str, facts: LogFacts) -> Sequence[Planned]:
    """Those that are not done yet."""
    table = schema_console.planned_acts
    query = select(table.c.kind, table.c.data).where(table.c.election == election, table.c.kind == REISSUE)
    rows = (await connection.execute(query.order_by(table.c.created, table.c.subject))).all()
    plans = [(row.kind, decode(row.data, dict[str, Any])) for row in rows]
    return [plan for plan in plans if unb64(plan[1]["old"], 32, "old") not in facts.replaced]
