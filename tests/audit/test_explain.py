"""The reasoning in words: every code in every language, and what is chosen for a contest or a person."""

import string
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from audit.catalog import LANGUAGES, PLACEHOLDERS, load_texts
from audit.cli import main
from audit.explain import UnknownSubjectError, chosen_steps, explain, find_subject
from audit.facts import Facts
from audit.source import MemorySource
from audit.verify import verify_log
from tally.open_vote import Choice
from tally.reasoning import Conclusion, Rule
from tally.register import By
from tally.wire import TaskKind
from tests.simulated.everything import everything
from tests.simulated.logbook import write_folder

Capture = pytest.CaptureFixture[str]
REASONS = {"holds-higher", "barred", "withdrawn", "left", "refused", "moved-up", "too-few-votes"}
CODES = {
    "rule": set(Rule),
    "conclusion": set(Conclusion),
    "task": set(get_args(TaskKind)),
    "reason": REASONS,
    "choice": set(get_args(Choice)),
    "by": set(get_args(By)),
    "state": {"declared", "certified", "annulled"},
}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


# ---- the catalogues --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("section", CODES)
def test_every_code_has_a_text(language: str, section: str) -> None:
    assert set(load_texts(language).sections[section]) == CODES[section]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_names_exactly_what_its_conclusion_holds(language: str) -> None:
    texts = load_texts(language).sections["conclusion"]
    found = {code: placeholders(text) for code, text in texts.items()}
    assert found == {code: set(PLACEHOLDERS.get(code, ())) for code in Conclusion}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogues_have_one_shape(language: str) -> None:
    english, other = load_texts("en").sections, load_texts(language).sections
    assert set(other) == set(english)
    for section, texts in english.items():
        assert {code: placeholders(text) for code, text in other[section].items()} == {
            code: placeholders(text) for code, text in texts.items()
        }
        assert all(text.strip() for text in other[section].values())


@pytest.mark.parametrize(("language", "letters"), [("ka", ("ა", "ჰ")), ("az", ("a", "z")), ("ru", ("а", "я"))])
def test_the_other_languages_are_not_english(language: str, letters: tuple[str, str]) -> None:
    english, other = load_texts("en").sections["conclusion"], load_texts(language).sections["conclusion"]
    for code, text in other.items():
        assert text != english[code]
        assert any(letters[0] <= letter <= letters[1] for letter in text.lower())


# ---- what is said ----------------------------------------------------------------------------------------------------


@cache
def facts() -> Facts:
    election = everything()
    return verify_log(MemorySource(election.log.files()), log_id=election.log_id).facts


def test_a_contest_is_explained_clause_by_clause() -> None:
    text = explain(facts(), "law-head", load_texts("en"))
    assert "clause 6.12.4, turnout, law-head (Faculty)" in text
    assert "2 * 6 >= 1 * 8: yes" in text  # the whole body, which decides
    assert "Most votes: Gio." in text
    assert "Takes the seat: Gio." in text
    assert "Gio: law-head (Faculty), since 2026-10-05T12:01:44Z, by election (poll 1)" in text
    assert "Nino: law-head (Faculty)" in text
    assert "by-election. Candidates: new nominations." in text
    assert "small-head" not in text
    assert "poll 2: annulled" in text
    assert "no clause turnout.repeat_days" in text


@pytest.mark.parametrize("about", ["gio", "Gio", "GIO"])
def test_a_person_is_explained_by_id_or_name(about: str) -> None:
    text = explain(facts(), about, load_texts("en"))
    assert "Takes the seat: Gio." in text
    assert "ended 2026-10-05T12:01:45Z: resignation" in text
    assert "Luka" not in text


@pytest.mark.parametrize(
    ("language", "words"),
    [("ka", "ყველაზე მეტი ხმა აქვს: Gio"), ("az", "Ən çox səs toplayan: Gio"), ("ru", "Больше всего голосов: Gio")],
)
def test_an_explanation_in_the_readers_language(language: str, words: str) -> None:
    assert words in explain(facts(), "law-head", load_texts(language))


def test_every_step_of_every_poll_can_be_said() -> None:
    for language in LANGUAGES:
        for contest in ("head", "law-head", "small-head", "zero-head"):
            text = explain(facts(), contest, load_texts(language))
            assert "{" not in text


def test_the_readings_that_matter_come_with_it() -> None:
    outcome = facts().polls[0].outcome
    assert outcome is not None
    steps = [outcome.steps[number] for number in chosen_steps(outcome, find_subject(facts(), "head"))]
    assert {step.rule for step in steps} >= {Rule.RESOLUTION, Rule.TURNOUT, Rule.PLURALITY, Rule.ONE_POSITION}
    assert {step.contest for step in steps} == {None, "head"}
    text = explain(facts(), "law-head", load_texts("en"))
    assert text.count("6.12.4 turnout.scope, reading of the clause") == 1  # though both polls are about it
    assert "The committee reads the ambiguous clause as: both." in text


def test_nobody_of_that_name() -> None:
    with pytest.raises(UnknownSubjectError, match="no contest and no candidate is called 'zaza'"):
        find_subject(facts(), "zaza")


# ---- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(everything().log.files(), tmp_path_factory.mktemp("explained"))


def test_explain_verifies_first(folder: Path, capsys: Capture) -> None:
    assert main(["explain", "gio", str(folder), "--jobs", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["verify: ok", "", "poll 1: certified"]


def test_explain_in_this_folder_and_in_georgian(folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert main(["explain", "head", "--lang", "ka"]) == 0
    assert "კენჭისყრა 1: დამტკიცებული" in capsys.readouterr().out


def test_a_log_that_does_not_hold_is_not_explained(tmp_path: Path, capsys: Capture) -> None:
    files = everything().log.files()
    checkpoint = files["checkpoint"].replace(b"\n135\n", b"\n134\n")
    folder = write_folder(files | {"checkpoint": checkpoint}, tmp_path / "log")
    assert main(["explain", "gio", str(folder)]) == 1
    assert "verify: failed" in capsys.readouterr().out.splitlines()[-1]


def test_explain_names_the_contests_where_nothing_is_called_so(folder: Path, capsys: Capture) -> None:
    assert main(["explain", "zaza", str(folder)]) == 2
    errors = capsys.readouterr().err
    assert "error: no contest and no candidate is called 'zaza'" in errors
    assert "hint: contests: head, law-head, small-head, zero-head" in errors
