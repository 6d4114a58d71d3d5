"""Candidates: who stands for which position in which block, and the contests that follow from it.

The list names students by their ids; names come from the roll. Every candidate gets one number for the whole election,
in the order of the student ids: the same person has the same option id in every contest, which the rule of one position
for each person needs (article 6.12.5). The options of a contest stand in the order of the list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ballot.contest import Option
from election_service import schema
from election_service.electorates import Block, Elector, Kind, blocks_of, make_blocks
from election_service.errors import RollError
from election_service.roll import RollFaultsError, check_frozen_roll
from election_service.roll_rules import Fault
from election_service.roll_sheet import read_sheet
from election_service.setup import ContestPlan
from keys.ids import check_id

POSITIONS: Final[Mapping[str, Kind]] = {
    "head-of-self-governance": "university",
    "head-of-faculty": "faculty",
    "head-of-department": "department",
    "head-of-class": "class",
}
BLANK: Final = Option(
    id="blank",
    name={"en": "None of them", "ka": "არც ერთი", "az": "Heç biri", "ru": "Никто из них"},
    blank=True,
)
DISCIPLINARY: Final = "there is a disciplinary record (6.1.5)"
_COLUMNS: Final = ("student_id", "position", "block")


@dataclass(frozen=True, slots=True)
class Candidacy:
    """One line of the list: a student stands for a position in a block (empty: the whole university)."""

    row: int
    student_id: str
    position: str
    block: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A student as a candidate is judged: name, the own blocks, may vote, and why not stand (empty: may)."""

    full_name: str
    elector: Elector
    eligible: bool
    bar: str


def read_candidates(
    raw: bytes,
    students: Mapping[str, Standing],
    positions: Mapping[str, Kind] = POSITIONS,
) -> list[Candidacy]:
    """The list of candidates from CSV or XLSX; RollFaultsError with every fault of every row.

    ``students``: student id → standing, everybody on the roll. ``positions``: position id → the kind of its blocks.
    """
    sheet = read_sheet(raw)
    header = [name.strip().lower() for name in sheet.header]
    missing = [name for name in _COLUMNS if name not in header]
    if missing:
        raise RollError(f"candidates: no column {', '.join(missing)}", f"the columns are {', '.join(_COLUMNS)}")
    at = [header.index(name) for name in _COLUMNS]
    lines = [Candidacy(row, *(" ".join(cells[index].split()) for index in at)) for row, cells in sheet.rows]
    blocks = {
        (block.kind, block.name) for block in make_blocks([item.elector for item in students.values() if item.eligible])
    }
    faults = [fault for line in lines for fault in _faults(line, students, positions, blocks)]
    faults += _repeated(lines)
    if faults:
        raise RollFaultsError(sorted(faults), "candidates")
    return lines


def _faults(
    line: Candidacy,
    students: Mapping[str, Standing],
    positions: Mapping[str, Kind],
    blocks: set[tuple[Kind, str]],
) -> list[Fault]:
    kind = positions.get(line.position)
    standing = students.get(line.student_id)
    faults = []
    if standing is None:
        faults.append(Fault(line.row, "student_id", "unknown student"))
    elif standing.bar:
        faults.append(Fault(line.row, "student_id", f"may not stand: {standing.bar}"))
    if kind is None:
        faults.append(Fault(line.row, "position", "unknown position"))
    elif (kind, line.block) not in blocks:
        faults.append(Fault(line.row, "block", f"unknown {kind}"))
    elif standing is not None and (kind, line.block) not in blocks_of(standing.elector):
        faults.append(Fault(line.row, "block", f"the student does not belong to this {kind}"))
    return faults


def _repeated(lines: Sequence[Candidacy]) -> list[Fault]:
    first: dict[tuple[str, str, str], int] = {}
    faults = []
    for line in lines:
        seen = first.setdefault((line.student_id, line.position, line.block), line.row)
        if seen != line.row:
            faults.append(Fault(line.row, "student_id", f"the same candidacy as row {seen}"))
    return faults


