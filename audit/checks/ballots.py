"""ballots: each as the service's own judge sees it, spent once, sealed in order of trackers (A01-A13, A40, A63)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from audit.checks.batches import BallotBatch, Row, judge_ballot_batch
from audit.checks.chain import Link
from audit.checks.phases import running_poll
from audit.state import LogState

CHECK: Final = "ballots"
BATCH: Final = 1_000  # ballots in one equation: the bucket method is near its best
BATCH_BYTES: Final = 8 << 20  # of big ballots fewer, so that memory stays flat


class BallotCheck:
    """Gathers ballots into batches, has them judged, and takes the verdicts in logged order. Owned by `verify_log`."""

    def __init__(self, log: LogState, random: Callable[[int], bytes]) -> None:
        self._log = log
        self._random = random
        self._rows: list[Row] = []
        self._bytes = 0
        self._sealings: list[int] = []  # for each waiting row, which sealing it belongs to
        self._sealing = 0
        self._last: tuple[int, bytes] = (-1, b"")

    def add(self, link: Link) -> None:
        """Take one ballot entry; LogError where no poll is open (A99)."""
        running_poll(self._log, "ballot")
        self._log.book.count("phases")
        data = bytes(link.envelope.data)
        self._rows.append(Row(link.seq, data))
        self._sealings.append(self._sealing)
        self._bytes += len(data)
        if len(self._rows) >= BATCH or self._bytes >= BATCH_BYTES:
            self._flush()

    def sealed(self) -> None:
        """A `sealed` entry: the next ballot begins another sealing."""
        self._sealing += 1

    def finish(self) -> None:
        """Have everything judged: at the close of a poll, and at the end of the log."""
        self._flush()
        self._log.pipeline.drain()

    def _flush(self) -> None:
        if not self._rows:
            return
        poll = running_poll(self._log, "ballot")
        documents = {contest.rules.context: contest.rules.raw for contest in poll.open_contests()}
        sealings = tuple(self._sealings)
        self._log.pipeline.submit(
            lambda batch: self._take(batch, sealings), judge_ballot_batch, documents, tuple(self._rows), self._random
        )
        self._rows.clear()
        self._sealings.clear()
        self._bytes = 0

    def _take(self, batch: BallotBatch, sealings: tuple[int, ...]) -> None:
        """Verdicts in logged order: failures, order inside a sealing, token keys, A_i, receipts, sums."""
        log = self._log
        log.book.count(CHECK, len(batch.verdicts))
        keys: list[tuple[bytes, int]] = []
        firsts: list[tuple[bytes, int]] = []
        for verdict, sealing in zip(batch.verdicts, sealings, strict=True):
            if verdict.failed is not None:
                log.book.fail(verdict.failed, verdict.seq, verdict.reason)
                continue
            place = (sealing, verdict.tracker)
            if place <= self._last:
                log.book.fail("entries", verdict.seq, "ballot: not ascending by tracker within its sealing")
            self._last = place
            keys.append((log.contests[verdict.context].number.to_bytes(4, "big") + verdict.token_key, verdict.seq))
            firsts += [(first, verdict.seq) for first in verdict.firsts]
            if (verdict.context, verdict.tracker) in log.receipts:
                log.receipts[verdict.context, verdict.tracker] = True
        for seq, first_seq in log.scratch.claim("token_key", keys):
            log.book.fail(CHECK, seq, f"ballot: its token was spent by entry {first_seq}")
        for seq, first_seq in log.scratch.claim("ciphertext", firsts):
            log.book.note(f"entry {seq}: ballot: an A of it stands in entry {first_seq} as well")
        for part in batch.sums:
            log.contests[part.context].sums.merge(part)
