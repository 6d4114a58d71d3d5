"""A malicious service drops, repeats, swaps and inserts entries, chains and signs anew; `verify` names the right check.

One table for each: kind of entry -> the check that names it, or the reason why nobody can see it in this one copy of an
uncertified log (`Unseen`; the whole list, with what shows each of them, is in `test_unseen.py`).
"""

from typing import NamedTuple

import pytest

from audit.entries import KINDS
from tests.simulated.malice import Copy, Json
from tests.simulated.published import failed, foreign, uncertified, whole


class Unseen(NamedTuple):
    """Nobody sees it in one copy of an uncertified log."""

    reason: str


ORDER = Unseen("the order of independent entries means nothing")
ACT = Unseen("an act of the committee that nothing refers to, dropped whole: its members have it")
CUT = Unseen("the end of the log, cut: an older checkpoint shows it")

# The entry that is tampered with, where it is not the first of its kind. The first session of the trustees is void.
SECOND_SESSION = {"trustee.hashed", "trustee.committed", "trustee.shared", "trustee.confirmed"}
WHOLE_LOG = {
    "members",
    "complaint",
    "result.certified",
    "result.annulled",
    "seat.taken",
    "seat.vacated",
    "seat.filled",
}


def place(kind: str) -> tuple[Copy, int]:
    """The log, and which entry of it."""
    base = whole() if kind in WHOLE_LOG else uncertified()
    if kind in SECOND_SESSION:
        return base, base.last(kind)
    if kind == "tally.share":  # trustee 1 is the rogue: k = 2 shares are left, and both are needed
        return base, base.first(kind, lambda data: data["i"] == 2)
    return base, base.first(kind)


def judge(copy: Copy, entries: list[Json], expected: str | Unseen) -> None:
    found = failed(copy.rewritten(entries))
    if isinstance(expected, Unseen):
        assert found == set()
    else:
        assert expected in found, (expected, found)


DROPPED: dict[str, str | Unseen] = {
    "log.opened": "entries",
    "constitution": "entries",
    "resolution": "contests",  # the poll opens with an open question
    "booth": ACT,
    "trustee.opened": "trustees",
    "trustee.hashed": "trustees",
    "trustee.committed": "trustees",
    "trustee.shared": "trustees",
    "trustee.confirmed": "entries",  # no joint key: nothing else may follow
    "trustee.complained": Unseen("the void session looks stalled; the complainant knows"),
    "trustee.canary": Unseen("k of n are enough; the trustee knows"),
    "electorate": "contests",
    "credential.replaced": "tokens",
    "contest": "phases",
    "poll.opened": "approvals",
    "poll.extended": ACT,
    "poll.paused": "phases",
    "poll.resumed": ACT,
    "ballot": "entries",
    "sealed": "entries",
    "poll.closed": "entries",
    "token": "tokens",
    "issuer.destroyed": "entries",
    "tally.sums": "entries",
    "tally.share": "shares and counts",
    "tally.counts": "entries",
    "tally.withheld": "entries",
    "result.declared": CUT,
    "result.certified": "seats",  # nothing causes what stands behind it
    "result.annulled": CUT,
    "members": "approvals",
    "decision": "support",  # the petition that it opened
    "complaint": "decisions",  # its answer
    "petition": "decisions",  # their number in the result
    "vote.open": "decisions",
    "seat.taken": "seats",
    "seat.vacated": "seats",
    "seat.filled": "seats",
}

REPEATED: dict[str, str] = {
    "log.opened": "entries",
    "constitution": "entries",
    "resolution": "approvals",
    "booth": "approvals",
    "trustee.opened": "approvals",
    "trustee.hashed": "trustees",
    "trustee.committed": "trustees",
    "trustee.shared": "trustees",
    "trustee.confirmed": "entries",  # the session is done
    "trustee.complained": "trustees",
    "trustee.canary": "trustees",
    "electorate": "electorates",
    "credential.replaced": "electorates",
    "contest": "contests",
    "poll.opened": "entries",
    "poll.extended": "approvals",
    "poll.paused": "approvals",
    "poll.resumed": "approvals",
    "ballot": "ballots",
    "sealed": "entries",
    "poll.closed": "approvals",
    "token": "tokens",
    "issuer.destroyed": "entries",
    "tally.sums": "entries",
    "tally.share": "shares and counts",
    "tally.counts": "entries",
    "tally.withheld": "entries",
    "result.declared": "entries",
    "result.certified": "entries",
    "result.annulled": "entries",
    "members": "approvals",
    "decision": "approvals",
    "complaint": "support",
    "petition": "support",
    "vote.open": "support",
    "seat.taken": "seats",
    "seat.vacated": "seats",
    "seat.filled": "seats",
}

