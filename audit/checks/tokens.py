"""tokens: each request by an entitled credential, one each, exactly those that `poll.closed` announces (A43)."""

from __future__ import annotations

from typing import Final

from audit.checks.batches import Row, TokenVerdict, judge_token_batch
from audit.checks.chain import Link
from audit.checks.electorates import Roll, is_entitled, read_roll
from audit.checks.order import name_of
from audit.state import ContestState, LogState, Poll, PollState
from keys.canonical import b64
from keys.errors import DataError

CHECK: Final = "tokens"
BATCH: Final = 2_000


class TokenCheck:
    """Gathers token requests into batches and takes the verdicts in logged order. Owned by `verify_log`."""

    def __init__(self, log: LogState) -> None:
        self._log = log
        self._rows: list[Row] = []
        self._last: tuple[bytes, bytes] = (b"", b"")
        self._unread: set[str] = set()  # electorates whose blob is missing, named once

    def add(self, link: Link) -> None:
        """Take one token entry."""
        self._rows.append(Row(link.seq, bytes(link.envelope.data)))
        if len(self._rows) >= BATCH:
            self._flush()

    def finish(self, *, at_end: bool) -> None:
        """The last token of a poll has come: compare with what was announced.

        At the end of a log some may be missing: then the log was copied while it grew.
        """
        poll = self._log.poll
        if poll is None or poll.state is not PollState.CLOSED or poll.tokens_done:
            return
        self._flush()
        self._log.pipeline.drain()
        self._last = (b"", b"")
        if at_end and _is_growing(poll):
            self._log.book.note(f"poll {poll.number}: its tokens are not all logged yet")
            return
        poll.tokens_done = True
        for contest in poll.open_contests():
            _verify_announced(self._log, contest)
            verify_quantities(self._log, contest)

    def _flush(self) -> None:
        poll = self._log.poll
        if not self._rows or poll is None:
            return
        documents = {contest.rules.context: contest.rules.raw for contest in poll.open_contests()}
        self._log.pipeline.submit(self._take, judge_token_batch, documents, tuple(self._rows))
        self._rows.clear()

    def _take(self, verdicts: tuple[TokenVerdict, ...]) -> None:
        log = self._log
        log.book.count(CHECK, len(verdicts))
        for verdict in verdicts:
            if verdict.failed is not None:
                log.book.fail(verdict.failed, verdict.seq, verdict.reason)
            contest = log.contests.get(verdict.context)
            if contest is None:
                continue
            contest.tokens += 1
            contest.token_tree.append(verdict.leaf)
            place = (verdict.context, verdict.credential)
            if place <= self._last:
                log.book.fail("entries", verdict.seq, "token: not ascending by context and credential, each once")
            self._last = place
            self._verify_entitled(contest, verdict)

    def _verify_entitled(self, contest: ContestState, verdict: TokenVerdict) -> None:
        """Tokens come contest by contest, so one roll in memory is enough."""
        identity = contest.rules.document.electorate
        roll = self._read_roll(identity)
        if roll is not None and not is_entitled(self._log, roll, verdict.credential):
            text = f"token: credential {b64(verdict.credential)} is not entitled in electorate {identity}"
            self._log.book.fail(CHECK, verdict.seq, text)

    def _read_roll(self, identity: str) -> Roll | None:
        if identity not in self._log.electorates or identity in self._unread:
            return None
        try:
            return read_roll(self._log, identity)
        except DataError as error:
            self._unread.add(identity)
            self._log.book.fail(CHECK, None, f"electorate {identity}: {error}")
            return None


def _is_growing(poll: Poll) -> bool:
    contests = [contest for contest in poll.open_contests() if contest.announced is not None]
    return sum(contest.tokens for contest in contests) < sum(
        contest.announced.tokens for contest in contests if contest.announced
    )


def _verify_announced(log: LogState, contest: ContestState) -> None:
    """The members signed, or the clock fixed, these very requests (A43)."""
    announced = contest.announced
    if announced is None:
        return
    if contest.tokens != announced.tokens:
        log.book.fail(
            CHECK, None, f"contest {name_of(contest)}: expected {announced.tokens} tokens, got {contest.tokens}"
        )
    elif b64(contest.token_tree.root()) != announced.token_root:
        log.book.fail(CHECK, None, f"contest {name_of(contest)}: the tokens are not those under token_root")


def verify_quantities(log: LogState, contest: ContestState) -> None:
    """quantities: ballots as announced, ballots <= tokens <= electorate; the difference is the slack (A43, A48)."""
    check, name = "quantities", f"contest {name_of(contest)}"
    log.book.count(check)
    ballots, size = contest.sums.ballots, contest.rules.document.size
    if contest.announced is not None and ballots != contest.announced.ballots:
        log.book.fail(check, None, f"{name}: expected {contest.announced.ballots} ballots, got {ballots}")
    if not ballots <= contest.tokens <= size:
        text = f"{name}: expected ballots <= tokens <= electorate, got {ballots}, {contest.tokens}, {size}"
        log.book.fail(check, None, text)
