"""The scheduler outlives what goes wrong around it, and one election's trouble is not another's."""

import asyncio
from contextlib import suppress

from election_service import scheduler
from election_service.scheduler import Scheduler
from tests.service.house import ELECTION, HOUR, House


async def test_a_database_that_was_away_is_caught_up_with(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    house.clock.now += 2 * HOUR
    database = house.service.database

    class Away:
        def snapshot(self) -> None:
            raise OSError("connection refused")

        transaction = snapshot

    house.service.database = Away()  # type: ignore[assignment]
    task = asyncio.create_task(Scheduler(house.service).run())
    await asyncio.sleep(0.05)
    assert not task.done()
    house.service.database = database
    for _ in range(100):
        await asyncio.sleep(0.1)
        if await house.entries("issuer.destroyed"):
            break
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert len(await house.entries("poll.closed")) == 1
    assert scheduler.TICK >= 0.5  # no busy loop
    assert (await house.service.facts(ELECTION)).poll(1).closed is not None
