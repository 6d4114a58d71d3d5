"""Sending what is in the outbox: codes on a lane of their own, everything else throttled behind each other.

Each lane of each process has one connection to the mail server and one mail in hand. What the server does not take now
comes again later, after 15 seconds and then each time twice as long; where the server itself is in trouble, the lane
waits. Killed at any moment, it goes on with the next start: the claims of a dead process lapse (outbox.py).
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NoReturn

from sqlalchemy import func, or_, select, text
from sqlalchemy.exc import SQLAlchemyError

from election_service.database import Database
from election_service.mail_server import (
    PATIENCE,
    Connection,
    DeferredMailError,
    MailError,
    MailServer,
    make_message,
)
from election_service.metrics import METRICS
from election_service.outbox import LINKS, URGENT, Claim, claim, drop_stale, note_deferred, note_refused, note_sent
from election_service.schema_mail import outbox
from election_service.secrets import MasterKey
from election_service.service import Service
from election_service.service_logging import get_logger
from keys.errors import ElectionError

_MINUTE: Final = 60  # seconds
_SHARE: Final = 64  # part of what is free that one process takes without asking again
_GRACE: Final = 15  # seconds for the mail in hand when the process is asked to stop
_TROUBLE: Final = (ElectionError, SQLAlchemyError, OSError)

log = get_logger("mail")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. ``patience``: for one mail, connecting included; ``lease``: how long a claim holds. ``first``, ``most``:
    until a mail is tried again; ``server_most``, ``urgent_most``: until the server is; ``idle``: between two looks.
    """

    patience: float = PATIENCE
    lease: int = 120
    first: float = 15.0
    most: float = 3600.0
    server_most: float = 300.0
    urgent_most: float = 30.0
    idle: float = 1.0

    def __post_init__(self) -> None:
        if self.lease <= self.patience:
            raise ValueError(f"lease: expected more than {self.patience} seconds, got {self.lease}")

    def mail(self, attempts: int, *, urgent: bool) -> float:
        """How long a mail waits that was tried so often."""
        return min(self.first * 2.0 ** min(attempts - 1, 20), self.urgent_most if urgent else self.most)

    def server(self, failures: int, *, urgent: bool) -> float:
        """How long a lane waits after so many failures in a row."""
        return min(self.first * 2.0 ** min(failures - 1, 20), self.urgent_most if urgent else self.server_most)


