"""An older database comes back during a poll (A56, A97): it does not start, or it starts and issues nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from election_service.api_types import CastAnswer, TokenAnswer
from election_service.client import ProblemError
from election_service.config import Config
from tests.faults.backup import back_up, forget, restore
from tests.faults.office import Office, judge
from tests.faults.pair import kinds_of
from tests.faults.server import Server
from tests.faults.template import Template
from tests.faults.voters import Booth, Line, Paper, receipts_of

pytestmark = pytest.mark.slow


async def vote_all(line: Line, booths: Sequence[Booth]) -> None:
    await asyncio.gather(*(booth.vote(line, line) for booth in booths))


async def wait_sealed(config: Config, server: Server, times: int) -> None:
    """Until so many sealings are in the log."""
    deadline = time.monotonic() + 60
    while (kinds := await kinds_of(config)).count("sealed") < times:
        assert time.monotonic() < deadline, f"{kinds.count('ballot')} sealed\n{server.log.read_text('utf-8')}"
        await asyncio.sleep(0.2)


async def refused(line: Line, booth: Booth, paper: Paper) -> str:
    """The problem that a token request meets."""
    with pytest.raises(ProblemError) as refusal:
        await line.post_raw("/tokens", paper.request, TokenAnswer, booth.known.bearer)
    return refusal.value.problem


async def test_a_database_older_than_the_signed_log_does_not_start(template: Template, tmp_path: Path) -> None:
    """A56: the log has grown since the backup; the start is refused, and the newest database goes on."""
    async with template.copy(tmp_path) as config:
        server = Server(tmp_path)
        booths = [Booth(link) for link in template.links[:8]]
        try:
            await server.start()
            async with Line(server.address) as line:
                await Office(template, line).open_poll()
                await vote_all(line, booths[:4])
                await wait_sealed(config, server, 1)
                await server.kill()
                backup = await back_up(template, config, tmp_path)
                before = (await kinds_of(config)).count("sealed")
                await server.start()
                await vote_all(line, booths[4:])
                await wait_sealed(config, server, before + 1)
                await server.kill()

                restore(backup, tmp_path)
                await server.launch()
                printed = await server.wait_ended()
                assert server.process is not None
                assert server.process.returncode != 0
                assert "were signed" in printed
                assert "this is an older database" in printed
                await forget(template, backup)

                restore(config, tmp_path)
                await server.start()
                for booth in booths:
                    for paper in booth.papers:
                        await booth.cast(line, paper)
                await Office(template, line).close_early()
                await Office(template, line).tally(tmp_path)
            counted = await judge(config, tmp_path, receipts_of(booths))
            assert counted.ballots == 16
        finally:
            await server.kill()


async def test_a_database_older_than_the_last_token_issues_nothing_more(template: Template, tmp_path: Path) -> None:
    """A97: the log is the same, but a token has left since the backup: nobody knows who has one, so none is issued."""
    async with template.copy(tmp_path) as config:
        server = Server(tmp_path)
        *early, late, never = [Booth(link) for link in template.links[:7]]
        try:
            await server.start()
            async with Line(server.address) as line:
                await Office(template, line).open_poll()
                await vote_all(line, early)
                await never.enter(line)
                await late.enter(line)
                await wait_sealed(config, server, 1)
                await server.kill()
                backup = await back_up(template, config, tmp_path)
                await server.start()
                await late.get_token(line, late.papers[0])
                late.mark(late.papers[0])
                await late.cast(line, late.papers[0])
                await server.kill()

                restore(backup, tmp_path)
                await server.start()
                assert "issues no more tokens" in server.log.read_text("utf-8")
                assert await refused(line, never, never.papers[0]) == "poll-not-open"
                assert await refused(line, late, late.new_paper(late.papers[0].rules)) == "poll-not-open"
                assert await refused(line, late, late.papers[0]) == "poll-not-open"
                for booth in early:  # what is in the log is spent, and has its receipt
                    await booth.cast(line, booth.papers[0])
                    other = Paper(booth.papers[0].rules, booth.papers[0].waiting, b"", token=booth.papers[0].token)
                    with pytest.raises(ProblemError) as refusal:
                        await line.post_raw("/ballots", booth.mark(other, (0, 1, 0)), CastAnswer)
                    assert refusal.value.problem == "token-spent"
                # An unsealed ballot was lost with its database; the voter's device sends the same bytes once more.
                again = await line.post_raw("/ballots", late.papers[0].sent, CastAnswer)
                assert late.papers[0].receipt is not None
                assert again.tracker == late.papers[0].receipt.tracker
        finally:
            await server.kill()
        await forget(template, backup)
