"""From the outcome to the next poll, by itself: second tour, double winner, succession, a tie that members decide."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from election_service.errors import ActRefusedError
from election_service.follow_up import next_poll
from election_service.workers import Workers
from tests.service.house import ELECTION, built
from tests.service.town import BUSINESS, CIVIL_LAW, LAW, PRESIDENT, Town, candidates


@pytest_asyncio.fixture
async def town(database_url: str, tmp_path: Path, workers: Workers) -> AsyncIterator[Town]:
    """Nobody lives there yet; on SQLite and then on PostgreSQL."""
    async with built(database_url, tmp_path, workers, registrar_in_service=True) as house:
        yield Town(house)


async def derived(town: Town) -> list[tuple[Any, ...]]:
    """Everything that happened to seats: (seat, person) taken or filled, (seat, person, ground) left."""
    found: list[tuple[Any, ...]] = []
    for data in await town.house.entries("seat.taken", "seat.filled", "seat.vacated"):
        ground = getattr(data, "ground", None)
        found.append((data.seat, data.person) if ground is None else (data.seat, data.person, ground))
    return found


async def test_second_tour_double_winner_and_vacancy_with_successor(town: Town) -> None:
    house = town.house
    await town.settle(
        candidates(
            f"s1 {PRESIDENT}",
            f"s6 {PRESIDENT}",
            f"s2 {PRESIDENT}",
            "s1 head-of-faculty Law",
            "s2 head-of-faculty Law",
            "s6 head-of-faculty Business",
            "s7 head-of-faculty Business",
        )
    )
    await town.hold(1, {PRESIDENT: {"s1": 3, "s6": 3, "s2": 1}, LAW: {"s1": 3, "s2": 2}, BUSINESS: {"s6": 2, "s7": 1}})
    one, two, six, seven = [await town.person(name) for name in ("s1", "s2", "s6", "s7")]
    seats = {seat.seat: seat for seat in (await house.declared()).seats}
    assert (seats[PRESIDENT].status, seats[LAW].status) == ("open", "provisional")
    assert set(seats[LAW].possible) >= {one, two}
    with pytest.raises(ActRefusedError, match="neither certified nor annulled"):
        await next_poll(house.service, ELECTION)
    await house.conclude()
    assert await derived(town) == []

    planned = await town.prepare_next()
    (plan,) = planned.plans
    assert (plan.contest, plan.electorate) == (PRESIDENT, "university")
    assert [option.name["en"] for option in plan.options] == ["Student A", "Student F", "None of them"]
    await town.hold(2, {PRESIDENT: {"s1": 5, "s6": 3}})
    (result,) = (await house.declared(2)).results
    assert (result.vote, result.tour, result.elected) == ("second-tour", "second", [one])
    await house.conclude(2)
    assert await derived(town) == [(PRESIDENT, one), (BUSINESS, six), (LAW, two)]
    (_, _, law) = await house.entries("seat.taken")
    assert [(item.person, item.reason, item.seat) for item in law.skipped] == [(one, "holds-higher", PRESIDENT)]

    await house.record("vacancy", seat=BUSINESS, person=six, ground="resignation")
    assert (await derived(town))[3:] == [(BUSINESS, six, "resignation"), (BUSINESS, seven)]
    answer = await (await house.get("/seats")).json()
    held = {item["seat"]: (item["person"], item["name"].get("en"), item["by"]) for item in answer["seats"]}
    assert held == {
        PRESIDENT: (one, "Student A", "election"),
        LAW: (two, "Student B", "election"),
        BUSINESS: (seven, "Student G", "succession"),
    }
    assert (await next_poll(house.service, ELECTION)).plans == ()
    await house.verify()


async def test_a_tie_of_successors_goes_to_the_members_without_the_tied(town: Town) -> None:
    """Case 12: equal next-in-line; both are barred from voting, though one of them is a member."""
    house = town.house
    await town.settle(
        candidates(
            f"s1 {PRESIDENT}",
            "s5 head-of-faculty Law",
            "s2 head-of-faculty Law",
            "s3 head-of-faculty Law",
            "s6 head-of-faculty Business",
            "s2 head-of-department Civil Law",
            "s4 head-of-department Civil Law",
        )
    )
    await town.hold(
        1,
        {
            PRESIDENT: {"s1": 6},
            LAW: {"s5": 3, "s2": 1, "s3": 1},
            BUSINESS: {"s6": 2},
            CIVIL_LAW: {"s2": 3, "s4": 1},
        },
    )
    await house.conclude()
    one, two, three, four, five, six = [await town.person(f"s{number}") for number in range(1, 7)]
    assert await derived(town) == [(PRESIDENT, one), (BUSINESS, six), (LAW, five), (CIVIL_LAW, two)]
    await house.record("vacancy", seat=LAW, person=five, ground="resignation")
    task = (await house.agenda())[LAW]
    assert (task.kind, task.barred, task.voters) == ("members-vote", [two, three], "members")

    planned = await town.prepare_next()
    (plan,) = planned.plans
    assert plan.electorate == "members.2"
    electorate = (await house.entries("electorate"))[-1]
    assert (electorate.id, electorate.size) == ("members.2", 2)
    rules = await house.rules(house.contexts[0])
    assert [option.id for option in rules.document.options if not option.blank] == task.options
    barred = town.people["s2"]
    await house.log_in(barred)
    contest = (await house.service.facts(ELECTION)).contest(house.contexts[0])
    assert contest.seq not in {item.seq for item in (await house.view(barred)).contests}
    answer = await house.post("/tokens", house.request_token(barred, rules), barred.bearer)
    assert (await answer.json())["code"] == "not-eligible"
    await town.hold(2, {LAW: {"s2": 2}}, voters=["s1", "s6"])
    await house.conclude(2)
    assert (await derived(town))[5:] == [
        (CIVIL_LAW, two, "higher-position"),
        (LAW, two),
        (CIVIL_LAW, four),
    ]
    await house.verify()
