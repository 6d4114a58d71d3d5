"""The notice board says every rule in plain words, in four languages, and marks what is still open."""

import re

import pytest

from tally.constitution import Constitution, Resolution
from tally.constitution_toml import PRESETS
from tally.plain import LANGUAGES, make_lines, make_notice
from tally.resolutions import ambiguities
from tests.tally.law import default_resolutions, make_constitution, preset_constitution

SCOPE = "6.12.4 turnout.scope"


def text_of(rules: Constitution, path: str, *readings: Resolution) -> str:
    (line,) = [line for line in make_lines(rules, readings) if line.path == path]
    return line.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_read_in_every_language(name: str, language: str) -> None:
    rules = preset_constitution(name)
    for resolutions in ([], default_resolutions(rules)):
        notice = make_notice(rules, resolutions, language)
        assert "{" not in notice
        assert "None" not in notice
        assert all(len(line) <= 110 for line in notice.splitlines()[2:])


@pytest.mark.parametrize(
    ("number", "expected"),
    [(1, "1 день."), (2, "2 дня."), (5, "5 дней."), (11, "11 дней."), (21, "21 день."), (112, "112 дней.")],
)
def test_a_number_of_days_in_russian(number: int, expected: str) -> None:
    rules = make_constitution({"turnout.repeat_days": number})
    (line,) = [line for line in make_lines(rules, (), "ru") if line.path == "turnout.repeat_days"]
    assert line.text == f"Срок повтора: {expected}"


@pytest.mark.parametrize("name", PRESETS)
def test_each_open_clause_stands_on_the_board_with_its_readings(name: str) -> None:
    rules = preset_constitution(name)
    shown = {line.path: line for line in make_lines(rules, []) if line.status == "open"}
    assert {item.path: item.readings for item in ambiguities(rules)} == {
        path: tuple(reading for reading, _ in line.choices) for path, line in shown.items()
    }
    assert make_notice(rules, []).count("OPEN") == len(shown)


def test_a_signed_reading_is_marked_and_no_more_open() -> None:
    lines = make_lines(preset_constitution(), [Resolution(SCOPE, "block")])
    (line,) = [line for line in lines if line.path == "turnout.scope"]
    assert (line.status, line.clause, line.choices) == ("resolved", "6.12.4", ())
    assert line.text == "Each block is tested by itself, for its own contest."
    notice = make_notice(preset_constitution(), [Resolution(SCOPE, "block")])
    assert "[6.12.4; signed reading] Each block is tested by itself" in notice
    assert f"signed reading: {len(ambiguities(preset_constitution())) - 1}." in notice


def test_no_clause_is_open_when_all_are_signed() -> None:
    rules = preset_constitution()
    notice = make_notice(rules, default_resolutions(rules))
    assert "OPEN" not in notice
    assert "Every ambiguous clause is resolved." in notice


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("turnout.share", "> 1/2", "The vote counts if more than half of the entitled take part"),
        ("turnout.share", ">= 2/4", "The vote counts if at least half of the entitled take part"),
        ("turnout.share", ">= 1/3", "The vote counts if at least 1/3 of the entitled take part"),
        ("turnout.repeat_days", 1, "The repetition takes place within 1 day."),
        ("turnout.repeat_days", 0, "There is no deadline for the repetition."),
        ("complaints", 259200, "Complaints are heard for 3 days after"),
        ("complaints", 7200, "Complaints are heard for 2 hours after"),
        ("complaints", 3600, "Complaints are heard for 1 hour after"),
        ("complaints", 600, "Complaints are heard for 10 minutes after"),
        ("complaints", 90, "Complaints are heard for 90 seconds after"),
        ("members_vote", "members-vote", 'Where members decide a tie, they vote as under "Vote of the members".'),
        ("positions.head-of-class.bars", ["first-year"], "Cannot be candidates: first-year students."),
        ("positions.head-of-class.seat.acting", "head-of-faculty", "Meanwhile the Head of the Faculty does the work."),
        ("one_position.applies", False, "One person may hold several positions."),
        ("board.casting", "", "Nobody has a casting vote."),
    ],
)
def test_a_parameter_in_words(path: str, value: object, expected: str) -> None:
    assert text_of(make_constitution({path: value}), path).startswith(expected)


def test_what_cannot_matter_is_left_out() -> None:
    shown = {line.path for line in make_lines(preset_constitution("survey"), [])}
    assert shown.isdisjoint({"turnout.share", "one_position.applies", "calendar.term_ends", "members_vote"})
    assert not any(path.startswith("procedures.members-vote") for path in shown)
    assert "turnout.scope" in shown


def test_the_notes_and_grounds_are_on_the_board() -> None:
    notice = " ".join(make_notice(preset_constitution(), []).split())
    assert '[6.5.1] "Article 5.12" does not exist and is read as article 6.12.' in notice
    assert "[6.9.6d] Impeachment: the mandate ends" in notice
    assert re.search(r"\[6\.5\.3a\] Resignation: the mandate ends\. \[", notice)
