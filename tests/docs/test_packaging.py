"""What an auditor installs: three libraries, and a verifier that needs no other (A102)."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BASE = {"coincurve", "cryptography", "msgspec"}

# Runs in a fresh interpreter: whatever is neither the standard library, nor ours, nor one of the three (and cffi, on
# which two of them stand) cannot be imported.
GUARD = """
import sys
ALLOWED = {"coincurve", "cryptography", "msgspec", "cffi", "_cffi_backend", "keys", "ballot", "tally", "audit"}
class Guard:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in ALLOWED and top not in sys.stdlib_module_names:
            raise ImportError(f"not among the base dependencies: {name}")
sys.meta_path.insert(0, Guard())
from audit.cli import main
sys.exit(main(sys.argv[1:]))
"""


def audit(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run(GUARD, *arguments)


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, *arguments]
    environment = {**os.environ, "COLUMNS": "100"}
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)


def test_base_install_has_three_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {re.split(r"[<>=\[ ;]", line)[0] for line in project["dependencies"]} == BASE
    assert set(project["scripts"]) == {"election-service", "election-audit"}


def test_verifier_needs_no_other_library_to_start() -> None:
    for command in ("verify", "receipt", "diff", "document"):
        answer = audit(command, "--help")
        assert answer.returncode == 0, answer.stderr
        assert answer.stdout.startswith("usage:"), answer.stdout


def test_guard_of_this_test_does_refuse_other_libraries() -> None:
    answer = run(GUARD.replace("from audit.cli import main", "import aiohttp"))
    assert "not among the base dependencies: aiohttp" in answer.stderr


def test_missing_log_is_unusable_input(tmp_path: Path) -> None:
    answer = audit("verify", str(tmp_path))
    assert answer.returncode == 2
    assert answer.stderr.startswith("error: ")
    assert "hint: " in answer.stderr


def test_help_in_the_auditors_guide_is_what_the_command_prints() -> None:
    guide = (ROOT / "docs" / "auditor.md").read_text(encoding="utf-8")
    block = guide.partition("```text\n")[2].partition("```")[0]
    answer = audit("verify", "--help")
    # argparse of another version of Python may break lines elsewhere; the words are the same
    assert re.sub(r"processes \(default.*", "", block.replace("\n", " ")).split() == (
        re.sub(r"processes \(default.*", "", answer.stdout.replace("\n", " ")).split()
    )
