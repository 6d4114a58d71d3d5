"""`election-service constitution`: from a preset to the notice board and to the committee."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from election_service.commands.constitution import app
from election_service.proposals import read_proposals
from tally.constitution import load_constitution
from tally.constitution_toml import PRESETS, load_toml, preset
from tally.resolutions import ambiguities
from tests.simulated.logbook import write_folder
from tests.simulator import ELECTION, Plan, set_up


def run(*command: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, list(command))
    assert result.exit_code == code, f"{result.output}\n{result.exception!r}"
    return result


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "rules.toml"
    run("new", "ibsu-direct", str(file))
    return file


def test_a_preset_is_copied_once(rules: Path) -> None:
    assert rules.read_text(encoding="utf-8") == preset("ibsu-direct")
    assert "exists already" in run("new", "survey", str(rules), code=1).output
    assert "expected one of ibsu-direct" in run("new", "other", str(rules), code=1).output
    assert [line.split()[0] for line in run("presets").output.splitlines()] == list(PRESETS)


def test_good_rules_have_no_faults_and_say_what_is_still_to_be_signed(rules: Path) -> None:
    said = run("check", str(rules)).output
    number = len(ambiguities(load_toml(preset("ibsu-direct"))))
    assert "no faults" in said
    assert f"{number} ambiguous clauses need a signed reading each" in said


def test_every_fault_is_printed_with_line_and_clause_and_the_exit_code_is_2(rules: Path) -> None:
    text = rules.read_text(encoding="utf-8")
    broken = text.replace("max_slack = 5\n", "max_slack = 5.5\n").replace("rank = 4\n", 'rank = "four"\n')
    rules.write_text(broken, encoding="utf-8")
    said = run("check", str(rules), code=2).output
    assert "line 23: max_slack (clause silent): expected a whole number from 0 to 100, got 5.5" in said
    assert 'positions.head-of-class.rank (clause 6.12.6d): expected a whole number of 1 or more, got "four"' in said
    assert "error: 2 faults" in said
    assert run("show", str(rules), code=2).output == said


@pytest.mark.parametrize("raw", [b"{", b"{}", b"\xff\xfe", b"x = ["])
def test_what_is_no_constitution_is_a_fault_and_no_trace(raw: bytes, tmp_path: Path) -> None:
    file = tmp_path / "rules"
    file.write_bytes(raw)
    said = run("check", str(file), code=2).output
    assert "error: " in said
    assert "Traceback" not in said


def test_the_blob_is_canonical_json_of_the_same_rules(rules: Path) -> None:
    blob = rules.with_suffix(".json")
    run("blob", str(rules), str(blob))
    assert load_constitution(blob.read_bytes()) == load_toml(preset("ibsu-direct"))
    assert "no faults" in run("check", str(blob)).output


def test_a_preset_and_a_file_can_be_shown_in_four_languages(rules: Path) -> None:
    assert run("show", "ibsu-direct").output == run("show", str(rules)).output
    assert "OPEN, one of these is to be signed" in run("show", "ibsu-direct").output
    assert "AÇIQDIR" in run("show", "ibsu-direct", "--language", "az").output
    assert "ღიაა" in run("show", "ibsu-direct", "--language", "ka").output
    assert "ОТКРЫТО" in run("show", "ibsu-direct", "--language", "ru").output
    assert "expected one of en, ka, az, ru, got fr" in run("show", "survey", "--language", "fr", code=1).output
    assert "there is no such file" in run("show", "nothing", code=1).output
    assert "expected a file, a preset, or --server" in run("show", code=1).output


def test_readings_are_handed_to_the_committee(rules: Path, tmp_path: Path) -> None:
    acts = tmp_path / "readings.acts"
    scope = "6.12.4 turnout.scope"
    options = ("--election", "sg", "--proposals", str(acts))
    assert "expected at least one reading" in run("resolve", str(rules), *options, code=1).output
    assert "got 'faculty'" in run("resolve", str(rules), *options, "--reading", f"{scope}=faculty", code=1).output
    assert 'expected "CLAUSE PATH=READING"' in run("resolve", str(rules), *options, "--reading", "x", code=1).output
    run("resolve", str(rules), *options, "--reading", f"{scope}=block", "--defaults")
    planned = read_proposals(acts, "sg")
    readings = {act.data["clause"]: act.data["reading"] for act in planned}
    assert {act.kind for act in planned} == {"resolution"}
    assert readings.keys() == {item.clause for item in ambiguities(load_toml(preset("ibsu-direct")))}
    assert readings[scope] == "block"


def test_what_has_no_reading_yet_is_named(rules: Path, tmp_path: Path) -> None:
    acts = str(tmp_path / "one.acts")
    said = run("resolve", str(rules), "--election", "sg", "--proposals", acts, "--reading", "silent complaints=86400")
    assert "still open: 6.12.4 turnout.scope" in said.output
    assert "still open: silent complaints" not in said.output


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A published log: a folder behind a web server, as any mirror has it."""
    election = set_up(Plan())
    folder = tmp_path / "log" / ELECTION
    folder.mkdir(parents=True)
    write_folder(election.log.files(), folder)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_address[1]}"
        serving.shutdown()


def test_the_rules_of_a_log_are_shown_with_the_readings_in_force(server: str) -> None:
    said = run("show", "--server", server, "--election", ELECTION).output
    assert "General\n-------\n" in said
    assert "Every ambiguous clause is resolved." in said
