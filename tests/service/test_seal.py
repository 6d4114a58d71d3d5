"""Sealing: crowds only, sorted by tracker, on schedule, once (A63, A65)."""

import asyncio

from sqlalchemy import func, select

from ballot.ballot import tracker
from election_service import schema
from election_service.overview import contest_ballots
from election_service.scheduler import Scheduler
from election_service.seal import seal_waiting
from election_service.service import open_service
from keys.canonical import b64
from tests.service.house import ELECTION, HOUR, House


async def waiting(house: House) -> int:
    async with house.service.database.snapshot() as connection:
        return int((await connection.execute(select(func.count()).select_from(schema.unsealed_ballots))).scalar_one())


async def test_a_sealing_is_sorted_by_tracker_over_all_contests_and_ends_with_its_count(open_house: House) -> None:
    house = open_house
    head, law = [await house.rules(context) for context in house.contexts]
    for person in house.people[:3]:
        await house.vote(person, head)
        await house.vote(person, law)
    assert await seal_waiting(house.service, ELECTION) == 6
    ballots = await house.entries("ballot")
    trackers = [tracker(data.body) for data in ballots]
    assert trackers == sorted(trackers)
    assert {data.context for data in ballots} == {b64(head.context), b64(law.context)}
    assert [(item.poll, item.ballots) for item in await house.entries("sealed")] == [(1, 6)]
    assert await waiting(house) == 0
    await house.verify()


async def test_a_small_crowd_waits(open_sqlite_house: House) -> None:
    """One ballot alone in a sealing would tell whose it is."""
    house = open_sqlite_house
    head, law = [await house.rules(context) for context in house.contexts]
    await house.vote(house.people[0], head)
    await house.vote(house.people[1], head)
    await house.vote(house.people[0], law)
    assert await seal_waiting(house.service, ELECTION) == 2
    assert await waiting(house) == 1
    assert await seal_waiting(house.service, ELECTION, 2) == 0


async def test_two_sealers_seal_each_ballot_once(open_house: House) -> None:
    house = open_house
    head = await house.rules(house.contexts[0])
    for person in house.people:
        await house.vote(person, head)
    config, workers = house.service.config, house.service.workers
    async with open_service(config, clock=house.clock, workers=workers, check=False) as other:
        sealed = await asyncio.gather(*(seal_waiting(s, ELECTION) for s in (house.service, other) for _ in range(3)))
    assert sum(sealed) == len(house.people)
    assert len(await house.entries("ballot")) == len(house.people)
    await house.verify()


async def test_the_scheduler_seals_every_hour(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    head = await house.rules(house.contexts[0])
    scheduler = Scheduler(house.service)
    await scheduler.tick()
    for person in house.people[:3]:
        await house.vote(person, head)
    house.clock.now += HOUR - 1
    await scheduler.tick()
    assert await house.entries("sealed") == []
    house.clock.now += 1
    await scheduler.tick()
    assert [item.ballots for item in await house.entries("sealed")] == [3]


async def test_what_waits_is_sealed_while_paused_and_by_the_close(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    head = await house.rules(house.contexts[0])
    await house.vote(house.people[0], head)
    await house.close_early()
    assert [item.ballots for item in await house.entries("sealed")] == [1]
    await house.verify()


async def test_a_device_finds_its_ballot_in_the_whole_list_of_the_contest(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    head = await house.rules(house.contexts[0])
    receipts = [await house.vote(person, head) for person in house.people[:3]]
    name = b64(head.context)
    assert (await contest_ballots(house.service, ELECTION, name)).ballots == []
    await seal_waiting(house.service, ELECTION)
    found = (await contest_ballots(house.service, ELECTION, name)).ballots
    assert {item.tracker for item in found} == {receipt["tracker"] for receipt in receipts}
    assert [item.seq for item in found] == sorted(item.seq for item in found)
    assert (await contest_ballots(house.service, ELECTION, name)).ballots == found