def make_contest_plans(
    candidacies: Sequence[Candidacy],
    names: Mapping[str, str],
    blocks: Sequence[Block],
    positions: Mapping[str, Kind] = POSITIONS,
) -> list[ContestPlan]:
    """One contest for each position and block that has candidates, with a blank option; in the order of ``positions``.

    ``names``: student id → name as on the roll. A contest's id is the position, a dot, and the block's part of its id.
    """
    numbers = {student: f"c{number}" for number, student in enumerate(sorted({c.student_id for c in candidacies}), 1)}
    plans = []
    for position, kind in positions.items():
        for block in blocks:
            standing = [item for item in candidacies if (item.position, item.block) == (position, block.name)]
            if block.kind != kind or not standing:
                continue
            options = [
                Option(id=numbers[item.student_id], name={"en": names[item.student_id]}, blank=False)
                for item in sorted(standing, key=lambda item: item.row)
            ]
            _check_names(position, block, options)
            part = block.id.partition(".")[2]
            contest = check_id(f"{position}.{part}" if part else position, "contest")
            plans.append(ContestPlan(contest, position, block.id, [*options, BLANK]))
    return plans


def _check_names(position: str, block: Block, options: Sequence[Option]) -> None:
    """Two candidates of one name cannot be told apart on the ballot."""
    shown = [option.name["en"] for option in options]
    twice = sorted({name for name in shown if shown.count(name) > 1})
    if twice:
        raise RollError(
            f"candidates: {position} {block.name}: two candidates are called {', '.join(twice)}",
            "tell them apart on the roll before the freeze, by a middle name or the year of birth",
        )


# ---- in the database -------------------------------------------------------------------------------------------------


async def import_candidates(
    connection: AsyncConnection, election: str, raw: bytes, positions: Mapping[str, Kind] = POSITIONS
) -> list[Candidacy]:
    """Check the list against the frozen roll and store it instead of the one before; all of it or nothing."""
    await check_frozen_roll(connection, election)
    students = await _standings(connection, election)
    candidacies = read_candidates(raw, students, positions)
    table = schema.candidates
    await connection.execute(delete(table).where(table.c.election == election))
    rows: list[dict[str, Any]] = [
        {
            "election": election,
            "student_id": item.student_id,
            "position": item.position,
            "block": item.block,
            "place": item.row,
        }
        for item in candidacies
    ]
    if rows:
        await connection.execute(insert(table), rows)
    return candidacies


async def contest_plans(
    connection: AsyncConnection, election: str, positions: Mapping[str, Kind] = POSITIONS
) -> list[ContestPlan]:
    """The contests of the stored candidates, for ``setup.plan_contests``; the electorates must exist by then."""
    table = schema.candidates
    rows = (await connection.execute(select(table).where(table.c.election == election).order_by(table.c.place))).all()
    candidacies = [Candidacy(row.place, row.student_id, row.position, row.block) for row in rows]
    students = await _standings(connection, election)
    names = {student: item.full_name for student, item in students.items()}
    known = schema.electorates
    found = (await connection.execute(select(known).where(known.c.election == election))).all()
    blocks = [Block(row.electorate, row.kind, row.block) for row in sorted(found, key=lambda row: str(row.electorate))]
    return make_contest_plans(candidacies, names, blocks, positions)


async def _standings(connection: AsyncConnection, election: str) -> dict[str, Standing]:
    table = schema.voters
    rows = (await connection.execute(select(table).where(table.c.election == election))).mappings().all()
    return {
        row["student_id"]: Standing(
            row["full_name"],
            Elector(row["student_id"], row["faculty"], row["department"], row["year"]),
            row["eligible"],
            row["reason"] or (DISCIPLINARY if row["disciplinary"] else ""),
        )
        for row in rows
    }
