"""The presets say what RULES.md says: defaults first, every ambiguity with its readings, nothing inherited."""

import pytest

from tally.constitution import Majority, Motion
from tally.constitution_toml import PRESETS, load_toml, preset
from tally.errors import ConstitutionError
from tally.resolutions import ambiguities, parameters
from tests.tally.law import preset_constitution

DEFAULTS = {
    "6.1.5(8) discipline": "any-record",
    "6.12.4 turnout.scope": "both",
    "6.12.4 turnout.second_tour": "same",
    "6.12.5 one_position.ex_position": "next-by-votes",
    "6.12.1 calendar.first_poll_days": "20",
    "6.12.1 calendar.first_poll_measure": "closes",
    "6.1.5(1) calendar.after_term": "none",
    "6.1.3 calendar.suspension_stops_clock": "true",
    "6.9.4 procedures.president.base": "ballots",
    "6.9.4 procedures.president.tie_for_second": "all-advance",
    "6.9.2 procedures.president-by-members.base": "listed",
    "6.12.1 positions.head-of-self-governance.bars": "first-year,fourth-year-not-graduated",
    "6.9.7 positions.head-of-self-governance.seat.succession": "by-election",
    "6.9.7 positions.head-of-self-governance.seat.by_election": "president-by-members",
    "6.4.1b positions.head-of-faculty.seat.approval": "faculty-board",
    "6.5.5 positions.head-of-class.seat.min_votes": "1",
    "silent complaints": "259200",
    "silent small_contest": "repeat",
}


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_loads_and_explains_itself(name: str) -> None:
    text = preset(name)
    assert load_toml(text).schema == 2
    assert text.startswith("# ")
    assert "readings" not in load_toml(text).name


def test_another_name_is_refused() -> None:
    with pytest.raises(ConstitutionError, match=r"preset: expected one of ibsu-direct, .* got '../secret'"):
        preset("../secret")


def test_the_default_readings_of_ibsu_are_those_of_the_table() -> None:
    found = {item.clause: item.default for item in ambiguities(preset_constitution())}
    assert DEFAULTS.items() <= found.items()


def test_ibsu_elects_four_heads_directly_the_highest_first() -> None:
    rules = preset_constitution()
    offices = [(position.id, position.rank, position.block) for position in rules.positions if position.seat]
    assert offices == [
        ("head-of-self-governance", 1, "university"),
        ("head-of-faculty", 2, "faculty"),
        ("head-of-department", 3, "department"),
        ("head-of-class", 4, "class"),
        ("head-of-internal-department", 5, ""),
    ]
    president = rules.procedure("president")
    assert isinstance(president, Majority)
    assert (president.voters.value, president.threshold.value, president.again_days.value) == ("block", "> 1/2", 5)
    seat = rules.positions[0].seat
    assert seat is not None
    assert (seat.acting.value, seat.by_election_days.value) == ("head-of-internal-department", 10)


def test_members_elect_the_president_by_the_majority_of_the_listed() -> None:
    rules = preset_constitution("ibsu-by-members")
    president = rules.procedure("president")
    assert isinstance(president, Majority)
    assert (president.voters.value, president.base.value, president.second_tour.value) == (
        "members",
        "listed",
        "top-two",
    )
    assert president.nomination.value == "petition"
    assert [str(rule.share and rule.share.value) for rule in rules.petitions] == [">= 1/5", ">= 1/4", ">= 7/10"]
    assert "not-a-member" in rules.positions[0].bars.value


@pytest.mark.parametrize("name", ["ibsu-direct", "ibsu-by-members", "motion"])
def test_dismissal_needs_seventy_percent_of_the_listed_and_a_quorate_meeting(name: str) -> None:
    dismissal = preset_constitution(name).procedure("dismissal")
    assert isinstance(dismissal, Motion)
    assert (dismissal.threshold.value, dismissal.base.value) == (">= 7/10", "listed")
    assert (dismissal.quorum.value, dismissal.notice_days.value) == (">= 7/10", 7)


def test_an_organisation_of_atu_ticks_every_value_that_its_policy_leaves_open() -> None:
    rules = preset_constitution("atu-organisation")
    free = {"members_vote", "calendar.semester_begins"}  # what has no alternative in this file
    for path, parameter in parameters(rules):
        if parameter.clause == "silent" and path not in free and not path.startswith("positions.removal."):
            assert parameter.ambiguous or path in {
                "procedures.officers-vote.voters",
                "procedures.officers-vote.nomination",
                "positions.removal.procedure",
            }, path
    assert rules.body_minimum.value == 10
    assert rules.permission.value == "required"
    assert [(rule.id, rule.share, rule.minimum.value) for rule in rules.petitions] == [("founding", None, 10)]
    assert rules.board is None


def test_no_clause_of_ibsu_stands_in_the_rules_of_atu() -> None:
    rules = preset_constitution("atu-organisation")
    clauses = {parameter.clause for _, parameter in parameters(rules)} | set(rules.notes)
    assert not [clause for clause in clauses if clause.startswith("6.")]
    assert "IBSU" not in preset("atu-organisation")


def test_a_survey_binds_nobody() -> None:
    rules = preset_constitution("survey")
    assert [position.seat for position in rules.positions] == [None]
    assert rules.turnout.scope.value == "none"
    assert not ambiguities(rules)
