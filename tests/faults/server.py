"""Serving processes as an operating system sees them: started, killed with all their workers, stopped, continued."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

import aiohttp

from tests.faults.template import ELECTION

ROOT: Final = Path(__file__).parents[2]
_START_PATIENCE: Final = 60.0  # seconds until a server must answer
_PORTS: Final = count(21_000 + os.getpid() * 64 % 9_000)


class StartError(AssertionError):
    """The service ended instead of serving; the message is what it printed."""


def free_port() -> int:
    """A port from 21000 upward on which nobody listens."""
    for port in _PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


@dataclass(slots=True)
class Server:
    """One `election-service serve`, in a process group of its own. Owner of the process: whoever made this object.

    ``election``: one that it answers for once it is ready.
    """

    folder: Path
    election: str = ELECTION
    port: int = field(default_factory=free_port)
    health_port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / f"service-{self.port}.log"

    async def start(self) -> None:
        """Start, and wait until it answers; StartError if it ends."""
        await self.launch()
        await self.wait_ready()

    async def launch(self) -> None:
        """Start without waiting."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ELECTION_")},
            "ELECTION_PORT": str(self.port),
            "ELECTION_HEALTH_PORT": str(self.health_port),
        }
        command = ("-m", "election_service.cli", "serve", "--config", str(self.folder / "election.toml"))
        with self.log.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, *command),
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    async def wait_ready(self) -> None:
        """Until the election is answered for."""
        deadline = time.monotonic() + _START_PATIENCE
        async with aiohttp.ClientSession() as session:
            while True:
                assert self.process is not None
                if self.process.returncode is not None:
                    raise StartError(self.log.read_text("utf-8", "replace"))
                try:
                    async with session.get(f"{self.address}/api/elections/{self.election}") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                if time.monotonic() > deadline:
                    raise StartError(f"silent after {_START_PATIENCE} s: {self.log.read_text('utf-8', 'replace')}")
                await asyncio.sleep(0.05)

    async def wait_ended(self) -> str:
        """Until it ends by itself; what it printed."""
        assert self.process is not None
        await asyncio.wait_for(self.process.wait(), _START_PATIENCE)
        return self.log.read_text("utf-8", "replace")

    def send(self, number: signal.Signals) -> None:
        """A signal to the whole group: the server and its workers."""
        if self.process is not None and self.process.returncode is None:
            os.killpg(self.process.pid, number)

    async def kill(self) -> None:
        """kill -9 of the whole group, at this very moment."""
        self.send(signal.SIGKILL)
        if self.process is not None:
            await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM to the server alone, as an operator stops it; its exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.terminate()
        try:
            return await asyncio.wait_for(self.process.wait(), 30)
        finally:
            if self.process.returncode is None:
                await self.kill()
