"""How a figure is taken: several runs, CPU seconds of this thread or wall seconds, the least and the median."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

RUNS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what, the figure with its unit, and what limits it."""

    what: str
    figure: str
    limit: str = ""


def cpu_seconds(act: Callable[[], object], runs: int = RUNS) -> tuple[float, float]:
    """(least, median) CPU seconds of the calling thread."""
    return _repeat(act, time.thread_time, runs)


def wall_seconds(act: Callable[[], object], runs: int = RUNS) -> tuple[float, float]:
    """(least, median) seconds by the clock."""
    return _repeat(act, time.perf_counter, runs)


def _repeat(act: Callable[[], object], clock: Callable[[], float], runs: int) -> tuple[float, float]:
    taken = []
    for _ in range(runs):
        start = clock()
        act()
        taken.append(clock() - start)
    return min(taken), statistics.median(taken)


def milliseconds(taken: tuple[float, float], count: int) -> str:
    """``least (median)`` in milliseconds for each of ``count``."""
    return f"{taken[0] / count * 1e3:.3f} ms (median {taken[1] / count * 1e3:.3f})"


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that ``percent`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
