"""A person's option id: given once for the whole log, since one position for each person needs it (article 6.12.5).

Numbers of one import follow the student ids. Until the first contest is logged a new list starts over; from then on
numbers stay, and whoever is new gets the next ones. Which student has which number stays in the service.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema
from election_service.errors import RollError

PREFIX: Final = "c"


def number_persons(students: Collection[str], known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Student id → option id for all of ``students``; ``known`` ones keep theirs."""
    numbers = dict(known or {})
    highest = max((int(person.removeprefix(PREFIX)) for person in numbers.values()), default=0)
    fresh = sorted(set(students) - numbers.keys())
    return numbers | {student: f"{PREFIX}{number}" for number, student in enumerate(fresh, highest + 1)}


async def read_persons(connection: AsyncConnection, election: str) -> dict[str, str]:
    """Student id → option id, of everybody who has one."""
    table = schema.persons
    query = select(table.c.student_id, table.c.person).where(table.c.election == election)
    return {row.student_id: row.person for row in (await connection.execute(query)).all()}


async def assign_persons(connection: AsyncConnection, election: str, students: Sequence[str]) -> dict[str, str]:
    """Give those who have no number theirs; returns all of them."""
    contests, table = schema.contests, schema.persons
    logged = select(contests.c.context).where(contests.c.election == election).limit(1)
    if (await connection.execute(logged)).first() is None:
        await connection.execute(delete(table).where(table.c.election == election))
    known = await read_persons(connection, election)
    numbers = number_persons(students, known)
    rows = [
        {"election": election, "student_id": student, "person": person}
        for student, person in numbers.items()
        if student not in known
    ]
    if rows:
        await connection.execute(insert(table), rows)
    return numbers


async def person_of(connection: AsyncConnection, election: str, student_id: str) -> str:
    """The option id of a student on the roll, given now if need be: for who is appointed without having stood."""
    voters = schema.voters
    mine = select(voters.c.student_id).where(voters.c.election == election, voters.c.student_id == student_id)
    if (await connection.execute(mine)).first() is None:
        raise RollError(f"student {student_id[:64]!r}: is not on the roll", "look at the roll that was imported")
    known = await read_persons(connection, election)
    return known.get(student_id) or (await assign_persons(connection, election, [*known, student_id]))[student_id]


async def credentials_of(
    connection: AsyncConnection, election: str, persons: Collection[str]
) -> dict[str, tuple[str, bytes]]:
    """Option id → (student id, credential as it is now); RollError names who has none."""
    table, voters = schema.persons, schema.voters
    query = (
        select(table.c.person, table.c.student_id, voters.c.credential)
        .join(voters, (voters.c.election == table.c.election) & (voters.c.student_id == table.c.student_id))
        .where(table.c.election == election, table.c.person.in_(persons))
    )
    found = {
        row.person: (row.student_id, row.credential)
        for row in (await connection.execute(query)).all()
        if row.credential is not None
    }
    missing = sorted(set(persons) - found.keys())
    if missing:
        raise RollError(
            f"members: no credential of {', '.join(missing[:5])}",
            "a person without a vote can hold no elected seat: record why the seat is vacant",
        )
    return found
