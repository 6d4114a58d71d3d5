"""`election-audit` as people call it: exit codes, texts, and that it needs three libraries and no more."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from audit.cli import PARALLEL_FROM, main
from ballot.ballot import tracker_of
from keys.canonical import b64, encode
from tests.simulated.logbook import write_folder
from tests.simulated.malice import Copy
from tests.simulated.published import whole
from tests.simulator import ContestPlan, Election, Plan, simulate

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def election() -> Election:
    return simulate(Plan(contests=(ContestPlan("head", ("ana", "ana", "beka")),)))


@pytest.fixture(scope="module")
def folder(election: Election, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(election.log.files(), tmp_path_factory.mktemp("log"))


@pytest.fixture
def receipt(election: Election, tmp_path: Path) -> Path:
    file = tmp_path / "receipt.json"
    file.write_bytes(encode(election.receipts[0]) + b"\n")
    return file


def test_verify_says_ok(folder: Path, election: Election, receipt: Path, capsys: Capture) -> None:
    checkpoint = str(folder / "checkpoint")
    options = [
        "--log",
        b64(election.log_id),
        "--receipt",
        str(receipt),
        "--copy",
        str(folder),
        "--checkpoint",
        checkpoint,
    ]
    assert main(["verify", str(folder), *options]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == "verify: ok"
    assert "ana" in out
    assert err == ""


def test_verify_as_json(folder: Path, capsys: Capture) -> None:
    assert main(["verify", str(folder), "--json", "--jobs", "1"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is True
    assert [check["name"] for check in report["checks"]][:2] == ["entries", "checkpoints"]
    assert report["facts"]["contests"][0]["counts"] == {"ana": 2, "beka": 1, "blank": 0}


def test_verify_names_the_check_that_failed(election: Election, tmp_path: Path, capsys: Capture) -> None:
    copy = Copy.of(election)
    entries = copy.plain()
    counts = entries[copy.first("tally.counts")]["data"]["counts"]
    counts[0], counts[1] = counts[1], counts[0]
    folder = write_folder(copy.rewritten(entries), tmp_path / "log")
    assert main(["verify", str(folder)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "verify: failed: shares and counts, result, seats"
    assert main(["verify", str(folder), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False


def test_receipt(election: Election, folder: Path, receipt: Path, tmp_path: Path, capsys: Capture) -> None:
    assert main(["receipt", str(receipt), str(folder)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("receipt: ok: ballot ")
    assert election.receipts[0].tracker in out

    copy = Copy.of(election)
    before = write_folder(copy.cut(copy.first("ballot")).files(), tmp_path / "before")
    assert main(["receipt", str(receipt), str(before)]) == 1
    assert "not yet" in capsys.readouterr().out

    entries = copy.plain()
    own = copy.first("ballot", lambda data: b64_tracker(data) == election.receipts[0].tracker)
    without = write_folder(copy.rewritten(entries[:own] + entries[own + 1 :]), tmp_path / "without")
    assert main(["receipt", str(receipt), str(without)]) == 1
    assert "missing, though its poll is closed" in capsys.readouterr().out


def b64_tracker(data: dict[str, object]) -> str:
    return b64(tracker_of(encode(data["body"])))


def test_a_receipt_of_another_log_or_signature_fails(
    election: Election, folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    good = json.loads(encode(election.receipts[0]))
    for member, value in [("log", b64(bytes(32))), ("signature", b64(bytes(64))), ("tracker", b64(bytes(32)))]:
        file = tmp_path / f"{member}.json"
        file.write_bytes(encode({**good, member: value}))
        assert main(["receipt", str(file), str(folder)]) == 1
        assert capsys.readouterr().out.startswith("receipt: failed: ")


def test_a_receipt_is_not_confirmed_by_entries_that_the_log_did_not_sign(
    election: Election, receipt: Path, tmp_path: Path, capsys: Capture
) -> None:
    copy = Copy.of(election)
    entries = copy.plain()
    entries[-1]["data"]["act"] = b64(bytes(16))
    files = copy.rewritten(entries) | {"checkpoint": copy.files()["checkpoint"]}
    folder = write_folder(files, tmp_path / "log")
    assert main(["receipt", str(receipt), str(folder)]) == 1
    assert "do not have the root of the checkpoint" in capsys.readouterr().out


def test_diff(election: Election, folder: Path, tmp_path: Path, capsys: Capture) -> None:
    copy = Copy.of(election)
    size = len(copy.entries)
    shorter = write_folder(copy.cut(size - 5).files(), tmp_path / "shorter")
    assert main(["diff", str(folder), str(folder)]) == 0
    assert capsys.readouterr().out == f"diff: ok: the first {size} entries are the same\n"
    assert main(["diff", str(shorter), str(folder)]) == 0
    assert capsys.readouterr().out == f"diff: ok: the first {size - 5} entries are the same; {folder} goes on\n"
    entries = copy.plain()
    entries[-1]["data"]["act"] = b64(bytes(16))
    other = write_folder(copy.rewritten(entries), tmp_path / "other")
    assert main(["diff", str(folder), str(other)]) == 1
    assert f"entry {size - 1} differs" in capsys.readouterr().out


def test_what_cannot_be_used_is_exit_code_2_with_a_hint(folder: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "junk").write_text("junk")
    (tmp_path / "large").write_bytes(bytes(2 << 20))
    for arguments, text in [
        (["verify", str(tmp_path / "nothing")], "no such folder or file"),
        (["verify", str(tmp_path)], "no checkpoint there"),
        (["verify", "gopher://x"], "http:// or https://"),
        (["verify", "http://127.0.0.1:9/log"], "refused"),
        (["verify", str(folder), "--log", "short"], "no log id"),
        (["verify", str(folder), "--jobs", "0"], "--jobs"),
        (["verify", str(folder), "--receipt", str(tmp_path / "junk")], "no receipt"),
        (["verify", str(folder), "--receipt", str(tmp_path / "large")], "larger than"),
        (["verify", str(folder), "--checkpoint", str(tmp_path / "nothing")], "No such file"),
        (["verify", str(folder), "--copy", str(tmp_path / "nothing")], "no such folder or file"),
        (["receipt", str(tmp_path / "junk"), str(folder)], "no receipt"),
        (["diff", str(folder), str(tmp_path)], "no checkpoint there"),
    ]:
        assert main(arguments) == 2, arguments
        out, err = capsys.readouterr()
        assert out == ""
        first, second = err.splitlines()
        assert first.startswith("error: ")
        assert text in first
        assert second.startswith("hint: ")


@pytest.mark.parametrize(
    "arguments", [[], ["nothing"], ["verify"], ["verify", "a", "--jobs", "x"], ["receipt"], ["ballot", "a"]]
)
def test_a_wrong_command_line_is_exit_code_2(arguments: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: election-audit" in capsys.readouterr().err


def run(*arguments: str, **options: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "audit.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]  # options of subprocess.run


def test_the_command_imports_three_libraries_and_no_more() -> None:
    """Acceptance 6: coincurve, cryptography, msgspec (with what they stand on)."""
    code = "import sys, audit.cli; print(sorted({name.split('.')[0] for name in sys.modules}))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    modules = {name for name in json.loads(found.stdout.replace("'", '"')) if not name.startswith("_")}
    foreign = modules - set(sys.stdlib_module_names) - {"keys", "ballot", "tally", "audit"}
    taken_along = {"cffi", "pycparser", "typing_extensions"}  # by the three, where they are installed
    assert foreign <= {"coincurve", "cryptography", "msgspec"} | taken_along


def test_no_progress_bar_in_a_pipe_and_one_on_a_terminal(folder: Path) -> None:
    assert run("verify", str(folder)).stderr == ""
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "audit.cli", "verify", str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        check=True,
    )
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert "100 %" in shown
    assert "\x1b" not in shown
    assert done.stdout.splitlines()[-1] == "verify: ok"


def test_workers_are_used_for_big_logs_only(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    assert len(whole().entries) < PARALLEL_FROM
    monkeypatch.setattr("audit.cli.PARALLEL_FROM", 1)
    assert main(["verify", str(folder), "--jobs", "2"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "verify: ok"
