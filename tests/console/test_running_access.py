"""Pages of a running poll before there is a log, for who reads only, and when a new ballot link is approved."""

from __future__ import annotations

from typing import Final

import pytest
from sqlalchemy import insert

from election_service import schema_mail
from election_service.console.drafts import create_draft, new_draft
from election_service.console.roles import Role
from election_service.reissue import reissue_links
from tests.console.desk import Desk
from tests.service.house import ELECTION, House
from tests.service.pages_reader import counts_of, vote_all
from tests.service.town import PRESIDENT, Town, candidates

BASE: Final = f"/committee/{ELECTION}"
TAILS: Final = ("/progress", "/messages", "/requests", "/results", "/seats", "/log", "/retention")


async def test_of_a_draft_there_is_nothing_to_see_yet(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    async with house.service.database.transaction() as connection:
        await create_draft(connection, "spring-2027", new_draft("Spring"))
    chair = await Desk.open(house, "chair", Role.CHAIR, election="spring-2027")
    for tail in (*TAILS, "/results/1"):
        page = await chair.read(f"/committee/spring-2027{tail}")
        assert ("Not yet" in page.text) == (tail not in ("/log", "/retention")), tail
    for tail, fields in (("/progress/reminders", {"poll": "1"}), ("/seats/next-poll", {"poll": "1"})):
        assert (await chair.send(f"/committee/spring-2027{tail}", fields)).status in (404, 409), tail
    page = await chair.do("/committee/spring-2027/retention", {"days": "90", "revision": "0"})
    assert "Kept for 90 days" in page.text
    assert "90 days after the last poll" in page.text


async def test_reading_changes_nothing(open_house: House) -> None:
    await vote_all(open_house, 2)
    chair = await Desk.open(open_house, "chair", Role.CHAIR)
    await chair.read(f"{BASE}/progress")
    before, size = await counts_of(open_house), await open_house.log_size()
    for tail in (*TAILS, "/results/1", "/messages?all=1", "/requests?all=1"):
        await chair.read(BASE + tail)
        await chair.get(f"/api/committee/elections/{ELECTION}{tail}")
    assert await counts_of(open_house) == before
    assert await open_house.log_size() == size


@pytest.mark.parametrize("tail", TAILS)
async def test_who_has_no_role_here_sees_no_such_election(open_sqlite_house: House, tail: str) -> None:
    elsewhere = await Desk.open(open_sqlite_house, "elsewhere", Role.CHAIR, election="another")
    there = await elsewhere.get(BASE + tail)
    nowhere = await elsewhere.get(f"/committee/no-such{tail}")
    assert (there.status, nowhere.status) == (404, 404)
    assert await there.text() == await nowhere.text()
    nobody = await Desk(open_sqlite_house).get(BASE + tail)
    assert nobody.status == 303
    assert nobody.headers["Location"].startswith("/committee/sign-in")


async def test_a_new_link_waits_for_approval_and_settles_the_request(village: Town) -> None:
    house = village.house
    await village.settle(candidates(f"s1 {PRESIDENT}", f"s6 {PRESIDENT}"))
    async with house.service.database.transaction() as connection:
        row = {"election": ELECTION, "student_id": "s3", "requested": house.clock.now, "state": "open"}
        await connection.execute(insert(schema_mail.link_requests).values(row))
    chair = await Desk.open(house, "chair", Role.CHAIR)
    assert "a new link waits for approval" not in (await chair.read(f"{BASE}/requests")).text
    ((kind, fields),) = await reissue_links(house.service, ELECTION, ["s3"], "lost")
    page = await chair.read(f"{BASE}/requests")
    assert "a new link waits for approval" in page.text
    await house.decide(kind, fields)
    assert "Nothing waits" in (await chair.read(f"{BASE}/requests")).text
    assert "has a link" in (await chair.read(f"{BASE}/requests?all=1")).text
