"""Everything that can be checked about a log, as one list of steps (docs/protocol.md §11).

`verify_log` reads the log once, in order, and holds neither ballots nor tokens in memory. Each step is one call of one
`verify_*`; the comment says what it stops (ids of docs/threat-model.md). Hostile data ends in the report, never in an
exception; only a copy that cannot be read raises (SourceError).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from typing import Final

from audit.book import Book, Report
from audit.checkpoint import Checkpoint, parse_checkpoint
from audit.checks.approvals import verify_act
from audit.checks.ballots import BallotCheck
from audit.checks.chain import Link, read_data, verify_chain, verify_tree
from audit.checks.checkpoints import verify_checkpoints, verify_heads, want_heads, want_roots
from audit.checks.contests import verify_contests
from audit.checks.copies import verify_same_history, want_copy
from audit.checks.electorates import verify_electorates
from audit.checks.opening import verify_opening
from audit.checks.order import verify_order
from audit.checks.phases import verify_phases
from audit.checks.receipts import verify_receipts, want_receipts
from audit.checks.result import verify_decisions, verify_result
from audit.checks.seats import verify_complete, verify_seats, verify_succession
from audit.checks.summary import due_checks, make_facts
from audit.checks.support import verify_casting_vote, verify_signed_acts
from audit.checks.tally import verify_logged_sums, verify_shares_and_counts
from audit.checks.tokens import TokenCheck
from audit.checks.trustees import verify_canaries, verify_trustees
from audit.entries import KINDS, Entry
from audit.pipeline import Pipeline
from audit.scratch import Scratch
from audit.source import LogSource
from audit.state import LogState
from ballot.receipt import Receipt
from keys.errors import DataError

IN_FLIGHT: Final = 4  # batches handed out and not yet taken back: what bounds the memory
PROGRESS_EVERY: Final = 256  # entries
CLOCK_TOLERANCE: Final = 300  # seconds that a log may be ahead of the caller's clock before it is worth a note

Progress = Callable[[int, int], None]


def verify_log(
    source: LogSource,
    *,
    log_id: bytes | None = None,
    receipts: Sequence[Receipt] = (),
    copies: Sequence[LogSource] = (),
    checkpoints: Sequence[bytes] = (),
    heads: Sequence[tuple[int, bytes]] = (),
    executor: Executor | None = None,
    in_flight: int = IN_FLIGHT,
    progress: Progress | None = None,
    now: int | None = None,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> Report:
    """Check a copy of a log, finished or not, and report.

    `log_id` pins which log it must be: 32 bytes, or the first 16 as in a ballot link. `receipts` must be honoured,
    `copies` must agree, `checkpoints` (their bytes, saved at any time) and `heads` (size and root, seen at any time)
    must belong to this history. `executor` runs batches in other processes, at most `in_flight` at a time; `random`
    gives the weights of batch equations; `now` is POSIX seconds; `progress` gets (entries done, entries in all).
    SourceError where the copy cannot be read.
    """
    with Scratch() as scratch:
        log = LogState(source, Book(), scratch, Pipeline(executor, in_flight))
        newest, others = _read_checkpoints(log, source.checkpoint(), checkpoints)
        if newest is None:
            return log.book.close(make_facts(log), due_checks(log, copies=0))
        want_roots(log, others)
        want_heads(log, heads)
        shared = [_want_copy(log, copy, newest.size) for copy in copies]
        want_receipts(log, receipts)
        ballots, tokens = BallotCheck(log, random), TokenCheck(log)

        for raw in _entries(log, newest.size):
            # entries: the one canonical form, known members, chained, in time (A58, A61, A87, A88, A90)
            link = verify_chain(log, raw)
            if link is not None:
                _verify_entry(log, link, ballots, tokens, log_id)
            if progress is not None and log.size % PROGRESS_EVERY == 0:
                progress(log.size, newest.size)
        ballots.finish()
        tokens.finish(at_end=True)
        if progress is not None:
            progress(log.size, newest.size)

        # entries: all of them, under the root that is signed; tiles that lie (A57, A58, A60)
        _step(log, "entries", None, verify_tree, log, newest.size, newest.root)
        # seats: nothing that must follow is missing (A104)
        _step(log, "seats", None, verify_complete, log)
        # checkpoints, cosignatures: one history for everybody, seen by witnesses (A14, A55, A56, A62)
        verify_checkpoints(log, newest, others)
        verify_heads(log, heads)
        # receipts: what voters were promised (A47, A48, A58)
        verify_receipts(log, receipts)
        # copies: what others were shown (A55)
        for copy, size in zip(copies, shared, strict=True):
            if size is not None:
                _step(log, "copies", None, verify_same_history, log, copy, size)

        if log.replaced_by:
            log.book.note(f"{len(log.replaced_by)} credentials were replaced; the committee approved each")
        if now is not None and log.last_time > now + CLOCK_TOLERANCE:
            log.book.note(f"the last entry is {log.last_time - now} seconds ahead of this computer's clock")
        return log.book.close(make_facts(log), due_checks(log, copies=len(copies)))


def _verify_entry(log: LogState, link: Link, ballots: BallotCheck, tokens: TokenCheck, pinned: bytes | None) -> None:
    """The steps of one entry, in order."""
    seq, kind = link.seq, link.kind
    # seats: what must follow directly does, and nothing else is derived (A104)
    if not _step(log, "seats", seq, verify_succession, log, kind) and kind in KINDS and KINDS[kind].derived:
        return
    if kind == "ballot":
        # phases, ballots: cast while their poll was open, valid, spent once (A01-A13, A36, A40, A41, A99)
        if _step(log, "entries", seq, verify_order, log, seq, kind, None):
            _step(log, "phases", seq, ballots.add, link)
        return
    if kind == "token":
        # tokens: asked for by an entitled credential (A43, A45)
        if _step(log, "entries", seq, verify_order, log, seq, kind, None):
            tokens.add(link)
        return
    if kind == "poll.closed":
        ballots.finish()
    # tokens, quantities: as announced; ballots <= tokens <= electorate (A43, A48)
    tokens.finish(at_end=False)
    entry = read_data(log, link)
    if entry is None:
        return
    if seq == 0 and kind == "log.opened":
        # entries: the log that was asked for, and its keys (A12, A55)
        _step(log, "entries", seq, verify_opening, log, entry.data, link.digest, pinned)
    # entries: everything at its place; one constitution; nothing reopens (A28, A99)
    if not _step(log, "entries", seq, verify_order, log, seq, kind, entry.data):
        return
    if kind == "sealed":
        ballots.sealed()
    _verify_data(log, entry, link.digest)


def _verify_data(log: LogState, entry: Entry, digest: bytes) -> None:
    """The steps of an entry that stands where it may."""
    seq = entry.seq
    # phases: opened, extended, paused, closed as the rules allow; no share before the review window ends (A28, A99)
    _step(log, "phases", seq, verify_phases, log, entry)
    # approvals: the committee acted together, each act once (A100)
    _step(log, "approvals", seq, verify_act, log, entry)
    # trustees: proofs, transcript, recomputed joint key, canaries (A20-A25, A29)
    _step(log, "trustees", seq, verify_trustees, log, entry)
    _step(log, "trustees", seq, verify_canaries, log, entry)
    # electorates: who may vote, signed and complete (A15, A45)
    _step(log, "electorates", seq, verify_electorates, log, entry)
    # contests: bound to log, roll, joint key and an issuer key of its own (A12, A31, A37, A53, A103)
    _step(log, "contests", seq, verify_contests, log, entry)
    # sums: exactly the logged ballots, and enough of them (A27, A67)
    _step(log, "sums", seq, verify_logged_sums, log, entry)
    # shares and counts: proven decryptions, the k smallest good ones (A04, A23, A25, A26)
    _step(log, "shares and counts", seq, verify_shares_and_counts, log, entry)
    # result: the rules applied to the counts, step by step (A103, A104)
    _step(log, "result", seq, verify_result, log, entry, digest)
    # decisions: recorded human acts, as far as the rules know them (A104)
    _step(log, "decisions", seq, verify_decisions, log, entry)
    _step(log, "decisions", seq, verify_casting_vote, log, entry)
    # support: complaints, petitions and open votes, signed and entitled (A45, A104)
    _step(log, "support", seq, verify_signed_acts, log, entry)
    # seats: mandates as the rules derive them (A104)
    _step(log, "seats", seq, verify_seats, log, entry)


def _step(log: LogState, check: str, seq: int | None, verify: Callable[..., None], *arguments: object) -> bool:
    """Run one step; what it refuses goes into the book under the name of its check."""
    try:
        verify(*arguments)
    except DataError as error:
        log.book.fail(check, seq, error)
        return False
    return True


def _read_checkpoints(
    log: LogState, newest: bytes, others: Sequence[bytes]
) -> tuple[Checkpoint | None, list[Checkpoint]]:
    parsed: list[Checkpoint] = []
    for number, raw in enumerate((newest, *others)):
        try:
            parsed.append(parse_checkpoint(raw))
        except DataError as error:
            log.book.fail("checkpoints", None, error)
            if number == 0:
                return None, []
    return parsed[0], parsed[1:]


def _entries(log: LogState, size: int) -> Iterator[bytes]:
    """The entries of the copy, as far as they can be read; a gap ends the reading and is a failure."""
    try:
        yield from log.source.entries(size)
    except DataError as error:
        log.book.fail("entries", log.size, error)


def _want_copy(log: LogState, copy: LogSource, size: int) -> int | None:
    """How far the copy can be compared; None, and a failure, where it cannot be read."""
    log.book.count("copies")
    try:
        return want_copy(log, copy, size)
    except DataError as error:
        log.book.fail("copies", None, error)
        return None
