"""A trustee's tool faces a lying service (A24, A27, A28, A48): it refuses, and its file stays as it was."""

from dataclasses import replace
from pathlib import Path

import pytest

from audit.source import MemorySource
from audit.verify import verify_log
from ballot.receipt import Receipt
from election_service import trustee_tool
from election_service.trustee_tool import TrusteeToolError, VerifiedLog, Workspace
from keys.errors import DataError
from keys.keyfile import Cost
from keys.trustee.file import seal_trustee_file
from tally.wire import ShareData
from tests.simulated.malice import Copy
from tests.simulator import ContestPlan, Election, Plan, set_up

PASSPHRASE = "four random words here"
CHEAP = Cost(memory=8 * 1024, iterations=1, lanes=1)
PLAN = Plan(contests=(ContestPlan("head", ("ana", "ana", "beka", "blank")),))


@pytest.fixture
def election() -> Election:
    election = set_up(PLAN)
    election.vote()
    return election


def workspace(election: Election, folder: Path, number: int = 1) -> Workspace:
    file = election.trustees[number - 1]
    path = folder / f"trustee-{number}.key"
    path.write_bytes(seal_trustee_file(file, PASSPHRASE, election.random, CHEAP))
    return Workspace.open(path, PASSPHRASE)


def check(
    tool: Workspace, election: Election, files: dict[str, bytes] | None = None, receipts: tuple[Receipt, ...] = ()
) -> VerifiedLog:
    source = MemorySource(election.log.files() if files is None else files)
    return trustee_tool.check_log(tool, source, election.log_id, receipts, election.random)


def decrypt(tool: Workspace, election: Election, files: dict[str, bytes] | None = None) -> list[ShareData]:
    log = check(tool, election, files)
    return trustee_tool.decrypt(tool, log, 1, election.log.now, election.random)


def summed(election: Election) -> None:
    election.close()
    election.wait(PLAN.review_window)
    election.sums()


def test_two_of_three_trustees_decrypt_and_a_third_never_returns(election: Election, tmp_path: Path) -> None:
    summed(election)
    for number in (1, 3):
        for share in decrypt(workspace(election, tmp_path, number), election):
            election.log.append("tally.share", share)
    report = verify_log(MemorySource(election.log.files()), log_id=election.log_id)
    assert report.ok, report.failures


def test_a28_an_open_poll_is_not_decrypted(election: Election, tmp_path: Path) -> None:
    tool = workspace(election, tmp_path)
    log = check(tool, election)
    stored = tool.path.read_bytes()
    with pytest.raises(TrusteeToolError, match="expected a closed poll, got one that is open"):
        trustee_tool.decrypt(tool, log, 1, election.log.now, election.random)
    assert tool.path.read_bytes() == stored


def test_a28_an_unfinished_review_window_is_waited_for(election: Election, tmp_path: Path) -> None:
    election.close()
    tool = workspace(election, tmp_path)
    log = check(tool, election)
    with pytest.raises(TrusteeToolError, match="the review window ends in"):
        trustee_tool.decrypt(tool, log, 1, election.log.now, election.random)


def test_a27_an_older_log_is_refused(election: Election, tmp_path: Path) -> None:
    before = election.log.files()
    summed(election)
    tool = workspace(election, tmp_path)
    check(tool, election)
    with pytest.raises(TrusteeToolError, match="the log is shorter than the one seen before"):
        check(tool, election, before)


def test_a27_another_history_is_refused_although_it_verifies(tmp_path: Path) -> None:
    seen, shown = set_up(PLAN), set_up(PLAN)
    assert seen.log_id == shown.log_id
    tool = workspace(seen, tmp_path)
    seen.vote()
    seen.seal()
    check(tool, seen)
    shown.vote()
    shown.close()
    copy = Copy.of(shown)
    assert verify_log(MemorySource(copy.files()), log_id=shown.log_id).ok
    with pytest.raises(TrusteeToolError, match="does not extend the one seen before"):
        check(tool, shown)


def test_a27_a_log_without_one_ballot_is_refused_when_its_receipt_is_shown(election: Election, tmp_path: Path) -> None:
    receipts = tuple(receipt for voter in election.voters for receipt in voter.receipts)
    election.boxes[1][0].ballots.pop()
    summed(election)
    with pytest.raises(TrusteeToolError, match="receipts"):
        check(workspace(election, tmp_path), election, receipts=receipts)


def test_a27_a_partial_log_is_refused(election: Election, tmp_path: Path) -> None:
    summed(election)
    files = dict(election.log.files())
    bundles = [path for path in files if path.startswith("tile/entries/")]
    del files[bundles[-1]]
    with pytest.raises(TrusteeToolError, match="does not verify"):
        check(workspace(election, tmp_path), election, files)


def test_a27_a_second_set_of_sums_for_a_contest_is_refused(election: Election, tmp_path: Path) -> None:
    summed(election)
    tool = workspace(election, tmp_path)
    log = check(tool, election)
    assert trustee_tool.decrypt(tool, log, 1, election.log.now, election.random)
    contest = log.facts.contests[0]
    assert contest.sums is not None
    doubled = replace(contest.sums, pairs=tuple((a + a, b + b) for a, b in contest.sums.pairs))
    lie = replace(log, facts=replace(log.facts, contests=(replace(contest, sums=doubled),)))
    stored = tool.path.read_bytes()
    with pytest.raises(DataError, match="a share for other sums was made before"):
        trustee_tool.decrypt(tool, lie, 1, election.log.now, election.random)
    assert tool.path.read_bytes() == stored


def test_the_same_sums_again_give_a_share_again(election: Election, tmp_path: Path) -> None:
    summed(election)
    tool = workspace(election, tmp_path)
    assert len(decrypt(tool, election)) == len(decrypt(Workspace.open(tool.path, PASSPHRASE), election)) == 1


def test_a24_another_joint_key_than_the_remembered_one_is_refused(election: Election, tmp_path: Path) -> None:
    summed(election)
    stranger = set_up(Plan(contests=PLAN.contests, seed="stranger"))
    tool = workspace(stranger, tmp_path)
    log = check(tool, election)
    with pytest.raises(DataError, match="joint key"):
        trustee_tool.prove(tool, log, 1, election.random)
    with pytest.raises(DataError, match="joint key"):
        trustee_tool.decrypt(tool, log, 1, election.log.now, election.random)


def test_a_wrong_passphrase_says_so_and_changes_nothing(election: Election, tmp_path: Path) -> None:
    path = workspace(election, tmp_path).path
    stored = path.read_bytes()
    with pytest.raises(DataError, match="wrong passphrase"):
        Workspace.open(path, "not the passphrase")
    assert path.read_bytes() == stored
