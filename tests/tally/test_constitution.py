"""A constitution is data; a broken one is refused with all its faults at once."""

import contextlib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import canonical
from keys.errors import DataError, FormatError
from tally.constitution import dump_constitution, load_constitution
from tally.errors import ConstitutionError
from tests.tally.law import inside, preset_constitution

Document = dict[str, Any]
Change = Callable[[Document], object]


def document() -> Document:
    """Plain JSON of a good constitution, free to be broken."""
    plain: Document = msgspec.to_builtins(preset_constitution())
    return plain


def faults(broken: Any) -> tuple[str, ...]:
    with pytest.raises(ConstitutionError) as caught:
        load_constitution(canonical.encode(broken))
    return caught.value.faults


def put(path: str, value: Any) -> Change:
    """Set the value of a parameter, or a plain member, at a dotted path."""
    place, _, member = path.rpartition(".")

    def change(plain: Document) -> None:
        table = inside(plain, place) if place else plain
        if isinstance(table[member], dict) and "readings" in table[member]:
            table[member] |= {"value": value, "readings": []}
        else:
            table[member] = value

    return change


def read(path: str, *readings: Any) -> Change:
    """Give a parameter these readings."""
    return lambda plain: inside(plain, path).update(value=readings[0], readings=list(readings))


def test_a_good_one_round_trips() -> None:
    raw = dump_constitution(preset_constitution())
    assert load_constitution(raw) == preset_constitution()
    assert dump_constitution(load_constitution(raw)) == raw


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda d: d.pop("name"), "name (clause silent): missing"),
        (put("v", "es2"), 'v (clause silent): expected "es1", got "es2"'),
        (put("schema", 1), "schema (clause silent): expected 2, got 1"),
        (put("min_ballots", 1), "min_ballots (clause silent): expected a whole number of 2 or more, got 1"),
        (put("min_ballots", True), "min_ballots (clause silent): expected a whole number of 2 or more, got true"),
        (put("max_slack", 101), "max_slack (clause silent): expected a whole number from 0 to 100, got 101"),
        (put("positions", []), "positions (clause silent): expected at least 1, got an empty list"),
        (put("positions", {}), "positions (clause silent): expected a list, got an empty table"),
        (put("turnout", []), "turnout (clause silent): expected a table, got an empty list"),
        (put("body", "The Whole"), "body (clause silent): expected an id "),
        (put("turnout.scope", "class"), 'turnout.scope.value (clause 6.12.4): expected one of "block", "both", '),
        (lambda d: d["turnout"]["share"].pop("clause"), "turnout.share.clause (clause 6.12.4): missing"),
        (
            put("positions.head-of-class.rank", 0),
            "positions.head-of-class.rank (clause 6.12.6d): expected a whole number of 1 or more, got 0",
        ),
        (lambda d: d["positions"].append(3), "positions[9] (clause silent): expected a table, got 3"),
        (
            lambda d: d["procedures"][0].update(method="lottery"),
            (
                "procedures.president.method (clause 6.9.4): expected one of plurality, majority, motion, survey, got "
                '"lottery"'
            ),
        ),
        (
            lambda d: d["procedures"][0].pop("method"),
            ("procedures.president.method (clause 6.9.4): expected one of plurality, majority, motion, survey, but"),
        ),
        (
            lambda d: d["calendar"].update(collour="blue"),
            "calendar.collour (clause 6.1.5(1)): unknown key; expected one of semester_begins, ",
        ),
        (
            lambda d: d["calendar"].update(term_end=d["calendar"].pop("term_ends")),
            'calendar.term_end (clause 6.1.5(1)): unknown key; did you mean "term_ends"?',
        ),
    ],
)
def test_each_fault_of_the_schema_is_named_once(change: Change, expected: str) -> None:
    broken = document()
    change(broken)
    (found,) = faults(broken)
    assert found.startswith(expected)


