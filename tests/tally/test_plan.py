"""Before a poll opens: every contest has a place in the law, or the poll does not open."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from ballot.contest import Contest
from tally.errors import OutcomeError
from tally.record import Record
from tests.law.play import BLANK, DAY, FACULTY, PRESIDENT, START, Play, make_decision, resolutions, rules
from tests.tally.law import make_constitution

NO_BOARD = {"positions__head-of-faculty__seat__approval": "none"}


def before_the_first_poll(**readings: str) -> Play:
    """An election with its rolls."""
    play = Play(**readings)
    for name, size in {"university": 100, "law": 40, "arts": 40, "members": 7}.items():
        play.electorate(name, size)
    return play


def president(play: Play, *people: str) -> Contest:
    """The contest of the president."""
    return play.contest("president", PRESIDENT, "university", people or ("ana", "beka"))


def head(play: Play, name: str, *people: str) -> Contest:
    """The contest of a faculty's head."""
    return play.contest(name, FACULTY, name, people)


def test_the_first_poll_opens_with_a_place_for_every_contest() -> None:
    play = before_the_first_poll()
    play.open(president(play), head(play, "law", "ana", "gio"), head(play, "arts", "nino"))
    opened = play.record.polls[1].contests
    assert {name: planned.vote for name, planned in opened.items()} == dict.fromkeys(
        ("president", "law", "arts"), "election"
    )


Make = Callable[[Play], list[Contest]]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda play: [], "expected contests, each with an id of its own", id="nothing"),
        pytest.param(lambda play: [president(play)] * 2, "each with an id of its own", id="a contest twice"),
        pytest.param(
            lambda play: [play.contest("x", "king", "university", ["ana"])],
            "contest x: position: expected one of .*, got 'king'",
            id="an unknown position",
        ),
        pytest.param(
            lambda play: [president(play), play.contest("second", PRESIDENT, "members", ["gio"])],
            "contest second: head-of-self-governance of members is the seat president already",
            id="two presidents",
        ),
        pytest.param(
            lambda play: [president(play), head(play, "law", "gio"), play.contest("law-2", FACULTY, "law", ["nino"])],
            "law-2: head-of-faculty of law is the seat law already",
            id="two heads of one faculty",
        ),
        pytest.param(
            lambda play: [president(play), head(play, "law", "gio"), head(play, "arts", "gio")],
            "contests arts and law have one rank and a candidate in common, gio",
            id="one candidate in two offices of a rank",
        ),
        pytest.param(
            lambda play: [head(play, "law", "gio")],
            "turnout of university: expected a contest with this electorate, got none",
            id="nobody counts the whole body",
        ),
        pytest.param(
            lambda play: [play.contest("m", "dismissal", "university", ["ana", "beka"])],
            "expected the options for and against",
            id="a motion with names",
        ),
        pytest.param(
            lambda play: [play.contest("m", "impeachment", "members", ["for", "against"])],
            "electorate members: expected university: nobody holds a seat yet",
            id="members who are none yet",
        ),
        pytest.param(
            lambda play: [msgspec.structs.replace(president(play), max=2)],
            "max: expected 1, got 2",
            id="two votes each",
        ),
        pytest.param(
            lambda play: [play.contest("m", "plan", "university", ["for", "against"])],
            "the meeting was not announced",
            id="a meeting without a notice",
        ),
    ],
)
def test_a_first_poll_without_an_answer_does_not_open(make: Make, message: str) -> None:
    play = before_the_first_poll()
    before = play.record.state.copy()
    with pytest.raises(OutcomeError, match=message):
        play.open(*make(play))
    assert play.record.state == before


def test_no_poll_opens_while_a_reading_is_missing_and_none_changes_after_it() -> None:
    record = Record(rules())
    record.add_electorate("university", 100)
    play = before_the_first_poll()
    with pytest.raises(OutcomeError, match=r"no resolution yet of .*: the committee signs one reading of each"):
        record.open_poll(1, [president(play)], START, START + DAY)
    for resolution in resolutions():
        record.resolve(resolution)
    record.open_poll(1, [president(play)], START, START + DAY)
    with pytest.raises(OutcomeError, match="a poll has opened, the readings are frozen"):
        record.resolve(resolutions()[0])


def test_polls_come_one_after_the_other_and_not_during_a_standstill() -> None:
    play = before_the_first_poll()
    play.open(president(play))
    with pytest.raises(OutcomeError, match="opens when the poll before it is certified or annulled"):
        play.open(head(play, "law", "gio"))
    play.count({"president": {"ana": 60}})
    play.certify()
    play.decide(make_decision("suspension"))
    with pytest.raises(OutcomeError, match="standstill"):
        play.open(head(play, "law", "gio"))
    play.decide(make_decision("resumption"))
    play.open(head(play, "law", "gio"))


