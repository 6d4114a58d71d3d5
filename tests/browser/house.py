"""A small election behind a real `election-service serve`: prepared by the use cases of the demo, on SQLite.

Everybody is in one class, so that every voter has all four contests. What the committee, the trustees and auditors do
afterwards goes through their own commands.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from election_service.api_types import ElectionInfo
from election_service.config import Config
from election_service.demo.preparation import ELECTION, Prepared, Wishes, prepare
from election_service.demo.serving import Demo, make_folder
from election_service.demo.university import Student, candidates_csv, roll_csv
from election_service.installation import install

ROOT: Final = Path(__file__).parents[2]
CONTESTS: Final = 4  # of every voter
_STUDENTS: Final = 48
_ISSUER_BITS: Final = 1024
_PATIENCE: Final = 60.0  # seconds for a step of the service
_NAMES: Final = (
    "ნინო ბერიძე",
    "Rəşad Məmmədova",
    "Ольга Петрова",
    "გიორგი კაპანაძე",
    "Günel Quliyeva",
    "თამარ წიკლაური",
)
_PORTS: Final = count(31_000 + os.getpid() * 16 % 9_000)


def free_port() -> int:
    """A port from 31000 upward on which nobody listens."""
    for port in _PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


@dataclass(slots=True, eq=False)
class House:
    """A served election. ``links``: each test takes its own voters from it."""

    folder: Path
    config: Config
    prepared: Prepared
    links: Iterator[str] = field(init=False)
    _server: asyncio.subprocess.Process | None = None

    def __post_init__(self) -> None:
        self.links = iter(self.prepared.links)

    async def serve(self) -> None:
        """Start `election-service serve` on the prepared election."""
        command = ("-m", "election_service.cli", "serve", "--config", str(self.folder / "election.toml"))
        with (self.folder / "service.log").open("ab") as log:
            self._server = await asyncio.create_subprocess_exec(
                sys.executable, *command, cwd=ROOT, stdout=log, stderr=log, env=_environment(), start_new_session=True
            )

    async def kill(self) -> None:
        """kill -9, for the service and its workers."""
        assert self._server is not None
        os.killpg(self._server.pid, signal.SIGKILL)
        await self._server.wait()

    async def stop(self) -> None:
        """Let it end what it is at, and wait."""
        assert self._server is not None
        if self._server.returncode is None:
            self._server.terminate()
        await self._server.wait()

    @property
    def address(self) -> str:
        return self.config.public_url

    @property
    def log_url(self) -> str:
        return f"{self.address}/log/{ELECTION}/"

    def rows(self) -> dict[str, int]:
        """How many rows each table has, as the service committed them."""
        with closing(sqlite3.connect(f"file:{self.folder / 'election.db'}?mode=ro", uri=True)) as database:
            names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}

    async def state(self) -> str:
        """The state of the poll, as anybody may ask for it."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.address}/api/elections/{ELECTION}") as answer,
        ):
            return msgspec.json.decode(await answer.read(), type=ElectionInfo).polls[0].state

    async def wait_for(self, state: str) -> None:
        """Until the poll is in this state."""
        deadline = time.monotonic() + _PATIENCE
        while (found := await self._state_or_silence()) != state:
            assert time.monotonic() < deadline, f"expected the poll to be {state}, it is {found}: {self.service_log()}"
            await asyncio.sleep(0.1)

    async def _state_or_silence(self) -> str:
        try:
            return await self.state()
        except aiohttp.ClientError:
            return "silent"

    def service_log(self) -> str:
        return (self.folder / "service.log").read_text("utf-8", "replace")

    async def command(self, program: str, *arguments: str) -> tuple[int, str]:
        """Run `election-service` or `election-audit`; exit code and everything that it printed."""
        module = {"election-service": "election_service.cli", "election-audit": "audit.cli"}[program]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=_environment(),
        )
        printed, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, printed.decode()

    async def act(self, *arguments: str, key: str) -> str:
        """A command of a member or trustee that must succeed; what it printed."""
        keys = self.folder / "keys"
        common = ("--server", self.address, "--election", ELECTION, "--passphrase-file", str(keys / "passphrase"))
        code, printed = await self.command("election-service", *arguments, *common, "--key", str(keys / f"{key}.key"))
        assert code == 0, printed
        return printed


@asynccontextmanager
async def served_house(folder: Path) -> AsyncIterator[House]:
    """Prepare an election in ``folder``, serve it with its poll open, and stop it at the end."""
    wishes = _wishes(folder)
    demo = Demo(folder / "demo", wishes, None, free_port(), 1, 0, finish=False)
    config = make_folder(demo)
    await install(config)
    house = House(demo.folder, config, await prepare(config, demo.folder, wishes))
    await house.serve()
    try:
        await house.wait_for("open")
        yield house
    finally:
        await house.stop()


def _wishes(folder: Path) -> Wishes:
    """One class, its roll and its candidates as files."""
    classmates = [
        Student(f"26{number:06d}", f"{_NAMES[number % len(_NAMES)]} {number + 1}", "Law", "Law", 2)
        for number in range(_STUDENTS)
    ]
    folder.mkdir(parents=True)
    (folder / "roll.csv").write_bytes(roll_csv(classmates))
    (folder / "candidates.csv").write_bytes(candidates_csv(classmates, 1))
    return Wishes(roll=folder / "roll.csv", candidates=folder / "candidates.csv", issuer_bits=_ISSUER_BITS)


def _environment() -> dict[str, str]:
    """This process's, without settings that were meant for another service."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ELECTION_")}
