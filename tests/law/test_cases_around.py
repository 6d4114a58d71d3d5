"""The cases of the regulations that roll, tokens and ballots decide."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from ballot.errors import TokenError
from ballot.verification import verify_ballot
from election_service import schema
from election_service.candidate_law import candidate_law
from election_service.candidates import Standing, read_candidates
from election_service.cast import cast_ballot
from election_service.database import Database
from election_service.electorates import Elector
from election_service.errors import RollFrozenError
from election_service.roll import RollFaultsError, check_frozen_roll, freeze_roll, import_roll, read_roll
from election_service.service import open_service
from keys.canonical import encode
from tests.law.cases import case
from tests.law.play import settled
from tests.service.house import ELECTION, House
from tests.service.logs import ELECTION as LEDGER
from tests.service.logs import open_ledger
from tests.service.rolls import row, table
from tests.simulated.randomness import seeded
from tests.strategies import cast, make_contest, make_token


@case(16)
async def test_case_16(sentence: str, database: Database, tmp_path: Path) -> None:
    await open_ledger(database, tmp_path / "state")
    other = row(student_id="002", email="b@example.edu")
    before = read_roll(table(row(student_id="001"), other))
    after = read_roll(table(row(student_id="001", faculty="Business", department="Finance"), other))
    async with database.transaction() as connection:
        await import_roll(connection, LEDGER, before)
        await freeze_roll(connection, LEDGER)
    with pytest.raises(RollFrozenError, match="nobody is added, removed or altered"):
        async with database.transaction() as connection:
            await import_roll(connection, LEDGER, after)
    async with database.snapshot() as connection:
        assert await check_frozen_roll(connection, LEDGER) == 2
        query = select(schema.voters.c.faculty).where(schema.voters.c.student_id == "001")
        assert (await connection.execute(query)).scalar_one() == "Law"


@case(17)
async def test_case_17(sentence: str, open_sqlite_house: House) -> None:
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    assert house.http is not None
    for _ in range(4):
        answer = await house.http.get(f"/vote/{ELECTION}")
        assert answer.status == 200
    assert await _rows(house, schema.issued) == await _rows(house, schema.spent) == 0
    rules = await house.rules(house.contexts[0])
    await house.vote(person, rules)
    assert await _rows(house, schema.issued) == await _rows(house, schema.spent) == 1


@case(18)
async def test_case_18(sentence: str, open_sqlite_house: House) -> None:
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    rules = await house.rules(house.contexts[0])
    token = await house.token(person, rules)
    ballot, other = (encode(house.ballot(person, rules, token, vote)) for vote in ((1, 0, 0), (0, 1, 0)))
    config, workers = house.service.config, house.service.workers
    async with open_service(config, clock=house.clock, workers=workers, check=False) as second:
        services = (house.service, second)
        first, again = await asyncio.gather(*(cast_ballot(service, ELECTION, ballot) for service in services))
        assert (first.tracker, first.signature) == (again.tracker, again.signature)
        refused = await asyncio.gather(
            *(cast_ballot(service, ELECTION, other) for service in services), return_exceptions=True
        )
    assert [getattr(answer, "code", None) for answer in refused] == ["token-spent"] * 2
    assert await _rows(house, schema.unsealed_ballots) == 1


@case(19)
@pytest.mark.parametrize(
    ("mine", "other"),
    [
        ({"poll": 1}, {"poll": 2}),
        ({"contest": "civil", "position": "department"}, {"contest": "law", "position": "faculty"}),
    ],
    ids=["round 2", "faculty"],
)
def test_case_19(sentence: str, mine: dict[str, Any], other: dict[str, Any]) -> None:
    """Even if the issuer key were the same, which it is not: context, token and proofs are bound to the contest."""
    here, there = make_contest(**mine), make_contest(**other)
    assert here.context != there.context
    token = make_token(here, seeded("token"))
    verify_ballot(here, cast(here, (0, 1, 0), token=token).data)
    with pytest.raises(TokenError, match="not that of this key in this contest"):
        verify_ballot(there, cast(there, (0, 1, 0), token=token).data)


@case(21)
@pytest.mark.parametrize("year", [1, 2])
def test_case_21(sentence: str, year: int) -> None:
    """A first-year may be head of the class (year 1), and a second-year of everything."""
    students = {
        "1": Standing("Ana", Elector("1", "Law", "Civil Law", year), eligible=True, bar=""),
        "2": Standing("Beka", Elector("2", "Law", "Civil Law", 1), eligible=True, bar=""),
    }
    law = candidate_law(settled())
    lines = ["student_id,position,block", "1,head-of-self-governance,", "2,head-of-class,Civil Law / 1"]
    raw = "\n".join(lines).encode()
    if year == 1:
        with pytest.raises(RollFaultsError, match=r"first-year students cannot stand for .* \(6\.12\.1\)") as refused:
            read_candidates(raw, students, law)
        assert [fault.row for fault in refused.value.faults] == [2]
    else:
        assert len(read_candidates(raw, students, law)) == 2


async def _rows(house: House, table: Any) -> int:
    async with house.service.database.snapshot() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())
