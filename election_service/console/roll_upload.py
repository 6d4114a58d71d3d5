"""A roll between its upload and its import: kept sealed, read as the committee maps its columns, imported whole or not.

What is uploaded replaces what was uploaded before. Import and cancel delete it: a roll that is not the election's is
nobody's business.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema, schema_console
from election_service.console.form_faults import FieldFault, FormFaultsError
from election_service.errors import NotFoundError, RollError
from election_service.roll import Roll, RollPreview, check_not_frozen, import_roll, preview_roll, read_roll
from election_service.roll_columns import FIELDS, OPTIONAL, guess_columns
from election_service.roll_rules import LEVELS, STATUSES, EligibilityRule, Student
from election_service.roll_sheet import MAX_FILE, read_sheet
from election_service.service import Service

MAX_NAME: Final = 120  # letters of a file's name
_COMPARED: Final = tuple(field for field in FIELDS if field != "student_id")


@dataclass(frozen=True, slots=True)
class RollUpload:
    """A roll that waits. ``header``: the names of its columns; ``columns``: field → name of its column; ``levels``,
    ``statuses``: of those who may vote.
    """

    name: str
    raw: bytes
    header: tuple[str, ...]
    columns: Mapping[str, str]
    levels: tuple[str, ...]
    statuses: tuple[str, ...]

    @property
    def rule(self) -> EligibilityRule:
        """Who may vote."""
        return EligibilityRule(self.levels, self.statuses)

    @property
    def unmapped(self) -> list[str]:
        """Fields that need a column and have none."""
        return [field for field in FIELDS if not self.columns.get(field) and field not in OPTIONAL]


@dataclass(frozen=True, slots=True)
class Change:
    """A student who is in both rolls, and what is different there: (field, before, after)."""

    student_id: str
    full_name: str
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What an import would change: (student id, name) of those added and removed, and those altered."""

    added: tuple[tuple[str, str], ...]
    removed: tuple[tuple[str, str], ...]
    changed: tuple[Change, ...]

    @property
    def empty(self) -> bool:
        """Whether both rolls are the same."""
        return not (self.added or self.removed or self.changed)


# ---- the upload ------------------------------------------------------------------------------------------------------


async def upload_roll(service: Service, connection: AsyncConnection, election: str, name: str, raw: bytes) -> None:
    """Keep a file until it is imported, with the columns that are recognised.

    RollError for what is no table; RollFrozenError after the freeze (A45).
    """
    await check_not_frozen(connection, election)
    header = (await asyncio.to_thread(read_sheet, raw)).header
    await _store(service, connection, election, name, raw, header)


async def _store(
    service: Service, connection: AsyncConnection, election: str, name: str, raw: bytes, header: tuple[str, ...]
) -> None:
    rule = EligibilityRule()
    row = {
        "election": election,
        "raw_sealed": service.master.seal(_place(election), raw, service.random),
        "name": "".join(letter for letter in name if letter.isprintable())[:MAX_NAME],
        "columns": json.dumps(guess_columns(header), ensure_ascii=False),
        "levels": json.dumps(rule.levels),
        "statuses": json.dumps(rule.statuses),
    }
    await cancel_upload(connection, election)
    await connection.execute(insert(schema_console.roll_uploads).values(row))


async def _header(raw: bytes) -> tuple[str, ...]:
    """The names of the columns, read beside the event loop; none while the file is not whole."""
    try:
        return (await asyncio.to_thread(read_sheet, raw)).header
    except RollError:
        return ()


async def add_part(
    service: Service, connection: AsyncConnection, election: str, name: str, part: bytes, *, first: bool
) -> None:
    """Keep a part of a file that is too large for one request; the first one begins anew. Columns are recognised as
    soon as the file can be read. RollError where it grows too large, RollFrozenError after the freeze (A45).
    """
    await check_not_frozen(connection, election)
    known = None if first else await _read_raw(service, connection, election)
    if not first and known is None:
        raise NotFoundError("roll: nothing is uploaded; send the first part first")
    raw = (known or b"") + part
    if len(raw) > MAX_FILE:
        raise RollError(f"roll: expected at most {MAX_FILE} bytes, got {len(raw)}", "split off what is no roll")
    await _store(service, connection, election, name, raw, await _header(raw))


async def _read_raw(service: Service, connection: AsyncConnection, election: str) -> bytes | None:
    table = schema_console.roll_uploads
    sealed = await connection.scalar(select(table.c.raw_sealed).where(table.c.election == election))
    return None if sealed is None else service.master.open(_place(election), sealed)


