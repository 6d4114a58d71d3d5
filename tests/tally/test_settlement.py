"""Seats, all of them together: boards, lots in place of members' votes, who moves up, and what follows a vacancy."""

import pytest

from tally.reasoning import Conclusion, Rule
from tally.wire import SeatTakenData, SeatVacatedData
from tests.law.cases import hold
from tests.law.play import Play, make_decision, seat

NO_BOARD = {"positions__head-of-faculty__seat__approval": "none"}
MEMBERS = {"class-1": {"m1": 5}, "class-2": {"m2": 5}, "class-3": {"m3": 5}, "class-4": {"m4": 5}}


def test_who_moves_up_leaves_and_the_next_comes_in_this_order() -> None:
    play = Play(**NO_BOARD)
    hold(play, {"president": {"ana": 40, "beka": 40, "gio": 20}, "law": {"eka": 5, "lela": 3}})
    play.certify()
    play.open(play.answer("president"))
    play.count({"president": {"ana": 50, "beka": 50}})
    play.certify()
    play.poll([play.answer("president", ["eka", "ana"])], {"president": {"eka": 80, "ana": 20}})
    assert [(kind, data.seat) for kind, data in play.events if isinstance(data, SeatTakenData | SeatVacatedData)] == [
        ("seat.taken", "law"),
        ("seat.vacated", "law"),
        ("seat.taken", "president"),
        ("seat.filled", "law"),
    ]
    assert play.holders() == {"president": "eka", "law": "lela"}
    left = play.events[1][1]
    assert isinstance(left, SeatVacatedData)
    assert (left.ground, left.clause, left.next) == ("higher-position", "6.12.5", None)


@pytest.mark.parametrize("reading", ["next-by-votes", "by-election"])
def test_what_follows_who_moves_up_is_another_question_than_what_follows_who_resigns(reading: str) -> None:
    play = Play(one_position__ex_position=reading, **NO_BOARD)
    hold(play, {"president": {"ana": 60, "beka": 40}, "law": {"ana": 5, "gio": 3}, "civil": {"eka": 5, "lela": 3}})
    play.certify()
    play.decide(make_decision("vacancy", "civil", "eka", ground="resignation"))
    assert play.holders()["civil"] == "lela"  # 6.5.5, whatever 6.12.5 is read as
    assert (play.holders().get("law") == "gio") is (reading == "next-by-votes")
    if reading == "by-election":
        assert (play.task("law").kind, play.task("law").clause) == ("by-election", "6.12.5")


def test_a_president_who_resigns_does_not_fall_back_into_the_seat_that_was_left() -> None:
    play = Play(one_position__ex_position="by-election", **NO_BOARD)
    hold(play, {"president": {"ana": 60, "beka": 40}, "law": {"ana": 5, "gio": 3}})
    play.certify()
    play.decide(make_decision("vacancy", "president", "ana", ground="president-resignation"))
    assert play.holders() == {}
    assert {name: task.kind for name, task in play.record.agenda.items()} == {
        "law": "by-election",
        "president": "by-election",
    }


def test_too_few_members_for_a_vote_leave_it_to_the_lot() -> None:
    play = Play(**NO_BOARD)
    outcome = hold(play, {"president": {"ana": 60, "beka": 40}, "law": {"eka": 5, "gio": 5}})
    assert seat(outcome, "law").status == "filled"
    assert [step.conclusion for step in outcome.steps if step.rule is Rule.LOT] == [Conclusion.DRAWN]
    play.certify()
    assert play.holders()["law"] == seat(outcome, "law").person


def test_too_few_members_to_say_who_advances_leave_that_to_the_lot_too() -> None:
    play = Play(procedures__president__tie_for_second="members-vote")
    outcome = hold(play, {"president": {"ana": 40, "beka": 30, "gio": 30}})
    task = play.task("president")
    assert (task.kind, len(task.options), task.options[0]) == ("second-tour", 2, "ana")
    (drawn,) = [step for step in outcome.steps if step.rule is Rule.LOT]
    assert drawn.names[0] in task.options
    assert drawn.grounds == ["count:1/president"]


def test_enough_members_say_who_advances_and_not_before_they_are_members() -> None:
    play = Play(procedures__president__tie_for_second="members-vote")
    hold(play, {"president": {"ana": 40, "beka": 30, "gio": 30}} | MEMBERS)
    assert play.task("president").kind == "advance-vote"
    play.decide(make_decision("bar", person="zaza", ground="discipline"))
    assert play.task("president").kind == "advance-vote"  # nobody sits yet, and everybody will
    play.certify()
    play.open(play.answer("president"))
    play.count({"president": 2})
    play.certify()  # two ballots are not opened: once more
    assert (play.task("president").kind, play.task("president").options) == ("advance-vote", ["beka", "gio"])
    play.open(play.answer("president"))
    play.count({"president": {"gio": 3, "beka": 1}})
    assert play.task("president").options == ["ana", "gio"]


def equal_successors() -> Play:
    """Four heads of classes, who have to choose the head of a faculty among gio and nino."""
    play = Play(**NO_BOARD)
    hold(play, {"president": {"ana": 60, "beka": 40}, "law": {"ana": 5, "gio": 3, "nino": 3, "lela": 1}} | MEMBERS)
    play.certify()
    task = play.task("law")
    assert (task.kind, task.options, task.barred) == ("members-vote", ["gio", "nino"], ["gio", "nino"])
    return play


def test_a_members_vote_that_is_not_opened_loses_nobody() -> None:
    play = equal_successors()
    play.poll([play.answer("law")], {"law": 2})
    assert play.task("law").kind == "members-vote"
    play.poll([play.answer("law")], {"law": {"nino": 3, "gio": 2}})
    assert play.holders()["law"] == "nino"
    play.decide(make_decision("vacancy", "law", "nino", ground="resignation"))
    assert play.holders()["law"] == "gio"


def test_while_the_members_vote_nobody_takes_the_seat_and_the_one_who_is_left_gets_it() -> None:
    play = equal_successors()
    play.open(play.answer("law"))
    assert play.decide(make_decision("bar", person="gio", ground="discipline")) == []
    play.count({"law": {"gio": 5}})
    play.certify()
    assert play.holders()["law"] == "nino"


def test_one_of_two_equals_who_withdraws_before_the_vote_leaves_the_other() -> None:
    play = equal_successors()
    play.decide(make_decision("withdrawal", "law", "gio"))
    assert play.holders()["law"] == "nino"
    assert play.record.agenda == {}


def test_equals_may_all_go_and_the_list_goes_on() -> None:
    play = equal_successors()
    play.decide(make_decision("bar", person="gio", ground="discipline"))
    play.decide(make_decision("bar", person="nino", ground="discipline"))
    assert play.holders()["law"] == "lela"


def test_a_failed_members_vote_of_two_who_can_have_the_seat_is_followed_by_an_election() -> None:
    play = equal_successors()
    play.poll([play.answer("law")], {"law": {"blank": 4}})
    assert (play.task("law").kind, play.task("law").voters, play.task("law").options) == ("re-election", "block", [])


def test_a_seat_that_stays_vacant_keeps_no_lower_seat_waiting() -> None:
    play = Play(turnout__failure="vacant", turnout__scope="block", **NO_BOARD)
    votes = {"law": {"ana": 5, "beka": 1}, "civil": {"ana": 5, "gio": 3}}
    outcome = hold(play, votes, law=100, civil=16)
    assert seat(outcome, "law").status == "vacant"
    play.certify()
    assert play.holders() == {"civil": "ana"}
