"""`election-service booth`: the hash of the booth that is served becomes an act for the committee."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from audit.facts import Facts
from election_service.commands.app import app
from election_service.commands.booth import booth_words
from election_service.commands.looking import LOOKED_AT, VerifiedLog, look_at
from election_service.proposals import read_proposals


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    folder.mkdir()
    program = b"void 0"
    (folder / "booth.1.js").write_bytes(program)
    (folder / "booth.1.css").write_bytes(b"")
    names = {"js": "booth.1.js", "css": "booth.1.css", "js_sri": "sha384-x"}
    (folder / "manifest.json").write_text(json.dumps({**names, "bundle_sha256": sha256(program).hexdigest()}))
    return folder


def run(built: Path, proposals: Path, code: int = 0) -> str:
    command = ["booth", "--election", "spring", "--proposals", str(proposals), "--built", str(built)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == code, f"{result.output}\n{result.exception!r}"
    return result.output


def test_the_hash_of_the_program_is_proposed(built: Path, tmp_path: Path) -> None:
    said = run(built, tmp_path / "booth.acts")
    digest = sha256(b"void 0").hexdigest()
    assert said.startswith(f"booth {digest}: ")
    (act,) = read_proposals(tmp_path / "booth.acts", "spring")
    assert (act.kind, act.data) == ("booth", {"bundle": digest})
    assert "exists already" in run(built, tmp_path / "booth.acts", code=1)


def test_a_booth_that_is_not_what_its_manifest_says_is_not_announced(built: Path, tmp_path: Path) -> None:
    (built / "booth.1.js").write_bytes(b"steal()")
    assert "expected SHA-256" in run(built, tmp_path / "booth.acts", code=1)
    assert not (tmp_path / "booth.acts").exists()


def test_where_there_is_no_booth_nothing_is_announced(tmp_path: Path) -> None:
    assert "the booth was never built" in run(tmp_path, tmp_path / "booth.acts", code=1)


def test_a53_a_member_is_told_whether_the_booth_is_the_one_that_the_own_computer_built(
    built: Path, tmp_path: Path
) -> None:
    digest, other = sha256(b"void 0").hexdigest(), "0" * 64
    assert booth_words(digest, built) == f"booth {digest}: the one on this computer"
    assert booth_words(other, built) == f"booth {other}: NOT the one on this computer, which is {digest}"
    assert "nothing is compared" in booth_words(digest, tmp_path)


def test_a_booth_is_looked_at_before_it_is_signed(capsys: pytest.CaptureFixture[str]) -> None:
    assert "booth" in LOOKED_AT
    facts = Facts(bytes(32), "spring", "", True, 1, bytes(32), None, (), ())
    look_at(VerifiedLog(facts, ""), "booth", {"bundle": "0" * 64})
    assert f"booth {'0' * 64}: " in capsys.readouterr().out
