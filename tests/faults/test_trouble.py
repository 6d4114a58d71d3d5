"""Trouble short of death: lost answers, garbage, a stopped process; two serving processes on one database."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from collections import Counter
from pathlib import Path

import aiohttp
import msgspec
import psutil
import pytest

from audit.checkpoint import parse_checkpoint
from audit.source import FolderSource
from audit.verify import verify_log
from election_service import schema
from election_service.api_types import CastAnswer
from election_service.client import ProblemError
from election_service.database import open_database
from election_service.demo.university import Draws
from election_service.publication import export_log
from keys.canonical import b64, encode
from tests.faults.pair import Pair, marked, rows_of
from tests.faults.relay import relaying
from tests.faults.template import ELECTION
from tests.faults.voters import Booth, Line, Paper

pytestmark = pytest.mark.slow

GARBAGE = 400


async def test_a_lost_answer_costs_a_try_and_never_a_ballot(pair: Pair) -> None:
    """A42: every request may be cut, every answer lost, every retry goes to either process: one ballot, one receipt."""
    seed = secrets.randbelow(10**9)
    booths = [Booth(link) for link, _ in zip(pair.unused, range(15), strict=False)]
    ports = [server.port for server in pair.servers]
    async with relaying(ports, seed) as relay, Line(relay.address) as line, Line(relay.address) as casting:
        await asyncio.gather(*(booth.vote(line, casting) for booth in booths))
    held = [(booth, paper) for booth in booths for paper in booth.papers]
    papers = [paper for _, paper in held]
    assert all(paper.receipt for paper in papers), f"seed {seed}"
    assert relay.cuts["answer"] >= 10, relay.cuts
    assert await rows_of(pair.config, schema.receipts, papers) == len(papers) == 30
    for booth, paper in held:
        await booth.cast(pair.lines[0], paper)
        await booth.cast(pair.lines[1], paper)
    print(f"{len(papers)} ballots, cut: {dict(relay.cuts)}")


def worker_seconds(pair: Pair) -> float:
    """Time that all worker processes have spent on a processor, from the kernel's scheduler, in seconds."""
    spent = 0
    for server in pair.servers:
        assert server.process is not None
        for child in psutil.Process(server.process.pid).children(recursive=True):
            spent += int(Path(f"/proc/{child.pid}/schedstat").read_text("ascii").split()[0])
    return spent / 1e9


async def test_garbage_without_a_token_never_reaches_the_workers(pair: Pair) -> None:
    """A92: whole ballots with a token that was never signed, half a ballot, noise: refused, and no worker moves."""
    [booth] = await pair.booths(1)
    good, other = booth.papers
    marked([booth])
    assert good.ballot is not None
    forged = [
        msgspec.structs.replace(
            good.ballot.data, token=msgspec.structs.replace(good.ballot.data.token, sig=b64(os.urandom(128)))
        )
        for _ in range(4)
    ]
    garbage = [*(encode(item) for item in forged), good.sent[: len(good.sent) // 2], os.urandom(3000), b"{}"]
    before = worker_seconds(pair)
    results = await asyncio.gather(
        *(
            pair.lines[number % 2].post_raw("/ballots", garbage[number % len(garbage)], CastAnswer)
            for number in range(GARBAGE)
        ),
        return_exceptions=True,
    )
    codes = Counter(result.problem for result in results if isinstance(result, ProblemError))
    assert sum(codes.values()) == GARBAGE
    assert set(codes) <= {"token-invalid", "malformed", "signature-invalid"}, codes
    after = worker_seconds(pair)
    assert after - before < 0.03, "a worker was given garbage"
    for paper in (good, other):
        await booth.cast(pair.lines[0], paper)  # the token of the imitated ballot is still good
    assert worker_seconds(pair) - after > 0.001, "the workers' time is not seen by this test"


async def test_a_stopped_process_never_leads_to_two_roots_for_one_size(pair: Pair) -> None:
    """A57: one process is stopped with SIGSTOP and continued, at random moments, while both cast and seal."""
    draws, seen = Draws(secrets.randbelow(10**9)), set[bytes]()
    booths = await pair.booths(30)
    marked(booths)
    papers = [(booth, paper) for booth in booths for paper in booth.papers]

    async def cast(number: int, booth: Booth, paper: Paper) -> None:
        await asyncio.sleep(draws.below(5000) / 1000)
        await booth.cast(pair.lines[number % 2], paper)

    async def stop_and_go() -> None:
        for _ in range(4):
            await asyncio.sleep(draws.below(500) / 1000)
            server = pair.servers[draws.below(2)]
            server.send(signal.SIGSTOP)
            await asyncio.sleep(0.3 + draws.below(900) / 1000)
            server.send(signal.SIGCONT)

    async def look() -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            while True:
                for server in pair.servers:
                    try:
                        async with session.get(f"{server.address}/log/{ELECTION}/checkpoint") as answer:
                            seen.add(await answer.read())
                    except TimeoutError:
                        continue
                await asyncio.sleep(0.1)

    watching = asyncio.create_task(look())
    await asyncio.gather(stop_and_go(), *(cast(number, *pair_) for number, pair_ in enumerate(papers)))
    await asyncio.sleep(1.5)
    watching.cancel()
    sizes = Counter(parse_checkpoint(raw).size for raw in seen)
    assert max(sizes.values()) == 1, sizes
    assert len(sizes) > 2, "the log did not grow while it was watched"
    folder = pair.folder / f"copy-{os.urandom(4).hex()}"
    database = open_database(pair.config.database_url)
    async with database.snapshot() as connection:
        await export_log(connection, ELECTION, folder)
    await database.close()
    with FolderSource(folder) as source:
        report = await asyncio.to_thread(verify_log, source, checkpoints=sorted(seen))
    assert report.ok, "\n".join(f"{failure.check}: {failure}" for failure in report.failures)
    print(f"{len(seen)} checkpoints, {len(papers)} receipts")
