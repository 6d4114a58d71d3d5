"""Links of the pages of a running poll, of results and of seats lead to pages; forms of acts have what they say."""

from __future__ import annotations

import os
from typing import Final

from sqlalchemy import insert

from election_service import schema_mail
from election_service.console.roles import Role
from election_service.voices import complain
from tally.complaint import make_complaint
from tests.console.desk import Desk
from tests.console.test_progress import mail
from tests.service.house import ELECTION, HOUR, House
from tests.service.pages_reader import play_to_the_result
from tests.service.town import LAW, PRESIDENT, Town, candidates

BASE: Final = f"/committee/{ELECTION}"


async def follow(desk: Desk, *tails: str) -> set[str]:
    """Read every page that these link to; returns the addresses without what stands before the election's id."""
    found: set[str] = set()
    for tail in tails:
        page = await desk.read(BASE + tail)
        found |= {link for link in page.attributes("href") if link.startswith(f"{BASE}/")}
    for link in sorted(found):
        answer = await desk.get(link)
        assert answer.status == 200, (link, answer.status, (await answer.text())[:400])
    return {link.removeprefix(BASE) for link in found}


async def test_links_while_a_poll_is_open_and_paused(town: Town) -> None:
    house = town.house
    await town.settle(candidates(f"s1 {PRESIDENT}", f"s6 {PRESIDENT}"))
    async with house.service.database.transaction() as connection:
        row = {"election": ELECTION, "student_id": "s3", "requested": house.clock.now, "state": "open"}
        await connection.execute(insert(schema_mail.link_requests).values(row))
    desk = await Desk.open(house, "chair", Role.CHAIR, Role.REGISTRAR)
    found = await follow(desk, "/progress", "/requests", "/results", "/messages")
    wanted = {"/acts/new/poll.extended?poll=1", "/acts/new/poll.paused?poll=1"}
    assert wanted | {"/acts/new/credential.replaced?student=s3", "/results/1"} <= found
    await house.change_poll("poll.paused")
    found = await follow(desk, "/progress")
    assert {"/acts/new/poll.resumed?poll=1", "/acts/new/poll.closed?poll=1"} <= found


async def test_links_from_the_declaration_to_the_seats(house: House) -> None:
    await house.open(complaints=HOUR)
    await mail(house, "invite", 2, "refused", "550 no such mailbox")
    await play_to_the_result(house)
    data = make_complaint(house.log_id, 1, "My name was missing.", house.people[0].secret, os.urandom)
    await complain(house.service, ELECTION, data)
    desk = await Desk.open(house, "chair", Role.CHAIR)
    (seq,) = (await house.service.facts(ELECTION)).record.state.complaints
    found = await follow(desk, "/results/1", "/progress")
    answers = {f"/acts/new/decision?what=complaint&number={seq}&ground={code}" for code in ("upheld", "rejected")}
    assert answers | {"/acts/new/result.annulled?poll=1", "/documents?poll=1", "/trustees"} <= found
    await house.record("complaint", number=seq, ground="rejected")
    house.clock.now += HOUR
    desk = await Desk.open(house, "later", Role.CHAIR)
    assert "/acts/new/result.certified?poll=1" in await follow(desk, "/results/1")
    await house.conclude()
    found = await follow(desk, "/results/1", "/seats", "/log", "/retention")
    assert "/acts/new/decision?what=vacancy&seat=law&person=nino" in found


async def test_the_form_of_a_decision_has_what_the_link_says(village: Town) -> None:
    house = village.house
    await village.settle(
        candidates(f"s1 {PRESIDENT}", f"s6 {PRESIDENT}", "s2 head-of-faculty Law", "s6 head-of-faculty Business")
    )
    await village.hold(1, {PRESIDENT: {"s1": 6}, LAW: {"s2": 4}, "head-of-faculty.business": {"s6": 2}})
    await house.conclude()
    desk = await Desk.open(house, "chair", Role.CHAIR)
    two = await village.person("s2")
    link = f"{BASE}/acts/new/decision?what=vacancy&seat={LAW}&person={two}"
    assert link in (await desk.read(f"{BASE}/seats")).attributes("href")
    page = await desk.read(link)
    values = set(page.attributes("value"))
    assert {LAW, two} <= values
