"""The recipe on whole and unfinished logs: stages, workers, memory, what `none` means, hostile copies."""

import json
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor

import pytest

from audit.book import CHECKS, MAX_FAILURES, Book, json_text
from audit.checkpoint import make_checkpoint
from audit.checks.batches import Row, judge_ballot_batch
from audit.entries import KINDS, decode_entry
from audit.facts import Facts
from audit.pipeline import Pipeline
from audit.report_text import report_text
from audit.scratch import Scratch
from audit.source import MemorySource
from audit.verify import verify_log
from keys.canonical import b64, encode
from tests.simulated.malice import Copy
from tests.simulated.published import whole
from tests.simulator import ContestPlan, Plan, set_up

NOTHING = Facts(bytes(32), "", "", False, 0, bytes(32), None, (), ())


def failures(copy: Copy, **options: object) -> list[tuple[str, str]]:
    report = verify_log(MemorySource(copy.files()), **options)  # type: ignore[arg-type]  # by name, as given
    return [(failure.check, failure.reason) for failure in report.failures]


def test_every_beginning_of_a_log_verifies_unless_it_parts_a_sealing_or_a_cause_from_its_effect() -> None:
    """Nor cuts off what follows from its last entry: both are written and published in one act."""
    copy = whole()
    kinds = [decode_entry(raw).kind for raw in copy.entries]
    inside = 0
    for size in range(1, len(copy.entries) + 1):
        found = failures(copy.cut(size), log_id=copy.log_id)
        if kinds[size - 1] == "ballot":
            inside += 1
            assert [check for check, _ in found] == ["entries"]
        elif size < len(kinds) and KINDS[kinds[size]].derived:
            assert [check for check, _ in found] == ["seats"]
        else:
            assert found == []
    assert inside > 10


def test_the_report_of_a_whole_log() -> None:
    copy = whole()
    report = verify_log(MemorySource(copy.files()), log_id=copy.log_id[:16])
    status = {check.name: (check.items, check.status) for check in report.checks}
    kinds = [decode_entry(raw).kind for raw in copy.entries]
    assert tuple(status) == CHECKS
    assert status["entries"] == (len(copy.entries), "ok")
    assert status["ballots"] == (kinds.count("ballot"), "ok")
    assert status["tokens"] == (kinds.count("token"), "ok")
    assert status["contests"] == status["quantities"] == (5, "ok")
    assert status["result"] == (2, "ok")
    for name in ("cosignatures", "receipts", "copies"):
        assert status[name] == (0, "none")
    polls = {poll.poll: poll.state for poll in report.facts.polls}
    assert polls == {1: "certified", 2: "annulled"}
    figures = {(item.poll, item.contest): item for item in report.facts.contests}
    head = figures[1, "head"]
    assert (head.ballots, head.tokens, head.slack, head.size, head.stage) == (6, 7, 1, 8, "counted")
    assert head.counts == {"ana": 3, "beka": 2, "blank": 1}
    assert figures[1, "small-head"].stage == "withheld"
    assert figures[1, "zero-head"].ballots == 0
    assert any("signed and false" in note for note in report.notes)
    text = report_text(report)
    assert "head: 6 of 8 (75.0 %), slack 1: elected ana" in text
    assert text.endswith("verify: ok")
    assert json.loads(json_text(report)) == report.to_json()


def test_another_log_than_the_pinned_one_is_refused() -> None:
    copy = whole()
    for pinned in (bytes(32), bytes(16), copy.log_id[:15] + b"x"):
        ((check, reason),) = failures(copy, log_id=pinned)
        assert check == "entries"
        assert "wrong log" in reason


def test_workers_give_the_same_report() -> None:
    copy = whole()
    alone = verify_log(MemorySource(copy.files()))
    with ProcessPoolExecutor(2) as pool:
        together = verify_log(MemorySource(copy.files()), executor=pool)
    assert together == alone
    assert alone.ok


def test_progress_counts_to_the_end() -> None:
    seen: list[tuple[int, int]] = []
    verify_log(MemorySource(whole().files()), progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(whole().entries), len(whole().entries))
    assert seen == sorted(seen)


class SlowExecutor:
    """Hands out futures that are done only when somebody waits; remembers how many were open at once."""

    def __init__(self) -> None:
        self.open = self.most = 0

    def submit(self, work: object, *arguments: object) -> "Future[object]":
        self.open += 1
        self.most = max(self.most, self.open)
        executor = self

        class Waiting(Future[object]):
            def result(self, timeout: float | None = None) -> object:
                executor.open -= 1
                return work(*arguments)  # type: ignore[operator]  # a function, as in Executor.submit

        return Waiting()


def test_never_more_batches_in_flight_than_allowed_and_results_in_order() -> None:
    executor = SlowExecutor()
    pipeline = Pipeline(executor, 3)  # type: ignore[arg-type]  # all of Executor that a pipeline uses
    results: list[int] = []
    for number in range(20):
        pipeline.submit(results.append, lambda value: value, number)
    pipeline.drain()
    assert (executor.most, executor.open, results) == (3, 0, list(range(20)))


