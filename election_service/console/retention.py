"""When what is personal of an election is deleted: some days after its last poll, once, by itself.

It is done in one transaction that holds the log, so that no poll is made meanwhile; files, and what the database keeps
of older states, follow, and are tried again until they are gone. It never happens while a poll is under way, its
complaint window included, nor while the rules ask for another vote: both need the roll. A new period begins a week
after it was set at the earliest, so that nobody deletes anything by a single tap.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.entries import decode_entry, parse_time
from election_service import schema
from election_service.console.deletion import delete_personal, empty_older_states
from election_service.console.events import record
from election_service.console.revisions import change_revision
from election_service.errors import ActRefusedError, InputError
from election_service.facts import LogFacts, read_kinds
from election_service.held_back import NO_VOTES
from election_service.schema_console import retention
from election_service.service import Service
from election_service.sql import insert_new
from keys.canonical import decode, encode

Wait = Literal["no-poll", "poll", "agenda"]

DAY: Final = 86_400  # seconds
DEFAULT_DAYS: Final = 400  # a year in office, and a month: by-elections of that year need the roll
LEAST_DAYS: Final = 30
MOST_DAYS: Final = 3650
GRACE: Final = 7 * DAY
RESOURCE: Final = "retention"
SERVICE_ITSELF: Final = ""  # in the place of an account: nobody did it


@dataclass(frozen=True, slots=True)
class Retention:
    """Settings and state. Times are POSIX seconds, None before. ``deleted``: what → rows."""

    days: int = DEFAULT_DAYS
    changed: int = 0
    done: int | None = None
    cleaned: int | None = None
    deleted: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What will be deleted when.

    concluded  when the last poll was certified or annulled, POSIX seconds; None where none was
    due        when the deletion is due, POSIX seconds; None where it waits
    waits      what keeps it: no poll was concluded; one is under way; the rules ask for another vote
    """

    retention: Retention
    concluded: int | None
    due: int | None
    waits: tuple[Wait, ...]


async def read_retention(connection: AsyncConnection, election: str) -> Retention:
    """What was set, or the default."""
    row = (await connection.execute(select(retention).where(retention.c.election == election))).one_or_none()
    if row is None:
        return Retention()
    deleted = None if row.deleted is None else decode(row.deleted, dict[str, int])
    return Retention(row.days, row.changed, row.done, row.cleaned, deleted)


async def store_days(service: Service, election: str, account: str, days: int, revision: int) -> int:
    """Set the period in days; returns the new revision. InputError out of bounds, ActRefusedError once it is done,
    RevisionStaleError where somebody changed it meanwhile.
    """
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise InputError(f"days: expected {LEAST_DAYS} to {MOST_DAYS}, got {days}", "choose another period")
    async with service.database.transaction() as connection:
        number = await change_revision(connection, election, RESOURCE, revision)
        await _make_row(connection, election)
        mine = (retention.c.election == election) & retention.c.done.is_(None)
        values = {"days": days, "changed": service.clock()}
        if not (await connection.execute(update(retention).where(mine).values(values))).rowcount:
            raise ActRefusedError("retention: everything was deleted already")
        await record(service, connection, election, account, "retention-set", str(days))
    return number


async def _make_row(connection: AsyncConnection, election: str) -> None:
    values: dict[str, Any] = {"election": election, "days": DEFAULT_DAYS, "changed": 0}
    await connection.execute(insert_new(connection, retention).values(values))


async def look_ahead(service: Service, election: str) -> Outlook:
    """What will be deleted when; of a draft, which has no log, what was set."""
    async with service.database.snapshot() as connection:
        settings = await read_retention(connection, election)
        concluded = await _last_concluded(connection, election)
    if election not in await service.elections():
        return Outlook(settings, None, None, ("no-poll",))
    facts = await service.facts(election)
    waits = () if settings.done is not None else waiting_for(facts)
    return Outlook(settings, concluded, _due(settings, concluded, waits), waits)


def waiting_for(facts: LogFacts) -> tuple[Wait, ...]:
    """What keeps the roll from being deleted, whatever the time."""
    waits: list[Wait] = []
    if not any(poll.concluded is not None for poll in facts.polls.values()):
        waits.append("no-poll")
    if any(poll.concluded is None for poll in facts.polls.values()):
        waits.append("poll")
    if facts.law is not None and any(task.kind not in NO_VOTES for task in facts.law.agenda.values()):
        waits.append("agenda")
    return tuple(waits)


def _due(settings: Retention, concluded: int | None, waits: tuple[Wait, ...]) -> int | None:
    if settings.done is not None or waits or concluded is None:
        return None
    return max(concluded + settings.days * DAY, settings.changed + GRACE if settings.changed else 0)


async def _last_concluded(connection: AsyncConnection, election: str) -> int | None:
    """When the last poll was certified or annulled, by the log."""
    entries = await read_kinds(connection, election, ("result.certified", "result.annulled"))
    return max((parse_time(decode_entry(raw).time or "") for raw in entries), default=None)


# ---- by itself -------------------------------------------------------------------------------------------------------


async def delete_due(service: Service, election: str) -> bool:
    """Delete what is due, once, whoever comes first of several processes; True where this call did it.

    Goes on with what is left to clean after one that was interrupted. StorageError where the database is too busy for
    that: the rows are gone then, and the next call tries again.
    """
    outlook = await _quick_look(service, election)
    if outlook.done is None and not await _is_due(service, election, outlook):
        return False
    deleted = outlook.done is None and await _delete(service, election)
    if deleted or (outlook.done is not None and outlook.cleaned is None):
        await _clean(service, election)
    return deleted


async def _quick_look(service: Service, election: str) -> Retention:
    async with service.database.snapshot() as connection:
        return await read_retention(connection, election)


async def _is_due(service: Service, election: str, settings: Retention) -> bool:
    waits = waiting_for(await service.facts(election))
    if waits:
        return False
    async with service.database.snapshot() as connection:
        due = _due(settings, await _last_concluded(connection, election), waits)
    return due is not None and service.clock() >= due


async def _delete(service: Service, election: str) -> bool:
    """The one transaction: everything is looked at again under the log's lock."""
    async with service.writing(election) as writing:
        connection = writing.connection
        await _make_row(connection, election)
        await connection.execute(select(retention.c.done).where(retention.c.election == election).with_for_update())
        settings = await read_retention(connection, election)
        due = _due(settings, await _last_concluded(connection, election), waiting_for(writing.facts))
        if due is None or service.clock() < due:
            return False
        found = await delete_personal(connection, election)
        values = {"done": service.clock(), "deleted": encode(found)}
        await connection.execute(update(retention).where(retention.c.election == election).values(values))
        await record(service, connection, election, SERVICE_ITSELF, "personal-data-deleted")
    return True


async def _clean(service: Service, election: str) -> None:
    """What is outside the rows: the keys of recovery blobs, and older states of the database."""
    table = schema.contests
    async with service.database.snapshot() as connection:
        query = select(table.c.context).where(table.c.election == election)
        contexts = list((await connection.execute(query)).scalars())
    for context in contexts:
        await asyncio.to_thread(service.state.destroy_recovery_key, context)
    await empty_older_states(service.database)
    async with service.database.transaction() as connection:
        mine = (retention.c.election == election) & retention.c.cleaned.is_(None)
        await connection.execute(update(retention).where(mine).values(cleaned=service.clock()))
