"""An empty service with a mail server beside it: nobody is invited, and no election is begun."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from tests.browser.house import ROOT, free_port
from tests.service.mail_sink import SENDER, Sink, running

_PATIENCE: Final = 60.0  # seconds until it answers
_LINK: Final = re.compile(r"http://localhost:\d+/\S+")


@dataclass(slots=True, eq=False)
class EmptyService:
    """``folder``: what an operator's machine has; ``sink``: every mail that went out."""

    folder: Path
    address: str
    sink: Sink
    _server: asyncio.subprocess.Process | None = None

    async def command(self, *arguments: str, program: str = "election_service.cli", code: int = 0) -> str:
        """What the operator, a trustee or an auditor types; what it printed."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", program, *arguments),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environment(),
        )
        printed, _ = await process.communicate()
        assert process.returncode == code, printed.decode()
        return printed.decode()

    async def invite(self, email: str, name: str) -> str:
        """The link of the first chair."""
        (link,) = _LINK.findall(await self.command("invite", email, "--name", name))
        return str(link)

    async def serve(self) -> None:
        with (self.folder / "service.log").open("ab") as log:
            self._server = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "election_service.cli", "serve"),
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env=self._environment(),
                start_new_session=True,
            )
        deadline = time.monotonic() + _PATIENCE
        async with aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.get(f"{self.address}/committee"):
                        return
                except aiohttp.ClientError:
                    assert time.monotonic() < deadline, (self.folder / "service.log").read_text("utf-8")
                await asyncio.sleep(0.1)

    async def stop(self) -> None:
        if self._server is not None and self._server.returncode is None:
            os.killpg(self._server.pid, signal.SIGTERM)
            await self._server.wait()

    def _environment(self) -> dict[str, str]:
        others = {name: value for name, value in os.environ.items() if not name.startswith("ELECTION_")}
        return {**others, "ELECTION_CONFIG": str(self.folder / "election.toml")}


@asynccontextmanager
async def empty_service(folder: Path) -> AsyncIterator[EmptyService]:
    """Installed and served; no election, no account."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    sink, port, health = Sink(), free_port(), free_port()
    with running(sink) as server:
        service = EmptyService(folder, f"http://localhost:{port}", sink)
        (folder / "election.toml").write_text(
            f'database_url = "sqlite:///{folder}/election.db"\nstate_dir = "{folder}/state"\n'
            f'master_key_file = "{folder}/master.key"\npublic_url = "{service.address}"\n'
            f'port = {port}\nhealth_port = {health}\nworkers = 2\nmail_from = "{SENDER}"\nmails_per_minute = 6000\n'
            f'smtp_host = "{server.host}"\nsmtp_port = {server.port}\nsmtp_security = "none"\n'
        )
        (folder / "election.toml").chmod(0o600)
        await service.command("init")
        await service.serve()
        try:
            yield service
        finally:
            await service.stop()
