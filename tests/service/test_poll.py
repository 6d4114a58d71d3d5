"""The life of a poll: paused, resumed, extended, closed early or by the clock; each an entry with approvals or a
time."""

import asyncio

import msgspec
import pytest

from audit.merkle import EMPTY_ROOT
from election_service.acts import run_due_acts
from election_service.errors import ActRefusedError
from election_service.overview import election_info
from election_service.poll import close_due, closing_data, destroy_issuer_keys
from election_service.scheduler import Scheduler
from election_service.service import open_service
from keys.canonical import b64
from tests.service.house import ELECTION, HOUR, House


async def state(house: House) -> str:
    return (await election_info(house.service, ELECTION)).polls[0].state


async def test_pause_resume_extend_are_logged_and_verify(open_house: House) -> None:
    house = open_house
    await house.change_poll("poll.paused")
    assert await state(house) == "paused"
    await house.change_poll("poll.resumed", closes=house.clock.now + 3 * HOUR)
    assert await state(house) == "open"
    await house.change_poll("poll.extended", closes=house.clock.now + 4 * HOUR)
    house.clock.now += 3 * HOUR
    assert await close_due(house.service, ELECTION) == []
    house.clock.now += HOUR
    assert await close_due(house.service, ELECTION) == [1]
    await house.verify()


@pytest.mark.parametrize(
    ("kind", "hours", "match"),
    [
        ("poll.extended", 0, "as before"),
        ("poll.extended", -1, "earlier"),
        ("poll.paused", 1, "as it was"),
        ("poll.resumed", 0, "is not paused"),
    ],
)
async def test_changes_that_make_no_sense_are_refused(
    open_sqlite_house: House, kind: str, hours: int, match: str
) -> None:
    house = open_sqlite_house
    closes = (await house.service.facts(ELECTION)).poll(1).closes or 0
    with pytest.raises(ActRefusedError, match=match):
        await house.change_poll(kind, closes=closes + hours * HOUR)


async def test_nothing_changes_a_poll_after_its_closing_time(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    closes = house.clock.now + 2 * HOUR
    house.clock.now = closes
    with pytest.raises(ActRefusedError, match="closing time has passed"):
        await house.change_poll("poll.extended", closes=closes + HOUR)


async def test_an_early_close_needs_a_pause_and_the_exact_numbers(open_house: House) -> None:
    house = open_house
    rules = await house.rules(house.contexts[0])
    await house.vote(house.people[0], rules)
    await house.token(house.people[1], rules)
    with pytest.raises(ActRefusedError, match="pause it first"):
        await closing_data(house.service, ELECTION, 1)
    await house.change_poll("poll.paused")
    data = msgspec.to_builtins(await closing_data(house.service, ELECTION, 1))
    by_context = {item["context"]: item for item in data["contests"]}
    head, law = (by_context[b64(context)] for context in house.contexts)
    assert (head["ballots"], head["tokens"]) == (1, 2)
    assert (law["ballots"], law["tokens"], law["token_root"]) == (0, 0, b64(EMPTY_ROOT))
    wrong = {**data, "contests": [{**item, "tokens": 7} for item in data["contests"]]}
    with pytest.raises(ActRefusedError, match="not those of the close"):
        await house.decide("poll.closed", wrong)
    assert (await house.decide("poll.closed", data)).state == "done"
    assert await state(house) == "closed"
    destroyed = [entry.context for entry in await house.entries("issuer.destroyed")]
    assert destroyed == [b64(context) for context in sorted(house.contexts)]
    await house.verify()


async def test_a_paused_poll_waits_for_its_committee_at_the_closing_time(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await house.change_poll("poll.paused")
    house.clock.now += 3 * HOUR
    assert await close_due(house.service, ELECTION) == []
    await house.change_poll("poll.resumed", closes=house.clock.now + HOUR)
    house.clock.now += HOUR
    assert await close_due(house.service, ELECTION) == [1]
    await house.verify()


async def test_two_schedulers_close_once(open_house: House) -> None:
    house = open_house
    house.clock.now += 2 * HOUR
    config, workers = house.service.config, house.service.workers
    async with open_service(config, clock=house.clock, workers=workers, check=False) as other:
        await asyncio.gather(Scheduler(house.service).tick(), Scheduler(other).tick())
    assert len(await house.entries("poll.closed")) == 1
    assert len(await house.entries("issuer.destroyed")) == 2
    await house.verify()


async def test_a_close_that_died_before_the_keys_were_destroyed_goes_on(open_house: House) -> None:
    """What a crash between the two transactions leaves is finished by the next tick, and only once."""
    house = open_house
    await house.token(house.people[0], await house.rules(house.contexts[0]))
    assert house.service.issue_desk.held
    house.clock.now += 2 * HOUR
    from election_service.poll import close_poll

    async with house.service.writing(ELECTION) as writing:
        await close_poll(writing, 1, b64(bytes(16)), ())
    await Scheduler(house.service).tick()
    assert len(await house.entries("issuer.destroyed")) == 2
    assert house.service.issue_desk.held == []
    assert await destroy_issuer_keys(house.service, ELECTION, 1) == 0
    await house.verify()


async def test_a_scheduled_act_that_is_refused_changes_nothing_else(open_house: House) -> None:
    """Closing with numbers that are no longer true must not seal a small crowd on its way to the refusal (A63)."""
    house = open_house
    await house.vote(house.people[0], await house.rules(house.contexts[0]))
    await house.change_poll("poll.paused")
    data = msgspec.to_builtins(await closing_data(house.service, ELECTION, 1))
    wrong = {**data, "contests": [{**item, "tokens": 7} for item in data["contests"]]}
    act = await house.decide("poll.closed", wrong, not_before=house.clock.now + 60)
    assert act.state == "scheduled"
    before = (await house.service.facts(ELECTION)).size
    house.clock.now += 60
    assert [done.state for done in await run_due_acts(house.service, ELECTION)] == ["refused"]
    assert (await house.service.facts(ELECTION)).size == before
    assert await state(house) == "paused"
    right = await house.decide("poll.closed", data)
    assert right.state == "done"
    await house.verify()
