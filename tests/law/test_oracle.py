"""The engine and an oracle that shares nothing with it agree (A103): on small elections, and on random larger ones.

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
            agreed = play_first(election, scope)
            for second in second_tours(election[0], agreed.advance):
                play_second(agreed, second)


@pytest.mark.parametrize("voters", [1, 2])
@pytest.mark.parametrize(("ranks", "scope"), LINKED)
def test_every_election_of_two_contests_and_every_second_tour_of_it(
    ranks: tuple[int, ...], scope: str, voters: int
) -> None:
    for election in small_elections(ranks, voters):
        agreed = play_first(election, scope)
        for second in second_tours(election[0], agreed.advance):
            play_second(agreed, second)


@pytest.mark.parametrize(("voters", "step"), [(3, 13), (4, 47), (5, 127)])
@pytest.mark.parametrize(("ranks", "scope"), LINKED)
def test_some_elections_of_two_contests_with_more_voters(
    ranks: tuple[int, ...], scope: str, voters: int, step: int
) -> None:
    """Every one in `step`, and of the second tours that it leads to a drawn one; by hand, all of them."""
    random = Random(voters)
    for election in islice(small_elections(ranks, voters), voters, None, step):
        agreed = play_first(election, scope)
        if agreed.advance:
            play_second(agreed, random_second_tour(random, election[0], agreed.advance))


def test_random_larger_elections() -> None:
    random = Random(6)
    tours = careful = 0
    for _ in range(RANDOM_ELECTIONS):
        agreed = play_first(random_election(random), "university")
        careful += agreed.careful
        if agreed.advance:
            tours += 1
            careful += play_second(agreed, random_second_tour(random, agreed.election[0], agreed.advance))
    assert tours > RANDOM_ELECTIONS // 20
    assert careful < RANDOM_ELECTIONS // 50
