"""One election through the engine and through the oracle, compared in everything that both say.

With two contests both must say the same. With more, the engine may be careful: while higher seats are open it may call
a seat provisional that is settled already, and somebody possible who is not; never the other way round.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from ballot.contest import Contest as Document
from tally.constitution import Constitution
from tally.outcome import Outcome
from tally.wire import Task
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


@dataclass(frozen=True, slots=True)
class Agreed:
    """An election of which engine and oracle say the same, certified; `careful`: seats left more open than need be."""

    play: Play
    election: Election
    scope: str
    answer: dict[str, Any]
    careful: int

    @property
    def advance(self) -> set[str]:
        """Who goes into the second tour of the first contest."""
        found: set[str] = self.answer["contests"][self.election[0]["seat"]]["advance"]
        return found


def play_first(election: Election, scope: str) -> Agreed:
    """Play the first tours, and compare; AssertionError says where they differ."""
    play = Play(constitution(scope))
    documents = [_document(play, contest) for contest in election]
    play.open(*documents)
    outcome = play.count(_ballots(election), {contest["seat"]: contest["lot"] for contest in election})
    answer = oracle.decide(list(election), law(scope))
    careful = _compare(play, outcome, answer, [contest["seat"] for contest in election])
    return Agreed(play, election, scope, answer, careful)


def play_second(first: Agreed, second: Contest) -> int:
    """Go on with a second tour, and compare; `first` stays as it is. Returns the number of `Agreed.careful`."""
    play = first.play.copy()
    play.open(_document(play, second))
    outcome = play.count(_ballots((second,)), {second["seat"]: second["lot"]})
    after = oracle.decide_second(list(first.election), first.answer, second, law(first.scope))
    return _compare(play, outcome, after, [second["seat"]])


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


def _compare(play: Play, outcome: Outcome, answer: dict[str, Any], polled: list[str]) -> int:
    said = {name: _said_of_contest(outcome, name) for name in polled}
    _verify_same("contests", said, {name: _expected_of_contest(answer, name) for name in polled})
    agenda = {task.seat: task for task in outcome.agenda}
    seats = {name: _said_of_seat(outcome, agenda.get(name), name) for name in answer["seats"]}
    careful = _careful(seats, answer["seats"]) if len(seats) > 2 else set()
    sure = {name: expected for name, expected in answer["seats"].items() if name not in careful}
    _verify_same("seats", {name: seats[name] for name in sure}, sure)
    play.certify()
    filled = {name: one["person"] for name, one in sure.items() if one["status"] == "filled"}
    _verify_same("holders", play.holders(), filled)
    return len(careful)


def _careful(seats: dict[str, Any], expected: dict[str, Any]) -> set[str]:
    """Seats that the engine leaves more open than the oracle, but of which it says nothing that is not so."""
    found = set()
    for name, oracle_says in expected.items():
        engine = seats[name]
        reach = oracle_says["possible"] | ({oracle_says["person"]} - {None})
        provisional = engine["status"] == "provisional" and engine["person"] in {None, oracle_says["person"]}
        if engine != oracle_says and provisional and engine["possible"] >= reach and not engine["next"]:
            found.add(name)
    return found


def _verify_same(what: str, engine: dict[str, Any], expected: dict[str, Any]) -> None:
    different = [name for name in sorted({*engine, *expected}) if engine.get(name) != expected.get(name)]
    told = [f"{what}: {name}: engine {engine.get(name)}, oracle {expected.get(name)}" for name in different]
    if told:
        raise AssertionError("\n".join(told))


def _said_of_contest(outcome: Outcome, name: str) -> dict[str, Any]:
    judged = result(outcome, name)
    return {"turnout": judged.turnout, "outcome": judged.outcome, "elected": set(judged.elected)}


def _expected_of_contest(answer: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: answer["contests"][name][key] for key in ("turnout", "outcome", "elected")}


def _said_of_seat(outcome: Outcome, task: Task | None, name: str) -> dict[str, Any]:
    declared = seat(outcome, name)
    return {
        "status": declared.status,
        "person": declared.person,
        "possible": set(declared.possible),
        "next": task.kind if task else "",
        "options": set(task.options) if task else set(),
    }
