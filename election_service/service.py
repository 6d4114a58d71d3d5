"""The service as one object: what every use case takes as its first argument, with or without HTTP.

Truth is in the database and the state directory; what is kept here is either immutable or read again inside the
transaction that depends on it, so that any number of processes can serve one database.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.merkle import NodeReader
from ballot.contest import ContestRules, load_contest
from election_service import schema
from election_service.api_types import SealedBallot
from election_service.cast import CastDesk
from election_service.cast_store import rebuild_spent
from election_service.config import Config
from election_service.console.passwords import PasswordDesk
from election_service.database import Database, open_database
from election_service.documents.desk import DocumentDesk
from election_service.election import Election, load_election
from election_service.errors import WrongContextError
from election_service.facts import LogFacts, extend_facts
from election_service.issue import IssueDesk
from election_service.issue_store import check_issuing
from election_service.link_requests import LinkDesk
from election_service.log import lock_log, read_head
from election_service.log_archive import ArchiveDesk
from election_service.log_signing import check_log, publish
from election_service.messages_desk import MessageDesk
from election_service.secrets import MasterKey, load_master_key
from election_service.service_logging import get_logger
from election_service.state_dir import StateDir
from election_service.workers import Workers

log = get_logger("service")

_REFRESH = 1.0  # seconds between two looks for contests that another process has made


def system_clock() -> int:
    """POSIX seconds."""
    return int(time.time())


@dataclass(frozen=True, slots=True)
class Writing:
    """The log's only writer: an open transaction that holds the log's lock, and the facts before it.

    ``now``: the time that its entries have, POSIX seconds.
    """

    connection: AsyncConnection
    election: Election
    facts: LogFacts
    now: int


@dataclass(slots=True)
class SealedIndex:
    """The sealed ballots of each contest (base64url context) in the log's first ``size`` entries."""

    size: int = 0
    contests: dict[str, list[SealedBallot]] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Service:
    """An open service. Make it with ``open_service``.

    ``clock``: POSIX seconds; ``random``: bytes from the operating system. The caches are owned by this object's
    methods.
    """

    config: Config
    database: Database
    state: StateDir
    master: MasterKey
    workers: Workers
    clock: Callable[[], int] = system_clock
    random: Callable[[int], bytes] = os.urandom
    _elections: dict[str, Election] = field(default_factory=dict)
    _contests: dict[tuple[str, bytes], ContestRules] = field(default_factory=dict)
    _refreshed: dict[str, float] = field(default_factory=dict)
    _facts: dict[str, LogFacts] = field(default_factory=dict)
    _facts_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _writers: dict[str, asyncio.Lock] = field(default_factory=dict)
    _sealed: dict[str, SealedIndex] = field(default_factory=dict)
    electorate_trees: dict[tuple[str, str], tuple[int, NodeReader]] = field(default_factory=dict)
    live_counts: dict[str, tuple[int, dict[bytes, int]]] = field(default_factory=dict)  # owner: turnout.py
    password_desk: PasswordDesk = field(default_factory=PasswordDesk)
    cast_desk: CastDesk = field(init=False)
    issue_desk: IssueDesk = field(init=False)
    link_desk: LinkDesk = field(init=False)
    message_desk: MessageDesk = field(init=False)
    document_desk: DocumentDesk = field(init=False)
    archive_desk: ArchiveDesk = field(init=False)

    def __post_init__(self) -> None:
        self.cast_desk = CastDesk(self)
        self.issue_desk = IssueDesk(self)
        self.link_desk = LinkDesk(self)
        self.message_desk = MessageDesk(self.random)
        self.document_desk = DocumentDesk(self)
        self.archive_desk = ArchiveDesk(self)

    async def election(self, election: str) -> Election:
        """An election of this service; UnknownElectionError otherwise."""
        if election not in self._elections:
            async with self.database.snapshot() as connection:
                self._elections[election] = await load_election(connection, self.master, election)
        return self._elections[election]

    async def elections(self) -> list[str]:
        """The ids of all elections in the database."""
        async with self.database.snapshot() as connection:
            return list((await connection.execute(select(schema.elections.c.election))).scalars())

    async def contest(self, election: Election, context: bytes) -> ContestRules:
        """A contest by its context; WrongContextError for what is none. Unknown ones cost a query once a second."""
        rules = self._contests.get((election.id, context))
        if rules is None and time.monotonic() - self._refreshed.get(election.id, -_REFRESH) >= _REFRESH:
            await self.refresh_contests(election)
            rules = self._contests.get((election.id, context))
        if rules is None:
            raise WrongContextError("context: no contest of this election has it")
        return rules

    async def refresh_contests(self, election: Election) -> None:
        """Look for contests that were logged since the last look; they never change."""
        table = schema.contests
        async with self.database.snapshot() as connection:
            query = select(table.c.context, table.c.document).where(table.c.election == election.id)
            rows = (await connection.execute(query)).all()
        for row in rows:
            if (election.id, row.context) not in self._contests:
                rules = load_contest(row.document, rehearsal=election.rehearsal)
                self._contests[election.id, row.context] = rules
        self._refreshed[election.id] = time.monotonic()

    async def facts(self, election: str) -> LogFacts:
        """The facts of the log as committed now. They are shared: whoever gets them only reads."""
        async with self._facts_lock, self.database.snapshot() as connection:
            head = await read_head(connection, election)
            facts = self._facts.setdefault(election, LogFacts())
            if facts.size < head.size:
                await extend_facts(connection, election, facts, head.size)
            return facts

    def sealed_ballots(self, election: str) -> SealedIndex:
        """The index of sealed ballots that this process has read so far. Owner: overview.py."""
        return self._sealed.setdefault(election, SealedIndex())

    @asynccontextmanager
    async def writing(self, election: str) -> AsyncIterator[Writing]:
        """A transaction that appends to the log, alone; after its commit the log is signed and published.

        The lock of this process comes first, so that one process waits with one connection for the others. Order of
        locks everywhere: the log, then rows of `polls`.
        """
        known = await self.election(election)
        async with self._writers.setdefault(election, asyncio.Lock()):
            async with self.database.transaction() as connection:
                await lock_log(connection, election)
                now = max(self.clock(), (await read_head(connection, election)).last_time)
                yield Writing(connection, known, await self.facts(election), now)
            await self.publish(known)

    async def publish(self, election: Election) -> int:
        """Sign the committed head and let it be served; returns the published size."""
        return await publish(self.database, self.state, election.id, election.origin, election.log_key)


