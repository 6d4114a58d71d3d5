"""The demo's folder and its serving processes: `election-service serve`, as in an installation."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from election_service.config import Config
from election_service.demo.preparation import Wishes
from election_service.errors import InputError
from election_service.installation import write_config

_MARK: Final = ".election-demo"


@dataclass(frozen=True, slots=True)
class Demo:
    """What was asked for. ``turnout``: percent of the links that vote with ``finish``."""

    folder: Path
    wishes: Wishes
    database_url: str | None
    port: int
    processes: int
    turnout: int
    finish: bool

    @property
    def ports(self) -> tuple[int, ...]:
        """The port of each serving process; the port after it is that of its health page."""
        return tuple(self.port + 2 * number for number in range(self.processes))

    @property
    def servers(self) -> tuple[str, ...]:
        """The address of each serving process."""
        return tuple(f"http://localhost:{port}" for port in self.ports)


def make_folder(demo: Demo) -> Config:
    """A fresh folder for the demo; an older demo there is removed, anything else is not."""
    folder = demo.folder
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).exists():
            message = f"{folder}: is not empty, and no demo"
            raise InputError(message, "give another folder with --folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()
    config = Config(
        database_url=demo.database_url or f"sqlite:///{folder}/election.db",
        state_dir=folder / "state",
        master_key_file=folder / "master.key",
        public_url=demo.servers[0],
        port=demo.port,
        health_port=demo.port + 1,
    )
    write_config(config, folder / "election.toml")
    return config


async def start(demo: Demo, port: int) -> asyncio.subprocess.Process:
    """Start one serving process; what it says goes into the demo's folder."""
    environment = {**os.environ, "ELECTION_PORT": str(port), "ELECTION_HEALTH_PORT": str(port + 1)}
    command = ("-m", "election_service.cli", "serve", "--config", str(demo.folder / "election.toml"))
    with (demo.folder / f"service-{port}.log").open("wb") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable, *command, stdout=log, stderr=log, env=environment, start_new_session=True
        )


async def stop(servers: Sequence[asyncio.subprocess.Process]) -> None:
    """Let them end what they are at, and wait."""
    for server in servers:
        if server.returncode is None:
            server.terminate()
    for server in servers:
        await server.wait()


async def until_interrupted(servers: Sequence[asyncio.subprocess.Process]) -> None:
    """Wait for Ctrl-C; InputError if a server ends before."""
    interrupted = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, interrupted.set)
    ended = [asyncio.create_task(server.wait()) for server in servers]
    stopping = asyncio.create_task(interrupted.wait())
    await asyncio.wait([*ended, stopping], return_when=asyncio.FIRST_COMPLETED)
    for task in (*ended, stopping):
        task.cancel()
    if not interrupted.is_set():
        message = "the service stopped by itself"
        raise InputError(message, "look into service-*.log in the demo's folder")
