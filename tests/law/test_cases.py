"""The cases of the regulations that the count decides (A103); others in test_cases_offices.py and _around.py."""

import re
from pathlib import Path

import pytest

from tally.errors import OutcomeError
from tally.reasoning import Conclusion
from tally.wire import SeatTakenData, SeatVacatedData, Skipped
from tests.law.cases import CASES, NO_APPROVAL, case, hold, steps
from tests.law.play import BLANK, DAY, Play, make_decision, result, seat


def test_every_case_has_a_test() -> None:
    sources = [path.read_text("utf-8") for path in Path(__file__).parent.glob("test_cases*.py")]
    found = {int(number) for source in sources for number in re.findall(r"^@case\((\d+)\)$", source, re.MULTILINE)}
    assert found == set(CASES) == set(range(1, 23))


# ---- turnout ---------------------------------------------------------------------------------------------------------


@case(1)
def test_case_01(sentence: str) -> None:
    play = Play()
    outcome = hold(play, {"president": {"ana": 400, "beka": 100}}, university=1001)
    president = result(outcome, "president")
    assert (president.turnout, president.outcome, president.elected) == ("invalid", "invalid-turnout", [])
    (step,) = steps(play, Conclusion.TURNOUT_INVALID)
    assert (step.clause, step.comparison, step.holds) == ("6.12.4", "2 * 500 >= 1 * 1001", False)
    task = play.task("president")
    assert (task.kind, task.options, task.days) == ("repeat", ["ana", "beka"], 10)  # never silently valid
    assert play.certify() == []


@case(2)
def test_case_02(sentence: str) -> None:
    play = Play()
    outcome = hold(play, {"president": {"ana": 400, "beka": 100}}, university=1000)
    assert (result(outcome, "president").turnout, result(outcome, "president").elected) == ("valid", ["ana"])
    (step,) = steps(play, Conclusion.TURNOUT_VALID)
    assert (step.comparison, step.holds) == ("2 * 500 >= 1 * 1000", True)


@case(3)
@pytest.mark.parametrize(("scope", "class_outcome"), [("both", "elected"), ("both-enforced", "invalid-turnout")])
def test_case_03(sentence: str, scope: str, class_outcome: str) -> None:
    play = Play(turnout__scope=scope)
    votes = {"president": {"ana": 400, "beka": 150}, "class-1": {"gio": 3, "nino": 1}}
    outcome = hold(play, votes, university=1000, class_1=20)
    assert result(outcome, "president").elected == ["ana"]
    assert result(outcome, "president").turnout == "valid"
    assert (result(outcome, "class-1").turnout, result(outcome, "class-1").outcome) == ("invalid", class_outcome)
    play.certify()
    assert play.holders() == {"president": "ana"} | ({"class-1": "gio"} if scope == "both" else {})


# ---- majorities and second tours -------------------------------------------------------------------------------------


@case(4)
def test_case_04(sentence: str) -> None:
    play = Play()
    outcome = hold(play, {"president": {"ana": 0, "beka": 0, BLANK: 500}}, university=1000)
    president = result(outcome, "president")
    assert (president.turnout, president.elected) == ("valid", [])
    task = play.task("president")
    assert (task.kind, task.options, task.days, task.clause) == ("re-election", [], 5, "6.9.4")
    assert seat(outcome, "president").person is None


@case(5)
def test_case_05(sentence: str) -> None:
    play = Play()
    outcome = hold(play, {"president": {"ana": 3, "beka": 2}})
    assert result(outcome, "president").elected == ["ana"]
    (step,) = steps(play, Conclusion.ENOUGH)
    assert (step.comparison, step.holds) == ("2 * 3 > 1 * 5", True)


@case(6)
def test_case_06(sentence: str) -> None:
    play = Play()
    outcome = hold(play, {"president": {"gio": 1, "ana": 3, "beka": 2}})
    assert (result(outcome, "president").outcome, result(outcome, "president").elected) == ("not-enough", [])
    task = play.task("president")
    assert (task.kind, task.tour, task.options) == ("second-tour", "second", ["ana", "beka"])
    (step,) = steps(play, Conclusion.NOT_ENOUGH)
    assert (step.comparison, step.holds) == ("2 * 3 > 1 * 6", False)


@case(7)
@pytest.mark.parametrize(("reading", "advancing"), [("all-advance", ["ana", "beka", "gio"]), ("lot", ["ana", "gio"])])
def test_case_07(sentence: str, reading: str, advancing: list[str]) -> None:
    play = Play(procedures__president__tie_for_second=reading)
    play.electorate("university", 100)
    play.open(play.contest("president", "head-of-self-governance", "university", ["ana", "beka", "gio"]))
    tickets = {"ana": b"\x03" * 32, "beka": b"\x02" * 32, "gio": b"\x01" * 32}
    play.count({"president": {"ana": 40, "beka": 30, "gio": 30}}, {"president": tickets})
    assert (play.task("president").kind, play.task("president").options) == ("second-tour", advancing)
    drawn = steps(play, Conclusion.DRAWN)
    assert [step.names for step in drawn] == ([] if reading == "all-advance" else [["gio", "beka"]])
    play.certify()
    play.open(play.answer("president"))
    play.count({"president": {"ana": 44, "gio": 56}})
    assert result(play.outcomes[-1], "president").elected == ["gio"]


