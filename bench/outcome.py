"""The law on a whole university: from the counts of 80 contests with 10,000 voters to results, seats and reasoning."""

from collections.abc import Iterator, Sequence
from random import Random

from bench.measure import RUNS, Row, wall_seconds
from tally.outcome import Outcome
from tests.law.play import BLANK, CLASS, DEPARTMENT, FACULTY, PRESIDENT, Play

VOTERS, FACULTIES, DEPARTMENTS, CLASSES = 10_000, 4, 15, 60
CANDIDATES = 4
Shares = Sequence[int]
MAJORITY: Shares = (60, 20, 12, 4)  # parts of the vote, best candidate first; what is left is blank
SECOND_TOUR: Shares = (40, 35, 12, 9)


def rows(quick: bool) -> Iterator[Row]:
    """One row where everything is settled at once, one where every lower seat may depend on a second tour."""
    runs = 2 if quick else RUNS
    for what, shares in (("settled at once", MAJORITY), ("a second tour open", SECOND_TOUR)):
        play, votes = _university(shares)
        declared = wall_seconds(lambda play=play, votes=votes: _declare(play, votes), runs)  # type: ignore[misc]  # bound
        certified = wall_seconds(lambda play=play, votes=votes: _certify(play, votes), runs)  # type: ignore[misc]  # bound
        steps = len(_declare(play, votes).steps)
        figure = f"{declared[0] * 1e3:.0f} ms; with certification {certified[0] * 1e3:.0f} ms"
        contests = 1 + FACULTIES + DEPARTMENTS + CLASSES
        yield Row(f"outcome, {VOTERS:,} voters, {contests} contests, {what}", figure, f"{steps} steps of reasoning")


def _declare(play: Play, votes: dict[str, dict[str, int]]) -> Outcome:
    """Declare on a copy, so that it can be done again."""
    return play.copy().count(votes)


def _certify(play: Play, votes: dict[str, dict[str, int]]) -> None:
    again = play.copy()
    again.count(votes)
    again.certify()


def _university(shares: Shares) -> tuple[Play, dict[str, dict[str, int]]]:
    """An open poll, and its votes: who leads a block leads the next larger one, too, so that seats cascade."""
    play, random = Play(), Random(7)
    classes = {f"class-{n}": [f"student-{n}-{place}" for place in range(CANDIDATES)] for n in range(CLASSES)}
    departments = _larger(random, "department", DEPARTMENTS, classes)
    faculties = _larger(random, "faculty", FACULTIES, departments)
    university = _larger(random, "university", 1, faculties)
    documents, votes = [], {}
    for position, blocks in (
        (PRESIDENT, university),
        (FACULTY, faculties),
        (DEPARTMENT, departments),
        (CLASS, classes),
    ):
        for name, people in blocks.items():
            electorate = "university" if position == PRESIDENT else name
            play.electorate(electorate, VOTERS // len(blocks))
            documents.append(play.contest(name, position, electorate, people))
            ballots = VOTERS // len(blocks) * 3 // 4
            counts = {person: ballots * share // 100 for person, share in zip(people, shares, strict=True)}
            votes[name] = counts | {BLANK: ballots - sum(counts.values())}
    play.open(*documents)
    return play, votes


def _larger(random: Random, kind: str, number: int, blocks: dict[str, list[str]]) -> dict[str, list[str]]:
    """`number` blocks made of smaller ones; their best candidates stand there as well, in a drawn order."""
    found: dict[str, list[str]] = {f"{kind}-{n}": [] for n in range(number)}
    for n, people in enumerate(blocks.values()):
        found[f"{kind}-{n % number}"] += people[:2]
    return {name: random.sample(people, min(CANDIDATES, len(people))) for name, people in found.items()}