def test_a_batch_names_bad_ballots_and_keeps_good_ones() -> None:
    election = set_up(Plan(contests=(ContestPlan("head", ("ana", "beka", "ana")),)))
    election.vote()
    election.seal()
    rows = [decode_entry(raw) for raw in election.log.entries if decode_entry(raw).kind == "ballot"]
    box = election.box("head")
    data = [row.data_bytes for row in rows]
    data[1] = data[1].replace(b'"sig":"', b'"sig":"A', 1)
    documents = {box.rules.context: box.rules.raw}
    batch = judge_ballot_batch(documents, tuple(map(Row, range(3), data)), election.random)
    assert [verdict.failed for verdict in batch.verdicts] == [None, "ballots", None]
    assert [part.ballots for part in batch.sums] == [2]
    batch = judge_ballot_batch({}, (Row(0, data[0]),), election.random)
    assert (batch.verdicts[0].failed, batch.sums) == ("phases", ())


def test_values_claimed_twice_are_named_with_who_claimed_first() -> None:
    with Scratch() as scratch:
        assert scratch.claim("act", [(b"a", 1), (b"b", 2)]) == []
        assert scratch.claim("act", [(b"c", 3), (b"b", 4), (b"a", 5)]) == [(4, 2), (5, 1)]
        assert scratch.claim("act", [(b"d", 6), (b"d", 6), (b"d", 7)]) == [(6, 6), (7, 6)]
        assert scratch.claim("token_key", [(b"a", 8)]) == []
        assert scratch.claim("token_key", []) == []


def test_a_check_that_had_to_find_something_and_did_not_fails() -> None:
    book = Book()
    book.count("entries", 3)
    report = book.close(NOTHING, ["entries", "approvals"])
    assert [(failure.check, failure.reason[:16]) for failure in report.failures] == [("approvals", "nothing to check")]
    assert not report.ok


def test_a_flood_of_failures_is_counted_and_not_kept() -> None:
    book = Book()
    for number in range(1000):
        book.fail("ballots", number, "x" * 10_000)
        book.note("y" * 10_000)
    report = book.close(NOTHING, [])
    check = next(check for check in report.checks if check.name == "ballots")
    assert (len(check.failures), check.more) == (MAX_FAILURES, 1000 - MAX_FAILURES)
    assert len(report_text(report)) < 100_000
    assert "and 980 more" in report_text(report)


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"not a note", b"\xff"])
def test_a_checkpoint_that_cannot_be_read_is_a_report(raw: bytes) -> None:
    report = verify_log(MemorySource(whole().files() | {"checkpoint": raw}))
    assert {failure.check for failure in report.failures} == {"checkpoints", "entries"}
    assert json.loads(json_text(report))["ok"] is False


def test_an_empty_log_is_a_report() -> None:
    report = verify_log(MemorySource(whole().cut(0).files()))
    assert {failure.check for failure in report.failures} == {"checkpoints", "entries"}


@pytest.mark.parametrize("first", [b"", b"{}", b"\xff" * 100, b"[" * 60_000])
def test_garbage_for_entries_is_a_report(first: bytes) -> None:
    copy = whole()
    for place in (0, 1, 44, len(copy.entries) - 1):
        entries = (*copy.entries[:place], first, *copy.entries[place + 1 :])
        assert "entries" in {check for check, _ in failures(Copy(copy.origin, copy.log_secret, entries, copy.blobs))}


def test_a_log_ahead_of_the_clock_is_a_note() -> None:
    report = verify_log(MemorySource(whole().files()), now=0)
    assert report.ok
    assert any("ahead of this computer's clock" in note for note in report.notes)


class Flood(MemorySource):
    """A log with an open poll, and then ballots without end that are none; every one is made when it is asked for."""

    def __init__(self, ballots: int) -> None:
        copy = whole()
        self._start = copy.entries[: copy.first("ballot")]
        self._size = len(self._start) + ballots
        super().__init__(copy.cut(len(self._start)).files())
        self.files = {**self.files, "checkpoint": make_checkpoint(copy.origin, self._size, bytes(32), copy.log_secret)}

    def entries(self, size: int) -> Iterator[bytes]:
        yield from self._start
        filler = "x" * 6000
        for seq in range(len(self._start), size):
            data = {"body": f"{filler}{seq}", "context": "", "signature": "", "token": ""}
            yield encode({"data": data, "kind": "ballot", "prev": b64(bytes(32)), "seq": seq})


def peak_of(ballots: int) -> int:
    tracemalloc.start()
    report = verify_log(Flood(ballots))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert next(check.items for check in report.checks if check.name == "ballots") == ballots
    assert not report.ok
    return peak


def test_memory_does_not_grow_with_the_log() -> None:
    """12,000 ballots are 72 MB; what is held at once is one batch, whatever comes."""
    small, large = peak_of(3_000), peak_of(12_000)
    assert small < 30 << 20
    assert large < small * 1.2
