"""The cases of the regulations after the election: vacancies, small contests, meetings, founders."""

from datetime import UTC, datetime

import pytest

from tally.errors import OutcomeError
from tally.reasoning import Conclusion
from tally.wire import SeatTakenData, SeatVacatedData, Skipped
from tests.law.cases import NO_APPROVAL, case, hold, steps
from tests.law.play import DAY, Play, make_decision, result, settled

MARCH = int(datetime(2027, 3, 8, tzinfo=UTC).timestamp())


@case(13)
def test_case_13(sentence: str) -> None:
    play = Play(**NO_APPROVAL)
    hold(play, {"president": {"nino": 60, "eka": 40}, "law": {"ana": 5, "beka": 3, "gio": 1}})
    play.certify()
    play.now = MARCH
    assert play.decide(make_decision("bar", "", "beka", ground="not-a-student")) == []
    (left, vacated), (came, filled) = play.decide(make_decision("vacancy", "law", "ana", ground="discipline"))
    assert isinstance(vacated, SeatVacatedData)
    assert isinstance(filled, SeatTakenData)
    assert (left, vacated.person, vacated.ground, vacated.clause) == ("seat.vacated", "ana", "discipline", "6.5.3d")
    assert (came, filled.person, filled.until) == ("seat.filled", "gio", "2027-06-30")  # the rest of the term
    assert Skipped(person="beka", reason="barred", seat="") in filled.skipped
    assert play.holders() == {"president": "nino", "law": "gio"}


@case(14)
def test_case_14(sentence: str) -> None:
    play = Play(**NO_APPROVAL)
    hold(play, {"president": {"ana": 60, "beka": 40}, "law": {"gio": 5, "nino": 3}})
    play.certify()
    play.decide(make_decision("appointment", "head-of-internal-department", "zaza"))
    ((kind, vacated),) = play.decide(make_decision("vacancy", "president", "ana", ground="president-resignation"))
    assert kind == "seat.vacated"
    assert isinstance(vacated, SeatVacatedData)
    assert (vacated.acting, vacated.clause) == ("zaza", "6.9.6a")
    assert vacated.next is not None
    assert vacated.next == play.task("president")
    assert (vacated.next.kind, vacated.next.days, vacated.next.clause) == ("by-election", 10, "6.9.7")
    assert play.record.due("president") == play.now + 10 * DAY
    assert play.holders() == {"law": "gio"}  # not the runner-up


@case(15)
@pytest.mark.parametrize("reading", ["repeat", "paper", "merge"])
def test_case_15(sentence: str, reading: str) -> None:
    play = Play(small_contest=reading)
    votes: dict[str, dict[str, int] | int] = {
        "president": {"eka": 60, "lela": 40},
        "class-1": {"ana": 3, "beka": 0},
        "class-2": 2,
    }
    outcome = hold(play, votes, class_1=3, class_2=4)
    assert (result(outcome, "class-1").counts, result(outcome, "class-1").elected) == ([3, 0, 0], ["ana"])
    assert (result(outcome, "class-2").counts, result(outcome, "class-2").outcome) == (None, "withheld")
    assert play.task("class-2").kind == reading
    with pytest.raises(OutcomeError, match="class-2"):
        hold(Play(), votes | {"class-2": {"dato": 2}}, class_1=3, class_2=4)


@case(20)
@pytest.mark.parametrize(("yes", "verdict"), [(6, "rejected"), (7, "adopted")])
def test_case_20(sentence: str, yes: int, verdict: str) -> None:
    play = Play()
    classes = {f"class-{number}": {f"member-{number}": 5, f"other-{number}": 1} for number in range(1, 10)}
    hold(play, {"president": {"ana": 60, "beka": 40}, **classes})
    play.certify()
    assert len(play.holders()) == 10
    play.electorate("members", 10)
    motion = play.contest("dismissal-1", "dismissal", "members", ["for", "against"])
    play.decide(make_decision("notice", "dismissal-1"))
    play.now += 7 * DAY
    play.open(motion)
    play.decide(make_decision("attendance", "dismissal-1", number=7))
    outcome = play.count({"dismissal-1": {"for": yes, "against": 7 - yes}})
    assert result(outcome, "dismissal-1").outcome == verdict
    (quorate,) = steps(play, Conclusion.QUORATE)
    assert (quorate.clause, quorate.comparison) == ("6.8.3", "10 * 7 >= 7 * 10")
    (decided,) = steps(play, Conclusion.ADOPTED if verdict == "adopted" else Conclusion.REJECTED)
    assert decided.comparison == f"10 * {yes} >= 7 * 10"
    play.certify()
    dismissal = make_decision("vacancy", "president", "ana", ground="president-ineffective", motion="dismissal-1")
    if verdict == "rejected":
        with pytest.raises(OutcomeError, match="dismissal"):
            play.decide(dismissal)
    else:
        assert [kind for kind, _ in play.decide(dismissal)] == ["seat.vacated"]


@case(22)
@pytest.mark.parametrize("members", [9, 10])
def test_case_22(sentence: str, members: int) -> None:
    play = Play(settled("atu-organisation"))
    play.electorate(play.record.rules.body, members)
    play.decide(make_decision("permission"))
    chair = play.contest("chair", play.record.rules.positions[0].id, play.record.rules.body, ["ana", "beka"])
    if members == 9:
        with pytest.raises(OutcomeError, match=r"3\.1.*expected at least 10 persons, got 9"):
            play.open(chair)
    else:
        play.open(chair)
