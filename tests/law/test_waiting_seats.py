"""A holder who will move up as soon as a higher seat is settled stays until then, and whoever is next waits (A103)."""

from tests.law.play import BLANK, CLASS, FACULTY, PRESIDENT, Play


def test_the_next_takes_a_seat_when_its_holder_has_moved_up_and_not_before() -> None:
    """A head of class wins the faculty while a second tour may still make her president (6.12.5)."""
    play = Play(**{"positions__head-of-faculty__seat__approval": "none"})
    for name, size in (("university", 100), ("law", 20), ("class", 10)):
        play.electorate(name, size)
    first = [
        play.contest("president", PRESIDENT, "university", ["ana", "beka"]),
        play.contest("law", FACULTY, "law", ["dato"]),
        play.contest("class", CLASS, "class", ["nino", "keti"]),
    ]
    play.poll(first, {"president": {BLANK: 60}, "law": {BLANK: 12}, "class": {"nino": 5, "keti": 3}})
    again = [
        play.answer("president", ["nino", "beka", "zaza"], electorate="university"),
        play.answer("law", ["nino", "dato"], electorate="law"),
    ]
    play.poll(again, {"president": {"nino": 25, "beka": 25, "zaza": 20}, "law": {"nino": 10, "dato": 3}})
    assert play.holders() == {"class": "nino"}
    play.poll([play.answer("president", electorate="university")], {"president": {"nino": 20, "beka": 35}})
    assert play.holders() == {"president": "beka", "law": "nino", "class": "keti"}
