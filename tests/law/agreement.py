"""One election through the engine and through the oracle, compared in everything that both say."""

from functools import cache
from typing import Any

from ballot.contest import Contest as Document
from tally.constitution import Constitution
from tally.outcome import Outcome
from tests.law import oracle
from tests.law.elections import Contest, Election
from tests.law.play import BLANK, CLASS, DEPARTMENT, FACULTY, PRESIDENT, Play, replaced, result, seat, settled

POSITIONS = {1: PRESIDENT, 2: FACULTY, 3: DEPARTMENT, 4: CLASS}
SCOPES = {"university": "both", "block": "block"}  # the oracle's word -> the constitution's
FEWEST = 2
_FACULTY_APPROVAL = {"positions__head-of-faculty__seat__approval": "none"}


@cache
def constitution(scope: str) -> Constitution:
    """IBSU without the faculty board's approval, opening contests of two ballots."""
    return replaced(settled(turnout__scope=SCOPES[scope], **_FACULTY_APPROVAL), min_ballots=FEWEST)


def law(scope: str) -> dict[str, Any]:
    """The same for the oracle."""
    return {"scope": scope, "fewest": FEWEST}


def play_first(election: Election, scope: str) -> tuple[Play, dict[str, Any]]:
    """Play the first tours, and compare; returns the election, certified, and the oracle's answer."""
    play = Play(constitution(scope))
    documents = [_document(play, contest) for contest in election]
    play.open(*documents)
    outcome = play.count(_ballots(election), {contest["seat"]: contest["lot"] for contest in election})
    answer = oracle.decide(list(election), law(scope))
    _compare(play, outcome, answer, [contest["seat"] for contest in election])
    return play, answer


def play_second(play: Play, election: Election, answer: dict[str, Any], second: Contest, scope: str) -> None:
    """Go on with a second tour, and compare; `play` itself stays as it is."""
    play = play.copy()
    play.open(_document(play, second))
    outcome = play.count(_ballots((second,)), {second["seat"]: second["lot"]})
    after = oracle.decide_second(list(election), answer, second, law(scope))
    _compare(play, outcome, after, [second["seat"]])


def _document(play: Play, contest: Contest) -> Document:
    electorate = "university" if contest["rank"] == 1 else f"block-of-{contest['seat']}"
    play.electorate(electorate, contest["size"])
    return play.contest(contest["seat"], POSITIONS[contest["rank"]], electorate, contest["candidates"])


def _ballots(election: Election) -> dict[str, dict[str, int] | int]:
    found: dict[str, dict[str, int] | int] = {}
    for contest in election:
        votes = contest["votes"]
        counts = {person: votes.count(person) for person in contest["candidates"]} | {BLANK: votes.count(None)}
        found[contest["seat"]] = len(votes) if 0 < len(votes) < FEWEST else counts
    return found


def _compare(play: Play, outcome: Outcome, answer: dict[str, Any], polled: list[str]) -> None:
    for name in polled:
        judged, expected = result(outcome, name), answer["contests"][name]
        assert judged.turnout == expected["turnout"], name
        assert (judged.outcome, set(judged.elected)) == (expected["outcome"], expected["elected"]), name
    agenda = {task.seat: task for task in outcome.agenda}
    for name, expected in answer["seats"].items():
        declared, task = seat(outcome, name), agenda.get(name)
        assert (declared.status, declared.person) == (expected["status"], expected["person"]), name
        assert set(declared.possible) == expected["possible"], name
        assert (task.kind if task else "", set(task.options) if task else set()) == (
            expected["next"],
            expected["options"],
        ), name
    play.certify()
    assert play.holders() == {
        name: expected["person"] for name, expected in answer["seats"].items() if expected["status"] == "filled"
    }
