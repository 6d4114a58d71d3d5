"""What a vote leads to when it settles nothing, and what an annulled one leaves behind."""

from typing import Any

import pytest

from tally.errors import OutcomeError
from tests.law.cases import hold
from tests.law.play import BLANK, Play, make_decision

NO_BOARD = {"positions__head-of-faculty__seat__approval": "none"}


def test_a_by_election_by_the_members_that_fails_is_held_again_by_the_members() -> None:
    play = Play(**NO_BOARD)
    members = {f"class-{number}": {f"m{number}": 5} for number in range(1, 6)}
    hold(play, {"president": {"ana": 60, "beka": 40}} | members)
    play.certify()
    play.decide(make_decision("vacancy", "president", "ana", ground="president-resignation"))
    for person in ("m1", "m2", "m3"):
        play.nominate("president", person)
    play.open(play.answer("president", ["m1", "m2", "m3"]))
    play.count({"president": {"m1": 2, "m2": 2, "m3": 1}})
    play.certify()
    task = play.task("president")
    assert (task.kind, task.voters, task.procedure) == ("second-tour", "members", "president-by-members")
    play.poll([play.answer("president")], {"president": {"m1": 2, "m2": 2, BLANK: 1}})
    task = play.task("president")
    assert (task.kind, task.voters, task.procedure, task.days) == ("re-election", "members", "president-by-members", 5)


@pytest.mark.parametrize(
    ("small", "votes", "kind"),
    [
        ("repeat", {"law": 2}, "repeat"),
        ("paper", {"law": 2}, "paper"),
        ("merge", {"law": 2}, "merge"),
        ("merge", {"president": 2}, "repeat"),  # nobody is more than everybody
    ],
)
def test_a_vote_that_is_not_opened_is_held_as_the_rules_say_where_it_can_be(
    small: str, votes: dict[str, Any], kind: str
) -> None:
    play = Play(small_contest=small, turnout__scope="block", **NO_BOARD)
    hold(play, votes)
    ((name, task),) = play.record.agenda.items()
    assert (name, task.kind, task.options) == (next(iter(votes)), kind, [f"{name}-a", f"{name}-b"])


@pytest.mark.parametrize("small", ["paper", "merge"])
def test_a_vote_of_the_members_is_held_by_the_members_again(small: str) -> None:
    play = Play(small_contest=small, turnout__scope="block", **NO_BOARD)
    hold(play, {f"class-{number}": {f"m{number}": 5} for number in range(1, 6)})
    play.certify()
    play.electorate("members", 5)
    play.poll([play.contest("m", "impeachment", "members", ["for", "against"])], {"m": 2})
    assert (play.task("m").kind, play.task("m").voters) == ("repeat", "members")
    play.poll([play.contest("m", "impeachment", "members", ["for", "against"])], {"m": {"for": 4}})
    assert play.record.state.motions["m"].outcome == "adopted"


def test_a_merged_vote_with_too_few_voters_is_repeated_by_the_same_larger_electorate() -> None:
    play = Play(small_contest="merge", turnout__scope="block")
    hold(play, {"class-1": 2})
    play.certify()
    play.electorate("department", 30)
    play.poll([play.answer("class-1", electorate="department")], {"class-1": {"class-1-a": 5}})
    assert (play.task("class-1").kind, play.task("class-1").days) == ("repeat", 10)
    play.poll([play.answer("class-1")], {"class-1": {"class-1-a": 15}})
    assert play.holders() == {"class-1": "class-1-a"}


def test_a_vote_on_paper_counts_when_the_poll_that_asked_for_it_is_certified() -> None:
    play = Play(small_contest="paper", turnout__scope="block", **NO_BOARD)
    hold(play, {"law": 2})
    before = play.record.state.copy()
    with pytest.raises(OutcomeError, match=r"law: the result of poll 1 is not certified"):
        play.decide(make_decision("paper", "law", "law-a"))
    assert play.record.state == before
    play.certify()
    with pytest.raises(OutcomeError, match=r"expected one of .*, got gio"):
        play.decide(make_decision("paper", "law", "gio"))
    play.decide(make_decision("paper", "law", "law-a"))
    assert play.holders() == {"law": "law-a"}


# ---- annulment -------------------------------------------------------------------------------------------------------


def test_an_annulled_first_poll_is_repeated_with_its_candidates() -> None:
    play = Play(**NO_BOARD)
    hold(play, {"president": {"ana": 60, "beka": 40}, "law": {"ana": 5, "gio": 3}})
    play.record.annul(1, play.now)
    assert {name: (task.kind, task.options) for name, task in play.record.agenda.items()} == {
        "law": ("repeat", ["ana", "gio"]),
        "president": ("repeat", ["ana", "beka"]),
    }
    play.decide(make_decision("withdrawal", "law", "ana"))
    assert play.task("law").options == ["gio"]
    contests = [play.answer("president"), play.answer("law")]
    play.poll(contests, {"president": {"ana": 60, "beka": 40}, "law": {"gio": 8}})
    assert play.holders() == {"president": "ana", "law": "gio"}


def test_annulling_takes_back_the_poll_and_no_decision() -> None:
    play = Play(**NO_BOARD)
    hold(play, {"president": {"ana": 40, "beka": 40, "gio": 20}, "law": {"ana": 5, "eka": 3}, "civil": {"lela": 5}})
    play.certify()
    assert play.holders() == {"civil": "lela"}  # ana may still be president
    due = play.task("president")
    play.open(play.answer("president"))
    play.count({"president": {"ana": 60, "beka": 40}})
    play.decide(make_decision("vacancy", "civil", "lela", ground="discipline"))
    play.decide(make_decision("bar", person="beka", ground="discipline"))
    play.record.annul(2, play.now)
    assert play.holders() == {}
    assert (play.task("president").kind, play.task("president").options) == (due.kind, ["ana"])
    assert play.task("civil").kind == "by-election"
    assert set(play.record.barred) == {"lela", "beka"}
    play.poll([play.answer("president")], {"president": {"ana": 100}})
    assert play.holders() == {"president": "ana", "law": "eka"}


def test_an_annulled_motion_is_no_ground_until_it_is_adopted_again() -> None:
    play = Play(**NO_BOARD)
    hold(play, {"president": {"ana": 60, "beka": 40}} | {f"class-{n}": {f"m{n}": 5} for n in range(1, 5)})
    play.certify()
    play.electorate("members", 5)
    motion = play.contest("m", "impeachment", "members", ["for", "against"])
    play.open(motion)
    play.count({"m": {"for": 5}})
    play.record.annul(2, play.now)
    leave = make_decision("vacancy", "president", "ana", ground="impeachment", motion="m")
    with pytest.raises(OutcomeError, match=r"the result of m is not certified"):
        play.decide(leave)
    play.poll([play.contest("m", "impeachment", "members", ["for", "against"])], {"m": {"for": 5}})
    play.decide(leave)
    assert "president" not in play.holders()


def test_a_members_vote_that_is_annulled_after_one_of_the_equals_has_gone_gives_the_seat_to_the_other() -> None:
    play = Play(**NO_BOARD)
    members = {f"class-{number}": {f"m{number}": 5} for number in range(1, 5)}
    hold(play, {"president": {"ana": 60, "beka": 40}, "law": {"ana": 5, "gio": 3, "nino": 3}} | members)
    play.certify()
    play.open(play.answer("law"))
    play.count({"law": {"gio": 3, "nino": 1}})
    assert play.decide(make_decision("bar", person="gio", ground="discipline")) == []
    assert [kind for kind, _ in play.record.annul(2, play.now)] == ["seat.taken"]
    assert play.holders()["law"] == "nino"
