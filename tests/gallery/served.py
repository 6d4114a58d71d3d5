"""What the gallery looks at besides an open poll: an election whose result is certified, behind a service."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from tests.browser.house import ROOT, free_port

STUDENTS: Final = 60
_PATIENCE: Final = 120.0  # seconds


@asynccontextmanager
async def certified_election(folder: Path) -> AsyncIterator[str]:
    """The demo, played to its certified result, then served again; gives the address."""
    port = free_port()
    command = ("-m", "election_service.cli", "demo", "--students", str(STUDENTS), "--turnout", "80", "--finish")
    played = await asyncio.create_subprocess_exec(
        *(sys.executable, *command, "--folder", str(folder), "--port", str(port)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=_environment(),
    )
    printed, _ = await played.communicate()
    assert played.returncode == 0, printed.decode()
    address = f"http://localhost:{port}"
    serve = ("-m", "election_service.cli", "serve", "--config", str(folder / "election.toml"))
    with (folder / "service.log").open("ab") as log:
        server = await asyncio.create_subprocess_exec(
            sys.executable, *serve, cwd=ROOT, stdout=log, stderr=log, env=_environment(), start_new_session=True
        )
    try:
        await _answering(port)
        yield address
    finally:
        server.terminate()
        await server.wait()


async def _answering(port: int) -> None:
    """Until somebody listens."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("localhost", port)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            writer.close()
            return


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("ELECTION_")}
