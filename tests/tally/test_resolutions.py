"""Ambiguous clauses need a signed reading each; the rules are what was signed."""

import pytest

from tally.constitution import Resolution, dump_constitution, load_constitution
from tally.errors import OutcomeError
from tally.resolutions import (
    ambiguities,
    apply_resolutions,
    check_resolution,
    missing,
    parameters,
    reading_text,
    resolution_steps,
)
from tests.tally.law import default_resolutions, make_constitution, preset_constitution

SCOPE = "6.12.4 turnout.scope"


def test_every_ambiguous_parameter_is_listed_with_its_path() -> None:
    found = {item.clause: item for item in ambiguities(preset_constitution())}
    assert found[SCOPE].readings == ("both", "university", "both-enforced", "block")
    assert found[SCOPE].default == "both"
    assert found[SCOPE].path == "turnout.scope"
    assert found["6.9.4 procedures.president.base"].default == "ballots"
    assert found["6.5.5 positions.head-of-class.seat.min_votes"].readings == ("1", "3")
    assert found["6.1.3 calendar.suspension_stops_clock"].readings == ("true", "false")
    assert found["6.12.1 positions.head-of-self-governance.bars"].readings == (
        "first-year,fourth-year-not-graduated",
        "none",
    )


def test_nothing_is_missing_once_each_clause_has_a_reading() -> None:
    rules = preset_constitution()
    readings = default_resolutions(rules)
    assert missing(rules, []) == [item.clause for item in ambiguities(rules)]
    assert missing(rules, readings[:-1]) == [readings[-1].clause]
    assert missing(rules, readings) == []


def test_a_resolved_parameter_has_the_reading_and_is_ambiguous_no_more() -> None:
    rules = apply_resolutions(preset_constitution(), [Resolution(SCOPE, "block")])
    assert (rules.turnout.scope.value, rules.turnout.scope.readings) == ("block", [])
    assert rules.turnout.second_tour == preset_constitution().turnout.second_tour


def test_every_reading_of_every_clause_gives_rules_that_load() -> None:
    rules = preset_constitution()
    for item in ambiguities(rules):
        for reading in item.readings:
            settled = apply_resolutions(rules, default_resolutions(rules, {item.path: reading}))
            assert not ambiguities(settled)
            found = dict(parameters(load_constitution(dump_constitution(settled))))
            assert reading_text(found[item.path].value) == reading


def test_the_last_reading_of_a_clause_holds() -> None:
    readings = [Resolution(SCOPE, "block"), Resolution(SCOPE, "university")]
    assert apply_resolutions(preset_constitution(), readings).turnout.scope.value == "university"
    (step,) = resolution_steps(preset_constitution(), readings)
    assert (step.clause, step.names, step.grounds) == (SCOPE, ["university"], [f"resolution:{SCOPE}"])


def test_steps_are_ascending_by_clause() -> None:
    rules = preset_constitution()
    clauses = [step.clause for step in resolution_steps(rules, default_resolutions(rules)[::-1])]
    assert clauses == sorted(item.clause for item in ambiguities(rules))


@pytest.mark.parametrize("clause", ["6.12.4", "6.12.4 turnout.share", "turnout.scope", "6.9.4 turnout.scope", ""])
def test_a_clause_that_needs_no_resolution_is_refused(clause: str) -> None:
    with pytest.raises(OutcomeError, match="resolution: expected a clause that is ambiguous here, got"):
        check_resolution(preset_constitution(), Resolution(clause, "both"))


@pytest.mark.parametrize("reading", ["faculty", "", "Both", "none"])
def test_a_reading_that_is_none_is_refused(reading: str) -> None:
    expected = r"resolution of clause 6\.12\.4 turnout\.scope: expected one of both, university, .*, block, got"
    with pytest.raises(OutcomeError, match=expected):
        apply_resolutions(preset_constitution(), [Resolution(SCOPE, reading)])


def test_a_settled_constitution_needs_none() -> None:
    assert missing(make_constitution(), []) == []
    assert make_constitution({"turnout.scope": "block"}, min_ballots=2).turnout.scope.value == "block"
