"""A slow phone: sealing takes well under half a second, and the page never freezes (docs/performance.md)."""

from pathlib import Path

import pytest

from bench.browser import CHROMIUM, SLOWED, Visit, measure
from tests.booth.harness import node

MOST_TO_SEAL = 400  # milliseconds
MOST_AT_A_TIME = 100
TRIES = 5  # other programs of this machine take their share of the time


def _best(tries: list[Visit]) -> tuple[float, float]:
    """The first ballot of the quickest visit, and the longest piece of the smoothest one."""
    first = min(visit["taken"][0][0] for visit in tries)
    return first, min(max(piece for _, piece in [visit["tables"], *visit["taken"]]) for visit in tries)


@pytest.mark.slow
def test_five_options_are_sealed_quickly_and_in_pieces_on_a_processor_slowed_six_times() -> None:
    """The very first ballot of a visit, tables made in pieces beforehand, as the page does."""
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed")
    node()
    visits: list[Visit] = []
    for _ in range(TRIES):
        visits.append(measure(SLOWED, 2, tables=True))
        first, longest = _best(visits)
        if first <= MOST_TO_SEAL and longest <= MOST_AT_A_TIME:
            return
    pytest.fail(f"first ballot {first:.0f} ms, longest piece {longest:.0f} ms")
