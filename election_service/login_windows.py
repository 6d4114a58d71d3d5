"""Limits of second factors: so many in a stretch of time, per credential and never per address: voters share networks
(A74, A77).

A stretch begins with the first event that is counted. Where the clock goes back behind that, it begins now and the
count stays: a jump never gives more tries, and locks nobody for longer than the stretch (A98).
"""

from typing import Final

HOUR: Final = 3600  # seconds
DAY: Final = 86_400
CLOCK_SLACK: Final = 60  # seconds by which the clocks of two processes may differ
FAILURES: Final = 20  # wrong codes a day: 20 of 10^6


def current_window(began: int, count: int, now: int, length: int) -> tuple[int, int]:
    """Beginning and count of the stretch that ``now`` is in; times in POSIX seconds."""
    return (now, 0) if now - began >= length else (min(began, now), count)


def seconds_left(began: int, now: int, length: int) -> int:
    """Until the stretch is over, for Retry-After; at least one."""
    return max(1, began + length - now)
