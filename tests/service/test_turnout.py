"""Live turnout: coarse, seldom, and silent about small blocks (A69); exact once the poll is closed."""

from __future__ import annotations

import dataclasses
import os

import msgspec
from sqlalchemy import insert, select

from ballot.contest import ContestRules
from election_service import schema, schema_mail
from election_service.contest_types import ContestTurnout, PollTurnout, TurnoutList
from election_service.turnout import EVERY, SMALLEST_BLOCK, STEP, coarse, read_turnout
from keys.canonical import b64, decode, encode
from tests.service.house import ELECTION, House
from tests.service.pages_reader import read, vote_all


async def asked(house: House) -> TurnoutList:
    """The answer of the API."""
    return decode(await (await house.get("/turnout")).read(), TurnoutList)


async def enlarge(house: House, size: int) -> ContestRules:
    """Make the contest of everybody one of ``size`` persons, as far as the turnout looks."""
    facts = await house.service.facts(ELECTION)
    contest = next(
        facts.contest(context) for context in house.contexts if facts.contest(context).rules.document.contest == "head"
    )
    document = msgspec.structs.replace(contest.rules.document, size=size)
    contest.rules = dataclasses.replace(contest.rules, document=document)
    return contest.rules


async def spend(house: House, rules: ContestRules, number: int) -> None:
    """Spent marks of so many ballots."""
    rows = [{"election": ELECTION, "context": rules.context, "token_key": os.urandom(32)} for _ in range(number)]
    async with house.service.database.transaction() as connection:
        await connection.execute(insert(schema.spent), rows)


async def told(house: House, rules: ContestRules) -> int | None:
    """What is told of a contest now."""
    return (await read_turnout(house.service, ELECTION))[1].ballots[rules.context]


async def test_a69_blocks_of_fewer_than_fifty_are_told_nothing_of(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await vote_all(house)
    (poll,) = (await asked(house)).polls
    assert not poll.exact
    assert [contest.ballots for contest in poll.contests] == [None, None]
    assert all(contest.size < SMALLEST_BLOCK for contest in poll.contests)
    rules = await enlarge(house, SMALLEST_BLOCK - 1)
    assert await told(house, rules) is None
    rules = await enlarge(house, SMALLEST_BLOCK)
    assert await told(house, rules) == 0


async def test_a69_the_count_goes_in_steps_of_ten_and_stands_for_five_minutes(open_house: House) -> None:
    house = open_house
    house.clock.now += EVERY - house.clock.now % EVERY
    rules = await enlarge(house, 400)
    await spend(house, rules, 19)
    assert await told(house, rules) == 10
    await spend(house, rules, 30)
    house.clock.now += EVERY - 1
    assert await told(house, rules) == 10
    house.clock.now += 1
    assert await told(house, rules) == 40


async def test_a69_a_count_says_when_it_was_made_and_the_next_is_five_minutes_younger(open_house: House) -> None:
    """However the first request of five minutes falls: no two counts are seconds apart, and none is older than said."""
    house = open_house
    house.clock.now += EVERY - house.clock.now % EVERY + EVERY - 2
    first = house.clock.now
    rules = await enlarge(house, 400)
    await spend(house, rules, 19)
    assert (await read_turnout(house.service, ELECTION))[1].at == first
    await spend(house, rules, 1)
    house.clock.now += 2
    assert await told(house, rules) == 10
    house.clock.now = first + EVERY
    turnout = (await read_turnout(house.service, ELECTION))[1]
    assert (turnout.at, turnout.ballots[rules.context]) == (first + EVERY, 20)


async def test_a69_all_processes_tell_one_count(open_house: House) -> None:
    """Else each shows the others' steps at its own moment. A process that starts anew does not count anew."""
    house = open_house
    rules = await enlarge(house, 400)
    await spend(house, rules, 19)
    first = (await read_turnout(house.service, ELECTION))[1]
    await spend(house, rules, 30)
    house.clock.now += EVERY - 1
    house.service.live_counts.clear()  # all that a process remembers of it
    assert (await read_turnout(house.service, ELECTION))[1] == first
    async with house.service.database.snapshot() as connection:
        (row,) = (await connection.execute(select(schema_mail.live_turnout.c.ballots))).all()
    assert row.ballots == encode({b64(rules.context): 10})


async def test_a98_a_turnout_of_a_time_to_come_is_counted_anew(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    rules = await enlarge(house, 400)
    assert await told(house, rules) == 0
    await spend(house, rules, 30)
    house.clock.now -= 86_400
    assert await told(house, rules) == 30


async def test_a69_all_numbers_but_tens_look_the_same(open_sqlite_house: House) -> None:
    await enlarge(open_sqlite_house, 1000)
    facts = await open_sqlite_house.service.facts(ELECTION)
    (contest,) = [item for item in facts.polls[1].contests.values() if item.rules.document.size == 1000]
    for ballots in range(100):
        assert coarse(ballots, contest) == ballots - ballots % STEP


async def test_after_the_close_the_numbers_are_the_log_s(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    cast = await vote_all(house)
    await house.close_early()
    (poll,) = (await asked(house)).polls
    assert (poll.exact, poll.at) == (True, None)
    assert {contest.contest: contest.ballots for contest in poll.contests} == cast


async def test_turnout_never_speaks_of_options(open_sqlite_house: House) -> None:
    """Not in its types, and not in its answers."""
    named = {name for struct in (TurnoutList, PollTurnout, ContestTurnout) for name in struct.__struct_fields__}
    assert named == {"polls", "poll", "exact", "at", "contests", "context", "contest", "size", "ballots"}
    body = await (await open_sqlite_house.get("/turnout")).text()
    assert "ana" not in body
    assert "blank" not in body


async def test_a69_the_pages_tell_no_more_than_the_api(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await vote_all(house)
    for path in ("", "/results/1"):
        page = await read(house, f"/elections/{ELECTION}{path}")
        assert page.all("rect") == page.all("td") == page.all("table") == []
    rules = await enlarge(house, 60)
    house.clock.now += EVERY
    page = await read(house, f"/elections/{ELECTION}/results/1")
    assert "Fewer than 10 of 60 have voted." in page.text
    assert b64(rules.context) in page.html


async def test_the_turnout_of_no_election_is_no_answer(open_sqlite_house: House) -> None:
    assert open_sqlite_house.http is not None
    answer = await open_sqlite_house.http.get("/api/elections/nobody/turnout")
    assert answer.status == 404
