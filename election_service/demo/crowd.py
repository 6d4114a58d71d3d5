"""The demo's voters: they open their links and vote over HTTP, in processes of their own, as browsers would."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from typing import Final

from ballot.contest import ContestRules
from ballot.receipt import Receipt
from election_service.client import ServiceClient
from election_service.demo.university import Draws
from election_service.voter import vote
from keys.canonical import encode

AT_ONCE: Final = 12  # links that one process has open at a time
_BLANK_PERCENT: Final = 6


Marks = Mapping[str, str]
"""Contest → option id; a contest that is not in it gets a blank ballot."""

Choice = Callable[[ContestRules], list[int] | None]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Where to vote, in which election, and the seed of the voters' preferences. ``poll``: the one that is open."""

    servers: tuple[str, ...]
    election: str
    seed: int
    poll: int = 1


def vote_all(
    crowd: Crowd, links: Sequence[str], pool: Executor, told: Mapping[str, Marks] | None = None
) -> Iterator[list[bytes]]:
    """Vote with every link; yields the receipts (canonical bytes) of a group of voters as it comes back.

    ``pool``: the processes they vote in. ``told``: link → what its voter marks; without it, everybody votes by taste.
    """
    groups = [links[start : start + AT_ONCE] for start in range(0, len(links), AT_ONCE)]
    waiting = [
        pool.submit(vote_group, crowd, group, number, told and {link: told[link] for link in group})
        for number, group in enumerate(groups)
    ]
    for done in as_completed(waiting):
        yield done.result()


def vote_group(crowd: Crowd, links: Sequence[str], number: int, told: Mapping[str, Marks] | None = None) -> list[bytes]:
    """Vote with a few links at once, in this process."""
    choices = [
        _taste(crowd, number * AT_ONCE + place) if told is None else _obey(crowd, told[link])
        for place, link in enumerate(links)
    ]
    receipts = asyncio.run(_vote_group(crowd, links, number, choices))
    return [encode(receipt) for receipt in receipts]


async def _vote_group(crowd: Crowd, links: Sequence[str], number: int, choices: Sequence[Choice]) -> list[Receipt]:
    server = crowd.servers[number % len(crowd.servers)]
    async with ServiceClient(server, crowd.election) as client, ServiceClient(server, crowd.election) as casting:
        journeys = [
            vote(client, casting, link, choose, os.urandom) for link, choose in zip(links, choices, strict=True)
        ]
        done = await asyncio.gather(*journeys)
    return [receipt for receipts in done for receipt in receipts]


def _taste(crowd: Crowd, voter: int) -> Choice:
    """What one voter likes: the same in every run with this seed, in whatever order the voters come."""
    draws = Draws(crowd.seed * 1_000_003 + voter)
    return lambda rules: preference(rules, draws) if rules.document.poll == crowd.poll else None


def _obey(crowd: Crowd, marks: Marks) -> Choice:
    """What one voter was told; contests of the polls before are over."""

    def choose(rules: ContestRules) -> list[int] | None:
        if rules.document.poll != crowd.poll:
            return None
        wanted = marks.get(rules.document.contest)
        return [int(option.blank if wanted is None else option.id == wanted) for option in rules.document.options]

    return choose


def preference(rules: ContestRules, draws: Draws) -> list[int]:
    """One mark: rarely blank, else a candidate, the earlier ones more often, so that contests have winners."""
    blank = [number for number, option in enumerate(rules.document.options) if option.blank]
    named = [number for number, option in enumerate(rules.document.options) if not option.blank]
    chosen = named[min(draws.below(len(named)), draws.below(len(named) + 1))] if named else blank[0]
    if blank and draws.below(100) < _BLANK_PERCENT:
        chosen = blank[0]
    return [int(number == chosen) for number in range(rules.options)]
