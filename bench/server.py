"""A real `election-service serve`, and where the CPU goes while it is under load."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.office import ELECTION, Office
from election_service.api_types import ElectionInfo
from election_service.client import ServiceClient
from keys.errors import PeerError

PATIENCE = 60.0


def free_ports() -> int:
    """A port on which, and on the next one, nobody listens."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            with suppress(OSError, OverflowError):
                second.bind(("127.0.0.1", port + 1))
                return port


@contextmanager
def serving(office: Office) -> Iterator[psutil.Process]:
    """The serving process, ready; stopped as an operator stops it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ELECTION_")}
    command = [sys.executable, "-m", "election_service.cli", "serve", "--config", str(office.config_file)]
    log = Path(office.config_file).with_name("service.log")
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment, start_new_session=True)
    try:
        asyncio.run(_wait(office.config.public_url, log))
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(PATIENCE)


async def _wait(server: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    async with ServiceClient(server, ELECTION) as client:
        while True:
            try:
                if (await client.get("", ElectionInfo)).polls[0].state == "open":
                    return
            except PeerError as error:
                if time.monotonic() > deadline:
                    message = f"the service does not start: {error}; look into {log}"
                    raise SystemExit(message) from None
            await asyncio.sleep(0.1)


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU seconds, user and system: of the server's main process, its workers, the database, and this client."""

    main: float
    workers: float
    database: float
    client: float

    def __sub__(self, other: "Cpu") -> "Cpu":
        return Cpu(
            self.main - other.main,
            self.workers - other.workers,
            self.database - other.database,
            self.client - other.client,
        )

    def each(self, count: int) -> str:
        """Milliseconds for each of ``count`` pieces of work."""
        parts = [("main process", self.main), ("workers", self.workers), ("client", self.client)]
        if self.database:
            parts.insert(2, ("PostgreSQL", self.database))
        return ", ".join(f"{name} {seconds / count * 1e3:.2f}" for name, seconds in parts) + " ms CPU each"


def cpu_now(server: psutil.Process, database: Sequence[psutil.Process]) -> Cpu:
    """What has been used so far."""
    workers = sum(_used(child) for child in server.children(recursive=True))
    servers = sum(_used(process) for root in database for process in (root, *root.children(recursive=True)))
    return Cpu(_used(server), workers, servers, time.process_time())


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
