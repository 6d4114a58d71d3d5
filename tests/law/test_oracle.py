"""The engine and an oracle that shares nothing with it agree: on every small election, and on random larger ones.

`python -m tests.law.oracle_run 100000` goes on for as long as somebody wants (every small election among them).
"""

from itertools import islice
from random import Random

import pytest

from tests.law.agreement import play_first, play_second
from tests.law.elections import random_election, random_second_tour, second_tours, small_elections

RANDOM_ELECTIONS = 2_000
LINKED = [((1, 2), "university"), ((2, 3), "block")]


@pytest.mark.parametrize("voters", range(1, 6))
def test_every_election_of_one_contest_and_every_second_tour_of_it(voters: int) -> None:
    for ranks, scope in (((1,), "university"), ((2,), "block")):
        for election in small_elections(ranks, voters):
            play, answer = play_first(election, scope)
            for second in second_tours(election[0], answer["contests"]["seat-0"]["advance"]):
                play_second(play, election, answer, second, scope)


@pytest.mark.parametrize("voters", [1, 2])
@pytest.mark.parametrize(("ranks", "scope"), LINKED)
def test_every_election_of_two_contests_and_every_second_tour_of_it(
    ranks: tuple[int, ...], scope: str, voters: int
) -> None:
    for election in small_elections(ranks, voters):
        play, answer = play_first(election, scope)
        for second in second_tours(election[0], answer["contests"]["seat-0"]["advance"]):
            play_second(play, election, answer, second, scope)


def test_random_larger_elections() -> None:
    random = Random(6)
    tours = 0
    for _ in range(RANDOM_ELECTIONS):
        election = random_election(random)
        play, answer = play_first(election, "university")
        advance = answer["contests"]["seat-0"]["advance"]
        if advance:
            tours += 1
            play_second(play, election, answer, random_second_tour(random, election[0], advance), "university")
    assert tours > RANDOM_ELECTIONS // 20
