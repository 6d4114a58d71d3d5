"""When the next poll is to be open: as written in the election's zone, and what the rules' calendar says to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service.console.drafts import read_draft, store_draft
from election_service.console.form_faults import FieldFault, FormFaultsError
from election_service.facts import LogFacts
from election_service.legal_rules import newest_poll
from tally.calendar import Notice, first_poll
from tally.errors import OutcomeError
from tally.plan import check_calendar

_FORM: Final = "%Y-%m-%dT%H:%M"
MOST_DAYS: Final = 400  # between now and the close: more is a slip of the pen


@dataclass(frozen=True, slots=True)
class Schedule:
    """POSIX seconds; None: not set."""

    opens: int | None
    closes: int | None


async def read_schedule(connection: AsyncConnection, election: str) -> Schedule:
    """What was set for the next poll."""
    draft = await read_draft(connection, election)
    return Schedule(draft.opens, draft.closes)


async def set_schedule(connection: AsyncConnection, election: str, schedule: Schedule, now: int) -> None:
    """Replace it in the caller's transaction; FormFaultsError for times that cannot be."""
    faults = schedule_faults(schedule, now)
    if faults:
        raise FormFaultsError("schedule", faults)
    draft = await read_draft(connection, election, lock=True)
    await store_draft(connection, election, replace(draft, opens=schedule.opens, closes=schedule.closes))


def schedule_faults(schedule: Schedule, now: int) -> list[FieldFault]:
    """What is wrong with the times themselves, whatever the rules say."""
    faults = []
    if schedule.opens is not None and schedule.opens < now:
        faults.append(FieldFault("opens", "lies in the past"))
    if schedule.closes is None:
        faults.append(FieldFault("closes", "expected a day and a time"))
    elif schedule.closes <= max(now, schedule.opens or 0):
        faults.append(FieldFault("closes", "expected a time after the opening, and in the future"))
    elif schedule.closes > now + MOST_DAYS * 86_400:
        faults.append(FieldFault("closes", f"expected at most {MOST_DAYS} days from now"))
    return faults


def read_local(text: str, zone: str, field: str) -> int | None:
    """POSIX seconds of "2026-10-01T09:00" in a zone; None for nothing. FormFaultsError for what no clock there shows.

    A time that a clock shows twice, when it is put back, is the first of both.
    """
    if not text.strip():
        return None
    written = text.strip()
    try:
        local = datetime.strptime(written[:16], _FORM).replace(tzinfo=ZoneInfo(zone))
        seconds = int(local.timestamp())
        shown = write_local(seconds, zone)
    except (ValueError, OverflowError):  # of a year that no clock shows as well
        shown = ""
    if not shown or len(written) not in (16, 19) or not written.isascii():
        raise FormFaultsError("schedule", [FieldFault(field, "expected a day and a time such as 2026-10-01T09:00")])
    if shown != local.strftime(_FORM):
        fault = FieldFault(field, f"no clock in {zone} shows this time: it is skipped when the clocks are put forward")
        raise FormFaultsError("schedule", [fault])
    return seconds


def write_local(seconds: int | None, zone: str) -> str:
    """The time as `read_local` reads it; empty for None."""
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo(zone)).strftime(_FORM)


# ---- what the rules say ----------------------------------------------------------------------------------------------


def calendar_notices(facts: LogFacts | None, schedule: Schedule, now: int) -> Sequence[Notice]:
    """Warnings and refusals of the constitution's calendar for the next poll, with their clauses.

    Before its contests are logged only the days for the first poll are known; nothing before there are rules.
    """
    if facts is None or facts.law is None or schedule.closes is None:
        return []
    opens = now if schedule.opens is None else schedule.opens
    state = facts.record.state
    newest = newest_poll(facts)
    if newest is None or newest.opened is not None or not newest.contests:
        first = not facts.record.polls
        return first_poll(state.rules.calendar, opens, schedule.closes, state.suspensions) if first else []
    try:
        planned = list(state.planned.get(newest.number, {}).values())
        return check_calendar(state, newest.number, planned, opens, schedule.closes)
    except OutcomeError as error:
        return [Notice("refuse", "", str(error), None)]
