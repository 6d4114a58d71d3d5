"""Which shares fail a log, and which are their trustee's own mistake and passed over (docs/protocol.md §10; A26)."""

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
import pytest

from audit.source import MemorySource
from audit.verify import verify_log
from keys.canonical import b64
from keys.curve import ORDER
from tally.sums import ContestSums, sum_bodies
from tally.wire import PartialDecryption, ShareData
from tests.simulated.malice import Copy
from tests.simulated.published import failed
from tests.simulated.rogue import sign_share
from tests.simulator import ContestPlan, Election, Plan, simulate

ABSENT = 3  # its shares come as the test makes them
CONTESTS = (
    ContestPlan("head", ("ana", "ana", "beka", "blank")),
    ContestPlan("zero", (), "luka blank", "zero", "faculty"),
)


@cache
def election() -> Election:
    return simulate(
        Plan(CONTESTS, electorates={"zero": (5,)}, absent=frozenset({ABSENT}), scope="block", seed="shares")
    )


def sums_of(name: str) -> ContestSums:
    box = election().box(name)
    return sum_bodies(box.rules.context, box.rules.options, (ballot.body for ballot in box.ballots))


def good_share(name: str = "head", number: int = ABSENT) -> ShareData:
    return election().share(number, sums_of(name))


def signed(shares: list[PartialDecryption | None]) -> ShareData:
    share = msgspec.structs.replace(good_share(), shares=shares)
    return sign_share(election().where, share, election().trustees[ABSENT - 1].identity_secret)


def with_member(name: str, value: str) -> ShareData:
    first, *others = good_share().shares
    assert first is not None
    return signed([msgspec.structs.replace(first, **{name: value}), *others])


def log_with(*shares: ShareData, before: str = "tally.counts", without: int | None = None) -> dict[str, bytes]:
    """The log up to the declared result, with these shares put in (and none of trustee `without`)."""
    copy = Copy.of(election())
    copy = copy.cut(copy.first("result.certified"))
    time = copy.plain()[copy.first("tally.counts")]["time"]
    new: list[dict[str, Any]] = [
        {"data": msgspec.to_builtins(share), "kind": "tally.share", "time": time} for share in shares
    ]
    entries = copy.plain()
    at = copy.first(before) if before == "tally.counts" else copy.last(before)
    entries[at:at] = new
    kept = [e for e in entries if e["kind"] != "tally.share" or e["data"]["i"] != without]
    return copy.rewritten(kept)


MISTAKES: dict[str, Callable[[], ShareData]] = {
    "a member less": lambda: signed(good_share().shares[:-1]),
    "a member more": lambda: signed([*good_share().shares, None]),
    "no members": lambda: signed([]),
    "null where there is something to decrypt": lambda: signed([None, *good_share().shares[1:]]),
    "D is no base64url": lambda: with_member("d", "?"),
    "D has 32 bytes": lambda: with_member("d", b64(bytes(32))),
    "D is on no point": lambda: with_member("d", b64(b"\x02" + (5).to_bytes(32, "big"))),
    "a has the prefix of an uncompressed point": lambda: with_member("a", b64(b"\x04" + bytes(32))),
    "z is q": lambda: with_member("z", b64(ORDER.to_bytes(32, "big"))),
    "z is 0": lambda: with_member("z", b64(bytes(32))),
    "z is another": lambda: with_member("z", b64((1).to_bytes(32, "big"))),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_signed_mistake_is_named_and_passed_over(name: str) -> None:
    report = verify_log(MemorySource(log_with(MISTAKES[name]())), log_id=election().log_id)
    assert report.failures == ()
    assert [note for note in report.notes if "signed and false, passed over" in note]
    assert {contest.contest: len(contest.bad_shares) for contest in report.facts.contests} == {"head": 1, "zero": 0}


def test_a_mistake_does_not_spoil_the_trustees_good_share() -> None:
    assert failed(log_with(MISTAKES["z is 0"](), good_share(), good_share()), election().log_id) == set()


def test_trustees_are_the_smallest_of_those_that_shared_before_the_counts() -> None:
    """Trustee 2's share goes and 3's comes: then the counts name the wrong trustees."""
    assert failed(log_with(good_share(), without=2), election().log_id) == {"shares and counts"}


def test_a_share_after_the_counts_is_seen() -> None:
    assert failed(log_with(good_share(), before="result.declared"), election().log_id) == {"entries"}


def test_the_very_same_share_twice_is_seen() -> None:
    share = good_share()
    assert failed(log_with(share, share), election().log_id) == {"shares and counts"}


@pytest.mark.parametrize("number", [0, 4, 2])
def test_a_share_of_nobody_or_signed_by_another_is_seen(number: int) -> None:
    share = msgspec.structs.replace(good_share(), i=number)
    assert failed(log_with(share), election().log_id) == {"shares and counts"}


@pytest.mark.parametrize("signature", ["", b64(bytes(64)), b64(bytes(63))])
def test_a_share_without_a_signature_is_seen(signature: str) -> None:
    share = msgspec.structs.replace(good_share(), signature=signature)
    assert failed(log_with(share), election().log_id) == {"shares and counts"}


def test_a_share_of_a_contest_without_ballots_is_seen() -> None:
    """There is nothing to decrypt: not even a list of nulls, rightly signed, may stand there."""
    share = good_share("zero")
    assert share.shares == [None, None]
    assert failed(log_with(), election().log_id) == set()
    assert failed(log_with(share), election().log_id) == {"shares and counts"}
