"""approvals: the committee's acts are signed by enough of its members, and no approval serves twice (A100)."""

from typing import Final

from audit.approvals import verify_approvals
from audit.checks.opening import make_committee, note_single_approval
from audit.entries import KINDS, Entry, MembersData, PollClosedData, decode_act, parse_time
from audit.errors import ApprovalError
from audit.state import LogState

CHECK: Final = "approvals"


def verify_act(log: LogState, entry: Entry) -> None:
    """An act carries a fresh number and enough signatures; a new committee is approved by the one before it."""
    if not KINDS[entry.kind].approved:
        return
    committee = log.committee
    if isinstance(entry.data, MembersData):
        log.committee = make_committee(entry.data.members, entry.data.threshold)
        note_single_approval(log, entry.data.threshold)
    conflicts = log.scratch.claim("act", [(decode_act(entry.data.act), entry.seq)])
    if conflicts:
        raise ApprovalError(f"{entry.kind}: the same act as entry {conflicts[0][1]}")
    if isinstance(entry.data, PollClosedData) and not entry.data.approvals:
        _verify_time_is_up(log, entry)
    else:
        verify_approvals(log.log_id, entry.kind, entry.data, committee.members, committee.threshold)
    log.book.count(CHECK)


def _verify_time_is_up(log: LogState, entry: Entry) -> None:
    """At its closing time a poll closes without new approvals: they were given with the time."""
    closes = log.poll.closes if log.poll else None
    if closes is None or entry.time is None or parse_time(entry.time) < closes:
        raise ApprovalError("poll.closed: before the closing time: expected approvals, got none")
