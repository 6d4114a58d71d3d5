"""Whether two kinds of requests take equally long, on machines with other things to do."""

import statistics
from collections.abc import Sequence

ALIKE = 0.005  # seconds


def assert_alike(first: Sequence[float], second: Sequence[float]) -> None:
    """Their medians differ by less than five milliseconds, or by less than the times of one kind among themselves."""
    lower, _, upper = statistics.quantiles([*first, *second], n=4)
    difference = abs(statistics.median(first) - statistics.median(second))
    assert difference < max(ALIKE, upper - lower), (sorted(first), sorted(second))
