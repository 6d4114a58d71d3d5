"""A poll whose result would not fit into its entry is not opened (A61)."""

import pytest

from keys.canonical import MAX_ENTRY, encode
from tally.errors import OutcomeError
from tally.facts import OptionFacts
from tally.matters import PlannedContest
from tally.room import ENVELOPE, _largest, check_room


def planned(number: int, options: int = 6) -> PlannedContest:
    return PlannedContest(
        contest=f"head-of-class.international-relations-and-politics.{number}",
        position="head-of-class",
        electorate=f"class.international-relations-and-politics.{number}",
        size=40,
        all_options=tuple(OptionFacts(f"c{1000 + option}", blank=False) for option in range(options)),
        vote="election",
        tour="first",
        procedure="head",
        fresh=True,
    )


def test_150_classes_fit() -> None:
    check_room(1, [planned(number) for number in range(150)])


def test_more_contests_than_the_entry_has_room_for_are_refused() -> None:
    with pytest.raises(OutcomeError, match=r"poll 1: its result may have .* put some of its 300 contests into a poll"):
        check_room(1, [planned(number) for number in range(300)])


def test_the_bound_is_the_entrys() -> None:
    contests = [planned(number) for number in range(300)]
    size, fits = ENVELOPE, 0
    for contest in contests:
        size += len(encode(_largest(contest))) + 1
        fits += size <= MAX_ENTRY
    check_room(1, contests[:fits])
    with pytest.raises(OutcomeError):
        check_room(1, contests[: fits + 1])
