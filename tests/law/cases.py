"""The 22 cases by their sentences, and blocks to play them in."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tally.outcome import Outcome
from tally.reasoning import Conclusion, Step
from tests.law.play import BLANK, CLASS, DEPARTMENT, FACULTY, PRESIDENT, Play

CASES = {
    1: "1,001 eligible, 500 participate",
    2: "1,000 eligible, 500 participate",
    3: "university 55 %, one class 20 %",
    4: "all 500 ballots blank",
    5: "5 ballots, leader 3",
    6: "6 ballots, leader 3",
    7: "president 40/30/30",
    8: "second tour 45/45 + 10 blank",
    9: "Ana wins president and faculty",
    10: "Ana leads faculty, is in presidential second tour",
    11: "next-in-line for faculty already won department",
    12: "next-in-line are two with equal votes",
    13: "faculty head disciplined in March, runner-up graduated",
    14: "president resigns",
    15: "class of 3, all vote the same way; class of 4 in which 2 vote",
    16: "student changes faculty during voting",
    17: "mail scanner GETs link 4 times",
    18: "double submit of the same token, two workers, same millisecond",
    19: "ballot with round-1 token sent in round 2, or department token used in faculty contest",
    20: "10 members, 7 attend a general meeting; 6 yes for dismissal",
    21: "first-year nominated for president",
    22: "ATU organisation with 9 active members",
}

BLOCKS = {"president": PRESIDENT, "law": FACULTY, "civil": DEPARTMENT, "criminal": DEPARTMENT, "tax": DEPARTMENT} | {
    f"class-{number}": CLASS for number in range(1, 10)
}  # the contests that a case may hold: each in the electorate of its name, the president's in the university


Votes = Mapping[str, Mapping[str, int] | int]  # by contest: votes by option, or ballots that are never opened


NO_APPROVAL = {"positions__head-of-faculty__seat__approval": "none"}


def case(number: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Show the test under the sentence of its case."""
    return pytest.mark.parametrize("sentence", [pytest.param(CASES[number], id=f"case-{number:02}: {CASES[number]}")])


def hold(play: Play, votes: Votes, **sizes: int) -> Outcome:
    """Open the first poll with these contests and declare it; ballots that are not opened are a number.

    `sizes` of electorates; twice the ballots where none is given, which is exactly the turnout that counts.
    """
    contests = []
    for name, cast in votes.items():
        electorate = "university" if name == "president" else name
        ballots = cast if isinstance(cast, int) else sum(cast.values())
        play.electorate(electorate, sizes.get(electorate.replace("-", "_"), 2 * ballots))
        names = [f"{name}-a", f"{name}-b"] if isinstance(cast, int) else [one for one in cast if one != BLANK]
        contests.append(play.contest(name, BLOCKS[name], electorate, names))
    play.open(*contests)
    return play.count(votes)


def steps(play: Play, conclusion: Conclusion) -> list[Step]:
    """The steps of the last result with this conclusion."""
    return [step for step in play.outcomes[-1].steps if step.conclusion == conclusion]
