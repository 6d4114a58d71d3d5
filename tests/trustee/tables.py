"""The tables of tests/simulated, run again with the tool beside the verifier: what one refuses, both refuse.

The tool leaves out four checks that no decryption depends on, and of a fifth what the law asks at a poll's opening;
where only those fail, it may take the log or refuse it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

import pytest

from audit.book import Failure
from audit.source import MemorySource
from audit.verify import verify_log
from tests.booth.harness import Booth, BoothRefusalError
from tests.simulated.published import whole

Files = dict[str, bytes]
NOT_CHECKED: Final = {"result", "decisions", "support", "seats"}


def sent(files: Files) -> dict[str, str]:
    """What the tool reads of a copy: all but the hash tiles."""
    return {path: raw.hex() for path, raw in files.items() if not path.startswith("tile/") or "entries" in path}


def refusal(tool: Booth, files: Files, log_id: bytes | None = None) -> str | None:
    """Why the tool refuses a log; None where it takes it."""
    try:
        tool.call("verify_log", files=sent(files), log_id=None if log_id is None else log_id.hex())
    except BoothRefusalError as error:
        return str(error)
    return None


def is_left_out(failure: Failure) -> bool:
    """Whether only the verifier, which knows the law, can see this."""
    asks_the_law = failure.check == "contests" and not failure.reason.startswith(("contest ", "issuer key"))
    return failure.check in NOT_CHECKED or asks_the_law


class BothJudge:
    """In place of tests.simulated.published.failed: the verifier's answer, after the tool's was compared with it."""

    def __init__(self, tool: Booth) -> None:
        self.tool = tool
        self.compared = 0

    def __call__(self, files: Files, log_id: bytes | None = None, **options: Any) -> set[str]:
        log_id = whole().log_id if log_id is None else log_id
        failures = verify_log(MemorySource(files), log_id=log_id, **options).failures
        if not options:
            self.compared += 1
            said = refusal(self.tool, files, log_id)
            if not all(is_left_out(failure) for failure in failures):
                assert said is not None, f"the tool takes what fails {failures}"
            elif not failures:
                assert said is None, said
        return {failure.check for failure in failures}


def cases(module: ModuleType) -> Iterator[Any]:
    """Every test of a module, with every set of its parameters."""
    for name, test in vars(module).items():
        if not name.startswith("test_") or not callable(test):
            continue
        marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
        for values in itertools.product(*(_rows(mark) for mark in marks)):
            arguments = {key: value for row in values for key, value in row.items()}
            identity = "-".join([name, *(getattr(value, "__name__", str(value))[:40] for value in arguments.values())])
            yield pytest.param(module, test, arguments, id=identity)


def _rows(mark: pytest.Mark) -> list[dict[str, Any]]:
    names, values = mark.args[0], list(mark.args[1])
    if isinstance(names, str):
        names = tuple(part.strip() for part in names.split(","))
    if len(names) == 1:
        return [{names[0]: value} for value in values]
    return [dict(zip(names, value, strict=True)) for value in values]
