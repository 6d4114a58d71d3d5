"""What recorded decisions may change, and what they may not."""

from typing import Any

import pytest

from tally.errors import OutcomeError
from tally.record import Record
from tally.register import Mandate
from tally.wire import SeatVacatedData
from tests.law.cases import hold
from tests.law.play import BLANK, DAY, FACULTY, PRESIDENT, Play, make_decision, result, settled
from tests.tally.law import make_constitution

HEADS = {"law": {"gio": 5, "nino": 3, "dato": 1}, "civil": {"eka": 5, "lela": 3}, "class-1": {"zaza": 5, "nino": 2}}
NO_BOARD = {"positions__head-of-faculty__seat__approval": "none"}
INTERNAL = "head-of-internal-department"


def year(**readings: str) -> Play:
    """President ana, and a head of faculty, of department and of class; certified."""
    play = Play(**(NO_BOARD | readings))
    hold(play, {"president": {"ana": 60, "beka": 40}} | HEADS)
    play.certify()
    assert play.holders() == {"president": "ana", "law": "gio", "civil": "eka", "class-1": "zaza"}
    return play


def refused(play: Play, message: str, *decision: Any, **members: Any) -> None:
    """The decision is refused with this message, and changes nothing."""
    before = play.record.state.copy()
    with pytest.raises(OutcomeError, match=message):
        play.decide(make_decision(*decision, **members))
    assert play.record.state == before


# ---- bars and withdrawals --------------------------------------------------------------------------------------------


def test_who_is_elected_president_and_barred_before_the_certification_is_followed_by_a_vote_not_by_the_loser() -> None:
    play = Play(**NO_BOARD)
    hold(play, {"president": {"ana": 60, "beka": 40}} | HEADS)
    play.decide(make_decision("bar", person="ana", ground="discipline"))
    play.certify()
    assert "president" not in play.holders()
    assert (play.task("president").kind, play.task("president").clause) == ("by-election", "6.9.7")


def test_a_head_who_withdraws_before_the_certification_is_followed_by_the_runner_up() -> None:
    play = Play(one_position__ex_position="by-election", **NO_BOARD)
    hold(play, {"president": {"ana": 60, "beka": 40}} | HEADS)
    play.decide(make_decision("withdrawal", "civil", "eka"))
    play.certify()
    assert play.holders()["civil"] == "lela"  # by 6.5.5; `ex_position` is about who moves up


@pytest.mark.parametrize(
    ("votes", "gone", "kind", "options"),
    [
        pytest.param({"ana": 40, "beka": 40, "gio": 20}, ["ana"], "second-tour", ["beka"], id="one of two"),
        pytest.param({"ana": 40, "beka": 40, "gio": 20}, ["ana", "beka"], "re-election", [], id="both"),
        pytest.param({"ana": 40, "beka": 30, "gio": 30}, ["gio"], "second-tour", ["ana", "beka"], id="one of three"),
    ],
)
def test_who_is_barred_between_the_tours_is_not_put_to_the_vote(
    votes: dict[str, int], gone: list[str], kind: str, options: list[str]
) -> None:
    play = Play()
    hold(play, {"president": votes})
    play.certify()
    for person in gone:
        play.decide(make_decision("bar", person=person, ground="discipline"))
    task = play.task("president")
    assert (task.kind, task.options) == (kind, options)
    candidates = [] if options else ["nino"]
    play.poll([play.answer("president", candidates)], {"president": {(options or candidates)[0]: 100}})
    assert play.holders() == {"president": (options or candidates)[0]}


def test_a_second_tour_that_was_logged_before_somebody_was_barred_opens_and_those_votes_are_void() -> None:
    play = Play()
    hold(play, {"president": {"ana": 40, "beka": 40, "gio": 20}})
    play.certify()
    document = play.answer("president")
    play.record.add_contest(document)
    play.decide(make_decision("bar", person="ana", ground="discipline"))
    outcome = play.poll([document], {"president": {"ana": 49, "beka": 51}})
    assert (result(outcome, "president").vote, play.holders()) == ("second-tour", {"president": "beka"})


