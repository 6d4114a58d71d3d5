"""A server that answers a second question from another history than the first (A24, A27, A55, A56, A104).

It holds the log's key, so each of its two histories verifies by itself. Whoever verifies one must not act on the other.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from audit.source import MemorySource
from audit.verify import verify_log
from election_service import trustee_tool
from election_service.commands.result import declared_hash
from election_service.trustee_tool import TrusteeToolError, Workspace
from keys.keyfile import Cost
from keys.trustee.file import seal_trustee_file
from tests.simulator import ContestPlan, Election, Plan, set_up, simulate

PASSPHRASE = "four random words here"
PLAN = Plan(contests=(ContestPlan("head", ("ana", "ana", "beka", "blank")),))


class TwoFacedSource(MemorySource):
    """Shows one copy until its first bundle has been read once, and another one from then on."""

    def __init__(self, first: Mapping[str, bytes], then: Mapping[str, bytes]) -> None:
        super().__init__(first, "two-faced")
        self._then = then
        self._bundles = 0

    def read(self, path: str, limit: int) -> bytes | None:
        if path.startswith("tile/entries/000"):
            self._bundles += 1
            if self._bundles > 1:
                self.files = self._then
        return super().read(path, limit)


@pytest.fixture
def histories() -> tuple[Election, Election]:
    """Two elections with one entry 0: what the trustees seal to each other is fresh in each."""
    first, second = set_up(PLAN), set_up(PLAN)
    assert first.log_id == second.log_id
    assert first.log.entries != second.log.entries
    return first, second


def test_a55_a_copy_is_compared_with_the_history_that_was_verified(histories: tuple[Election, Election]) -> None:
    shown, other = histories
    saved = MemorySource(other.log.files(), "saved")
    assert verify_log(saved).ok
    report = verify_log(TwoFacedSource(shown.log.files(), other.log.files()), copies=[saved])
    assert [failure.check for failure in report.failures] == ["copies"]
    assert report.failures[0].reason.endswith(f"two histories: other roots at {len(other.log.entries)} entries")
    assert verify_log(MemorySource(other.log.files()), copies=[saved]).ok


def test_a27_the_log_seen_before_is_looked_for_in_the_history_that_was_verified(
    histories: tuple[Election, Election], tmp_path: Path
) -> None:
    shown, seen = histories
    path = tmp_path / "trustee.key"
    cost = Cost(memory=8 * 1024, iterations=1, lanes=1)
    path.write_bytes(seal_trustee_file(seen.trustees[0], PASSPHRASE, seen.random, cost))
    tool = Workspace.open(path, PASSPHRASE)
    trustee_tool.check_log(tool, MemorySource(seen.log.files()), seen.log_id, (), seen.random)
    stored = path.read_bytes()
    shown.vote()
    shown.close()
    two_faced = TwoFacedSource(shown.log.files(), seen.log.files())
    with pytest.raises(TrusteeToolError, match="does not extend the one seen before"):
        trustee_tool.check_log(tool, two_faced, shown.log_id, (), shown.random)
    assert path.read_bytes() == stored


def test_a24_the_ceremony_is_the_one_that_was_verified(histories: tuple[Election, Election], tmp_path: Path) -> None:
    shown, other = histories
    path = tmp_path / "trustee.key"
    cost = Cost(memory=8 * 1024, iterations=1, lanes=1)
    path.write_bytes(seal_trustee_file(shown.trustees[0], PASSPHRASE, shown.random, cost))
    tool = Workspace.open(path, PASSPHRASE)
    two_faced = TwoFacedSource(shown.log.files(), other.log.files())
    log = trustee_tool.check_log(tool, two_faced, shown.log_id, (), shown.random)
    assert log.ceremony is not None
    assert log.ceremony.joint_key == shown.joint


def test_a104_what_is_certified_is_the_declaration_that_was_verified() -> None:
    election = simulate(PLAN)
    other = simulate(Plan(contests=(ContestPlan("head", ("beka", "beka", "beka", "blank")),)))
    report = verify_log(TwoFacedSource(election.log.files(), other.log.files()))
    assert report.ok, report.failures
    declared = next(raw for raw in election.log.entries if b'"kind":"result.declared"' in raw)
    assert declared_hash(report.facts, 1) == sha256(declared).digest()
    with pytest.raises(SystemExit):
        declared_hash(report.facts, 2)