SWAPPED: dict[str, str | Unseen] = {
    "log.opened": "entries",
    "constitution": "entries",
    "resolution": ORDER,
    "booth": ORDER,
    "trustee.opened": "trustees",
    "trustee.hashed": "trustees",  # the last one with the first message
    "trustee.committed": "trustees",
    "trustee.shared": "trustees",
    "trustee.confirmed": "entries",
    "trustee.complained": "trustees",
    "trustee.canary": ORDER,
    "electorate": ORDER,
    "credential.replaced": ORDER,
    "contest": ORDER,
    "poll.opened": "phases",
    "poll.extended": "phases",
    "poll.paused": "phases",
    "poll.resumed": "phases",
    "ballot": "entries",
    "sealed": "entries",
    "poll.closed": "entries",
    "token": "entries",
    "issuer.destroyed": ORDER,
    "tally.sums": ORDER,
    "tally.share": ORDER,
    "tally.counts": ORDER,
    "tally.withheld": ORDER,
    "result.certified": "result",
    "members": "result",  # certified: the declaration has another hash now
    "decision": "support",  # support before the petition is open
    "complaint": "decisions",  # the answer before the complaint
    "petition": ORDER,
    "vote.open": ORDER,
    "seat.taken": "seats",
    "seat.vacated": "seats",
    "seat.filled": "seats",
}

# A real entry of another log, made by the same people in the same way, put behind this log's own.
INSERTED: dict[str, str] = {
    "log.opened": "entries",
    "constitution": "entries",
    "resolution": "approvals",
    "booth": "approvals",
    "trustee.opened": "approvals",
    "trustee.hashed": "trustees",
    "trustee.committed": "trustees",
    "trustee.shared": "trustees",
    "trustee.confirmed": "entries",
    "trustee.complained": "trustees",
    "trustee.canary": "trustees",
    "electorate": "approvals",
    "credential.replaced": "approvals",
    "contest": "contests",
    "poll.opened": "entries",
    "poll.extended": "approvals",
    "poll.paused": "approvals",
    "poll.resumed": "approvals",
    "ballot": "phases",
    "sealed": "entries",
    "poll.closed": "phases",
    "token": "tokens",
    "issuer.destroyed": "entries",
    "tally.sums": "entries",
    "tally.share": "entries",
    "tally.counts": "entries",
    "tally.withheld": "entries",
    "result.declared": "entries",
    "result.certified": "entries",
    "result.annulled": "entries",
    "members": "approvals",
    "decision": "approvals",
    "complaint": "support",
    "petition": "support",
    "vote.open": "support",
    "seat.taken": "seats",
    "seat.vacated": "seats",
    "seat.filled": "seats",
}


def test_the_tables_are_whole() -> None:
    assert set(DROPPED) == set(REPEATED) == set(INSERTED) == set(KINDS)
    assert set(KINDS) - set(SWAPPED) == {"result.declared", "result.annulled"}  # the last entry of its log


@pytest.mark.parametrize("kind", KINDS)
def test_a_dropped_entry_is_named(kind: str) -> None:
    copy, at = place(kind)
    entries = copy.plain()
    del entries[at]
    judge(copy, entries, DROPPED[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_a_repeated_entry_is_named(kind: str) -> None:
    copy, at = place(kind)
    entries = copy.plain()
    entries.insert(at, entries[at])
    judge(copy, entries, REPEATED[kind])


@pytest.mark.parametrize("kind", SWAPPED)
def test_an_entry_swapped_with_the_next_is_named(kind: str) -> None:
    copy, at = place(kind)
    entries = copy.plain()
    entries[at], entries[at + 1] = swapped(entries[at], entries[at + 1])
    judge(copy, entries, SWAPPED[kind])


def swapped(one: Json, two: Json) -> tuple[Json, Json]:
    """Both the other way round, each with the time of its new place, so that no time goes back."""
    if "time" in one and "time" in two:
        return {**two, "time": one["time"]}, {**one, "time": two["time"]}
    return two, one


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_of_another_log_is_named(kind: str) -> None:
    copy, at = place(kind)
    entries = copy.plain()
    entry = foreign().plain()[foreign().first(kind)]
    if "time" in entry:
        entry["time"] = entries[at]["time"]
    entries.insert(at + 1, entry)
    judge(copy, entries, INSERTED[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_said_again_at_the_end_is_named(kind: str) -> None:
    copy, at = place(kind)
    entries = copy.plain()
    entry = dict(entries[at])
    if "time" in entry:
        entry["time"] = next(later["time"] for later in reversed(entries) if "time" in later)
    assert failed(copy.rewritten([*entries, entry])) & {"entries", "approvals", "phases", "support", "seats"}