@case(8)
def test_case_08(sentence: str) -> None:
    play = Play()
    hold(play, {"president": {"ana": 40, "beka": 40, "gio": 20}})
    play.certify()
    play.open(play.answer("president"))
    outcome = play.count({"president": {"ana": 45, "beka": 45, BLANK: 10}})
    assert (result(outcome, "president").tour, result(outcome, "president").outcome) == ("second", "not-enough")
    task = play.task("president")
    assert (task.kind, task.tour, task.options, task.days) == ("re-election", "first", [], 5)
    assert play.record.due("president") == play.now + 5 * DAY
    play.certify()
    again = play.answer("president", ["nino", "ana"])  # new nominations
    play.poll([again], {"president": {"nino": 70, "ana": 30}})
    assert play.holders() == {"president": "nino"}


# ---- one position for one person -------------------------------------------------------------------------------------


@case(9)
def test_case_09(sentence: str) -> None:
    """With the approval of the faculty board (6.4.1b), for which the seat waits."""
    play = Play()
    hold(play, {"president": {"ana": 60, "beka": 40}, "law": {"ana": 5, "beka": 3, "gio": 1}})
    (step,) = steps(play, Conclusion.HOLDS_HIGHER)
    assert (step.contest, step.clause, step.names) == ("law", "6.12.5", ["ana", "president"])
    play.certify()
    assert (play.holders(), play.task("law").kind) == ({"president": "ana"}, "approval")
    ((kind, taken),) = play.decide(make_decision("approval", "law", "beka"))
    assert kind == "seat.taken"
    assert isinstance(taken, SeatTakenData)
    assert (taken.person, taken.skipped) == ("beka", [Skipped(person="ana", reason="holds-higher", seat="president")])
    assert play.holders() == {"president": "ana", "law": "beka"}


@case(10)
@pytest.mark.parametrize(
    ("second", "holders"),
    [
        ({"ana": 60, "nino": 40}, {"president": "ana", "law": "beka"}),
        ({"ana": 40, "nino": 60}, {"president": "nino", "law": "ana"}),
    ],
)
def test_case_10(sentence: str, second: dict[str, int], holders: dict[str, str]) -> None:
    play = Play(**NO_APPROVAL)
    votes = {"president": {"ana": 40, "nino": 40, "gio": 20}, "law": {"ana": 5, "beka": 3, "gio": 1}}
    law = seat(hold(play, votes), "law")
    assert (law.status, law.person, sorted(law.possible)) == ("provisional", "ana", ["ana", "beka"])
    branches = {branch.holder: branch.person for branch in law.branches if branch.higher == "president"}
    assert branches == {"ana": "beka", "nino": "ana", None: "ana"}
    assert play.certify() == []  # nobody takes a seat that is not settled
    play.poll([play.answer("president")], {"president": second})
    assert play.holders() == holders


@case(11)
def test_case_11(sentence: str) -> None:
    play = Play(**NO_APPROVAL)
    votes = {"president": {"ana": 60, "nino": 40}, "law": {"ana": 5, "beka": 4}, "civil": {"beka": 5, "gio": 3}}
    outcome = hold(play, votes)
    assert (result(outcome, "law").elected, result(outcome, "civil").elected) == (["ana"], ["beka"])
    play.certify()
    assert play.holders() == {"president": "ana", "law": "beka", "civil": "gio"}


@case(12)
def test_case_12(sentence: str) -> None:
    play = Play(**NO_APPROVAL)
    votes = {"president": {"ana": 60, "nino": 40}, "law": {"ana": 5, "beka": 3, "gio": 3}}
    votes |= {"civil": {"dato": 9, "eka": 1}, "criminal": {"lela": 9, "rati": 1}, "tax": {"maka": 9, "vano": 1}}
    law = seat(hold(play, votes), "law")
    assert (law.status, sorted(law.possible)) == ("open", ["beka", "gio"])
    play.certify()
    task = play.task("law")
    assert (task.kind, task.voters, task.clause) == ("members-vote", "members", "6.5.5")
    assert sorted(task.options) == sorted(task.barred) == ["beka", "gio"]
    play.poll([play.answer("law")], {"law": {"beka": 3, "gio": 1}})
    assert play.holders()["law"] == "beka"


@case(12)
def test_case_12_among_successors(sentence: str) -> None:
    """One of the two is a member by another seat, and has no vote."""
    play = Play(**NO_APPROVAL)
    votes = {"president": {"nino": 60, "eka": 40}, "law": {"ana": 5, "beka": 3, "gio": 3}, "class-1": {"gio": 9}}
    votes |= {"civil": {"dato": 9}, "criminal": {"lela": 9}}
    hold(play, votes)
    play.certify()
    ((kind, vacated),) = play.decide(make_decision("vacancy", "law", "ana", ground="resignation"))
    assert kind == "seat.vacated"
    assert isinstance(vacated, SeatVacatedData)
    assert vacated.next == play.task("law")
    assert (play.task("law").kind, sorted(play.task("law").barred)) == ("members-vote", ["beka", "gio"])
    assert len(play.holders()) == 4
    play.electorate("everybody", 4)
    with pytest.raises(OutcomeError, match="expected the 3 members who vote on this, got 4"):
        play.open(play.contest("law", "head-of-faculty", "everybody", ["beka", "gio"]))
    play.poll([play.answer("law")], {"law": {"gio": 2, "beka": 1}})
    assert play.holders() == {"president": "nino", "law": "gio", "civil": "dato", "criminal": "lela"}
    kinds = [kind for kind, _ in play.events[-2:]]
    assert kinds == ["seat.vacated", "seat.filled"]  # moves up, which leaves the class without a head
    assert play.task("class-1").kind == "by-election"