def test_somebody_may_be_barred_from_one_office_while_the_first_poll_is_open() -> None:
    play = Play(**NO_BOARD)
    play.electorate("university", 100)
    play.electorate("law", 20)
    play.open(
        play.contest("president", PRESIDENT, "university", ["ana", "beka"]),
        play.contest("law", FACULTY, "law", ["ana", "gio"]),
    )
    play.decide(make_decision("bar", "president", "ana", ground="discipline"))
    play.count({"president": {"ana": 40, "beka": 60}, "law": {"ana": 15, "gio": 5}})
    play.certify()
    assert play.holders() == {"president": "beka", "law": "ana"}
    refused(play, "ana is barred already", "bar", "president", "ana", ground="discipline")


def test_who_withdrew_from_one_election_may_stand_in_the_next() -> None:
    play = Play()
    hold(play, {"president": {"ana": 0, "beka": 0, BLANK: 100}})
    play.decide(make_decision("withdrawal", "president", "ana"))
    play.certify()
    play.poll([play.answer("president", ["ana", "gio"])], {"president": {"ana": 90, "gio": 10}})
    assert play.holders() == {"president": "ana"}


def test_who_withdraws_from_a_contest_that_is_logged_and_not_open_yet_is_out_of_it() -> None:
    play = Play()
    hold(play, {"president": {"ana": 0, "beka": 0, BLANK: 100}})
    play.certify()
    document = play.answer("president", ["ana", "gio"])
    play.record.add_contest(document)
    play.decide(make_decision("withdrawal", "president", "ana"))
    play.poll([document], {"president": {"ana": 45, "gio": 55}})
    assert play.holders() == {"president": "gio"}


def test_a_president_who_resigned_may_be_elected_again() -> None:
    play = year(**{"positions__head-of-self-governance__seat__by_election": "president"})
    play.decide(make_decision("vacancy", "president", "ana", ground="president-resignation"))
    play.poll([play.answer("president", ["ana", "dato"])], {"president": {"ana": 60, "dato": 40}})
    assert play.holders()["president"] == "ana"


def test_who_has_left_succeeds_nowhere() -> None:
    play = year()
    play.decide(make_decision("vacancy", "class-1", "zaza", ground="resignation"))
    assert play.holders()["class-1"] == "nino"
    play.decide(make_decision("vacancy", "class-1", "nino", ground="resignation"))
    play.decide(make_decision("vacancy", "law", "gio", ground="resignation"))
    assert play.holders()["law"] == "dato"  # nino had more votes, and has left


def test_a_bar_takes_every_seat_of_somebody_who_has_several() -> None:
    path = "positions.head-of-faculty.seat.approval"
    play = Play(make_constitution({"one_position.applies": False, path: "none"}))
    hold(play, {"president": {"ana": 60, "beka": 40}, "law": {"ana": 5, "gio": 3}})
    play.certify()
    assert {mandate.seat for mandate in play.record.register.mandates()} == {"president", "law"}
    play.decide(make_decision("bar", person="ana", ground="discipline"))
    assert {mandate.person for mandate in play.record.register.mandates()} == {"gio"}


@pytest.mark.parametrize(
    ("decision", "members", "message"),
    [
        (("bar", "", "ana"), {"ground": "impeachment"}, "impeachment bars nobody without a vote"),
        (("bar", "", "ana"), {"ground": "resignation"}, "ground resignation bars nobody"),
        (("bar", "nowhere", "ana"), {"ground": "discipline"}, "nowhere: no poll is about such a seat"),
        (("withdrawal", "president", "eka"), {}, "eka is no candidate of president"),
        (("withdrawal", "president", "ana"), {}, "ana holds president: record a vacancy instead"),
        (("vacancy", "president", "beka"), {"ground": "resignation"}, "expected its holder ana, got beka"),
        (("vacancy", "nowhere", "beka"), {"ground": "resignation"}, "no poll was declared about such a seat"),
        (("vacancy", "president", "ana"), {"ground": "age"}, "ground: expected one of"),
        (("vacancy", "president", "ana"), {"ground": "resignation", "motion": "m"}, "resignation needs none"),
        (("vacancy", "president", "ana"), {"ground": "impeachment"}, "expected an adopted impeachment, got ''"),
        (("paper", "law", "gio"), {}, "no vote on paper is due"),
        (("approval", "law", "gio"), {}, r"\(nobody\) waits for the board, not gio"),
        (("appointment", PRESIDENT, "eka"), {}, "is filled by elections"),
        (("honorary", "", "ana"), {}, "ana holds seat president"),
        (("suspension", "law"), {}, "seat: has no meaning there"),
        (("resumption",), {}, "is not at a standstill"),
        (("attendance", "law"), {"number": 3}, "no poll that is open votes on law"),
    ],
)
def test_a_decision_without_a_ground_is_refused(decision: Any, members: Any, message: str) -> None:
    refused(year(), message, *decision, **members)


