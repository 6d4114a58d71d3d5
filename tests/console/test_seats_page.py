"""Seats: who holds them, who comes next, what can be decided; and the next poll with one tap, once."""

from __future__ import annotations

import asyncio
from typing import Final

import pytest

from election_service.console.roles import Role
from election_service.console.seats import read_seats_desk
from tests.console.desk import Desk
from tests.service.house import ELECTION
from tests.service.town import BUSINESS, HEADS, LAW, PRESIDENT, Town, candidates, elect_heads

BASE: Final = f"/committee/{ELECTION}"
NOMINATED: Final = candidates(
    f"s1 {PRESIDENT}",
    f"s6 {PRESIDENT}",
    f"s2 {PRESIDENT}",
    "s1 head-of-faculty Law",
    "s2 head-of-faculty Law",
    "s6 head-of-faculty Business",
    "s7 head-of-faculty Business",
)
VOTES: Final = {
    PRESIDENT: {"s1": 3, "s6": 3, "s2": 1},
    LAW: {"s1": 3, "s2": 2},
    BUSINESS: {"s6": 2, "s7": 1},
}


async def test_the_second_tour_is_made_with_one_tap_and_then_a_vacancy_has_its_successor(town: Town) -> None:
    house = town.house
    await town.settle(NOMINATED)
    chair = await Desk.open(house, "chair", Role.CHAIR)
    page = await chair.read(f"{BASE}/seats")
    assert "It cannot be made now" in page.text
    await town.hold(1, VOTES)
    assert "neither certified nor annulled" in (await chair.read(f"{BASE}/seats")).text
    await house.conclude()

    page = await chair.read(f"{BASE}/seats")
    assert "Poll 2 would have these contests" in page.text
    assert "Student A, Student F, None of them" in page.text
    answers = await asyncio.gather(*(chair.send(f"{BASE}/seats/next-poll", {"poll": "2"}) for _ in range(4)))
    assert {answer.status for answer in answers} <= {303, 409}
    assert len(await house.entries("contest")) == 4, "made once: three contests of poll 1, one of poll 2"
    page = await chair.read(f"{BASE}/seats")
    assert "Poll 2 is made" in page.text
    late = await chair.do(f"{BASE}/seats/next-poll", {"poll": "2"})
    assert "Somebody changed this meanwhile" in late.text

    house.contexts = (await house.service.facts(ELECTION)).poll(2).contexts
    await house.show_canaries(2)
    await house.open_poll(2)
    await town.hold(2, {PRESIDENT: {"s1": 5, "s6": 3}})
    await house.conclude(2)
    one, six, seven = [await town.person(name) for name in ("s1", "s6", "s7")]
    desk = {item.info.seat: item for item in (await read_seats_desk(house.service, ELECTION)).seats}
    assert (desk[PRESIDENT].info.person, desk[BUSINESS].info.person) == (one, six)
    assert desk[BUSINESS].next_in_line == (seven,)
    assert desk[PRESIDENT].next_in_line == (), "a by-election fills it (6.9.7)"
    page = await chair.read(f"{BASE}/seats")
    assert "Next in line: Student G" in page.text
    wanted = f"{BASE}/acts/new/decision?what=vacancy&seat={BUSINESS}&person={six}"
    assert wanted in page.attributes("href")

    await house.record("vacancy", seat=BUSINESS, person=six, ground="resignation")
    desk = {item.info.seat: item for item in (await read_seats_desk(house.service, ELECTION)).seats}
    assert (desk[BUSINESS].info.person, desk[BUSINESS].info.by) == (seven, "succession")
    assert [(term.mandate.person, term.end is None) for term in desk[BUSINESS].history] == [(six, False), (seven, True)]
    page = await chair.read(f"{BASE}/seats")
    assert "Who held it before" in page.text
    assert "resignation" in page.text
    await house.verify()


async def test_a_vote_of_the_members_begins_with_their_electorate(village: Town) -> None:
    """Equal next-in-line: the members decide; their electorate is signed, proposed and approved before the contest."""
    house = village.house
    await village.settle(
        candidates(
            f"s1 {PRESIDENT}",
            "s5 head-of-faculty Law",
            "s2 head-of-faculty Law",
            "s3 head-of-faculty Law",
            "s6 head-of-faculty Business",
        )
    )
    await village.hold(1, {PRESIDENT: {"s1": 6}, LAW: {"s5": 3, "s2": 1, "s3": 1}, BUSINESS: {"s6": 2}})
    await house.conclude()
    await house.record("vacancy", seat=LAW, person=await village.person("s5"), ground="resignation")
    chair = await Desk.open(house, "chair", Role.CHAIR)
    page = await chair.read(f"{BASE}/seats")
    assert "Sign the electorate of the members" in page.text
    answer = await chair.send(f"{BASE}/seats/next-poll", {"poll": "2"})
    assert answer.status == 303
    assert answer.headers["Location"] == f"{BASE}/acts/new/prepared?kind=electorate"
    assert len(await house.entries("contest")) == 3
    planned = (await read_seats_desk(house.service, ELECTION)).planned
    assert planned is not None
    assert [item.electorate.block.id for item in planned.assemblies] == ["members.2"]


async def test_what_waits_says_so_to_people_and_where_it_is_done(village: Town) -> None:
    """A by-election with new nominations: words and a link, here and with the contests; no command."""
    house = village.house
    await elect_heads(village)
    one = await village.person("s1")
    await house.record("vacancy", seat=PRESIDENT, person=one, ground="president-resignation")
    chair = await Desk.open(house, "chair", Role.CHAIR)
    for path in ("seats", "contests"):
        page = await chair.read(f"{BASE}/{path}")
        assert "There are new nominations. Enter the candidates first." in page.text, path
        assert "6.9.7" in page.text
        assert f"{BASE}/candidates" in page.attributes("href")
        assert "roll candidates" not in page.text
        assert PRESIDENT not in page.text, "by its name, as the rules call it"


async def test_a_motion_needs_a_name(village: Town) -> None:
    house = village.house
    await elect_heads(village)
    chair = await Desk.open(house, "chair", Role.CHAIR)
    page = await chair.read(f"{BASE}/seats")
    assert "Nothing has to be voted on" in page.text
    for motion, contest in (("dismissal", ""), ("dismissal", "a b"), ("nothing", "x-1")):
        answer = await chair.send(f"{BASE}/seats/next-poll", {"poll": "2", "motion": motion, "contest": contest})
        assert answer.status == 409
        assert "The next poll was not made" in await answer.text()
    answer = await chair.send(f"{BASE}/seats/next-poll", {"poll": "2"})
    assert "nothing can be voted on yet" in await answer.text()


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.REGISTRAR, Role.TRUSTEE])
async def test_who_may_not_set_up_makes_no_poll(village: Town, role: Role) -> None:
    await village.settle(HEADS)
    desk = await Desk.open(village.house, role, role)
    assert (await desk.send(f"{BASE}/seats/next-poll", {"poll": "2"})).status == 403
    await desk.read(f"{BASE}/seats")
