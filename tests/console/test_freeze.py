"""The freeze of the roll: two members sign for this very roll, and a change behind their backs is found (A45, A100)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner, Result

from election_service import schema
from election_service.commands.app import app
from election_service.console.local_acts import verify_freeze
from election_service.console.roles import Role
from election_service.doctor import examine
from election_service.errors import RollFrozenError
from election_service.proposals import read_proposals
from election_service.roll import check_frozen_roll, roll_digest
from keys.canonical import b64, encode
from tests.console.act_cases import freeze_of, list_students
from tests.console.desk import Desk
from tests.service.house import ELECTION, House
from tests.simulated.builders import make_signer


async def frozen(house: House) -> None:
    await list_students(house)
    assert (await house.decide(*await freeze_of(house))).state == "done"


async def check(house: House) -> None:
    async with house.service.database.snapshot() as connection:
        await check_frozen_roll(connection, ELECTION)
        await verify_freeze(connection, ELECTION)


async def test_a_freeze_that_members_signed_holds(house: House) -> None:
    await frozen(house)
    await check(house)
    findings = await examine(house.service.config, house.clock)
    assert [item.text for item in findings if item.text.startswith("roll:")] == ["roll: as it was frozen"]


async def test_a_freeze_outlives_the_committee_that_signed_it(house: House) -> None:
    await house.adopt()
    await frozen(house)
    house.members = {**house.members, "dato": make_signer("dato")}
    members = [{"id": name, "key": b64(house.members[name].public)} for name in ("beka", "dato")]
    await house.decide("members", {"members": members, "threshold": 2})
    await check(house)


async def test_a100_a_roll_that_was_changed_together_with_its_digest_is_found(house: House) -> None:
    """Whoever has the database can make both agree, and has no member's signature for them."""
    await frozen(house)
    async with house.service.database.transaction() as connection:
        await connection.execute(update(schema.voters).values(full_name="Somebody Else"))
        digest = await roll_digest(connection, ELECTION)
        await connection.execute(update(schema.rolls).values(digest=digest))
    async with house.service.database.snapshot() as connection:
        await check_frozen_roll(connection, ELECTION)  # by itself it looks whole
        with pytest.raises(RollFrozenError, match="expected the roll that members signed for"):
            await verify_freeze(connection, ELECTION)
    problems = [item.text for item in await examine(house.service.config, house.clock) if item.level == "error"]
    assert len(problems) == 1
    assert "expected the roll that members signed for" in problems[0]


async def test_a100_an_act_that_was_written_into_the_database_is_no_freeze(house: House) -> None:
    await frozen(house)
    table = schema.acts
    async with house.service.database.transaction() as connection:
        row = (await connection.execute(select(table.c.data, table.c.approvals))).one()
        for values in (
            {"approvals": encode([])},
            {"data": row.data.replace(b'"size":3', b'"size":4')},
        ):
            await connection.execute(update(table).values(values))
            with pytest.raises(RollFrozenError, match="not signed by members of the log"):
                await verify_freeze(connection, ELECTION)
            await connection.execute(update(table).values(data=row.data, approvals=row.approvals))
        await verify_freeze(connection, ELECTION)


async def command(house: House, *arguments: str) -> Result:
    config = house.service.config
    file = house.folder / "election.toml"
    lines = [f"{name} = {str(getattr(config, name))!r}" for name in ("database_url", "state_dir", "master_key_file")]
    file.write_text("\n".join([*lines, f"public_url = {config.public_url!r}"]), "utf-8")
    given = ["roll", "freeze", "--config", str(file), "--election", ELECTION, *arguments]
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, given))


async def test_the_operator_freezes_where_the_committee_works_by_the_command_line(house: House) -> None:
    await list_students(house)
    done = await command(house)
    assert (done.exit_code, done.output[:11]) == (0, "roll frozen")
    await check(house)


async def test_a100_the_operator_freezes_nothing_where_the_committee_has_accounts(house: House, tmp_path: Path) -> None:
    await list_students(house)
    await Desk.open(house, "olga", Role.OBSERVER)
    await Desk.open(house, "ana", Role.CHAIR)
    refused = await command(house)
    assert refused.exit_code == 1
    assert "two members freeze it there" in refused.output
    told = " ".join(refused.output.split())
    assert f"one proposes it at /committee/{ELECTION}/acts/new/roll.frozen and another approves it" in told
    assert "`roll freeze --proposals freeze.acts`, `member propose freeze.acts`, `member approve`" in told
    file = tmp_path / "freeze.acts"
    assert (await command(house, "--proposals", str(file))).exit_code == 0
    (act,) = read_proposals(file, ELECTION)
    assert (act.kind, act.data) == await freeze_of(house)  # the roll is not frozen yet
    assert (await house.decide(act.kind, act.data)).state == "done"
