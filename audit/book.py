"""What a verification found: named checks with how many items each covered, facts, notes and reminders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec

from audit.facts import Facts
from keys.errors import DataError

Status = Literal["ok", "none", "failed"]

# The checks of docs/protocol.md §11, in the order in which they are printed.
CHECKS: Final = (
    "entries",
    "checkpoints",
    "cosignatures",
    "approvals",
    "trustees",
    "electorates",
    "contests",
    "ballots",
    "tokens",
    "quantities",
    "phases",
    "sums",
    "shares and counts",
    "result",
    "decisions",
    "support",
    "seats",
    "receipts",
    "copies",
)
MAX_FAILURES: Final = 20  # kept a check; the rest is counted, so that a hostile log cannot fill the memory
MAX_NOTES: Final = 100
MAX_TEXT: Final = 600  # characters of one failure

REMINDERS: Final = (
    "a time moved between its neighbours: compare the times with what you saw yourself",
    "a log cut short with its witnesses' help: compare the last checkpoint with other people's",
    "a dropped ballot whose receipt nobody shows: keep receipts, and give them with --receipt",
    "ballots cast for abstainers within the slack printed above: voters should look whether a token was issued to them",
)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a check failed: the number of the entry, where it is about one, and the reason."""

    check: str
    entry: int | None
    reason: str

    def __str__(self) -> str:
        return self.reason if self.entry is None else f"entry {self.entry}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Check:
    """One named check: items covered, status, its first failures and how many more there were."""

    name: str
    items: int
    status: Status
    failures: tuple[Failure, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict. `ok` says whether every check that had to find something found it and nothing failed."""

    checks: tuple[Check, ...]
    facts: Facts
    notes: tuple[str, ...]
    reminders: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """No check failed."""
        return all(check.status != "failed" for check in self.checks)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The failures of all checks, in the order of the checks."""
        return tuple(failure for check in self.checks for failure in check.failures)

    def to_json(self) -> dict[str, Any]:
        """Plain values for `--json`."""
        checks = [
            {
                "name": check.name,
                "items": check.items,
                "status": check.status,
                "failures": [{"entry": failure.entry, "reason": failure.reason} for failure in check.failures],
                "more_failures": check.more,
            }
            for check in self.checks
        ]
        return {
            "ok": self.ok,
            "checks": checks,
            "facts": self.facts.to_json(),
            "notes": list(self.notes),
            "reminders": list(self.reminders),
        }


@dataclass(slots=True)
class _Page:
    items: int = 0
    failures: list[Failure] = field(default_factory=list)
    more: int = 0


class Book:
    """Collects what the checks find while the log streams by. Owned by one `verify_log`."""

    def __init__(self) -> None:
        self._pages = {name: _Page() for name in CHECKS}
        self._notes: list[str] = []
        self._more_notes = 0

    def count(self, check: str, items: int = 1) -> None:
        """So many more items were covered by the check."""
        self._pages[check].items += items

    def items(self, check: str) -> int:
        """How many items the check has covered so far."""
        return self._pages[check].items

    def fail(self, check: str, entry: int | None, error: DataError | str) -> None:
        """Something is wrong; beyond the first few failures of a check they are only counted."""
        page = self._pages[check]
        if len(page.failures) < MAX_FAILURES:
            page.failures.append(Failure(check, entry, str(error)[:MAX_TEXT]))
        else:
            page.more += 1

    def failed(self, check: str) -> bool:
        """Whether the check has failed already."""
        return bool(self._pages[check].failures)

    def note(self, text: str) -> None:
        """Something worth knowing that is no failure."""
        if len(self._notes) < MAX_NOTES:
            self._notes.append(text[:MAX_TEXT])
        else:
            self._more_notes += 1

    def close(self, facts: Facts, due: Sequence[str]) -> Report:
        """The report. Checks in `due` fail where they covered nothing; the others are `none` then."""
        for name in due:
            if not self._pages[name].items and not self._pages[name].failures:
                self.fail(name, None, "nothing to check, though the log has come to where there must be something")
        checks = tuple(
            Check(name, page.items, _status(page), tuple(page.failures), page.more)
            for name, page in self._pages.items()
        )
        notes = [*self._notes, f"and {self._more_notes} more notes"] if self._more_notes else self._notes
        return Report(checks, facts, tuple(notes), REMINDERS)


def _status(page: _Page) -> Status:
    if page.failures:
        return "failed"
    return "ok" if page.items else "none"


def json_text(report: Report) -> str:
    """The report as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(report.to_json()), indent=2).decode()