async def read_upload(service: Service, connection: AsyncConnection, election: str) -> RollUpload | None:
    """The roll that waits, if there is one."""
    table = schema_console.roll_uploads
    row = (await connection.execute(select(table).where(table.c.election == election))).one_or_none()
    if row is None:
        return None
    raw = service.master.open(_place(election), row.raw_sealed)
    lists = (tuple(json.loads(row.levels)), tuple(json.loads(row.statuses)))
    return RollUpload(row.name, raw, await _header(raw), json.loads(row.columns), *lists)


async def has_upload(connection: AsyncConnection, election: str) -> bool:
    """Whether a roll waits; it is not opened for that."""
    table = schema_console.roll_uploads
    return await connection.scalar(select(table.c.election).where(table.c.election == election)) is not None


async def map_upload(
    service: Service,
    connection: AsyncConnection,
    election: str,
    *,
    columns: Mapping[str, str],
    levels: Sequence[str],
    statuses: Sequence[str],
) -> RollUpload:
    """Say which column is which field, and who may vote; FormFaultsError for what the file or a roll does not have."""
    known = await need_upload(service, connection, election)
    given = {field: name for field, name in columns.items() if name}
    faults = [FieldFault(f"column_{field}", "is no field of a roll") for field in columns if field not in FIELDS]
    faults += [
        FieldFault(f"column_{field}", f"the table has no column {name[:60]!r}")
        for field, name in given.items()
        if name not in known.header
    ]
    twice = {name for name in given.values() if list(given.values()).count(name) > 1}
    faults += [
        FieldFault(f"column_{field}", "this column is another field already")
        for field, name in given.items()
        if name in twice
    ]
    for what, chosen, all_ in (("levels", levels, LEVELS), ("statuses", statuses, STATUSES)):
        if not chosen or set(chosen) - set(all_):
            faults.append(FieldFault(what, f"expected at least one of {', '.join(all_)}"))
    if faults:
        raise FormFaultsError("columns", faults)
    table = schema_console.roll_uploads
    values = {
        "columns": json.dumps(dict.fromkeys(FIELDS, "") | given, ensure_ascii=False),
        "levels": json.dumps([name for name in LEVELS if name in levels]),
        "statuses": json.dumps([name for name in STATUSES if name in statuses]),
    }
    await connection.execute(update(table).where(table.c.election == election).values(values))
    return replace(known, columns=dict.fromkeys(FIELDS, "") | given, levels=tuple(levels), statuses=tuple(statuses))


async def cancel_upload(connection: AsyncConnection, election: str) -> None:
    """Delete the roll that waits."""
    table = schema_console.roll_uploads
    await connection.execute(delete(table).where(table.c.election == election))


async def need_upload(service: Service, connection: AsyncConnection, election: str) -> RollUpload:
    """The roll that waits; NotFoundError where there is none."""
    found = await read_upload(service, connection, election)
    if found is None:
        raise NotFoundError("roll: nothing is uploaded; give a file first")
    return found


async def preview_upload(upload: RollUpload) -> RollPreview:
    """What an import would give, with every fault; RollError where a column is missing. Made beside the event loop."""
    return await asyncio.to_thread(preview_roll, upload.raw, columns=upload.columns, rule=upload.rule)


async def import_upload(service: Service, connection: AsyncConnection, election: str) -> Roll:
    """Import the roll that waits as a whole, and delete it; RollFaultsError changes nothing."""
    upload = await need_upload(service, connection, election)
    roll = await asyncio.to_thread(read_roll, upload.raw, columns=upload.columns, rule=upload.rule)
    await import_roll(connection, election, roll)
    await cancel_upload(connection, election)
    return roll


def _place(election: str) -> str:
    return f"{election}/roll-upload"


# ---- the difference --------------------------------------------------------------------------------------------------


async def compare_upload(connection: AsyncConnection, election: str, upload: RollUpload) -> Difference:
    """How the roll that waits differs from the one that was imported last; RollFaultsError where it has faults."""
    roll = await asyncio.to_thread(read_roll, upload.raw, columns=upload.columns, rule=upload.rule)
    table = schema.voters
    rows = (await connection.execute(select(table).where(table.c.election == election))).mappings().all()
    return _difference({row["student_id"]: dict(row) for row in rows}, roll.students)


def _difference(before: Mapping[str, Mapping[str, Any]], after: Sequence[Student]) -> Difference:
    """By student id, in the order of the ids."""
    now = {student.student_id: student for student in after}
    changed = []
    for student_id in sorted(before.keys() & now.keys()):
        old, new = before[student_id], now[student_id]
        fields = tuple(
            (field, str(old[field]), str(getattr(new, field)))
            for field in _COMPARED
            if old[field] != getattr(new, field)
        )
        if fields:
            changed.append(Change(student_id, new.full_name, fields))
    return Difference(
        added=tuple((name, now[name].full_name) for name in sorted(now.keys() - before.keys())),
        removed=tuple((name, str(before[name]["full_name"])) for name in sorted(before.keys() - now.keys())),
        changed=tuple(changed),
    )
