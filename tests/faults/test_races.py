"""Races between two serving processes on one database: one token, one value, one act (A39, A40, A42, A51)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from election_service import schema
from election_service.api_types import Act, CastAnswer, TokenAnswer
from election_service.client import ProblemError
from keys.canonical import b64
from tests.faults.pair import Pair, kinds_of, read_rows, rows_of
from tests.faults.voters import Paper

pytestmark = pytest.mark.slow

PARALLEL = 200


def sort_out(results: list[Any]) -> tuple[list[Any], Counter[str]]:
    """Answers, and how often each problem came; anything else is raised."""
    good, problems = [], Counter[str]()
    for result in results:
        if isinstance(result, ProblemError):
            problems[result.problem] += 1
        elif isinstance(result, BaseException):
            raise result
        else:
            good.append(result)
    return good, problems


async def test_200_parallel_casts_of_one_token_at_two_processes_accept_one_ballot(pair: Pair) -> None:
    """A40, A42, A51: 20 ballots, each sent ten times, half to each process: one is cast, and its receipt is one."""
    [booth] = await pair.booths(1)
    paper = booth.papers[0]
    rivals = [Paper(paper.rules, paper.waiting, paper.request, token=paper.token) for _ in range(20)]
    ballots = [booth.mark(rival, ((1, 0, 0), (0, 1, 0))[number % 2]) for number, rival in enumerate(rivals)]
    casts = [
        pair.lines[number % 2].post_raw("/ballots", ballots[number // 2 % 20], CastAnswer) for number in range(PARALLEL)
    ]
    good, problems = sort_out(await asyncio.gather(*casts, return_exceptions=True))
    assert len({(answer.tracker, answer.signature) for answer in good}) == 1
    assert len(good) == 10
    assert problems == {"token-spent": PARALLEL - 10}
    assert await rows_of(pair.config, schema.receipts, rivals) == 1
    winner = next(rival for rival in rivals if rival.ballot and b64(rival.ballot.tracker) == good[0].tracker)
    for line in pair.lines:
        assert await line.post_raw("/ballots", winner.sent, CastAnswer) == good[0]


async def test_200_parallel_requests_for_one_token_at_two_processes_sign_one_value(pair: Pair) -> None:
    """A39: 200 blinded values of one credential; one is signed, and every other request is told which."""
    [booth] = await pair.booths(1, tokens=False)
    rules = booth.papers[0].rules
    papers = [booth.new_paper(rules) for _ in range(PARALLEL)]
    requests = [
        pair.lines[number % 2].post_raw("/tokens", paper.request, TokenAnswer, booth.known.bearer)
        for number, paper in enumerate(papers)
    ]
    results = await asyncio.gather(*requests, return_exceptions=True)
    good, problems = sort_out(list(results))
    assert len(good) == 1
    assert problems == {"token-already-issued": PARALLEL - 1}
    winner = papers[next(number for number, result in enumerate(results) if isinstance(result, TokenAnswer))]
    told = {
        (result.document["blinded"], result.document["blind_signature"])
        for result in results
        if isinstance(result, ProblemError)
    }
    assert told == {(b64(winner.waiting.blinded), good[0].blind_signature)}
    table = schema.issued
    blinded = [paper.waiting.blinded for paper in papers]
    assert len(await read_rows(pair.config, select(table.c.blinded).where(table.c.blinded.in_(blinded)))) == 1
    await booth.get_token(pair.lines[1], winner)
    booth.mark(winner)
    await booth.cast(pair.lines[0], winner)


async def test_members_who_approve_at_the_same_moment_do_the_act_once(pair: Pair) -> None:
    """Two processes, two members, each approval sent five times: one entry, the same for everybody."""
    lines = pair.lines
    fields = {**await pair.office.opening(int(time.time()) + 7200), "reason": "two members at once"}
    motion = pair.office.move("poll.extended", fields)
    await lines[0].post_raw("/acts", motion.proposal, Act)
    path = f"/acts/{motion.act}/approvals"
    approvals = [lines[number % 2].post_raw(path, motion.approvals[number // 5], Act) for number in range(10)]
    proposals = [lines[number % 2].post_raw("/acts", motion.proposal, Act) for number in range(4)]
    acts = await asyncio.gather(*approvals, *proposals)
    assert len({act.seq for act in acts if act.state == "done"}) == 1
    assert (await kinds_of(pair.config)).count("poll.extended") == 1
