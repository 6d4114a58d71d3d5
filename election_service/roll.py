"""The roll: read whole, checked whole, imported whole or not at all; then frozen (A45).

``read_roll`` finds every fault before anything is stored. A frozen roll has a digest, so that a change behind the
service's back is found; electorates are made from frozen rolls only.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema
from election_service.errors import RollError, RollFrozenError, UnknownElectionError
from election_service.roll_columns import FIELDS, map_columns
from election_service.roll_rules import EligibilityRule, Fault, Student, read_record
from election_service.roll_sheet import read_sheet
from keys.canonical import encode

_CHUNK: Final = 500


class RollFaultsError(RollError):
    """A roll or list with faults: nothing of it is imported. ``faults`` has all of them, by row."""

    def __init__(self, faults: Sequence[Fault], what: str = "roll") -> None:
        self.faults = tuple(faults)
        first = self.faults[0]
        super().__init__(
            f"{what}: {len(self.faults)} faults, nothing imported; row {first.row}: {first.reason}",
            "mend every row named in the report, and import again",
        )


@dataclass(frozen=True, slots=True)
class Roll:
    """A roll without faults, ordered by student id. ``ineligible``: student id → why that student may not vote."""

    students: tuple[Student, ...]
    ineligible: Mapping[str, str]

    @property
    def eligible(self) -> list[Student]:
        """Who may vote."""
        return [student for student in self.students if student.student_id not in self.ineligible]


@dataclass(frozen=True, slots=True)
class RollPreview:
    """What an import would do, before it does it: numbers, blocks, the ineligible, the first rows, all faults."""

    total: int
    eligible: int
    ineligible: Mapping[str, int]  # reason → number of students
    blocks: Mapping[str, int]  # "faculty / department / year" → number of eligible students
    sample: tuple[Student, ...]
    faults: tuple[Fault, ...]


def read_roll(raw: bytes, *, columns: Mapping[str, str] | None = None, rule: EligibilityRule | None = None) -> Roll:
    """A CSV or XLSX file as a roll; RollFaultsError with every fault of every row, RollError for the file itself.

    ``columns``: field → name of its column, for those that are not recognised. ``rule``: who may vote.
    """
    rule = rule or EligibilityRule()
    students, faults = _read(raw, columns, rule)
    if faults:
        raise RollFaultsError(faults)
    students.sort(key=lambda student: student.student_id)
    reasons = {student.student_id: rule.reason_against(student) for student in students}
    return Roll(tuple(students), {student: reason for student, reason in reasons.items() if reason})


def preview_roll(
    raw: bytes, *, columns: Mapping[str, str] | None = None, rule: EligibilityRule | None = None
) -> RollPreview:
    """What ``read_roll`` would give, with the faults listed instead of raised."""
    rule = rule or EligibilityRule()
    students, faults = _read(raw, columns, rule)
    reasons = Counter(rule.reason_against(student) for student in students)
    blocks = Counter(
        f"{student.faculty} / {student.department} / {student.year}"
        for student in students
        if not rule.reason_against(student)
    )
    eligible = reasons.pop("", 0)
    return RollPreview(
        total=len(students) + len({fault.row for fault in faults}),
        eligible=eligible,
        ineligible=dict(reasons),
        blocks=dict(sorted(blocks.items())),
        sample=tuple(students[:5]),
        faults=tuple(faults),
    )


def fault_report(faults: Iterable[Fault]) -> list[dict[str, Any]]:
    """The faults as plain data, ending with what became of the import; empty if there are none."""
    rows: list[dict[str, Any]] = [asdict(fault) for fault in faults]
    return [*rows, {"row": None, "field": None, "reason": "nothing at all is imported"}] if rows else []


def _read(raw: bytes, columns: Mapping[str, str] | None, rule: EligibilityRule) -> tuple[list[Student], list[Fault]]:
    """Students without faults, and all faults: of single rows, of duplicates, of departments in two faculties."""
    sheet = read_sheet(raw)
    indexes = map_columns(sheet.header, columns)
    records = [(row, {field: cells[at] for field, at in indexes.items()}) for row, cells in sheet.rows]
    if not records:
        raise RollError("roll: no students in it", "give a table with a header and at least one row")
    read = [(row, cells, *read_record(row, cells, rule)) for row, cells in records]
    faults = {(fault.row, fault.field): fault for *_, some in read for fault in some}
    between = [*_duplicates(records, "student_id"), *_duplicates(records, "email")]
    between += [*_spellings(records, "faculty"), *_spellings(records, "department"), *_homeless(records)]
    for fault in between:
        faults.setdefault((fault.row, fault.field), fault)
    bad = {row for row, _ in faults}
    students = [student for row, _, student, _ in read if student is not None and row not in bad]
    order = {field: at for at, field in enumerate(FIELDS)}
    return students, sorted(faults.values(), key=lambda fault: (fault.row, order[fault.field]))


def _plain(cells: Mapping[str, str], field: str) -> str:
    """A cell for comparing rows with each other, faults of other fields aside."""
    return _spelled(cells, field).casefold()


def _spelled(cells: Mapping[str, str], field: str) -> str:
    return " ".join(unicodedata.normalize("NFC", cells[field]).split())


def _duplicates(records: Sequence[tuple[int, Mapping[str, str]]], field: str) -> list[Fault]:
    first: dict[str, int] = {}
    faults = []
    for row, cells in records:
        value = _plain(cells, field)
        if value and first.setdefault(value, row) != row:
            faults.append(Fault(row, field, f"duplicate {field} of row {first[value]}"))
    return faults


def _spellings(records: Sequence[tuple[int, Mapping[str, str]]], field: str) -> list[Fault]:
    """A block is spelled in one way; otherwise it would be two blocks."""
    first: dict[str, tuple[int, str]] = {}
    faults = []
    for row, cells in records:
        spelled = _spelled(cells, field)
        seen, spelling = first.setdefault(spelled.casefold(), (row, spelled))
        if spelling != spelled:
            faults.append(Fault(row, field, f"{field} is spelled in another way in row {seen}"))
    return faults


def _homeless(records: Sequence[tuple[int, Mapping[str, str]]]) -> list[Fault]:
    """A department belongs to one faculty: the one that most rows give it, the first of equals."""
    homes: dict[str, Counter[str]] = {}
    for _, cells in records:
        faculty, department = _plain(cells, "faculty"), _plain(cells, "department")
        if faculty and department:
            homes.setdefault(department, Counter())[faculty] += 1
    reason = "department does not belong to this faculty (seen in another faculty)"
    faults = []
    for row, cells in records:
        faculty, department = _plain(cells, "faculty"), _plain(cells, "department")
        if faculty and department and homes[department].most_common(1)[0][0] != faculty:
            faults.append(Fault(row, "department", reason))
    return faults


# ---- in the database -------------------------------------------------------------------------------------------------


async def import_roll(connection: AsyncConnection, election: str, roll: Roll) -> None:
    """Replace the election's roll by this one, in the caller's transaction; RollFrozenError after the freeze (A45)."""
    await check_not_frozen(connection, election)
    await connection.execute(delete(schema.voters).where(schema.voters.c.election == election))
    await connection.execute(delete(schema.rolls).where(schema.rolls.c.election == election))
    rows = [
        {
            "election": election,
            **{field: getattr(student, field) for field in FIELDS},
            "eligible": student.student_id not in roll.ineligible,
            "reason": roll.ineligible.get(student.student_id, ""),
        }
        for student in roll.students
    ]
    for at in range(0, len(rows), _CHUNK):
        await connection.execute(insert(schema.voters), rows[at : at + _CHUNK])
    values = {"election": election, "frozen": False, "size": len(rows), "digest": _digest(rows)}
    await connection.execute(insert(schema.rolls).values(values))


async def freeze_roll(connection: AsyncConnection, election: str) -> bytes:
    """From here on the roll does not change; returns its digest. RollFrozenError if it is frozen already."""
    digest, size = await roll_to_freeze(connection, election)
    table = schema.rolls
    values = {"frozen": True, "size": size, "digest": digest}
    await connection.execute(update(table).where(table.c.election == election).values(values))
    return digest


async def roll_to_freeze(connection: AsyncConnection, election: str) -> tuple[bytes, int]:
    """Digest and number of students of the roll as it is now; RollFrozenError if it is frozen, RollError if there is
    none.
    """
    await check_not_frozen(connection, election)
    rows = await _rows(connection, election)
    if not any(row["eligible"] for row in rows):
        raise RollError("roll: nobody in it may vote", "import a roll first, and look at the preview")
    return _digest(rows), len(rows)


async def forget_roll(connection: AsyncConnection, election: str) -> int:
    """Delete everybody on a roll, whether or not it is frozen; returns how many there were.

    What is left is the frozen roll of nobody: no other is imported in its place.
    """
    voters, table = schema.voters, schema.rolls
    gone = await connection.execute(delete(voters).where(voters.c.election == election))
    values = {"frozen": True, "size": 0, "digest": _digest([])}
    await connection.execute(update(table).where(table.c.election == election).values(values))
    return int(gone.rowcount)


async def check_frozen_roll(connection: AsyncConnection, election: str) -> int:
    """The roll is frozen and is still what it was then; returns the number of students who may vote.

    RollError if it is not frozen yet, RollFrozenError if a row was added, removed or altered since (A45).
    """
    table = schema.rolls
    roll = (await connection.execute(select(table).where(table.c.election == election))).mappings().one_or_none()
    if roll is None or not roll["frozen"]:
        raise RollError(f"roll of {election}: not frozen yet", "freeze it: `election-service roll freeze`")
    rows = await _rows(connection, election)
    if len(rows) != roll["size"] or _digest(rows) != roll["digest"]:
        raise RollFrozenError(
            f"roll of {election}: changed after the freeze: expected {roll['size']} students with digest "
            f"{roll['digest'].hex()}, got {len(rows)} with {_digest(rows).hex()}",
            "somebody changed the database; restore the table `voters` from the backup made at the freeze",
        )
    return sum(row["eligible"] for row in rows)


async def check_not_frozen(connection: AsyncConnection, election: str) -> None:
    """RollFrozenError after the freeze (A45); UnknownElectionError for no election."""
    known = schema.elections
    if (await connection.execute(select(known.c.election).where(known.c.election == election))).first() is None:
        raise UnknownElectionError(f"roll: no election {election[:64]!r} here")
    table = schema.rolls
    query = select(table.c.frozen).where(table.c.election == election).with_for_update()
    if (await connection.execute(query)).scalar_one_or_none():
        raise RollFrozenError(
            f"roll of {election}: frozen: nobody is added, removed or altered any more",
            "a lost or stolen link is replaced by a re-issue; a wrong roll means a new election",
        )


async def read_names(connection: AsyncConnection, election: str, students: Sequence[str]) -> dict[str, str]:
    """Student id → name on the roll, of those of ``students`` who are on it."""
    table = schema.voters
    query = select(table.c.student_id, table.c.full_name).where(
        table.c.election == election, table.c.student_id.in_(students)
    )
    return {row.student_id: row.full_name for row in (await connection.execute(query)).all()}


async def _rows(connection: AsyncConnection, election: str) -> list[dict[str, Any]]:
    table = schema.voters
    query = select(table).where(table.c.election == election).order_by(table.c.student_id)
    return [dict(row) for row in (await connection.execute(query)).mappings()]


async def roll_digest(connection: AsyncConnection, election: str) -> bytes:
    """The digest of the roll as it stands in the database."""
    return _digest(await _rows(connection, election))


def _digest(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """SHA-256 over all students in order of their ids, credentials aside: they come after the freeze."""
    members = (*FIELDS, "eligible", "reason")
    ordered = sorted(rows, key=lambda row: str(row["student_id"]))
    return sha256(encode([[row[member] for member in members] for row in ordered])).digest()
