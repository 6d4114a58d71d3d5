"""contests: each document unique, in bounds, bound to this log, its electorate, the joint key and a key of its own."""

import math
from collections.abc import Iterable
from typing import Final

from audit.entries import Entry, PollChangedData, PollOpenedData, parse_time
from audit.errors import LogError
from audit.state import ContestState, LogState
from ballot.contest import Contest, ContestRules, load_contest
from keys.blind_rsa import verify_moduli_coprime
from keys.canonical import b64
from tally.calendar import Notice
from tally.sums import Accumulator

CHECK: Final = "contests"


def verify_contests(log: LogState, entry: Entry) -> None:
    """A contest document, and at the opening of a poll, and when its time changes, that the rules allow it."""
    if isinstance(entry.data, Contest):
        _verify_contest(log, entry)
        log.book.count(CHECK)
    elif entry.kind == "poll.opened":
        _verify_plan(log, entry)
    elif entry.kind in ("poll.extended", "poll.resumed"):
        _verify_new_time(log, entry.data)


def _verify_contest(log: LogState, entry: Entry) -> None:
    document: Contest = entry.data
    rehearsal = log.opening is not None and log.opening.rehearsal
    rules = load_contest(entry.data_bytes, rehearsal=rehearsal)
    poll = log.poll
    if rules.context in log.contests:
        raise LogError(f"contest {document.contest}: logged a second time")
    taken = poll is not None and any(
        other.rules.document.contest == document.contest for other in poll.contests.values()
    )
    contest = ContestState(rules, entry.seq, len(log.contests), Accumulator(rules.context, rules.options))
    log.contests[rules.context] = contest
    if poll is not None:
        poll.contests[rules.context] = contest
    if taken:
        raise LogError(f"contest {document.contest}: the poll has a contest of that id already")
    _verify_bindings(log, rules)
    _verify_modulus(log, rules)
    if log.record is not None:  # its place in the law, and its candidates, are judged as they are now
        log.record.add_contest(document)


def _verify_bindings(log: LogState, rules: ContestRules) -> None:
    document = rules.document
    name = f"contest {document.contest}"
    if rules.log_id != log.log_id:
        raise LogError(f"{name}: wrong log: expected {b64(log.log_id)}, got {document.log}")
    if log.opening is not None and document.election != log.opening.election:
        raise LogError(f"{name}: wrong election: expected {log.opening.election}, got {document.election}")
    electorate = log.electorates.get(document.electorate)
    if electorate is None:
        raise LogError(f"{name}: no electorate {document.electorate} is logged")
    if (document.size, document.root) != (electorate.size, b64(electorate.root)):
        raise LogError(f"{name}: size and root: expected those of electorate {document.electorate}")
    if log.joint_key is None or rules.joint_key != log.joint_key.point:
        raise LogError(f"{name}: joint_key: expected the key that all trustees confirmed")


def _verify_modulus(log: LogState, rules: ContestRules) -> None:
    """All issuer keys of a log have one length and no factor in common (A37)."""
    modulus = rules.modulus
    if log.moduli and len(log.moduli[0]) != len(modulus):
        raise LogError(f"issuer key: expected {len(log.moduli[0])} bytes as in the other contests, got {len(modulus)}")
    log.moduli.append(modulus)
    value = int.from_bytes(modulus, "big")
    if math.gcd(log.moduli_product % value, value) != 1:
        verify_moduli_coprime(log.moduli)
    log.moduli_product *= value


def _verify_plan(log: LogState, entry: Entry) -> None:
    """The rules have an answer for every opened contest, so that nothing stays open after the vote (A103)."""
    data: PollOpenedData = entry.data
    if log.record is None or log.poll is None or entry.time is None:
        return
    documents = [contest.rules.document for contest in log.poll.open_contests()]
    opens, closes = parse_time(entry.time), parse_time(data.closes)
    try:
        _note(log, data.poll, log.record.check_poll(data.poll, documents, opens, closes))
    finally:
        log.record.open_poll(data.poll, documents, opens, closes)


def _verify_new_time(log: LogState, data: PollChangedData) -> None:
    """The calendar is asked again: an extension must not go where an opening could not."""
    if log.record is not None:
        _note(log, data.poll, log.record.extend_poll(data.poll, parse_time(data.closes)))


def _note(log: LogState, poll: int, notices: Iterable[Notice]) -> None:
    for notice in notices:
        log.book.note(f"poll {poll}: warning: {notice.text} (clause {notice.clause})")
