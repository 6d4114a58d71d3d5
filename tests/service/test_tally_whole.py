"""From the open poll to the declared result, through HTTP and the use cases, and past the verifier."""

from election_service.poll import close_due
from election_service.seal import seal_waiting
from tests.service.house import ELECTION, HOUR, House


async def test_a_whole_election_verifies_on_both_databases(open_house: House) -> None:
    house = open_house
    head, law = [await house.rules(context) for context in house.contexts]
    for person, vote in zip(house.people[:5], ((1, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0, 0)), strict=True):
        await house.vote(person, head, vote)
    await seal_waiting(house.service, ELECTION)
    for person in house.people[:3]:
        await house.vote(person, law, (0, 1, 0))
    house.clock.now += 2 * HOUR
    assert await close_due(house.service, ELECTION) == [1]
    await house.tally()
    results = {item.contest: item for item in (await house.entries("result.declared"))[0].results}
    assert results["head"].counts == [3, 1, 1]
    assert results["head"].elected == ["ana"]
    assert results["law"].counts == [0, 3, 0]
    assert results["law"].elected == ["gio"]
    await house.verify()