@asynccontextmanager
async def open_service(
    config: Config,
    *,
    clock: Callable[[], int] = system_clock,
    check: bool = True,
    workers: Workers | None = None,
) -> AsyncIterator[Service]:
    """Open storage, keys and workers; with ``check``, verify each log against its last signed head first (A56, A58).

    The service serves requests and runs its use cases inside the block; leaving it drains the queues. ``workers``: a
    pool that the caller keeps; otherwise the service has its own.
    """
    master = load_master_key(config.master_key_file)
    state = StateDir(config.state_dir)
    state.check()
    database = open_database(config.database_url)
    pool = workers or Workers(config.worker_count)
    service = Service(config, database, state, master, pool, clock)
    try:
        if check:
            for election in await service.elections():
                await start_election(service, election)
        yield service
    finally:
        await service.cast_desk.close()
        await service.issue_desk.close()
        await service.link_desk.close()
        service.archive_desk.close()
        if workers is None:
            await pool.close()
        await database.close()


async def start_election(service: Service, election: str) -> None:
    """What a start repairs and refuses: the log against its last signed head, spent marks, a restored backup.

    Raises what keeps the service from starting (LogRollbackError, LogDamagedError, ClockError, SecretError). Closes
    that were not finished, and tallies, go on with the scheduler's first tick.
    """
    await check_log(service.database, service.state, election, service.clock())
    await service.publish(await service.election(election))
    marks = await rebuild_spent(service, election)
    stopped = await check_issuing(service, election)
    if marks:
        log.warning("spent marks were rebuilt from the log", election=election, marks=marks)
    for poll in stopped:
        log.error("poll issues no more tokens: the database is older than the last one issued", poll=poll)
