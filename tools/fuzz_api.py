"""Minutes of Schemathesis against a real service: ``python -m tools.fuzz_api [--minutes 5] [--database sqlite]``.

The time is shared by five callers: nobody, a voter, a member's token, a chair's token, a chair's session. Prints how
the operations were answered, those that never did what they are for, and every answer that the published description
does not promise. Exit code 1 if there is one.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import SystemRandom
from typing import Final

from tests.databases import postgresql_running
from tests.fuzz.run import Tally, Wishes, fuzz
from tests.fuzz.world import World, prepare_sqlite, prepared_postgresql

_CLASSES: Final = ("2xx", "4xx", "5xx")


@asynccontextmanager
async def _prepared(folder: Path, database: str) -> AsyncIterator[World]:
    if database == "sqlite":
        yield await prepare_sqlite(folder)
        return
    with postgresql_running() as server:
        async with prepared_postgresql(folder, server) as world:
            yield world


async def fuzz_all(minutes: float, database: str, seed: int) -> Tally:
    """Every caller for the same time, each on a copy of its own of what was prepared."""
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="es-fuzz-") as scratch:
        original = Path(scratch) / "original"
        original.mkdir()
        async with _prepared(original, database) as world:
            seconds = max(1, round(minutes * 60 / len(world.callers)))
            for number, caller in enumerate(world.callers):
                folder = Path(scratch) / f"round-{number}"
                folder.mkdir()
                before = tally.requests
                async with world.served(folder) as address:
                    wishes = Wishes(seconds=seconds, seed=seed)
                    await asyncio.to_thread(fuzz, address, world, caller, wishes, tally)
                print(f"{caller.name}: {tally.requests - before} requests in {seconds} s", file=sys.stderr, flush=True)
    return tally


def show(tally: Tally) -> str:
    """The table, and what is to be known besides."""
    width = max(map(len, tally.answers))
    lines = [f"{'operation':{width}}" + "".join(f"{name:>8}" for name in _CLASSES) + "  statuses"]
    for operation, counts in sorted(tally.answers.items()):
        statuses = " ".join(f"{status}:{number}" for status, number in sorted(tally.statuses[operation].items()))
        lines.append(f"{operation:{width}}" + "".join(f"{counts[name]:>8}" for name in _CLASSES) + f"  {statuses}")
    sums = {name: sum(counts[name] for counts in tally.answers.values()) for name in _CLASSES}
    lines.append(f"{'all':{width}}" + "".join(f"{sums[name]:>8}" for name in _CLASSES))
    never = tally.never_done()
    lines += ["", f"{len(tally.answers)} operations, {tally.requests} requests, {len(tally.findings)} findings"]
    lines += [f"never answered with 2xx ({len(never)}):", *(f"  {operation}" for operation in never)]
    for finding in tally.findings.values():
        lines += ["", f"FINDING {finding.operation} by {finding.caller}", finding.what, finding.request]
    return "\n".join(lines)


def main() -> int:
    """The command; 1 where something is not as described."""
    parser = argparse.ArgumentParser(prog="fuzz_api", description="Run Schemathesis against a real service.")
    parser.add_argument("--minutes", type=float, default=5.0, help="shared by all callers (default: 5)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, help="of an earlier run, to send the same")
    options = parser.parse_args()
    seed = SystemRandom().getrandbits(32) if options.seed is None else options.seed
    print(f"seed {seed}, {options.database}", file=sys.stderr, flush=True)
    tally = asyncio.run(fuzz_all(options.minutes, options.database, seed))
    print(show(tally))
    return 1 if tally.findings else 0


if __name__ == "__main__":
    sys.exit(main())