def test_an_organisation_needs_its_permission_and_ten_members() -> None:
    play = Play(make_constitution(name="atu-organisation"))
    play.electorate("university", 9)
    contest = play.contest("chair", "chair", "university", ["ana"])
    with pytest.raises(OutcomeError, match="no permission of the administration"):
        play.open(contest)
    play.decide(make_decision("permission"))
    with pytest.raises(OutcomeError, match=r"clause 3\.1: university: expected at least 10 persons, got 9"):
        play.open(contest)


@pytest.mark.parametrize("order", [1, -1])
def test_four_offices_of_the_whole_body_open_together_and_the_fullest_contest_is_its_turnout(order: int) -> None:
    play = Play(make_constitution({"turnout.scope": "university", "turnout.share": ">= 1/2"}, name="atu-organisation"))
    play.decide(make_decision("permission"))
    play.electorate("university", 20)
    names = ["chair", "vice-chair", "secretary", "treasurer"][::order]
    play.open(*(play.contest(name, name, "university", [f"{name}-a", f"{name}-b"]) for name in names))
    votes = {name: {f"{name}-a": 6} for name in names} | {"secretary": {"secretary-a": 10}}
    outcome = play.count(votes)
    assert {found.turnout for found in outcome.results} == {"valid"}


# ---- what the agenda asks for ----------------------------------------------------------------------------------------


def after_a_year_begins() -> Play:
    """A second tour of the president is asked for; gio, nino hold law and arts."""
    play = before_the_first_poll(**NO_BOARD)
    contests = [president(play, "ana", "beka", "eka"), head(play, "law", "gio", "lela"), head(play, "arts", "nino")]
    play.open(*contests)
    play.count({"president": {"ana": 40, "beka": 35, "eka": 25}, "law": {"gio": 20}, "arts": {"nino": 20}})
    play.certify()
    return play


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(
            lambda play: president(play, "ana", "eka"), r"candidates: expected \['ana', 'beka'\]", id="others"
        ),
        pytest.param(
            lambda play: play.contest("president", PRESIDENT, "law", ["ana", "beka"]),
            "electorate: expected university, got law",
            id="other voters",
        ),
        pytest.param(
            lambda play: play.contest("president", FACULTY, "university", ["ana", "beka"]),
            "position: expected head-of-self-governance, got head-of-faculty",
            id="another office",
        ),
        pytest.param(
            lambda play: head(play, "law", "lela"), "nothing has to be voted on there", id="a seat that is held"
        ),
        pytest.param(
            lambda play: play.contest("law-again", FACULTY, "law", ["lela"]),
            "head-of-faculty of law is the seat law already",
            id="a seat that is held, by another name",
        ),
        pytest.param(
            lambda play: play.contest("m", "impeachment", "members", ["for", "against"]),
            "expected the 2 members who vote on this, got 7 voters",
            id="others than the members",
        ),
        pytest.param(
            lambda play: play.contest("economy", FACULTY, "members", ["gio"]),
            "gio holds law, which is no lower",
            id="a head who would be head twice",
        ),
    ],
)
def test_a_contest_that_nobody_asked_for_does_not_open(make: Callable[[Play], Contest], message: str) -> None:
    play = after_a_year_begins()
    with pytest.raises(OutcomeError, match=message):
        play.open(make(play))
    play.open(play.answer("president"))


def test_the_candidates_of_a_by_election_that_is_repeated_may_have_got_a_higher_seat_meanwhile() -> None:
    play = after_a_year_begins()
    play.decide(make_decision("vacancy", "law", "gio", ground="resignation"))  # no successor has votes
    assert play.task("law").kind == "by-election"
    play.open(play.answer("president"), play.answer("law", ["ana", "dato"]))
    play.count({"president": {"ana": 60, "beka": 40}, "law": 2})
    play.certify()
    assert (play.task("law").kind, play.task("law").options) == ("by-election", ["ana", "dato"])
    play.poll([play.answer("law")], {"law": {"ana": 20, "dato": 10}})
    assert play.holders() == {"president": "ana", "law": "dato", "arts": "nino"}


def test_a_motion_that_is_repeated_is_the_same_motion_before_the_same_voters() -> None:
    play = after_a_year_begins()
    play.electorate("members-2", 2)
    motion: Any = play.contest("m", "impeachment", "members-2", ["for", "against"])
    play.poll([motion], {"m": 2})
    assert play.task("m").kind == "repeat"
    with pytest.raises(OutcomeError, match="position: expected impeachment, got dismissal"):
        play.open(play.contest("m", "dismissal", "members-2", ["for", "against"]))


def test_who_votes_on_paper_or_by_a_board_opens_no_contest() -> None:
    play = before_the_first_poll(small_contest="paper", turnout__scope="block")
    play.open(head(play, "law", "gio", "nino"), head(play, "arts", "eka"))
    play.count({"law": {"gio": 20}, "arts": {"eka": 0, BLANK: 0}})
    play.certify()
    with pytest.raises(OutcomeError, match="is no vote of this service: approval"):
        play.open(head(play, "law", "gio"))
