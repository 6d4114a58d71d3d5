"""Whether the time of BlindSign tells low inputs from high ones: Welch's t, after "dudect" (A35).

Low and high inputs come in random order; a time is CPU time of this thread. |t| under 5 says that so many measurements
see no difference, on this machine and with its noise; it proves nothing about more of them, or about caches and power.
The last row is the measure's own test: Python's ``pow`` without masking, which does tell them apart.
"""

import math
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence

from bench.measure import Row
from keys.issuer import IssuerKey, blind_sign, constant_time_power, generate_issuer_key

EACH, EACH_QUICK = 10_000, 500  # low inputs, and as many high ones
EACH_CONTRAST = 250
CROP = 95  # percent of the times that are looked at: the slowest are interrupts
LIMIT = 5.0


def rows(quick: bool) -> Iterator[Row]:
    """The rows of this part."""
    key = generate_issuer_key(3072)
    each = EACH_QUICK if quick else EACH
    low = "low inputs against high ones"
    signing = welch(key, lambda value: blind_sign(key, value.to_bytes(key.size, "big"), os.urandom), each)
    yield Row(
        f"BlindSign, {low}, t of 2 × {each}",
        _figure(signing),
        f"noise; from -{LIMIT:.0f} to {LIMIT:.0f} is no difference",
    )
    power = welch(key, lambda value: constant_time_power(value % key.p, key.dp, key.p), each)
    yield Row(f"its private power unmasked, {low}", _figure(power), "powmod_sec alone, as if nothing were masked")
    contrast = welch(key, lambda value: pow(value, key.dp, key.p), EACH_CONTRAST)
    yield Row(
        f"Python's pow unmasked, {low}, t of 2 × {EACH_CONTRAST}", _figure(contrast), "what is not used: it tells"
    )


def welch(key: IssuerKey, act: Callable[[int], object], each: int) -> float:
    """Welch's t over the times of low and high inputs; positive where the high ones take longer."""
    order = [True, False] * each
    random.SystemRandom().shuffle(order)
    times: dict[bool, list[float]] = {True: [], False: []}
    for high in order:
        small = 1 + int.from_bytes(os.urandom(2), "big")
        value = key.n - small if high else small
        begun = time.thread_time()
        act(value)
        times[high].append(time.thread_time() - begun)
    return t_of(_crop(times[True]), _crop(times[False]))


def _crop(times: Sequence[float]) -> list[float]:
    return sorted(times)[: len(times) * CROP // 100]


def t_of(first: Sequence[float], second: Sequence[float]) -> float:
    """Welch's t of two samples with variances of their own."""
    spread = statistics.variance(first) / len(first) + statistics.variance(second) / len(second)
    return (statistics.fmean(first) - statistics.fmean(second)) / math.sqrt(spread)


def _figure(t: float) -> str:
    return f"{t:+.1f}"