CONTRADICTIONS: dict[str, tuple[Change, str]] = {
    "a single reading": (
        lambda d: inside(d, "turnout.scope").update(readings=["both"]),
        "turnout.scope.readings (clause 6.12.4): expected at least two readings, or none and a value; got a single one",
    ),
    "a reading twice": (
        read("turnout.second_tour", "same", "same"),
        'turnout.second_tour.readings (clause 6.12.4): expected different readings, got ["same", "same"]',
    ),
    "another default than the first reading": (
        lambda d: inside(d, "turnout.scope").update(value="block"),
        'turnout.scope.value (clause 6.12.4): expected the first of the readings, "both", as the default, got "block"',
    ),
    "an id twice": (
        put("grounds.discipline.id", "resignation"),
        'grounds.resignation.id (clause 6.5.3d): "resignation" stands 2 times, expected once',
    ),
    "an unknown procedure": (
        put("positions.head-of-class.procedure", "lottery"),
        'positions.head-of-class.procedure (clause 6.12.6d): unknown procedure "lottery"; expected one of president, ',
    ),
    "an unknown procedure in another reading": (
        read("positions.head-of-class.seat.by_election", "head", "lottery"),
        'positions.head-of-class.seat.by_election (clause silent): unknown procedure "lottery"; expected one of ',
    ),
    "a by-election that elects nobody": (
        put("positions.head-of-class.seat.by_election", "dismissal"),
        'positions.head-of-class.seat.by_election (clause silent): "dismissal" is a motion, which elects nobody',
    ),
    "an unknown acting officer": (
        put("positions.head-of-class.seat.acting", "deputy"),
        'positions.head-of-class.seat.acting (clause silent): unknown position "deputy"; expected one of ',
    ),
    "an officer who acts for the own office": (
        put("positions.head-of-class.seat.acting", "head-of-class"),
        'positions.head-of-class.seat.acting (clause silent): "head-of-class" cannot act for itself',
    ),
    "a motion with the casting vote": (
        put("board.casting", "plan"),
        'board.casting (clause 6.10.4): "plan" is no office: nobody can hold it',
    ),
    "a ground with an unknown motion": (
        put("grounds.impeachment.motion", "impeachmint"),
        'grounds.impeachment.motion (clause 6.9.6d): unknown position "impeachmint"; expected one of ',
    ),
    "a ground whose motion is an office": (
        put("grounds.impeachment.motion", "head-of-class"),
        'grounds.impeachment.motion (clause 6.9.6d): "head-of-class" is no motion',
    ),
    "an office without a seat": (
        put("positions.head-of-class.seat", None),
        (
            "positions.head-of-class.seat (clause 6.12.6d): missing: by plurality somebody is elected, and an office "
            "needs a seat"
        ),
    ),
    "a motion with a seat": (
        lambda d: inside(d, "positions.plan").update(seat=inside(d, "positions.head-of-class")["seat"]),
        "positions.plan.seat (clause 6.8.4c): a motion elects nobody and cannot have a seat",
    ),
    "an office by one reading and a motion by another": (
        read("positions.plan.procedure", "meeting", "head"),
        "positions.plan.procedure (clause 6.8.4c): its readings are motion and plurality: expected an office by each",
    ),
    "a share above one": (
        put("turnout.share", ">= 3/2"),
        'turnout.share (clause 6.12.4): expected a share of at most one, got ">= 3/2"',
    ),
    "a share that cannot be reached": (
        put("procedures.dismissal.threshold", "> 10/10"),
        'procedures.dismissal.threshold (clause 6.8.4b): "> 10/10": nobody can have more than all',
    ),
    "a members' vote that is no plurality": (
        put("members_vote", "president-by-members"),
        'members_vote (clause 6.5.5): "president-by-members" is a majority: expected a plurality',
    ),
    "a members' vote of a block": (
        put("procedures.members-vote.voters", "block"),
        'procedures.members-vote.voters (clause 6.5.5): members decide ties by it: expected "members" alone',
    ),
    "a members' vote that decides its own tie": (
        read("procedures.members-vote.tie", "lot", "members-vote"),
        "procedures.members-vote.tie (clause silent): a members' vote cannot decide its own tie",
    ),
    "a name without English": (
        put("positions.plan.name", {"ka": "გეგმა"}),
        'positions.plan.name (clause 6.8.4c): expected "en" at least',
    ),
    "a day that does not exist": (
        put("calendar.semester_begins", "2026-02-30"),
        'calendar.semester_begins (clause 6.1.5): "2026-02-30": there is no such day',
    ),
    "a term that ends before the semester begins": (
        put("calendar.term_ends", "2026-06-30"),
        "calendar.term_ends (clause 6.1.5(1)): expected a day after the semester begins (2026-09-14), got 2026-06-30",
    ),
    "days that count from no day": (
        put("calendar.semester_begins", ""),
        "calendar.semester_begins (clause 6.1.5): expected a day: first_poll_days counts from it",
    ),
    "a turnout of the whole body that no contest can show": (
        put("positions.head-of-self-governance.procedure", "president-by-members"),
        'turnout.scope (clause 6.12.4): "both" needs an office of block "university" that its block elects',
    ),
    "a petition that needs nobody": (
        lambda d: inside(d, "petitions.nomination").update(share=None),
        "petitions.nomination.minimum (clause 6.9.3): expected 1 or more: without a share, nobody would be needed",
    ),
    "nominations by a petition for which there is no rule": (
        lambda d: (
            put("petitions.nomination.id", "naming")(d),
            put("procedures.president-by-members.nomination", "self")(d),
        ),
        'procedures.president.nomination (clause 6.9.3): "petition" needs a rule for petitions that is called "nomin',
    ),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_each_contradiction_is_named_once(name: str) -> None:
    change, expected = CONTRADICTIONS[name]
    broken = document()
    change(broken)
    (found,) = faults(broken)
    assert found.startswith(expected)


def test_faults_of_all_sections_are_reported_together() -> None:
    broken = document()
    broken["turnout"]["scope"]["readings"] = ["both"]
    broken["positions"][1]["rank"] = "two"
    broken["min_ballots"] = 0
    broken["procedures"][3]["tie"]["value"] = 3
    put("positions.head-of-class.seat.acting", "deputy")(broken)
    assert len(faults(broken)) == 5


def test_a_broken_id_hides_no_other_fault_and_makes_none() -> None:
    broken = document()
    broken["procedures"][1]["id"] = "Head"  # what names "head" may mean it
    assert [fault.split(":")[0] for fault in faults(broken)] == ["procedures.Head.id (clause 6.12.6)"]


@pytest.mark.parametrize("raw", [b"", b"[", b"{} ", b'{"v": "es1"}', b"\xff", b'{"min_ballots":2.5}'])
def test_bytes_that_are_not_canonical_are_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        load_constitution(raw)


@pytest.mark.parametrize("whole", [[], 1, None, "es1"])
def test_a_constitution_is_a_table(whole: object) -> None:
    assert faults(whole)[0].startswith("constitution (clause silent): expected a table")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for step, item in inner for place in places(item, (*path, step)))]


@given(st.sampled_from(places(document())[1:]), JSON)
def test_any_value_anywhere_ends_in_our_own_error_or_loads(place: tuple[Any, ...], value: object) -> None:
    broken = document()
    here: Any = broken
    for step in place[:-1]:
        here = here[step]
    here[place[-1]] = value
    try:
        raw = canonical.encode(broken)
        assert dump_constitution(load_constitution(raw)) == raw
    except DataError:
        pass


@given(st.sampled_from(places(document())[1:]))
def test_whatever_is_left_out_is_named(place: tuple[Any, ...]) -> None:
    broken = document()
    here: Any = broken
    for step in place[:-1]:
        here = here[step]
    del here[place[-1]]
    with contextlib.suppress(ConstitutionError):  # an item of a list may be left out
        load_constitution(canonical.encode(broken))


@given(st.binary(max_size=60))
def test_any_bytes_end_in_our_own_error(raw: bytes) -> None:
    with pytest.raises(DataError):
        load_constitution(raw)
