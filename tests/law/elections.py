"""Every small election up to the names of its people, and random larger ones, as the oracle reads them."""

import hashlib
from collections.abc import Iterator
from itertools import product
from random import Random
from typing import Any

Contest = dict[str, Any]
Election = tuple[Contest, ...]
NAMES = ("ana", "beka", "gio", "nino", "dato", "eka", "lela", "zaza")
Marks = tuple[int | None, ...]  # one person's votes in each contest; None: does not stand in it


def make_contest(seat: str, rank: int, size: int, votes: dict[str, int], ballots: int, salt: str = "") -> Contest:
    """A contest of the IBSU rules: the president by majority, heads by plurality; what is not for anybody is blank."""
    ballot_list = [person for person, count in votes.items() for _ in range(count)]
    return {
        "seat": seat,
        "rank": rank,
        "rule": "majority" if rank == 1 else "plurality",
        "tour": "first",
        "size": size,
        "candidates": list(votes),
        "votes": ballot_list + [None] * (ballots - len(ballot_list)),
        "lot": {person: hashlib.sha256(f"{salt} {seat} {person}".encode()).digest() for person in votes},
    }


def _people(contests: int, voters: int, most: int, each: int) -> Iterator[tuple[Marks, ...]]:
    """Every multiset of at most `most` persons, `each` per contest, with at most `voters` votes in each."""
    kinds = sorted(
        (marks for marks in product([None, *range(voters + 1)], repeat=contests) if any(m is not None for m in marks)),
        key=str,
    )

    def extend(chosen: tuple[Marks, ...], start: int, left: tuple[int, ...], room: tuple[int, ...]) -> Iterator[Any]:
        yield chosen
        if len(chosen) == most:
            return
        for place in range(start, len(kinds)):
            marks = kinds[place]
            rest = tuple(n - (mark or 0) for n, mark in zip(left, marks, strict=True))
            seats = tuple(n - (mark is not None) for n, mark in zip(room, marks, strict=True))
            if min(rest) >= 0 and min(seats) >= 0:
                yield from extend((*chosen, marks), place, rest, seats)

    return extend((), 0, (voters,) * contests, (each,) * contests)


def small_elections(
    ranks: tuple[int, ...], voters: int, *, most: int = 4, each: int = 4, salt: str = ""
) -> Iterator[Election]:
    """Every election of one or two contests with this many entitled voters; every way to take part, blank or not.

    `most`: persons in all; `each`: candidates of one contest.
    """
    for people in _people(len(ranks), voters, most, each):
        columns = []
        for place, _ in enumerate(ranks):
            pairs = [(NAMES[number], marks[place]) for number, marks in enumerate(people)]
            columns.append({name: mark for name, mark in pairs if mark is not None})
        spans = [range(sum(column.values()), voters + 1) for column in columns]
        for ballots in product(*spans):
            yield tuple(
                make_contest(f"seat-{place}", rank, voters, column, cast, salt)
                for place, (rank, column, cast) in enumerate(zip(ranks, columns, ballots, strict=True))
            )


def second_tours(contest: Contest, advance: set[str], salt: str = "2") -> Iterator[Contest]:
    """Every second tour among those who advance, if anybody does: every count vector, of the same electorate."""
    if not advance:
        return
    names = [person for person in contest["candidates"] if person in advance]
    for counts in product(range(contest["size"] + 1), repeat=len(names)):
        for ballots in range(sum(counts), contest["size"] + 1):
            votes = dict(zip(names, counts, strict=True))
            yield make_contest(contest["seat"], 1, contest["size"], votes, ballots, salt) | {"tour": "second"}


def random_election(random: Random) -> Election:
    """Up to five linked contests of up to five persons, and up to two hundred voters; equal votes are frequent."""
    people = random.sample(NAMES, random.randint(2, 5))
    ranks = (1, *sorted(random.choices((2, 3, 4), k=random.randint(1, 4))))
    taken: dict[int, set[str]] = {}  # offices of one rank never have a candidate in common
    contests = []
    for place, rank in enumerate(ranks):
        free = [person for person in people if person not in taken.setdefault(rank, set())]
        candidates = random.sample(free, random.randint(min(1, len(free)), len(free)))
        taken[rank] |= set(candidates)
        size = random.choice((4, 7, 30, 200))
        contests.append(_random_contest(random, f"seat-{place}", rank, size, candidates))
    return tuple(contests)


def random_second_tour(random: Random, contest: Contest, advance: set[str]) -> Contest:
    """One second tour of the same electorate."""
    names = [person for person in contest["candidates"] if person in advance]
    return _random_contest(random, contest["seat"], 1, contest["size"], names) | {"tour": "second"}


def _random_contest(random: Random, seat: str, rank: int, size: int, candidates: list[str]) -> Contest:
    least = random.choice(((size + 1) // 2, (size + 1) // 2, size // 2, size, 0))
    ballots = random.randint(least, size)
    steps = random.choice((1, 2, 3, 5))  # few distinct counts make equal votes likely
    weights = {person: random.randint(0, steps) for person in candidates}
    share = ballots // (sum(weights.values()) + random.choice((0, 0, 1)) or 1)
    votes = {person: share * weight for person, weight in weights.items()}
    return make_contest(seat, rank, size, votes, ballots, str(random.getrandbits(32)))
