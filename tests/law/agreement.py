"""One election through the engine and through the oracle, compared in everything that both say.

With two contests both must say the same. With more, the engine may be careful: while higher seats are open it may call
a seat provisional that is settled already, and somebody possible who is not, never the other way round; and it may
not count persons in such a seat as members. Where the oracle draws several lots at once, the engine draws the higher
ones first, and lets those who got their seats so vote about the others, if there are enough of them.
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


def law(scope: str, *, strict: bool) -> dict[str, Any]:
    """The same for the oracle."""
    return {"scope": scope, "fewest": FEWEST, "strict": strict}


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
    answers = [oracle.decide(list(election), law(scope, strict=strict)) for strict in _ways(election)]
    answer, careful = _compare(play, outcome, answers, [contest["seat"] for contest in election])
    return Agreed(play, election, scope, answer, careful)


def play_second(first: Agreed, second: Contest) -> int:
    """Go on with a second tour, and compare; `first` stays as it is. Returns the number of `Agreed.careful`."""
    play, election = first.play.copy(), list(first.election)
    play.open(_document(play, second))
    outcome = play.count(_ballots((second,)), {second["seat"]: second["lot"]})
    answers = [
        oracle.decide_second(election, first.answer, second, law(first.scope, strict=strict))
        for strict in _ways(first.election)
    ]
    return _compare(play, outcome, answers, [second["seat"]])[1]


def _ways(election: Election) -> list[bool]:
    return [False] if len(election) <= 2 else [False, True]


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


def _compare(
    play: Play, outcome: Outcome, answers: list[dict[str, Any]], polled: list[str]
) -> tuple[dict[str, Any], int]:
    """Certify, and return the answer with which the engine agrees, and how many seats it leaves more open."""
    said = {name: _said_of_contest(outcome, name) for name in polled}
    _verify_same("contests", said, {name: _expected_of_contest(answers[0], name) for name in polled})
    agenda = {task.seat: task for task in outcome.agenda}
    seats = {name: _said_of_seat(outcome, agenda.get(name), name) for name in answers[0]["seats"]}
    agreeing = [answer for answer in answers if not _different(seats, _without_careful(seats, answer))]
    answer = agreeing[0] if agreeing else answers[0]
    sure = _without_careful(seats, answer)
    _verify_same("seats", {name: seats[name] for name in sure}, sure)
    play.certify()
    filled = {name: one["person"] for name, one in sure.items() if one["status"] == "filled"}
    _verify_same("holders", play.holders(), filled)
    return answer, len(seats) - len(sure)


def _without_careful(seats: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """What is expected of all seats but those that the engine rightly leaves more open, where that is allowed."""
    careful = _careful(seats, answer) if len(seats) > 2 else set()
    return {name: one for name, one in answer["seats"].items() if name not in careful}


def _careful(seats: dict[str, Any], answer: dict[str, Any]) -> set[str]:
    """Seats that the engine leaves more open than the oracle, but of which it says nothing that is not so."""
    found = set()
    for name, oracle_says in answer["seats"].items():
        engine = seats[name]
        reach = oracle_says["possible"] | ({oracle_says["person"]} - {None})
        persons = {None, oracle_says["person"], answer["standing"][name]}
        provisional = engine["status"] == "provisional" and engine["person"] in persons and not engine["next"]
        same_vote = all(engine[part] == oracle_says[part] for part in ("status", "person", "next", "options"))
        if engine != oracle_says and (provisional or same_vote) and engine["possible"] >= reach:
            found.add(name)
        if name in answer["drawn"] and engine["next"] == "members-vote" and oracle_says["person"] in engine["options"]:
            found.add(name)
    return found


def _different(engine: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    return [name for name in sorted(expected) if engine.get(name) != expected[name]]


def _verify_same(what: str, engine: dict[str, Any], expected: dict[str, Any]) -> None:
    different = [*_different(engine, expected), *sorted(engine.keys() - expected.keys())]
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
