"""A constitution is data; a broken one is refused with all its faults at once."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import canonical
from keys.errors import DataError, FormatError
from tally.constitution import Resolution, apply_resolutions, dump_constitution, load_constitution
from tally.errors import ConstitutionError, OutcomeError
from tests.tally.law import constitution


def document() -> dict[str, Any]:
    """Plain JSON of a good constitution, free to be broken."""
    plain: dict[str, Any] = msgspec.to_builtins(constitution())
    return plain


def faults(broken: Any) -> tuple[str, ...]:
    with pytest.raises(ConstitutionError) as caught:
        load_constitution(canonical.encode(broken))
    return caught.value.faults


def test_a_good_one_round_trips() -> None:
    raw = dump_constitution(constitution())
    assert load_constitution(raw) == constitution()
    assert dump_constitution(load_constitution(raw)) == raw


def test_ten_mistakes_get_ten_messages() -> None:
    broken = document()
    del broken["name"]
    broken |= {"v": "es2", "min_ballots": 1, "max_slack": 101, "review_window": -1, "colour": "blue"}
    broken["turnout"] |= {"scope": "class", "denominator": 0}
    broken["positions"][0] |= {"rank": 0, "method": 7}
    found = faults(broken)
    assert len(found) == 10
    for member in (
        "name: missing", "v: ", "min_ballots: ", "max_slack: ", "review_window: ", "colour: unknown member",
        "turnout.scope: ", "turnout.denominator: ", "positions[0].rank: ", "positions[0].method: ",
    ):  # fmt: skip
        assert sum(fault.startswith(member) for fault in found) == 1, member


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda d: d["turnout"].update(numerator=3), "turnout.numerator: expected at most 2, got 3"),
        (lambda d: d["positions"][1].update(id="president"), "positions: id president stands 2 times, expected once"),
        (lambda d: d["positions"][1].update(rank=1), "positions: rank 1 stands 2 times, expected once"),
        (
            lambda d: d["positions"][1].update(method="lot"),
            "positions: method of faculty (clause 6.12.6b): expected one of plurality, got 'lot'",
        ),
        (lambda d: d.update(positions=[]), "positions: Expected `array` of length >= 1"),
        (lambda d: d["turnout"].pop("clause"), "turnout.clause: missing"),
        (lambda d: d.update(turnout=[]), "turnout: Expected `object`, got `array`"),
        (lambda d: d["positions"].append(3), "positions[2]: Expected `object`, got `int`"),
        (lambda d: d.update(min_ballots=True), "min_ballots: Expected `int`, got `bool`"),
    ],
)
def test_each_fault_is_named(change: Callable[[dict[str, Any]], object], expected: str) -> None:
    broken = document()
    change(broken)
    assert faults(broken) == (expected,)


def test_faults_of_sections_are_all_reported_together() -> None:
    broken = document()
    broken["turnout"]["numerator"] = 3
    broken["positions"][1]["rank"] = 1
    broken["min_ballots"] = 0
    assert len(faults(broken)) == 3


@pytest.mark.parametrize("raw", [b"", b"[", b"{} ", b'{"v": "es1"}', b"\xff", b'{"min_ballots":2.5}'])
def test_bytes_that_are_not_canonical_are_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        load_constitution(raw)


@pytest.mark.parametrize("whole", [[], 1, None, "es1"])
def test_a_constitution_is_an_object(whole: object) -> None:
    assert faults(whole)[0].startswith("constitution: Expected `object`")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(document())), JSON)
def test_any_value_anywhere_ends_in_our_own_error_or_loads(member: str, value: object) -> None:
    try:
        raw = canonical.encode(document() | {member: value})
        assert dump_constitution(load_constitution(raw)) == raw
    except DataError:
        pass


@given(st.binary(max_size=60))
def test_any_bytes_end_in_our_own_error(raw: bytes) -> None:
    with pytest.raises(DataError):
        load_constitution(raw)


def test_a_resolution_sets_the_scope_and_the_last_one_holds() -> None:
    readings = [Resolution("6.12.4", "block"), Resolution("6.12.4", "campus"), Resolution("6.12.4", "university")]
    rules, steps = apply_resolutions(constitution(), readings)
    assert rules.turnout.scope == "university"
    assert [step.holds for step in steps] == [False, False, True]
    assert [step.conclusion for step in steps] == [
        'read as "block": replaced by a later reading',
        'read as "campus": replaced by a later reading',
        'read as "university": sets the scope of the turnout',
    ]


def test_a_resolution_of_another_clause_is_recorded_without_effect() -> None:
    rules, steps = apply_resolutions(constitution(), [Resolution("6.9.4", "ballots_cast")])
    assert rules == constitution()
    assert steps[0].conclusion == 'read as "ballots_cast": changes no parameter of these rules'


def test_a_reading_that_is_none_is_refused() -> None:
    with pytest.raises(OutcomeError, match=r"resolution of clause 6\.12\.4: expected one of .* got 'faculty'"):
        apply_resolutions(constitution(), [Resolution("6.12.4", "faculty")])
