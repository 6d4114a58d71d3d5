"""A99: a poll closes while hundreds of ballots arrive at two processes: every receipt is in the log, nothing after."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from pathlib import Path

import pytest

from election_service.api_types import CastAnswer
from election_service.client import ProblemError
from election_service.demo.university import Draws
from tests.faults.nemesis import Nemesis, draw_moment
from tests.faults.office import judge
from tests.faults.pair import Pair, kinds_of, marked, running_pair
from tests.faults.template import Template
from tests.faults.voters import Booth, receipts_of

pytestmark = pytest.mark.slow

_AHEAD = 10  # seconds by which the closing time is ahead while voters get ready


async def cast_all(pair: Pair, booths: list[Booth], spread: float) -> Counter[str]:
    """Every paper, evenly over ``spread`` seconds, half at each process; receipts are kept, refusals counted."""
    papers = [(booth, paper) for booth in booths for paper in booth.papers]

    async def cast(number: int, raw: bytes) -> CastAnswer:
        await asyncio.sleep(spread * number / len(papers))
        return await pair.lines[number % 2].post_until_answered("/ballots", raw, CastAnswer)

    casts = [cast(number, paper.sent) for number, (_, paper) in enumerate(papers)]
    problems = Counter[str]()
    for (booth, paper), result in zip(papers, await asyncio.gather(*casts, return_exceptions=True), strict=True):
        if isinstance(result, CastAnswer):
            booth.keep(paper, result)
        elif isinstance(result, ProblemError):
            problems[result.problem] += 1
        else:
            raise result
    assert set(problems) <= {"poll-not-open"}
    return problems


async def test_a_close_by_the_committee_with_hundreds_in_flight_is_a_clean_cut(
    template: Template, tmp_path: Path
) -> None:
    """A99: pause and close while 200 ballots arrive."""
    async with running_pair(template, tmp_path) as pair:
        booths = await pair.booths(100)
        marked(booths)

        async def close() -> None:
            await asyncio.sleep(0.4)
            await pair.office.close_early()

        problems, _ = await asyncio.gather(cast_all(pair, booths, 1.0), close())
        await judge_close(pair, booths, problems)


async def test_a_scheduled_close_with_hundreds_in_flight_survives_kill_9(template: Template, tmp_path: Path) -> None:
    """A58, A99: the clock closes the poll at both processes, and one of them is killed while it does."""
    seed = secrets.randbelow(10**9)
    async with running_pair(template, tmp_path, _AHEAD - 1) as pair:
        moment = draw_moment("closing", Draws(seed), 1)
        nemesis = Nemesis(pair.servers[0], pair.heads, moment)
        booths, closes = [], int(time.time()) + _AHEAD
        for _ in range(6):
            closes = max(closes + 1, int(time.time()) + _AHEAD)
            await pair.office.extend(closes)
            booths += await pair.booths(10)
            marked(booths[-10:])
        await asyncio.sleep(max(0.0, closes - time.time() - 0.5))
        problems, _ = await asyncio.gather(cast_all(pair, booths, 1.0), nemesis.strike())
        print(f"seed {seed}: {moment} ({nemesis.struck})")
        await judge_close(pair, booths, problems)


async def judge_close(pair: Pair, booths: list[Booth], problems: Counter[str]) -> None:
    """Receipts and ballots are the same set, and there is one close."""
    receipts = receipts_of(booths)
    assert len(receipts) + problems["poll-not-open"] == sum(len(booth.papers) for booth in booths)
    await pair.office.wait_until("closed", "tallied", "declared")
    await pair.office.tally(pair.folder)
    counted = await judge(pair.config, pair.folder, receipts)
    assert counted.ballots == len(receipts)
    assert counted.tokens == sum(len(booth.papers) for booth in booths)
    assert (await kinds_of(pair.config)).count("poll.closed") == 1
    print(f"{len(receipts)} receipts, {problems['poll-not-open']} too late")
