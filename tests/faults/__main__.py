"""`python -m tests.faults ROUNDS`: any number of kills, on SQLite and PostgreSQL in turn, ten to an election."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import shutil
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from tests.databases import postgresql_running
from tests.faults.rounds import play
from tests.faults.template import prepared

_EACH = 10  # kills in one election


async def play_all(rounds: int, seed: int, databases: list[str]) -> None:
    """Elections until so many kills are done; the first broken promise ends it with its seed."""
    folder = Path(tempfile.mkdtemp(prefix="es-faults-"))
    done = acknowledged = elections = 0
    async with AsyncExitStack() as stack:
        templates = {}
        for name in databases:
            (folder / name).mkdir()
            server = stack.enter_context(postgresql_running()) if name == "postgresql" else None
            templates[name] = await stack.enter_async_context(prepared(folder / name, server))
        while done < rounds:
            name = databases[elections % len(databases)]
            here = folder / f"run-{elections}"
            here.mkdir()
            played = await play(templates[name], here, seed + elections, max(3, min(_EACH, rounds - done)))
            shutil.rmtree(here)
            print(f"{name}: {played}", *played.story, sep="\n", flush=True)
            done, acknowledged, elections = done + played.rounds, acknowledged + played.acknowledged, elections + 1
    shutil.rmtree(folder)
    print(f"{done} kills in {elections} elections, {acknowledged} ballots acknowledged, none lost, none twice")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("rounds", type=int, help="kills altogether")
    parser.add_argument("--seed", type=int, default=None, help="of the first election; printed with every election")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="only this one")
    given = parser.parse_args()
    seed = secrets.randbelow(10**9) if given.seed is None else given.seed
    databases = [given.database] if given.database else ["sqlite", "postgresql"]
    asyncio.run(play_all(given.rounds, seed, databases))


if __name__ == "__main__":
    main()
