"""The stand-alone tool faces a lying service (A24, A27, A28, A48), as tests/attacks/test_trustee_tool.py has it for the
command line; and where the log is right, both make the same shares, byte by byte.
"""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import msgspec
import pytest

from audit.source import MemorySource
from ballot.receipt import Receipt
from election_service import trustee_tool
from election_service.trustee_tool import Workspace
from keys.canonical import b64, encode
from keys.keyfile import Cost
from keys.trustee.file import TrusteeFile, record_decryption, remember_log, seal_trustee_file
from tests.booth.harness import Booth, BoothRefusalError
from tests.keys.trustees import Stream
from tests.simulated.everything import FIRST_TOUR
from tests.simulator import Election, Plan, set_up
from tests.trustee.tables import sent

PLAN = Plan(contests=FIRST_TOUR, voters=8, electorates={"law": range(5), "small": (5, 6), "zero": (7,)})


@pytest.fixture(scope="module")
def closed() -> Election:
    """Closed, and summed after the review window; one contest has too few ballots, and one has none."""
    election = voted()
    election.close()
    election.wait(PLAN.review_window)
    election.sums()
    election.count(election.box("small-head"), None, [])
    return election


def voted() -> Election:
    election = set_up(PLAN)
    election.vote()
    return election


def call(tool: Booth, op: str, election: Election, file: TrusteeFile | None = None, **rest: Any) -> Any:
    given = file or election.trustees[0]
    files = rest.pop("files", None) or election.log.files()
    values = {"poll": 1, "now": election.log.now, "random": "shares", **rest}
    if op not in ("decrypt", "prove"):
        values = rest
    return tool.call(op, file=encode(given).hex(), files=sent(files), log_id=election.log_id.hex(), **values)


def test_both_make_the_same_shares_and_the_same_file(tool: Booth, closed: Election, tmp_path: Path) -> None:
    for number, file in enumerate(closed.trustees, 1):
        path = tmp_path / f"{number}.key"
        path.write_bytes(seal_trustee_file(file, "passphrase", closed.random, Cost(memory=8192, iterations=1, lanes=1)))
        workspace = Workspace.open(path, "passphrase")
        log = trustee_tool.check_log(workspace, MemorySource(closed.log.files()), closed.log_id, (), closed.random)
        shares = trustee_tool.decrypt(workspace, log, 1, closed.log.now, Stream("shares"))
        assert len(shares) == 2
        given = call(tool, "decrypt", closed, file)
        assert [message["kind"] for message in given["messages"]] == ["tally.share"] * 2
        assert [encode(message["data"]) for message in given["messages"]] == [encode(share) for share in shares]
        assert given["file"] == encode(workspace.file).hex()


@pytest.mark.parametrize("compression", [ZIP_STORED, ZIP_DEFLATED])
@pytest.mark.parametrize("folder", ["", "copy/log/"])
def test_a_zip_of_the_log_is_read(tool: Booth, closed: Election, compression: int, folder: str) -> None:
    file = BytesIO()
    with ZipFile(file, "w", compression) as archive:
        for path, content in closed.log.files().items():
            archive.writestr(folder + path, content)
    content = tool.call("check_log", file=encode(closed.trustees[0]).hex(), archive=file.getvalue().hex(), log_id=None)
    files = closed.log.files()
    assert content == call(tool, "check_log", closed, files=files)


@pytest.mark.parametrize("at", range(5, 1000, 97))
def test_a_damaged_zip_is_refused(tool: Booth, closed: Election, at: int) -> None:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for path, content in closed.log.files().items():
            archive.writestr(path, content)
    raw = bytearray(file.getvalue())
    place = len(raw) * at // 1000
    for damaged in (raw[:place], raw[:place] + bytes(40) + raw[place + 40 :]):
        with pytest.raises(BoothRefusalError):
            tool.call("decrypt", file=encode(closed.trustees[0]).hex(), archive=bytes(damaged[:-1]).hex(), log_id=None)


def refused(tool: Booth, code: str, op: str, election: Election, file: TrusteeFile | None = None, **rest: Any) -> None:
    with pytest.raises(BoothRefusalError) as caught:
        call(tool, op, election, file, **rest)
    assert caught.value.code == code


def test_a28_an_open_poll_is_not_decrypted(tool: Booth) -> None:
    refused(tool, "poll-open", "decrypt", voted())


def test_a28_the_review_window_is_waited_for_by_the_tools_own_clock(tool: Booth, closed: Election) -> None:
    end = closed.log.now - PLAN.review_window
    refused(tool, "review-window", "decrypt", closed, now=end)


def test_sums_that_are_not_published_are_waited_for(tool: Booth) -> None:
    election = voted()
    election.close()
    election.wait(PLAN.review_window)
    refused(tool, "no-sums", "decrypt", election)


def test_a27_an_older_log_and_another_history_are_refused(tool: Booth, closed: Election) -> None:
    before = voted()
    seen = remember_log(closed.trustees[0], len(closed.log.entries), b"\x01" * 32)
    refused(tool, "another-history", "check_log", closed, seen)
    refused(tool, "older-log", "check_log", closed, seen, files=before.log.files())


def test_a27_the_log_that_was_seen_goes_on(tool: Booth, closed: Election) -> None:
    content = call(tool, "check_log", closed)
    assert tool.call("check_log", file=content, files=sent(closed.log.files()), log_id=None) == content


def test_a27_a_log_without_one_ballot_is_refused_when_its_receipt_is_shown(tool: Booth) -> None:
    election = voted()
    receipts: list[Receipt] = [receipt for voter in election.voters for receipt in voter.receipts]
    texts = [encode(receipt).decode() for receipt in receipts]
    election.seal()
    call(tool, "check_log", election, receipts=texts)  # all are there
    lying = set_up(PLAN)
    lying.vote()
    lying.boxes[1][0].ballots.pop()
    lying.close()
    assert lying.log_id == election.log_id
    refused(tool, "receipt-missing", "check_log", lying, receipts=texts)
    bent = [encode(msgspec.structs.replace(receipts[0], signature=b64(bytes(64)))).decode()]
    call(tool, "check_log", lying, receipts=bent)  # proves nothing
    refused(tool, "not-a-receipt", "check_log", lying, receipts=["{}"])


def test_a27_a_second_set_of_sums_is_refused(tool: Booth, closed: Election) -> None:
    context = closed.boxes[1][0].rules.context
    file = record_decryption(closed.trustees[0], context, b"\x02" * 32)
    refused(tool, "second-sums", "decrypt", closed, file)


def test_the_same_sums_again_give_the_share_again(tool: Booth, closed: Election) -> None:
    first = call(tool, "decrypt", closed)
    again = tool.call(
        "decrypt",
        file=first["file"],
        files=sent(closed.log.files()),
        log_id=None,
        poll=1,
        now=closed.log.now,
        random="shares",
    )
    assert again == first


def test_a24_another_joint_key_than_the_remembered_one_is_refused(tool: Booth, closed: Election) -> None:
    stranger = set_up(replace(PLAN, seed="stranger"))
    for op in ("prove", "decrypt"):
        refused(tool, "another-key", op, closed, stranger.trustees[0])


def test_a_file_of_another_election_is_refused(tool: Booth, closed: Election) -> None:
    file = msgspec.structs.replace(closed.trustees[0], election="another-2026")
    refused(tool, "another-election", "check_log", closed, file)


def test_a27_a_partial_log_is_refused(tool: Booth, closed: Election) -> None:
    files = dict(closed.log.files())
    del files[[path for path in files if path.startswith("tile/entries/")][-1]]
    refused(tool, "incomplete-log", "check_log", closed, files=files)
