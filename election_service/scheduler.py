"""What happens by itself: openings and closes at their time, sealing every hour, the steps of the tally.

Every process runs it. Each step is a transaction that looks first whether there is anything to do, so that processes
race without harm and a crash costs nothing but time. A step that fails is logged and tried again at the next tick.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from election_service import schema
from election_service.acts import run_due_acts
from election_service.console.devices import forget_tries
from election_service.console.retention import delete_due
from election_service.console.sessions import forget_old_sessions
from election_service.login import forget_expired
from election_service.poll import close_due, destroy_issuer_keys
from election_service.seal import RUNNING, seal_waiting
from election_service.service import Service
from election_service.service_logging import get_logger
from election_service.sql import read_polls
from election_service.tallying import advance_tally
from election_service.token_notices import queue_notices
from keys.errors import ElectionError

TICK: Final = 1.0  # seconds
SWEEP_EVERY: Final = 300  # seconds between two looks for sessions that have ended
RETENTION_EVERY: Final = 60  # seconds between two looks for what is to be deleted

_TROUBLE: Final = (ElectionError, SQLAlchemyError, OSError)

log = get_logger("scheduler")


@dataclass(slots=True)
class Scheduler:
    """Owner of the times of the last sealing, and of the last looks for what is to be deleted; one in a process."""

    service: Service
    sealed_at: dict[str, int] = field(default_factory=dict)
    looked_at: dict[str, int] = field(default_factory=dict)
    swept_at: int = 0

    async def run(self) -> None:
        """Tick until cancelled; a database that is away for a while costs ticks, not the scheduler."""
        while True:
            try:
                await self.tick()
            except _TROUBLE as error:
                log.exception("tick failed", error=str(error))
            await asyncio.sleep(TICK)

    async def tick(self) -> None:
        """One round over all elections."""
        for election in await self.service.elections():
            for step in (self._acts, self._close, self._seal, self._notices, self._tally, self._retention):
                try:
                    await step(election)
                except _TROUBLE as error:
                    log.exception("scheduled step failed", step=step.__name__, election=election, error=str(error))
        await forget_expired(self.service)
        await self._sweep()

    async def _sweep(self) -> None:
        """Sessions of the console that have ended by themselves, and counts of wrong passwords that are over."""
        now = self.service.clock()
        if not 0 <= now - self.swept_at < SWEEP_EVERY:
            self.swept_at = now
            await forget_old_sessions(self.service)
            async with self.service.database.transaction() as connection:
                await forget_tries(connection, now)

    async def _acts(self, election: str) -> None:
        for act in await run_due_acts(self.service, election):
            log.info("scheduled act", election=election, kind=act.kind, state=act.state)

    async def _close(self, election: str) -> None:
        for poll in await close_due(self.service, election):
            log.info("poll closed at its time", election=election, poll=poll)
        await self._finish_closes(election)

    async def _finish_closes(self, election: str) -> None:
        """Keys of polls that closed in a process that died, or in another one."""
        facts = await self.service.facts(election)
        for poll in list(facts.polls.values()):
            if poll.closed is None:
                continue
            for context in poll.contests:
                self.service.issue_desk.forget(election, context)
            if any(contest.destroyed is None for contest in poll.contests.values()):
                await destroy_issuer_keys(self.service, election, poll.number)

    async def _seal(self, election: str) -> None:
        """On schedule; the first hour begins when the process sees the poll open."""
        every = (await self.service.election(election)).settings.seal_every
        now = self.service.clock()
        if not await self._runs(election):
            self.sealed_at.pop(election, None)
        elif now - self.sealed_at.setdefault(election, now) >= every:
            self.sealed_at[election] = now
            ballots = await seal_waiting(self.service, election)
            notices = await queue_notices(self.service, election, scheduled=True)
            log.info("sealed", election=election, ballots=ballots, notices=notices)

    async def _notices(self, election: str) -> None:
        """What still waits when a poll has closed, in this process or another."""
        await queue_notices(self.service, election, scheduled=False)

    async def _runs(self, election: str) -> bool:
        async with self.service.database.snapshot() as connection:
            return any(row.state in RUNNING for row in (await read_polls(connection, election)).values())

    async def _tally(self, election: str) -> None:
        table = schema.polls
        query = select(table.c.poll).where(table.c.election == election, table.c.state == "closed")
        async with self.service.database.snapshot() as connection:
            closed = list((await connection.execute(query)).scalars())
        for poll in closed:
            for kind in await advance_tally(self.service, election, poll):
                log.info("tally", election=election, poll=poll, entry=kind)

    async def _retention(self, election: str) -> None:
        """What is personal goes when its time has come (console/retention.py)."""
        now, last = self.service.clock(), self.looked_at.get(election)
        if last is not None and last <= now < last + RETENTION_EVERY:
            return
        self.looked_at[election] = now
        if await delete_due(self.service, election):
            log.info("what was personal is deleted", election=election)
