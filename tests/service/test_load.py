"""Too much, too late, and half dead: busy answers, a draining stop, a worker that is killed (A92, A42)."""

import asyncio
import os
import signal
from collections.abc import Sequence

import pytest

from ballot.verification import verify_ballot
from election_service import cast
from election_service.batcher import Batcher
from election_service.cast import cast_ballot
from election_service.errors import BusyError, InputError
from election_service.problems import make_problem
from election_service.service import open_service
from election_service.setup import ElectionPlan, create_election
from election_service.workers import Workers, answer_alive
from keys.canonical import encode
from tests.service.house import ELECTION, WAIVER, House, code_of


async def test_a_full_queue_says_busy_and_when_to_come_again() -> None:
    gate = asyncio.Event()

    async def work(items: Sequence[int]) -> list[int]:
        await gate.wait()
        return list(items)

    batcher: Batcher[int, int] = Batcher(work, largest=1, limit=2)
    tasks = []
    for number in range(3):
        tasks.append(asyncio.create_task(batcher.submit(number)))
        await asyncio.sleep(0.01)
    with pytest.raises(BusyError) as caught:
        await batcher.submit(9)
    problem = make_problem(caught.value)
    assert (problem.status, problem.headers["Retry-After"]) == (503, "2")
    gate.set()
    assert await asyncio.gather(*tasks) == [0, 1, 2]
    await batcher.close()
    with pytest.raises(BusyError, match="stopping"):
        await batcher.submit(1)


async def test_a_batch_fails_as_one_and_an_item_alone() -> None:
    async def work(items: Sequence[int]) -> list[int | Exception]:
        if 13 in items:
            raise RuntimeError("whole batch")
        return [ValueError(str(item)) if item < 0 else item for item in items]

    batcher: Batcher[int, int] = Batcher(work, largest=10, pause=0.01)
    results = await asyncio.gather(*(batcher.submit(item) for item in (1, -2, 3)), return_exceptions=True)
    assert [type(item) for item in results] == [int, ValueError, int]
    results = await asyncio.gather(*(batcher.submit(item) for item in (1, 13)), return_exceptions=True)
    assert [type(item) for item in results] == [RuntimeError, RuntimeError]
    assert await batcher.submit(5) == 5
    await batcher.close()


async def test_a_caller_who_leaves_does_not_disturb_the_others() -> None:
    async def work(items: Sequence[int]) -> list[int]:
        await asyncio.sleep(0.02)
        return list(items)

    batcher: Batcher[int, int] = Batcher(work, largest=10, pause=0.01)
    gone, stays = (asyncio.create_task(batcher.submit(number)) for number in (1, 2))
    await asyncio.sleep(0.005)
    gone.cancel()
    assert await stays == 2
    await batcher.close()


async def test_a_stop_answers_what_is_there(open_sqlite_house: House) -> None:
    """Ballots that were taken before the stop get their receipts; none is left without an answer."""
    house = open_sqlite_house
    rules = await house.rules(house.contexts[0])
    requests = [encode(house.ballot(person, rules, await house.token(person, rules))) for person in house.people]
    async with open_service(
        house.service.config, clock=house.clock, workers=house.service.workers, check=False
    ) as other:
        tasks = [asyncio.create_task(cast_ballot(other, ELECTION, request)) for request in requests]
        while not other.cast_desk.waiting and not any(task.done() for task in tasks):  # noqa: ASYNC110 -- no event says it
            await asyncio.sleep(0.001)
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    receipts = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert receipts
    assert all(isinstance(answer, BusyError) for answer in answers if isinstance(answer, BaseException))
    for request in requests:  # what was refused, the voter sends again; what was receipted, too
        assert (await house.post("/ballots", request)).status == 200


async def test_a_killed_worker_costs_nobody_a_ballot(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    rules = await house.rules(house.contexts[0])
    ballot = house.ballot(house.people[0], rules, await house.token(house.people[0], rules))
    own = Workers(1)
    shared, house.service.workers = house.service.workers, own
    try:
        os.kill(await own.run(answer_alive), signal.SIGKILL)
        assert (await house.post("/ballots", ballot)).status == 200
    finally:
        house.service.workers = shared
        await own.close()


async def test_a_suspect_waits_in_its_own_short_line(open_sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A92: with proofs that fail again and again one keeps at most one worker busy, and then is told to wait."""
    from tests.service.test_cast import broken, signed

    monkeypatch.setattr(cast, "MOST_ALONE", 2)
    house = open_sqlite_house
    rules = await house.rules(house.contexts[0])
    token = await house.token(house.people[0], rules)
    bad = [signed(house, broken(house.ballot(house.people[0], rules, token)), token.secret) for _ in range(9)]
    config, workers = house.service.config, house.service.workers
    async with open_service(config, clock=house.clock, workers=workers, check=False) as other:
        with pytest.raises(Exception, match="proof"):
            await cast_ballot(other, ELECTION, encode(bad[0]))
        results = await asyncio.gather(
            *(cast_ballot(other, ELECTION, encode(item)) for item in bad[1:]), return_exceptions=True
        )
    codes = [getattr(item, "code", None) for item in results]
    assert set(codes) == {"busy", "proof-invalid"}
    with pytest.raises(Exception, match="proof"):
        verify_ballot(rules, bad[0])
    assert await code_of(await house.post("/ballots", bad[0])) == "proof-invalid"


async def test_a_quorum_that_nobody_fetches_is_refused(house: House) -> None:
    members = [(name, signer.public) for name, signer in house.members.items()]
    plan = ElectionPlan("other", "Other", members, second_factor="none", waiver=WAIVER, quorum=1)
    with pytest.raises(InputError, match="quorum: expected 0"):
        await create_election(house.service, plan)


async def test_an_act_by_one_person_is_no_plan(house: House) -> None:
    """A100: outside rehearsals every act needs two members."""
    members = [(name, signer.public) for name, signer in house.members.items()]
    plan = ElectionPlan("other", "Other", members, threshold=1, second_factor="none", waiver=WAIVER)
    with pytest.raises(InputError, match="expected at least 2"):
        await create_election(house.service, plan)