@dataclass(slots=True)
class Mailer:
    """What one process sends by. ``clock``: POSIX seconds."""

    database: Database
    master: MasterKey
    server: MailServer
    clock: Callable[[], int]
    pace: Pace = field(default_factory=Pace)

    @classmethod
    def of(cls, service: Service) -> "Mailer":
        """The mailer of a service; InputError where no mail server is configured."""
        return cls(service.database, service.master, MailServer.from_config(service.config), service.clock)

    async def run(self) -> NoReturn:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            for urgent in (True, False):
                group.create_task(Lane(self, urgent=urgent).run())
        raise AssertionError("lanes do not end")

    async def send_due(self, *, wait: bool = False, progress: Callable[[], None] = lambda: None) -> None:
        """Send until nothing is due; with ``wait`` until nothing waits at all. ``progress`` after each mail.

        MailError where the mail server is in trouble and ``wait`` is not asked for.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for urgent in (True, False):
                    group.create_task(Lane(self, urgent=urgent).drain(wait=wait, progress=progress))
        except BaseExceptionGroup as troubles:
            raise troubles.exceptions[0] from None

    async def waiting(self, *, due: bool = False) -> int:
        """How many mails wait; ``due``: those whose time has come."""
        query = select(func.count()).select_from(outbox).where(outbox.c.state == "waiting")
        async with self.database.snapshot() as connection:
            found = await connection.execute(query.where(outbox.c.not_before <= self.clock()) if due else query)
            return int(found.scalar_one())


@dataclass(slots=True)
class Lane:
    """Urgent mails, or the others. One task runs it and owns its connection."""

    mailer: Mailer
    urgent: bool
    connection: Connection = field(init=False)
    failures: int = 0
    _busy: bool = False  # whether a mail went just now: then the next is claimed without a look
    _last: float = 0.0  # monotonic time of the last mail
    _free: int = 0  # mails that may go before the database is asked again how many went lately
    _asked: float = 0.0  # when it was asked
    _swept: float = -_MINUTE  # of the last look for what is too late
    _links: bool = False  # whether ballot links went out since the database was last cleaned

    def __post_init__(self) -> None:
        self.connection = Connection(self.mailer.server, self.mailer.pace.patience)

    async def run(self) -> NoReturn:
        """Send until cancelled; troubles are logged and waited out."""
        try:
            while True:
                try:
                    pause = await self.step()
                except MailError as error:
                    log.warning("the mail server is in trouble", error=str(error), failures=self.failures)
                    pause = self.mailer.pace.server(self.failures, urgent=self.urgent)
                except _TROUBLE as error:
                    log.exception("sending failed", error=str(error))
                    pause = self.mailer.pace.server(1, urgent=True)
                if pause is None:
                    await self._rest()
                await asyncio.sleep(self.mailer.pace.idle if pause is None else pause)
        finally:
            await self.connection.close()

    async def drain(self, *, wait: bool, progress: Callable[[], None]) -> None:
        """Send until nothing is due, or with ``wait`` until nothing waits; see `Mailer.send_due`."""
        try:
            while True:
                try:
                    pause = await self.step()
                except MailError:
                    if not wait:
                        raise
                    pause = self.mailer.pace.server(self.failures, urgent=self.urgent)
                if pause is None and not (wait and await self._waits()):
                    break
                if pause == 0.0:
                    progress()
                await asyncio.sleep(self.mailer.pace.idle if pause is None else pause)
        finally:
            await self.connection.close()
        await self._clean()

    async def step(self) -> float | None:
        """Send the next mail, if one is due; returns how long to wait before the next step, None where none is due."""
        if not self._busy and not await self._waits(due=True):
            return None
        self._busy = False
        pause = await self._throttle()
        if pause > 0:
            return pause
        now, pace = self.mailer.clock(), self.mailer.pace
        async with self.mailer.database.transaction() as connection:
            lapses = now + pace.lease
            claimed = await claim(connection, self.mailer.master, now=now, lapses=lapses, urgent=self.urgent)
        if claimed is None:
            return None
        self._last, self._busy = time.monotonic(), True
        sending = asyncio.ensure_future(self._send(claimed))
        try:
            await asyncio.shield(sending)
        except asyncio.CancelledError:  # the mail in hand is finished: nobody could tell whether it went out
            await asyncio.wait([sending], timeout=_GRACE)
            raise
        return 0.0

    async def _send(self, claimed: Claim) -> None:
        mailer, election = self.mailer, claimed.election
        name, date = claimed.message, claimed.queued
        try:
            mail = make_message(claimed.letter, mailer.server, election=election, message=name, date=date)
            await self.connection.send(mail, claimed.letter.to)
        except MailError as error:
            self.failures += 1
            pause = mailer.pace.server(self.failures, urgent=self.urgent)
            await self._put_off(claimed, str(error), pause)
            raise
        except DeferredMailError as error:
            await self._put_off(claimed, str(error), 0.0)
        except ElectionError as error:  # refused by the server, or an address that is none
            await self._note(claimed, "refused", str(error))
        else:
            await self._note(claimed, "sent", "")
        self.failures = 0

    async def _put_off(self, claimed: Claim, reason: str, least: float) -> None:
        pause = max(self.mailer.pace.mail(claimed.attempts, urgent=self.urgent), least)
        await self._note(claimed, "deferred", reason, self.mailer.clock() + round(pause))

    async def _note(self, claimed: Claim, outcome: str, reason: str, until: int = 0) -> None:
        async with self.mailer.database.transaction() as connection:
            now = self.mailer.clock()
            if outcome == "sent":
                await note_sent(connection, claimed, now)
            elif outcome == "refused":
                await note_refused(connection, claimed, reason, now)
            else:
                await note_deferred(connection, claimed, reason, until)
        METRICS.mails.labels(outcome).inc()
        self._links = self._links or (outcome == "sent" and claimed.kind in LINKS)

    async def _waits(self, *, due: bool = False) -> bool:
        lane = outbox.c.priority <= URGENT if self.urgent else outbox.c.priority > URGENT
        query = select(outbox.c.mail).where(outbox.c.state == "waiting", lane).limit(1)
        if due:
            now = self.mailer.clock()
            query = query.where(outbox.c.not_before <= now, or_(outbox.c.not_after.is_(None), outbox.c.not_after > now))
        async with self.mailer.database.snapshot() as connection:
            return (await connection.execute(query)).first() is not None

    async def _throttle(self) -> float:
        """How long to wait, so that all processes together stay within mails_per_minute. Codes do not wait."""
        most = self.mailer.server.mails_per_minute
        since, now = self._last + _MINUTE / most - time.monotonic(), self.mailer.clock()
        if self.urgent or since > 0:
            return 0.0 if self.urgent else since
        if self._free > 0 and time.monotonic() - self._asked < 1:
            self._free -= 1
            return 0.0
        lately = (outbox.c.changed > now - _MINUTE) & (outbox.c.attempts > 0) & (outbox.c.priority > URGENT)
        query = select(func.count().label("mails"), func.min(outbox.c.changed).label("first")).where(lately)
        async with self.mailer.database.snapshot() as connection:
            row = (await connection.execute(query)).one()
        self._asked, self._free = time.monotonic(), (most - row.mails) // _SHARE
        return 0.0 if row.mails < most else max(row.first + _MINUTE - now, self.mailer.pace.idle)

    async def _rest(self) -> None:
        """When nothing is due: the connection goes; once a minute, what is too late is given up."""
        await self.connection.close()
        if time.monotonic() - self._swept >= _MINUTE:
            await self._clean()

    async def _clean(self) -> None:
        """Give up what is too late, and take links that are out from where the database keeps older states."""
        self._swept = time.monotonic()
        async with self.mailer.database.transaction() as connection:
            await drop_stale(connection, self.mailer.clock())
        if self._links:
            self._links = not await forget_content(self.mailer.database)


async def forget_content(database: Database) -> bool:
    """Take the content of mails that are out from where the database keeps older states (A44); False where it is busy.

    It was sealed under the master key there. PostgreSQL's own write-ahead log and its archives keep it, as backups do.
    """
    if database.dialect == "sqlite":
        return await database.empty_log()
    try:
        async with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            await connection.execute(text("SET lock_timeout = '200ms'"))
            await connection.execute(text("VACUUM (FULL) outbox"))
            await connection.execute(text("RESET lock_timeout"))
    except SQLAlchemyError as error:
        log.warning("sent mails are still in dead rows", error=str(error))
        return False
    return True
