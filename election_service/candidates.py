"""Candidates: who stands for which position in which block, and the contests that follow from it.

The list names students by their ids; names come from the roll. The same person has the same option id in every contest
(persons.py). The options of a contest stand in the order of the list. Who may stand for what is in candidate_law.py.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ballot.contest import Option
from election_service import schema
from election_service.candidate_law import POSITIONS, CandidateLaw
from election_service.electorates import Block, Elector, Kind, blocks_of, make_blocks
from election_service.errors import RollError
from election_service.persons import assign_persons, number_persons, read_persons
from election_service.roll import RollFaultsError, check_frozen_roll
from election_service.roll_rules import Fault
from election_service.roll_sheet import read_sheet
from election_service.setup import ContestPlan
from keys.ids import check_id

BLANK: Final = Option(
    id="blank",
    name={"en": "None of them", "ka": "არც ერთი", "az": "Heç biri", "ru": "Никто из них"},
    blank=True,
)
ANY_LAW: Final = CandidateLaw()
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
    """A student as a candidate is judged: name, the own blocks, may vote, and why not stand at all (empty: may).

    ``disciplinary``: the roll's record of penalties, empty for none.
    """

    full_name: str
    elector: Elector
    eligible: bool
    bar: str
    disciplinary: str = ""


def read_candidates(
    raw: bytes,
    students: Mapping[str, Standing],
    law: CandidateLaw = ANY_LAW,
) -> list[Candidacy]:
    """The list of candidates from CSV or XLSX; RollFaultsError with every fault of every row.

    ``students``: student id → standing, everybody on the roll.
    """
    lines = _read_lines(raw)
    check_candidacies(lines, students, law)
    return lines


def _read_lines(raw: bytes) -> list[Candidacy]:
    sheet = read_sheet(raw)
    header = [name.strip().lower() for name in sheet.header]
    missing = [name for name in _COLUMNS if name not in header]
    if missing:
        raise RollError(f"candidates: no column {', '.join(missing)}", f"the columns are {', '.join(_COLUMNS)}")
    at = [header.index(name) for name in _COLUMNS]
    return [Candidacy(row, *(" ".join(cells[index].split()) for index in at)) for row, cells in sheet.rows]


def check_candidacies(
    lines: Sequence[Candidacy], students: Mapping[str, Standing], law: CandidateLaw = ANY_LAW
) -> None:
    """RollFaultsError with every fault of every line: unknown students, places and blocks, bars with their clauses."""
    blocks = {
        (block.kind, block.name) for block in make_blocks([item.elector for item in students.values() if item.eligible])
    }
    faults = [fault for line in lines for fault in _faults(line, students, law, blocks)]
    faults += _repeated(lines)
    if faults:
        raise RollFaultsError(sorted(faults), "candidates")


def _faults(
    line: Candidacy,
    students: Mapping[str, Standing],
    law: CandidateLaw,
    blocks: set[tuple[Kind, str]],
) -> list[Fault]:
    kind = law.kinds.get(line.position)
    standing = students.get(line.student_id)
    faults = []
    if standing is None:
        faults.append(Fault(line.row, "student_id", "unknown student"))
    elif bar := standing.bar or _bar(line, standing, law):
        faults.append(Fault(line.row, "student_id", f"may not stand: {bar}"))
    if kind is None:
        faults.append(Fault(line.row, "position", "unknown position"))
    elif (kind, line.block) not in blocks:
        faults.append(Fault(line.row, "block", f"unknown {kind}"))
    elif standing is not None and (kind, line.block) not in blocks_of(standing.elector):
        faults.append(Fault(line.row, "block", f"the student does not belong to this {kind}"))
    return faults


def _bar(line: Candidacy, standing: Standing, law: CandidateLaw) -> str:
    return law.reason_against(line.student_id, standing.elector.year, standing.disciplinary, line.position)


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
    persons: Mapping[str, str] | None = None,
) -> list[ContestPlan]:
    """One contest for each position and block that has candidates, with a blank option; in the order of ``positions``.

    ``names``: student id → name as on the roll. ``persons``: student id → option id; without it they are numbered. A
    contest's id is the position, a dot, and the block's part of its id.
    """
    numbers = number_persons({item.student_id for item in candidacies}) if persons is None else persons
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
    connection: AsyncConnection, election: str, raw: bytes, law: CandidateLaw = ANY_LAW
) -> list[Candidacy]:
    """Check the list for the next poll against the frozen roll and store it instead of the one before; or nothing."""
    return await replace_candidacies(connection, election, await asyncio.to_thread(_read_lines, raw), law)


async def replace_candidacies(
    connection: AsyncConnection, election: str, candidacies: list[Candidacy], law: CandidateLaw = ANY_LAW
) -> list[Candidacy]:
    """Check lines for the next poll against the frozen roll, and store them instead of those before; or nothing."""
    await check_frozen_roll(connection, election)
    check_candidacies(candidacies, await read_standings(connection, election), law)
    table = schema.candidates
    await connection.execute(delete(table).where(table.c.election == election))
    await assign_persons(connection, election, [item.student_id for item in candidacies])
    poll = await next_number(connection, election)
    rows: list[dict[str, Any]] = [
        {
            "election": election,
            "student_id": item.student_id,
            "position": item.position,
            "block": item.block,
            "place": item.row,
            "poll": poll,
        }
        for item in candidacies
    ]
    if rows:
        await connection.execute(insert(table), rows)
    return candidacies


async def read_candidacies(connection: AsyncConnection, election: str) -> list[Candidacy]:
    """The lines stored for the next poll, in their order. A list that was made for an earlier poll has none."""
    table = schema.candidates
    mine = (table.c.election == election) & (table.c.poll == await next_number(connection, election))
    rows = (await connection.execute(select(table).where(mine).order_by(table.c.place))).all()
    return [Candidacy(row.place, row.student_id, row.position, row.block) for row in rows]


async def next_number(connection: AsyncConnection, election: str) -> int:
    """The number of the next poll: one more than those that have contests."""
    table = schema.polls
    highest = await connection.scalar(select(func.max(table.c.poll)).where(table.c.election == election))
    return int(highest or 0) + 1


async def contest_plans(
    connection: AsyncConnection, election: str, positions: Mapping[str, Kind] = POSITIONS
) -> list[ContestPlan]:
    """The contests of the candidates stored for the next poll, for ``setup.plan_contests``.

    The electorates must exist by then. A list that was made for an earlier poll gives no contests.
    """
    candidacies = await read_candidacies(connection, election)
    students = await read_standings(connection, election)
    names = {student: item.full_name for student, item in students.items()}
    known = schema.electorates
    found = (await connection.execute(select(known).where(known.c.election == election))).all()
    blocks = [Block(row.electorate, row.kind, row.block) for row in sorted(found, key=lambda row: str(row.electorate))]
    persons = await read_persons(connection, election)
    return make_contest_plans(candidacies, names, blocks, positions, persons)


async def read_standings(connection: AsyncConnection, election: str) -> dict[str, Standing]:
    """Student id → standing, of everybody on the roll."""
    table = schema.voters
    rows = (await connection.execute(select(table).where(table.c.election == election))).mappings().all()
    return {
        row["student_id"]: Standing(
            row["full_name"],
            Elector(row["student_id"], row["faculty"], row["department"], row["year"]),
            row["eligible"],
            row["reason"],
            row["disciplinary"],
        )
        for row in rows
    }
