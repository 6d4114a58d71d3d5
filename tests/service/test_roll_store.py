"""A roll is imported whole or not at all, and does not change after the freeze (A45)."""

from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from election_service import schema
from election_service.database import Database
from election_service.errors import RollError, RollFrozenError, UnknownElectionError
from election_service.roll import Roll, check_frozen_roll, freeze_roll, import_roll, read_roll
from tests.service.logs import ELECTION, open_ledger
from tests.service.rolls import row, table


@pytest.fixture
async def prepared(database: Database, tmp_path: Path) -> Database:
    await open_ledger(database, tmp_path / "state")
    return database


def small_roll(count: int = 4) -> Roll:
    rows = [row(student_id=f"{n:03}", email=f"s{n}@example.edu", full_name=f"Name {n}") for n in range(count)]
    return read_roll(table(*rows, row(student_id="900", email="m@example.edu", level="master")))


async def imported(database: Database, roll: Roll) -> None:
    async with database.transaction() as connection:
        await import_roll(connection, ELECTION, roll)


async def freeze(database: Database) -> bytes:
    async with database.transaction() as connection:
        return await freeze_roll(connection, ELECTION)


async def check(database: Database) -> int:
    async with database.snapshot() as connection:
        return await check_frozen_roll(connection, ELECTION)


async def test_an_import_replaces_the_roll_until_it_is_frozen(prepared: Database) -> None:
    await imported(prepared, small_roll(2))
    await imported(prepared, small_roll(4))
    async with prepared.snapshot() as connection:
        rows = (await connection.execute(select(schema.voters).order_by(schema.voters.c.student_id))).mappings().all()
    assert [row["student_id"] for row in rows] == ["000", "001", "002", "003", "900"]
    assert [row["eligible"] for row in rows] == [True] * 4 + [False]
    assert rows[4]["reason"] == "level is master, expected bachelor"
    with pytest.raises(RollError, match="not frozen yet"):
        await check(prepared)
    await freeze(prepared)
    assert await check(prepared) == 4


async def test_after_the_freeze_nothing_is_imported(prepared: Database) -> None:
    """A45: through the service."""
    await imported(prepared, small_roll())
    await freeze(prepared)
    with pytest.raises(RollFrozenError, match="nobody is added, removed or altered"):
        await imported(prepared, small_roll(3))
    with pytest.raises(RollFrozenError, match="frozen"):
        await freeze(prepared)
    assert await check(prepared) == 4


@pytest.mark.parametrize("act", ["insert", "delete", "alter", "make eligible"])
async def test_after_the_freeze_a_change_behind_the_services_back_is_found(prepared: Database, act: str) -> None:
    """A45: insert, delete, alter a row in the database itself."""
    await imported(prepared, small_roll())
    await freeze(prepared)
    voters = schema.voters
    async with prepared.transaction() as connection:
        if act == "insert":
            source = (await connection.execute(select(voters).limit(1))).mappings().one()
            await connection.execute(insert(voters).values({**source, "student_id": "777"}))
        elif act == "delete":
            await connection.execute(delete(voters).where(voters.c.student_id == "002"))
        elif act == "alter":
            await connection.execute(update(voters).where(voters.c.student_id == "002").values(email="x@example.edu"))
        else:
            await connection.execute(update(voters).where(voters.c.student_id == "900").values(eligible=True))
    with pytest.raises(RollFrozenError, match="changed after the freeze: expected 5 students"):
        await check(prepared)


async def test_a_roll_without_voters_is_not_frozen(prepared: Database) -> None:
    with pytest.raises(RollError, match="nobody in it may vote"):
        await freeze(prepared)


async def test_a_failed_import_leaves_the_old_roll(prepared: Database) -> None:
    await imported(prepared, small_roll(3))

    async def fail() -> None:
        async with prepared.transaction() as connection:
            await import_roll(connection, ELECTION, small_roll(9))
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        await fail()
    await freeze(prepared)
    assert await check(prepared) == 3


async def test_a_roll_belongs_to_an_election(prepared: Database) -> None:
    with pytest.raises(UnknownElectionError, match="no election 'nowhere'"):
        async with prepared.transaction() as connection:
            await import_roll(connection, "nowhere", small_roll())