# ---- motions ---------------------------------------------------------------------------------------------------------


def adopt(play: Play, name: str, position: str = "impeachment") -> None:
    """The members adopt a motion, certified."""
    electorate = f"members-{name}"
    play.electorate(electorate, len(play.record.members()))
    play.poll([play.contest(name, position, electorate, ["for", "against"])], {name: {"for": 3, "against": 1}})


def test_one_impeachment_ends_one_mandate() -> None:
    play = year()
    adopt(play, "m1")
    play.decide(make_decision("vacancy", "president", "ana", ground="impeachment", motion="m1"))
    assert "ana" in play.record.barred
    refused(play, "somebody has left because of m1 already", "vacancy", "law", "gio", ground="impeachment", motion="m1")


def test_an_impeachment_is_no_ground_against_the_next_president() -> None:
    play = year(**{"positions__head-of-self-governance__seat__by_election": "president"})
    adopt(play, "m1")
    play.decide(make_decision("vacancy", "president", "ana", ground="president-resignation"))
    play.poll([play.answer("president", ["dato", "lela"])], {"president": {"dato": 60, "lela": 40}})
    refused(
        play, "m1 was voted on before dato had president", "vacancy", "president", "dato", ground="impeachment",
        motion="m1",
    )  # fmt: skip


def test_a_motion_is_no_candidacy() -> None:
    play = year()
    play.electorate("members", 4)
    play.open(play.contest("m1", "impeachment", "members", ["for", "against"]))
    refused(play, "m1: no poll is about such a seat", "withdrawal", "m1", "for")


def test_a_meeting_that_is_repeated_is_announced_and_counted_anew() -> None:
    play = year()
    play.electorate("members", 4)
    play.decide(make_decision("notice", "plan"))
    refused(play, "of plan is recorded already", "notice", "plan")
    play.now += 7 * DAY
    play.open(play.contest("plan", "plan", "members", ["for", "against"], blank=False))
    play.decide(make_decision("attendance", "plan", number=4))
    play.count({"plan": 2})  # two ballots are not opened
    play.certify()
    assert play.task("plan").kind == "repeat"
    document = play.contest("plan", "plan", "members", ["for", "against"], blank=False)
    with pytest.raises(OutcomeError, match="the meeting was not announced"):
        play.open(document)
    play.decide(make_decision("notice", "plan"))
    play.now += 7 * DAY
    play.open(document)
    with pytest.raises(OutcomeError, match="attended: expected a recorded number"):
        play.count({"plan": {"for": 3}})
    play.decide(make_decision("attendance", "plan", number=2))
    with pytest.raises(OutcomeError, match="attended: expected at least the 3 who voted, got 2"):
        play.count({"plan": {"for": 3}})
    play.decide(make_decision("attendance", "plan", number=3))
    assert result(play.count({"plan": {"for": 3}}), "plan").outcome == "adopted"


# ---- boards, appointments, petitions ---------------------------------------------------------------------------------


def test_a_board_does_not_act_upon_a_result_that_may_still_be_annulled() -> None:
    play = Play()
    hold(play, {"president": {"gio": 40, "beka": 40, "ana": 20}} | HEADS)
    play.certify()
    play.open(play.answer("president"))
    play.count({"president": {"gio": 60, "beka": 40}})
    assert play.task("law").options == ["nino"]  # gio is president, if it stands
    refused(play, "law: the result of poll 2 is not certified", "approval", "law", "nino")
    play.certify()
    play.decide(make_decision("approval", "law", "nino"))
    assert play.holders()["law"] == "nino"


