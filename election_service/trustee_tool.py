"""The trustee's tool: follows the ceremony, proves its file, decrypts sums, and believes the service nothing (§3, §10).

Each act downloads the log, verifies all of it with the verifier, and only then touches the secret. The file is stored
before anything is published, so a crash repeats an act and never contradicts it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from audit.facts import ContestFigures, Facts, PollFigures
from audit.source import LogSource
from audit.verify import verify_log
from ballot.receipt import Receipt
from election_service.state_dir import write_durably
from keys.canonical import encode, unb64
from keys.errors import DataError
from keys.trustee import CanaryData, Ceremony, JointKey, StepData
from keys.trustee.file import (
    TrusteeFile,
    open_trustee_file,
    record_decryption,
    remember_log,
    seal_trustee_file,
    verify_remembered,
)
from keys.trustee.tool import canary, next_step
from tally.share import ShareContext, make_share
from tally.sums import make_sums
from tally.wire import ShareData

Random = Callable[[int], bytes]


class TrusteeToolError(DataError):
    """The tool refuses: the log does not allow what it was asked for. Nothing secret was used."""


@dataclass(slots=True)
class Workspace:
    """A trustee's file on disk, opened. Owner: the one command that runs."""

    path: Path
    passphrase: str
    file: TrusteeFile

    @classmethod
    def open(cls, path: Path, passphrase: str) -> Workspace:
        """Read the file; KeyFileError for a wrong passphrase."""
        return cls(path, passphrase, open_trustee_file(path.read_bytes(), passphrase))

    def store(self, file: TrusteeFile, random: Random) -> None:
        """Replace the file durably, before anything is published that follows from it."""
        if file != self.file:
            write_durably(self.path, seal_trustee_file(file, self.passphrase, random))
            self.file = file

    def __repr__(self) -> str:
        return f"Workspace({self.path})"


@dataclass(frozen=True, slots=True)
class VerifiedLog:
    """A copy of the log that passed the verifier, and the newest session's messages in it."""

    facts: Facts
    ceremony: Ceremony | None


def check_log(
    workspace: Workspace,
    source: LogSource,
    log_id: bytes | None,
    receipts: Sequence[Receipt],
    random: Random,
    executor: Executor | None = None,
) -> VerifiedLog:
    """Verify a copy of the log whole, and that it extends the one seen before; remember it. TrusteeToolError.

    The copy is read once: a server that lies would verify with one history, and answer a second question from another.
    """
    seen = workspace.file.log
    heads = [] if seen is None else [(seen.size, unb64(seen.root, 32, "trustee file: root"))]
    report = verify_log(source, log_id=log_id, receipts=receipts, heads=heads, executor=executor)
    if not report.ok:
        failures = [f"{failure.check}: {failure}" for failure in report.failures]
        message = "the log does not verify: " + "; ".join(failures[:3] or ["nothing to verify"])
        raise TrusteeToolError(message)
    facts = report.facts
    if facts.election != workspace.file.election:
        message = f"wrong election: expected {workspace.file.election}, got {facts.election}"
        raise TrusteeToolError(message)
    workspace.store(remember_log(workspace.file, facts.entries, facts.root), random)
    return VerifiedLog(facts, facts.ceremony)


def advance(workspace: Workspace, log: VerifiedLog, random: Random) -> StepData | None:
    """The message that this trustee owes the ceremony now, its file stored first; None where nothing is due."""
    if log.ceremony is None:
        message = "the committee has not opened a trustee session yet"
        raise TrusteeToolError(message)
    file, message_due = next_step(workspace.file, log.ceremony, random)
    workspace.store(file, random)
    return message_due


def prove(workspace: Workspace, log: VerifiedLog, poll: int, random: Random) -> CanaryData:
    """The canary for one poll: this file still works. Decrypts nothing that it is sent."""
    return canary(workspace.file, log.facts.log_id, _joint_key(workspace, log), poll, random)


def decrypt(workspace: Workspace, log: VerifiedLog, poll: int, now: int, random: Random) -> list[ShareData]:
    """Shares of the sums of one closed poll, from the tool's own sums. Refusals raise and nothing is stored."""
    joint = _joint_key(workspace, log)
    _check_decryptable(_poll(log.facts, poll), now)
    _check_sums(log.facts, poll)
    file, shares = workspace.file, []
    where = ShareContext(log.facts.log_id, joint.session)
    for contest in log.facts.contests:
        if contest.poll != poll or contest.stage != "summed" or contest.sums is None or contest.ballots == 0:
            continue
        _check_floor(contest)
        file = record_decryption(file, contest.context, sha256(encode(make_sums(contest.sums))).digest())
        secret = workspace.file.secret_share(joint)
        share = make_share(where, contest.sums, workspace.file.number, secret, file.identity_secret, random)
        shares.append(share)
    workspace.store(file, random)
    return shares


def _joint_key(workspace: Workspace, log: VerifiedLog) -> JointKey:
    if log.facts.joint_key is None:
        message = "the trustees have not confirmed a joint key in this log"
        raise TrusteeToolError(message)
    verify_remembered(workspace.file, log.facts.joint_key)
    return log.facts.joint_key


def _poll(facts: Facts, number: int) -> PollFigures:
    found = [poll for poll in facts.polls if poll.poll == number]
    if not found:
        message = f"poll {number}: not in the log"
        raise TrusteeToolError(message)
    return found[0]


def _check_decryptable(poll: PollFigures, now: int) -> None:
    """An open poll and an unfinished review window are refused (A27, A28)."""
    if poll.closed is None or poll.review_ends is None:
        message = f"poll {poll.poll}: expected a closed poll, got one that is {poll.state}: nothing is decrypted"
        raise TrusteeToolError(message)
    if now < poll.review_ends:
        message = f"poll {poll.poll}: the review window ends in {poll.review_ends - now} seconds: nothing is decrypted"
        raise TrusteeToolError(message)


def _check_sums(facts: Facts, poll: int) -> None:
    """The service has published sums, or that it withholds them, for every contest of the poll."""
    waiting = [item.contest for item in facts.contests if item.poll == poll and item.stage in ("closed", "destroyed")]
    if waiting:
        message = f"poll {poll}: the service has not published the sums of {', '.join(waiting[:3])} yet; ask again"
        raise TrusteeToolError(message)


def _check_floor(contest: ContestFigures) -> None:
    """Never fewer than two ballots, whatever the constitution says (A67); its own floor was checked by the verifier."""
    if contest.ballots < 2:
        message = f"contest {contest.contest}: {contest.ballots} ballot: nothing is decrypted"
        raise TrusteeToolError(message)
