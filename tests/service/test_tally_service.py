"""The tally's edges: withheld contests, empty ones, slack, certification, a second poll, a restart in between."""

import pytest
from sqlalchemy import select

from election_service import schema
from election_service.errors import ActRefusedError
from election_service.scheduler import Scheduler
from election_service.service import open_service
from election_service.tallying import advance_tally
from keys.canonical import b64
from tests.service.house import ELECTION, HOUR, REVIEW, House


async def test_a_contest_below_the_floor_is_withheld_and_an_empty_one_counts_zero(open_house: House) -> None:
    """A08, A67: one ballot is never opened; none is all zeros."""
    house = open_house
    head = await house.rules(house.contexts[0])
    await house.vote(house.people[0], head)
    house.clock.now += 2 * HOUR
    await Scheduler(house.service).tick()
    house.clock.now += REVIEW
    await Scheduler(house.service).tick()
    withheld = await house.entries("tally.withheld")
    assert [(item.context, item.ballots) for item in withheld] == [(b64(head.context), 1)]
    (empty,) = await house.entries("tally.sums")
    assert (empty.ballots, empty.sums) == (0, None)
    (counts,) = await house.entries("tally.counts")
    assert (counts.trustees, counts.counts) == ([], [0, 0, 0])
    (declared,) = await house.entries("result.declared")
    assert {item.contest: item.outcome for item in declared.results}["head"] in ("withheld", "invalid-turnout")
    await house.verify()


async def test_recovery_blobs_and_their_keys_end_with_the_review_window(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    head = await house.rules(house.contexts[0])
    for person in house.people[:2]:
        await house.vote(person, head)
    key = house.folder / "state" / "recovery" / f"{head.context.hex()}.key"
    await house.close_early()
    assert key.is_file()
    house.clock.now += REVIEW
    await advance_tally(house.service, ELECTION, 1)
    assert not key.exists()
    async with house.service.database.snapshot() as connection:
        blobs = (await connection.execute(select(schema.issued.c.recovery_sealed))).scalars().all()
    assert blobs == [None, None]


async def test_a_result_is_certified_once_and_by_its_hash(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    head = await house.rules(house.contexts[0])
    for person in house.people[:4]:
        await house.vote(person, head)
    await house.close_early()
    await house.tally()
    declared = (await house.service.facts(ELECTION)).poll(1).declared_hash
    with pytest.raises(ActRefusedError, match="expected the declared result"):
        await house.decide("result.certified", {"poll": 1, "declared": b64(bytes(32))})
    await house.decide("result.certified", {"poll": 1, "declared": b64(declared)})
    with pytest.raises(ActRefusedError, match=r"result\.certified is logged already"):
        await house.decide("result.annulled", {"poll": 1, "declared": b64(declared), "reason": "late"})
    await house.verify()


async def test_too_much_slack_bars_certification(house: House) -> None:
    """Tokens without ballots could be filled by the service: above the limit nobody certifies."""
    await house.open(max_slack=20)
    head = await house.rules(house.contexts[0])
    for person in house.people[:3]:
        await house.vote(person, head)
    await house.token(house.people[3], head)
    await house.close_early()
    await house.tally()
    declared = b64((await house.service.facts(ELECTION)).poll(1).declared_hash)
    with pytest.raises(ActRefusedError, match=r"slack 1 is above 20 percent: .* annul the poll"):
        await house.decide("result.certified", {"poll": 1, "declared": declared})
    await house.decide("result.annulled", {"poll": 1, "declared": declared, "reason": "too much slack"})
    await house.verify()


async def test_a_second_poll_is_prepared_when_the_first_is_declared_and_opens_when_it_is_certified(
    open_sqlite_house: House,
) -> None:
    """A12: tokens, contests and canaries are the poll's own."""
    house = open_sqlite_house
    with pytest.raises(ActRefusedError, match="on its way"):
        await house.plan(2)
    head = await house.rules(house.contexts[0])
    for person, choice in zip(house.people[:3], ((1, 0, 0), (0, 1, 0), (0, 0, 1)), strict=True):
        await house.vote(person, head, choice)
    await house.close_early()
    await house.tally()
    second, _ = await house.plan(2)
    await house.show_canaries(2)
    with pytest.raises(ActRefusedError, match="opens when the poll before it is certified or annulled"):
        await house.open_poll(2)
    await house.conclude()
    await house.open_poll(2)
    for person in house.people[:3]:
        person.bearer = ""
        await house.vote(person, second, (0, 1, 0))
    await house.close_early(2)
    await house.tally(2)
    results = {item.contest: item for item in (await house.declared(2)).results}
    assert (results["head"].vote, results["head"].elected) == ("second-tour", ["beka"])
    assert results["law"].vote == "re-election"
    await house.verify()


async def test_a_restart_goes_on_from_the_log(open_house: House) -> None:
    """Nothing is in memory alone: another process finishes what this one began."""
    house = open_house
    head = await house.rules(house.contexts[0])
    for person in house.people[:3]:
        await house.vote(person, head)
    house.clock.now += 2 * HOUR
    async with open_service(house.service.config, clock=house.clock, workers=house.service.workers) as other:
        await Scheduler(other).tick()
        house.clock.now += REVIEW
        await Scheduler(other).tick()
    await house.shares()
    await Scheduler(house.service).tick()
    assert len(await house.entries("result.declared")) == 1
    await house.verify()
