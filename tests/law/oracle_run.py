"""`python -m tests.law.oracle_run [ELECTIONS] [--seed N] [--small VOTERS]`: the engine against the oracle, by hand.

First every small election of one or two linked contests with up to VOTERS voters (5), each with every second tour that
it leads to where they are at most 4, and with one drawn second tour otherwise; then random larger ones.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from random import Random

from tests.law.agreement import play_first, play_second
from tests.law.elections import (
    Contest,
    Election,
    random_election,
    random_second_tour,
    second_tours,
    small_elections,
)

EVERY_TOUR = 3  # voters up to whom every second tour of linked contests is played
SHAPES = [((1,), "university"), ((2,), "block"), ((1, 2), "university"), ((2, 3), "block")]


def main() -> None:
    """Exit with the first election on which they differ."""
    parser = argparse.ArgumentParser(prog="oracle_run", description="The engine against the oracle.")
    parser.add_argument("elections", type=int, nargs="?", default=2_000, help="random larger elections")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--small", type=int, default=5, metavar="VOTERS", help="every election with up to so many voters"
    )
    arguments = parser.parse_args()
    for voters in range(1, arguments.small + 1):
        for ranks, scope in SHAPES:
            every = len(ranks) == 1 or voters <= EVERY_TOUR
            what = f"{voters} voters, contests of rank {ranks}"
            _run(what, small_elections(ranks, voters), scope, Random(arguments.seed), every=every)
    random = Random(arguments.seed)
    drawn = (random_election(random) for _ in range(arguments.elections))
    _run("random larger ones", drawn, "university", random, every=False)


def _run(what: str, elections: Iterator[Election], scope: str, random: Random, *, every: bool) -> None:
    begun = told = time.perf_counter()
    number = tours = careful = 0
    for election in elections:
        number += 1
        more, left_open = _agree(election, scope, random, every=every)
        tours += more
        careful += left_open
        if time.perf_counter() - told > 10:
            told = time.perf_counter()
            print(f"  {what}: {number} elections, {tours} second tours", file=sys.stderr, flush=True)
    seconds = time.perf_counter() - begun
    print(
        f"{what}: {number} elections and {tours} second tours agree, {careful} seats left more open than need be "
        f"({seconds:.0f} s)",
        flush=True,
    )


def _agree(election: Election, scope: str, random: Random, *, every: bool) -> tuple[int, int]:
    """Second tours played, and seats that were left more open than need be."""
    second: Contest | None = None
    try:
        agreed = play_first(election, scope)
        careful, tours = agreed.careful, 0
        contest, advance = election[0], agreed.advance
        drawn = [random_second_tour(random, contest, advance)] if advance and not every else []
        for second in second_tours(contest, advance) if every else drawn:
            careful += play_second(agreed, second)
            tours += 1
    except AssertionError:
        print(f"they differ: scope {scope}\n  first: {election}\n  second: {second}", file=sys.stderr)
        raise
    return tours, careful


if __name__ == "__main__":
    main()
