"""Receipts, copies and witnesses: what only other people can know about a log (A47, A55)."""

import pytest

from audit.checkpoint import cosign, parse_checkpoint
from audit.ed25519 import ed25519_public_key
from audit.entries import decode_entry
from audit.source import MemorySource
from audit.verify import verify_log
from ballot.receipt import Receipt, make_receipt
from keys.canonical import b64
from tests.simulated.malice import Copy, put
from tests.simulated.published import whole
from tests.simulator import ContestPlan, Election, Plan, simulate


@pytest.fixture(scope="module")
def election() -> Election:
    return simulate(Plan(contests=(ContestPlan("head", ("ana", "ana", "beka", "blank")),)))


def receipts_check(election: Election, size: int, *receipts: Receipt) -> tuple[str, int, list[str]]:
    report = verify_log(MemorySource(Copy.of(election).cut(size).files()), receipts=receipts)
    check = next(check for check in report.checks if check.name == "receipts")
    return check.status, check.items, list(report.notes)


def seq_of(election: Election, kind: str) -> int:
    return next(seq for seq, raw in enumerate(election.log.entries) if decode_entry(raw).kind == kind)


def test_honoured_receipts_are_counted(election: Election) -> None:
    status, items, _ = receipts_check(election, len(election.log.entries), *election.receipts)
    assert (status, items) == ("ok", 4)


def test_a47_a_receipt_that_is_not_honoured_fails_from_the_close_on(election: Election) -> None:
    context = election.box("head").rules.context
    broken = make_receipt(election.receipt.secret, election.log_id, context, bytes(32), election.random)
    closed = seq_of(election, "poll.closed")
    status, _, notes = receipts_check(election, closed, broken)
    assert status == "ok"
    assert any("due at the close" in note for note in notes)
    assert receipts_check(election, closed + 1, broken)[0] == "failed"
    assert receipts_check(election, len(election.log.entries), *election.receipts, broken)[0] == "failed"


def test_a_signed_receipt_for_a_contest_that_is_not_in_the_log_fails(election: Election) -> None:
    stray = make_receipt(election.receipt.secret, election.log_id, bytes(32), bytes(32), election.random)
    assert receipts_check(election, len(election.log.entries), stray)[0] == "failed"


def test_a_receipt_that_the_log_did_not_sign_proves_nothing(election: Election) -> None:
    good = election.receipts[0]
    forged = [
        put_receipt(good, "signature", b64(bytes(64))),
        put_receipt(good, "log", b64(bytes(32))),
        put_receipt(good, "tracker", "not base64url"),
        put_receipt(good, "v", "es2"),
    ]
    status, items, notes = receipts_check(election, len(election.log.entries), *forged)
    assert (status, items) == ("none", 0)
    assert sum("is not one of this log" in note for note in notes) == len(forged)


def put_receipt(receipt: Receipt, member: str, value: str) -> Receipt:
    return Receipt(**{**{name: getattr(receipt, name) for name in Receipt.__struct_fields__}, member: value})


def test_copies_agree_or_fail(election: Election) -> None:
    copy = Copy.of(election)
    source = MemorySource(copy.files(), "one")
    shorter = MemorySource(copy.cut(30).files(), "two")
    report = verify_log(source, copies=[shorter, source])
    assert report.ok
    assert next(check.items for check in report.checks if check.name == "copies") == 2
    changed = copy.plain()
    changed[12] = put(changed[12], ("data", "signature"), b64(bytes(64)))
    other = MemorySource(copy.rewritten(changed), "three")
    (failure,) = verify_log(source, copies=[other]).failures
    assert (failure.check, failure.reason) == ("copies", "entry 12 differs: one and three are two histories")


def witnessed(quorum: int) -> tuple[Copy, dict[str, bytes]]:
    """A log that is only opened, with two witnesses in its policy."""
    secrets = {f"witness.example/{name}": name.encode() * 32 for name in "ab"}
    entries = whole().plain()[:1]
    policy = [{"key": b64(ed25519_public_key(secret)), "name": name} for name, secret in secrets.items()]
    entries[0] = put(put(entries[0], ("data", "witnesses"), policy), ("data", "quorum"), quorum)
    files = whole().rewritten(entries)
    raw = next(iter(MemorySource(files).entries(1)))
    return Copy(whole().origin, whole().log_secret, (raw,), {}), secrets


def test_a55_cosignatures_below_the_quorum_fail() -> None:
    for quorum, signers, status in [(0, 0, "none"), (0, 1, "ok"), (1, 0, "failed"), (2, 1, "failed"), (2, 2, "ok")]:
        copy, secrets = witnessed(quorum)
        files = copy.files()
        checkpoint = parse_checkpoint(files["checkpoint"])
        for name, secret in list(secrets.items())[:signers]:
            files["checkpoint"] += cosign(checkpoint, name, secret, 1_790_000_000).encode()
        report = verify_log(MemorySource(files))
        check = next(check for check in report.checks if check.name == "cosignatures")
        assert check.status == status, (quorum, signers)
