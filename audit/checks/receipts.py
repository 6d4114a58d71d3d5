"""receipts: those given are honoured: their ballots are in the log once the poll is closed (A47, A48, A58)."""

from collections.abc import Sequence
from typing import Final

from audit.checks.order import name_of
from audit.state import LogState, PollState
from ballot.receipt import Receipt, verify_receipt
from keys.canonical import b64, unb64
from keys.errors import DataError, FormatError
from keys.ids import short_code

CHECK: Final = "receipts"
_RUNNING: Final = frozenset({PollState.PLANNED, PollState.OPEN, PollState.PAUSED})


def want_receipts(log: LogState, receipts: Sequence[Receipt]) -> None:
    """Before the entries: remember which ballots to look for. What cannot be read is judged at the end."""
    for receipt in receipts:
        try:
            log.receipts[unb64(receipt.context, 32, "context"), unb64(receipt.tracker, 32, "tracker")] = False
        except FormatError:
            continue


def verify_receipts(log: LogState, receipts: Sequence[Receipt]) -> None:
    """A receipt that this log's key did not sign proves nothing and is a note; a signed one must be honoured."""
    if log.opening is None:
        return
    for number, receipt in enumerate(receipts, start=1):
        try:
            context, tracker = verify_receipt(receipt, log.opening.receipt_key, log.log_id)
        except DataError as error:
            log.book.note(f"receipt {number} is not one of this log: {error}")
            continue
        log.book.count(CHECK)
        if not log.receipts[context, tracker]:
            _judge_missing(log, context, tracker)


def _judge_missing(log: LogState, context: bytes, tracker: bytes) -> None:
    contest = log.contests.get(context)
    if contest is None:
        log.book.fail(CHECK, None, f"receipt {short_code(tracker)}: the log has no contest with context {b64(context)}")
        return
    poll = log.polls[contest.rules.document.poll - 1] if contest.rules.document.poll <= len(log.polls) else None
    if poll is None or poll.state in _RUNNING:
        log.book.note(f"receipt {short_code(tracker)}: its ballot is not in the log yet; it is due at the close")
    else:
        log.book.fail(
            CHECK, None, f"receipt {short_code(tracker)}: its ballot is missing from contest {name_of(contest)}"
        )
