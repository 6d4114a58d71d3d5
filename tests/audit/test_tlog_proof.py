"""Proofs as files: made, read and refused as c2sp.org/tlog-proof@v1 says, and checked off line with the log's id."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from audit.cli import main
from audit.errors import AuditError
from audit.source import MemorySource
from audit.tlog_proof import (
    HEADER,
    BallotExtra,
    TlogProof,
    copy_goes_on,
    encode_tlog_proof,
    is_tlog_proof,
    make_ballot_proof,
    parse_tlog_proof,
    verify_ballot_proof,
)
from ballot.ballot import tracker_of
from ballot.receipt import Receipt
from keys.canonical import b64, decode, encode
from keys.errors import DataError
from tests.simulated.logbook import published, write_folder
from tests.simulated.malice import Copy
from tests.simulator import ContestPlan, Election, Plan, simulate

Capture = pytest.CaptureFixture[str]
# The example of the specification's form, with a checkpoint of two lines less: parsing looks at the form alone.
EXAMPLE = (
    b"c2sp.org/tlog-proof@v1\n"
    b"extra dGVzdA==\n"
    b"index 73894\n"
    b"gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n"
    b"B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n"
    b"\n"
    b"example.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\n"
)


@pytest.fixture(scope="module")
def election() -> Election:
    return simulate(Plan(contests=(ContestPlan("head", ("ana", "ana", "beka")),)))


@pytest.fixture(scope="module")
def source(election: Election) -> MemorySource:
    return MemorySource(election.log.files())


@pytest.fixture
def receipt(election: Election) -> Receipt:
    first: Receipt = election.receipts[0]
    return first


def place(election: Election, receipt: Receipt) -> int:
    copy = Copy.of(election)
    return copy.first("ballot", lambda data: b64(tracker_of(encode(data["body"]))) == receipt.tracker)


@pytest.fixture
def proof(election: Election, source: MemorySource, receipt: Receipt) -> TlogProof:
    return make_ballot_proof(source, place(election, receipt), receipt)


def test_the_form_of_the_specification() -> None:
    proof = parse_tlog_proof(EXAMPLE)
    assert proof.index == 73894
    assert proof.extra == b"test"
    assert len(proof.hashes) == 2
    assert proof.checkpoint.startswith(b"example.com/fancylog\n109482\n")
    assert encode_tlog_proof(proof) == EXAMPLE
    bare = replace(proof, extra=b"", hashes=(), index=0)
    assert encode_tlog_proof(bare).startswith(f"{HEADER}\nindex 0\n\nexample.com".encode())
    assert parse_tlog_proof(encode_tlog_proof(bare)) == bare


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"@v1", b"@v2"),
        (b"index 73894", b"index 073894"),
        (b"index 73894", b"index -1"),
        (b"index 73894", b"index 99999999999999999999"),
        (b"index 73894\n", b""),
        (b"index 73894", b"Index 73894"),
        (b"extra dGVzdA==", b"extra dGVzdB=="),
        (b"extra dGVzdA==", b"extra "),
        (b"extra dGVzdA==", b"extra dGVz dA=="),
        (b"PlQ=\n", b"PlR=\n"),
        (b"PlQ=\n", b"PlQ\n"),
        (b"PlQ=\n", b"\n"),
        (b"PlQ=\n", b"PlQ=\r\n"),
        (b"gSKy", b"AAAAgSKy"),
        (b"index", "\N{CYRILLIC SMALL LETTER I}ndex".encode()),
    ],
)
def test_other_spellings_are_refused(old: bytes, new: bytes) -> None:
    assert old in EXAMPLE
    with pytest.raises(AuditError, match="proof"):
        parse_tlog_proof(EXAMPLE.replace(old, new, 1))


def test_a_proof_goes_round_and_names_its_ballot(election: Election, proof: TlogProof, receipt: Receipt) -> None:
    raw = encode_tlog_proof(proof)
    assert is_tlog_proof(raw)
    assert parse_tlog_proof(raw) == proof
    proven = verify_ballot_proof(parse_tlog_proof(raw), election.log_id)
    assert b64(proven.tracker) == receipt.tracker
    assert b64(proven.context) == receipt.context
    assert proven.seq == proof.index
    assert proven.size == len(election.log.entries)
    assert proven.receipt
    assert proof.checkpoint == election.log.files()["checkpoint"]  # verbatim


def test_every_ballot_and_no_other_entry_gets_a_proof(election: Election, source: MemorySource) -> None:
    kinds = [entry["kind"] for entry in Copy.of(election).plain()]
    for seq, kind in enumerate(kinds):
        if kind == "ballot":
            assert verify_ballot_proof(make_ballot_proof(source, seq, None), election.log_id).seq == seq
    for seq in (0, len(kinds) - 1, len(kinds)):
        with pytest.raises(DataError, match="expected a"):
            make_ballot_proof(source, seq, None)


def is_refused(proof: TlogProof, log_id: bytes) -> bool:
    try:
        verify_ballot_proof(proof, log_id)
    except DataError:
        return True
    return False


def test_a60_a_proof_with_one_thing_changed_is_refused(election: Election, proof: TlogProof) -> None:
    extra = decode(proof.extra, BallotExtra)
    assert extra.receipt is not None
    others = [seq for seq, e in enumerate(Copy.of(election).plain()) if e["kind"] == "ballot" and seq != proof.index]
    another = election.log.entries[others[0]].decode()

    def with_extra(**changes: object) -> TlogProof:
        import msgspec

        return replace(proof, extra=encode(msgspec.structs.replace(extra, **changes)))

    flipped = tuple(bytes([item[0] ^ 1]) + item[1:] for item in proof.hashes)
    lies = {
        "another index": replace(proof, index=others[0]),
        "index beyond": replace(proof, index=10**9),
        "a hash less": replace(proof, hashes=proof.hashes[:-1]),
        "a hash more": replace(proof, hashes=(*proof.hashes, bytes(32))),
        "hashes changed": replace(proof, hashes=flipped),
        "hashes swapped": replace(proof, hashes=proof.hashes[::-1]),
        "a checkpoint of another root": replace(proof, checkpoint=proof.checkpoint.replace(b"\n", b"\n1", 1)),
        "an unsigned checkpoint": replace(proof, checkpoint=proof.checkpoint.rsplit(b"\n", 2)[0] + b"\n"),
        "no extra": replace(proof, extra=b""),
        "extra in another form": replace(proof, extra=proof.extra + b" "),
        "another version": with_extra(v="es2"),
        "another entry": with_extra(entry=another),
        "an entry that is no ballot": with_extra(entry=extra.opened),
        "another ballot's receipt": with_extra(receipt=election.receipts[1]),
        "a receipt that nobody signed": with_extra(
            receipt=Receipt(
                **{
                    **{n: getattr(extra.receipt, n) for n in extra.receipt.__struct_fields__},
                    "signature": b64(bytes(64)),
                }
            )
        ),
        "another entry 0": with_extra(opened=extra.opened.replace('"rehearsal":true', '"rehearsal":false')),
    }
    for what, lie in lies.items():
        assert is_refused(lie, election.log_id), what
    with pytest.raises(DataError, match="wrong log"):
        verify_ballot_proof(proof, bytes(32))


def test_a48_a_forged_log_with_a_key_of_its_own_is_another_log(election: Election, proof: TlogProof) -> None:
    """Whoever signs a checkpoint with another key needs another entry 0, and so another log id."""
    copy = Copy.of(election)
    files = published(copy.origin, bytes(32), list(copy.entries), copy.blobs)
    with pytest.raises(DataError, match="signature"):
        verify_ballot_proof(replace(proof, checkpoint=files["checkpoint"]), election.log_id)


def test_a55_a_copy_that_goes_on_is_told_from_one_that_forks(election: Election, proof: TlogProof) -> None:
    copy = Copy.of(election)
    proven = verify_ballot_proof(proof, election.log_id)
    assert copy_goes_on(proven, MemorySource(copy.files()), election.log_id)
    assert not copy_goes_on(proven, MemorySource(copy.cut(len(copy.entries) - 1).files()), election.log_id)
    entries = copy.plain()
    entries[-1]["data"]["act"] = b64(bytes(16))
    with pytest.raises(AuditError, match="two histories"):
        copy_goes_on(proven, MemorySource(copy.rewritten(entries)), election.log_id)


def test_as_a_command(election: Election, receipt: Receipt, tmp_path: Path, capsys: Capture) -> None:
    """A receipt becomes a proof; the proof is checked without any copy, and with one."""
    folder = write_folder(election.log.files(), tmp_path / "log")
    (tmp_path / "receipt.json").write_bytes(encode(receipt))
    file, log_id = tmp_path / "ballot.tlog-proof", b64(election.log_id)
    assert main(["receipt", str(tmp_path / "receipt.json"), str(folder), "--save-proof", str(file)]) == 0
    capsys.readouterr()
    assert main(["receipt", str(file), "--log", log_id]) == 0
    out = capsys.readouterr().out
    assert out.startswith("receipt: ok: ballot ")
    assert receipt.tracker in out
    assert "with its signed receipt)" in out
    assert main(["receipt", str(file), str(folder)]) == 0
    assert "the copy begins with the same entries" in capsys.readouterr().out
    assert main(["receipt", str(file), "--log", b64(bytes(32))]) == 1
    assert "wrong log" in capsys.readouterr().out
    for arguments, text in [
        ([str(file)], "needs the log's id"),
        ([str(tmp_path / "receipt.json")], "needs a copy of the log"),
        ([str(file), "--log", log_id, "--save-proof", "x"], "is a proof already"),
        ([str(tmp_path / "receipt.json"), str(folder), "--save-proof", str(file)], "File exists"),
    ]:
        assert main(["receipt", *arguments]) == 2
        assert text in capsys.readouterr().err
    damaged = file.read_bytes().replace(b"index ", b"index 1", 1)
    (tmp_path / "damaged").write_bytes(damaged)
    assert main(["receipt", str(tmp_path / "damaged"), "--log", log_id]) == 1


def test_the_proof_says_nothing_of_the_choice(election: Election, proof: TlogProof) -> None:
    """What is in it stands in the public log, but for the receipt, and that is a signature over the tracker."""
    extra = decode(proof.extra, BallotExtra)
    assert extra.entry.encode() == election.log.entries[proof.index]
    assert extra.opened.encode() == election.log.entries[0]
    assert base64.b64encode(proof.extra) in encode_tlog_proof(proof)