def test_who_waits_for_a_board_and_is_barred_waits_no_longer() -> None:
    play = Play()
    hold(play, {"president": {"ana": 60, "beka": 40}} | HEADS)
    play.certify()
    assert play.task("law").options == ["gio"]
    play.decide(make_decision("bar", person="gio", ground="discipline"))
    assert (play.task("law").kind, play.task("law").options) == ("approval", ["nino"])


def test_whom_one_board_refuses_gets_the_lower_seat_that_the_votes_gave() -> None:
    board = "faculty-board"
    play = Play(
        settled(
            "atu-organisation",
            **{"positions__chair__seat__approval": board, "positions__vice-chair__seat__approval": board},
            positions__chair__seat__refused="runner-up",
        )
    )
    play.decide(make_decision("permission"))
    play.electorate("university", 100)
    play.open(
        play.contest("chair", "chair", "university", ["ana", "beka"]),
        play.contest("vice", "vice-chair", "university", ["ana", "gio"]),
    )
    play.count({"chair": {"ana": 60, "beka": 40}, "vice": {"ana": 60, "gio": 40}})
    play.certify()
    assert {name: task.options for name, task in play.record.agenda.items()} == {"chair": ["ana"]}
    play.decide(make_decision("refusal", "chair", "ana"))
    assert {name: task.options for name, task in play.record.agenda.items()} == {"chair": ["beka"], "vice": ["ana"]}


def test_an_appointed_head_leaves_and_is_barred_like_everybody() -> None:
    play = year()
    play.decide(make_decision("appointment", INTERNAL, "lela"))
    assert play.decide(make_decision("vacancy", INTERNAL, "lela", ground="resignation")) == []
    assert play.record.register.holder_of(INTERNAL) is None
    play.decide(make_decision("appointment", INTERNAL, "lela"))
    play.decide(make_decision("bar", person="lela", ground="discipline"))
    assert play.record.register.holder_of(INTERNAL) is None
    refused(play, "lela is barred", "appointment", INTERNAL, "lela")


@pytest.mark.parametrize("seat", [INTERNAL, "internal"])
def test_who_is_elected_head_of_the_internal_department_takes_the_place_of_the_appointed_one(seat: str) -> None:
    play = year()
    play.decide(make_decision("appointment", INTERNAL, "lela"))
    play.electorate("members", 4)
    play.open(play.contest(seat, INTERNAL, "members", ["dato", "beka"]))
    play.decide(make_decision("attendance", seat, number=4))
    play.count({seat: {"dato": 3, "beka": 1}})
    play.certify()
    assert play.record.register.holder_of(INTERNAL) == "dato"
    (event,) = [
        data
        for _, data in play.decide(make_decision("vacancy", "president", "ana", ground="president-resignation"))
        if isinstance(data, SeatVacatedData)
    ]
    assert event.acting == "dato"


def test_a_fifth_of_the_members_nominates_and_nobody_else() -> None:
    play = year()
    play.decide(make_decision("vacancy", "president", "ana", ground="president-resignation"))
    named = {"ground": "nomination", "motion": "president"}
    refused(play, "law: expected the 3 members, got", "petition", "p1", "gio", electorate="law", **named)
    play.nominate("president", "gio")
    play.record.plan(2, [play.answer("president", ["gio"])])


def test_new_nominations_are_new() -> None:
    play = year()
    play.decide(make_decision("vacancy", "president", "ana", ground="president-resignation"))
    play.nominate("president", "gio")
    play.poll([play.answer("president", ["gio"])], {"president": {BLANK: 3}})
    assert (play.task("president").kind, play.task("president").procedure) == ("re-election", "president-by-members")
    with pytest.raises(OutcomeError, match="gio is not nominated by a petition"):
        play.open(play.answer("president", ["gio"]))


def test_a_copy_of_the_record_changes_by_itself() -> None:
    play = year()
    before = play.record.state.copy()
    other: Record = play.record.copy()
    other.state.register.take(Mandate("x", "x", "x", 0, "", "", "election"))
    other.decide("A" * 22, make_decision("bar", person="ana", ground="discipline"), play.now)
    assert play.record.state == before
