"""What two services on one database do to each other when nothing is wrong: they wait, and raise no false alarm."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import pytest
from sqlalchemy import make_url, update

from audit.merkle import Frontier, leaf_hash
from election_service import schema
from election_service.errors import LogRollbackError
from election_service.head_file import HeadFile, advance_head_file
from election_service.issue_marker import advance_marker
from election_service.issue_store import check_issuing
from election_service.scheduler import Scheduler
from election_service.service import open_service
from election_service.state_dir import StateDir
from tests.databases import run_as_administrator
from tests.faults.template import ELECTION, Template


def head(size: int) -> HeadFile:
    """The head after so many entries of one history."""
    frontier = Frontier()
    for number in range(size):
        frontier.append(leaf_hash(bytes([number])))
    return HeadFile.make(ELECTION, frontier, bytes(32))


def test_a_process_that_was_overtaken_looks_again_instead_of_crying_rollback(tmp_path: Path) -> None:
    """A57: between reading the heads and moving the file, a faster process signed a larger log of the same history."""
    state = StateDir(tmp_path / "state")
    state.create()
    assert advance_head_file(state, None, head(3))
    assert advance_head_file(state, head(3), head(7))
    assert advance_head_file(state, head(3), head(5)) is False
    with pytest.raises(LogRollbackError, match=r"head 7 .* is signed"):
        advance_head_file(state, head(7), head(5))


async def test_a_start_while_another_process_issues_does_not_stop_the_issuing(
    template: Template, tmp_path: Path
) -> None:
    """A97: count and marker move on between two looks at them; that is no restored backup."""
    async with template.copy(tmp_path) as config, open_service(config) as first, open_service(config) as second:
        table, polls = schema.issue_counts, schema.polls
        async with first.database.transaction() as connection:
            await connection.execute(table.insert().values(election=ELECTION, poll=1, tokens=0))
            await connection.execute(update(polls).values(state="open", issuing=True))
        advance_marker(first.state, ELECTION, 1, 0)

        async def issue() -> None:
            for number in range(1, 151):
                async with first.database.transaction() as connection:
                    await connection.execute(update(table).values(tokens=number))
                await asyncio.to_thread(advance_marker, first.state, ELECTION, 1, number)

        issuing = asyncio.create_task(issue())
        while not issuing.done():
            assert await check_issuing(second, ELECTION) == []
        await issuing


async def test_the_scheduler_outlives_a_database_that_drops_its_connections(
    postgresql_template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failover ends every connection; the next tick must come, or no poll would ever close again."""
    async with postgresql_template.copy(tmp_path) as config, open_service(config) as service:
        monkeypatch.setattr("election_service.scheduler.TICK", 0.01)
        scheduler = asyncio.create_task(Scheduler(service).run())
        name = make_url(config.database_url).database
        drop = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        assert postgresql_template.server is not None
        for _ in range(20):
            await run_as_administrator(postgresql_template.server, drop)
            await asyncio.sleep(secrets.randbelow(30) / 1000)
        assert not scheduler.done(), scheduler.exception()
        scheduler.cancel()
