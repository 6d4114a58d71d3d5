"""`election-audit verify` of a published folder, and of one twice as large: time, CPU of all processes, peak memory."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Row
from bench.published import make_votes, open_election, publish

BALLOTS, BALLOTS_QUICK = 4000, 1000


@dataclass(frozen=True, slots=True)
class _Run:
    """One run: seconds by the clock, CPU seconds of all its processes, peak memory of the largest in KiB."""

    wall: float
    cpu: float
    memory: int


def rows(quick: bool) -> Iterator[Row]:
    """The rows of this part: N ballots, then 2N."""
    ballots = BALLOTS_QUICK if quick else BALLOTS
    opened = open_election(2 * ballots)
    votes = make_votes(opened)
    for count in (ballots, 2 * ballots):
        folder = Path(tempfile.mkdtemp(prefix="es-bench-log-"))
        try:
            size = publish(opened, votes[:count], folder)
            run = _verify(folder)
        finally:
            shutil.rmtree(folder)
        figure = f"{run.wall:.1f} s, {run.cpu / count * 1e3:.2f} ms CPU a ballot, {run.memory / 1024:.0f} MB"
        what = f"election-audit verify, {count:,} ballots ({size / 1e6:.0f} MB)"
        yield Row(what, figure, "proofs and tokens; each process's memory is that of a batch")


def _verify(folder: Path) -> _Run:
    """Run the auditor's command; SystemExit if it finds anything wrong."""
    command = [str(Path(sys.executable).with_name("election-audit")), "verify", str(folder)]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if status != 0:
        raise SystemExit(output)
    return _Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
