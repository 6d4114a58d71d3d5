"""From percent to ballots: which voter marks whom, so that the counts are exactly as the script has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from election_service.demo.university import Draws
from election_service.errors import InputError

ENOUGH: Final = 55  # percent who have to vote, so that the turnout is valid (6.12.4) with some room
SMALLEST_COUNT: Final = 3  # ballots that a contest needs to be opened


@dataclass(frozen=True, slots=True)
class Question:
    """A contest as its voters answer it. ``votes``: option id → percent; ``electors``: who may vote, by student id.

    ``all_vote``: the members of the self-governance come when they are asked.
    """

    contest: str
    electors: tuple[str, ...]
    votes: Mapping[str, int]
    all_vote: bool = False


def choose_voters(questions: Sequence[Question], turnout: int, draws: Draws) -> list[str]:
    """Student ids of those who vote: ``turnout`` percent, drawn; where a small contest needs more, these too."""
    everybody = sorted({elector for question in questions for elector in question.electors})
    voters = set(draws.shuffled(everybody)[: -(-len(everybody) * turnout // 100)])
    for question in questions:
        electors = set(question.electors)
        wanted = len(electors) if question.all_vote else max(SMALLEST_COUNT, sum(least(question.votes.values())))
        missing = max(0, wanted - len(voters & electors))
        voters |= set(sorted(electors - voters)[:missing])
    return sorted(voters)


def mark_ballots(questions: Iterable[Question], voters: Sequence[str], draws: Draws) -> dict[str, dict[str, str]]:
    """Student id → contest → option id, the blank option where nothing stands; for every ballot that is cast."""
    marks: dict[str, dict[str, str]] = {voter: {} for voter in voters}
    for question in questions:
        electors = set(question.electors)
        mine = draws.shuffled([voter for voter in voters if voter in electors])
        counts = split_votes(len(mine), list(question.votes.values()))
        named = [option for option, count in zip(question.votes, counts, strict=True) for _ in range(count)]
        for voter, option in zip(mine, named, strict=False):
            marks[voter][question.contest] = option
    return marks


def split_votes(ballots: int, percent: Sequence[int]) -> list[int]:
    """Counts for candidates from the most to the fewest votes: equal where their percent are, else strictly falling."""
    counts = [ballots * share // 100 for share in percent]
    smallest = least(percent)
    counts = [max(count, low) for count, low in zip(counts, smallest, strict=True)]
    for place in range(len(counts) - 2, -1, -1):
        step = int(percent[place] > percent[place + 1])
        counts[place] = max(counts[place], counts[place + 1] + step)
    if sum(counts) > ballots:
        message = f"the year: {ballots} ballots are too few for votes of {', '.join(map(str, percent))} percent"
        raise InputError(message, "give more --students, or a higher --turnout")
    return counts


def least(percent: Iterable[int]) -> list[int]:
    """The smallest counts that tell candidates apart as their percent do."""
    shares = list(percent)
    rising = sorted(set(shares))
    return [rising.index(share) + 1 for share in shares]
