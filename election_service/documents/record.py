"""The record of one poll: everything that its protocol says, taken from the verified log and from nowhere else.

A log that does not verify has no record. What the service shows besides (titles, names of blocks) stands in tables that
a hand could change, and is not looked at.
"""

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Final, Literal

from audit.entries import KINDS, Entry, LogOpenedData, Member, decode_entry, decode_envelope, parse_time
from audit.facts import ContestFigures, Facts, PollFigures
from audit.report_text import verdict
from audit.source import LogSource
from audit.verify import verify_log
from election_service.documents.errors import NoRecordError
from election_service.errors import LogDamagedError
from keys.canonical import b64, unb64
from tally.complaint import ComplaintData
from tally.constitution import Constitution
from tally.outcome import Outcome
from tally.wire import ContestResult

Standing = Literal["declared", "certified", "annulled"]

_UNREAD: Final = frozenset({"ballot", "token", "sealed", "contest"})  # many, and counted by the verifier already
_OF_ONE_POLL: Final = ("poll.", "result.")
_CONCLUSIONS: Final = ("result.certified", "result.annulled")


@dataclass(frozen=True, slots=True)
class ActRecord:
    """An act of the committee. ``members``: who approved it; none where a poll closed at its time. POSIX seconds."""

    seq: int
    kind: str
    time: int
    members: tuple[str, ...]
    data: Any


@dataclass(frozen=True, slots=True)
class ComplaintRecord:
    """A complaint, entry ``seq``, and its answer: ``ruling`` "upheld" or "rejected", "" while there is none."""

    seq: int
    time: int
    text: str
    ruling: str
    answer: str
    answered: int | None


@dataclass(frozen=True, slots=True)
class ContestRecord:
    """One contest: the declared result, the verifier's figures, and the trustees whose shares opened its sums."""

    result: ContestResult
    figures: ContestFigures
    trustees: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PollRecord:
    """See the module. Times are POSIX seconds; ``concluded`` and ``closes`` are None where that is not in the log.

    ``log_key``: the Ed25519 key, 32 bytes; ``ended``: the time of the newest entry that has one; ``began``: mandates
    that begin or end with the conclusion of this poll, as entries.
    """

    facts: Facts
    poll: PollFigures
    standing: Standing
    opened: LogOpenedData
    log_key: bytes
    members: tuple[Member, ...]
    threshold: int
    opens: int
    declared: int
    concluded: int | None
    reason: str
    ended: int
    contests: tuple[ContestRecord, ...]
    acts: tuple[ActRecord, ...]
    complaints: tuple[ComplaintRecord, ...]
    began: tuple[Entry, ...]

    @property
    def number(self) -> int:
        """The number of the poll."""
        return self.poll.poll

    @property
    def rules(self) -> Constitution:
        """The constitution with its readings: there is one, since a poll was opened."""
        if self.facts.rules is None:
            raise NoRecordError(f"poll {self.number}: no constitution in the log")
        return self.facts.rules

    @property
    def outcome(self) -> Outcome:
        """The outcome as the verifier computed it: there is one, since it was declared."""
        if self.poll.outcome is None:
            raise NoRecordError(f"poll {self.number}: no result is declared")
        return self.poll.outcome


def read_record(source: LogSource, poll: int, executor: Executor | None = None) -> PollRecord:
    """Verify a copy of a log that ends where the poll's story does, and gather what a protocol says of that poll.

    ``executor`` runs batches of the verification. Raises LogDamagedError where the log does not verify, NoRecordError
    where the poll has no declared result, SourceError where the copy cannot be read.
    """
    report = verify_log(source, executor=executor)
    if not report.ok:
        raise LogDamagedError(f"documents: {verdict(report)}", "run election-audit verify on the log, and look why")
    figures = next((item for item in report.facts.polls if item.poll == poll), None)
    if figures is None or figures.outcome is None:
        raise NoRecordError(f"poll {poll}: no result is declared", "protocols are made from the declaration on")
    return _Reading(poll).read(source, report.facts, figures)


def story_ends(entries: Iterator[tuple[int, str, int | None]], poll: int) -> int | None:
    """How many entries of a log tell the story of a poll: up to its certification or annulment, and what follows from
    that directly. None where it is not concluded.

    ``entries``: (seq, kind, poll that a conclusion is about) in order, from any entry on that is before the conclusion.
    """
    end: int | None = None
    for seq, kind, about in entries:
        if end is not None and not KINDS[kind].derived:
            return end
        if end is not None or (kind in _CONCLUSIONS and about == poll):
            end = seq + 1
    return end


class _Reading:
    """One pass over a log that is known to be good."""

    def __init__(self, poll: int) -> None:
        self.poll = poll
        self.opened: LogOpenedData | None = None
        self.members: tuple[Member, ...] = ()
        self.threshold = 1
        self.times: dict[str, int] = {}  # of this poll's entries, the newest of a kind
        self.reason = ""
        self.ended = 0
        self.acts: list[ActRecord] = []
        self.complaints: dict[int, ComplaintRecord] = {}
        self.trustees: dict[str, tuple[int, ...]] = {}  # context -> numbers
        self.began: list[Entry] = []
        self.concluding = False  # the last entry that was no consequence was this poll's conclusion

    def read(self, source: LogSource, facts: Facts, figures: PollFigures) -> PollRecord:
        for raw in source.entries(facts.entries):
            if decode_envelope(raw).kind not in _UNREAD:
                self.take(decode_entry(raw))
        if self.opened is None:
            raise LogDamagedError("documents: the log has no entry 0", "run election-audit verify on the log")
        standing: Standing = "declared"
        for kind in _CONCLUSIONS:
            if kind in self.times:
                standing = "certified" if kind == "result.certified" else "annulled"
        results = {result.contest: result for result in figures.results}
        return PollRecord(
            facts=facts,
            poll=figures,
            standing=standing,
            opened=self.opened,
            log_key=unb64(self.opened.log_key, 32, "log_key"),
            members=self.members,
            threshold=self.threshold,
            opens=self.times["poll.opened"],
            declared=self.times["result.declared"],
            concluded=self.times.get(f"result.{standing}") if standing != "declared" else None,
            reason=self.reason,
            ended=self.ended,
            contests=tuple(
                ContestRecord(results[item.contest], item, self.trustees.get(b64(item.context), ()))
                for item in _by_rank(facts, self.poll)
                if item.contest in results
            ),
            acts=tuple(self.acts),
            complaints=tuple(self.complaints.values()),
            began=tuple(self.began),
        )

    def take(self, entry: Entry) -> None:
        time = parse_time(entry.time) if entry.time is not None else self.ended
        self.ended = time
        if KINDS[entry.kind].derived:
            if self.concluding:
                self.began.append(entry)
            return
        self.concluding = False
        match entry.kind:
            case "log.opened":
                self.opened = entry.data
                self.members, self.threshold = entry.data.members, entry.data.threshold
            case "members":
                self.members, self.threshold = entry.data.members, entry.data.threshold
            case "tally.counts":
                self.trustees[entry.data.context] = tuple(entry.data.trustees)
            case "complaint":
                self.complain(entry.seq, time, entry.data)
        if entry.kind.startswith(_OF_ONE_POLL):
            self.take_poll(entry, time)
        elif KINDS[entry.kind].approved:
            self.act(entry, time)

    def take_poll(self, entry: Entry, time: int) -> None:
        if entry.data.poll != self.poll:
            if (
                entry.kind in _CONCLUSIONS and entry.data.poll < self.poll
            ):  # what was decided before belongs to the poll before
                self.acts = [act for act in self.acts if act.kind != "decision"]
            return
        self.times[entry.kind] = time
        if entry.kind in _CONCLUSIONS:
            self.concluding = True
            self.reason = getattr(entry.data, "reason", "")
        if KINDS[entry.kind].approved:
            self.act(entry, time)

    def act(self, entry: Entry, time: int) -> None:
        names = tuple(approval.member for approval in entry.data.approvals)
        self.acts.append(ActRecord(entry.seq, entry.kind, time, names, entry.data))
        if entry.kind == "decision" and entry.data.decision.what == "complaint":
            decision = entry.data.decision
            found = self.complaints.get(decision.number)
            if found is not None:
                self.complaints[found.seq] = ComplaintRecord(
                    found.seq, found.time, found.text, decision.ground, decision.text, entry.seq
                )

    def complain(self, seq: int, time: int, data: ComplaintData) -> None:
        if data.poll == self.poll:
            self.complaints[seq] = ComplaintRecord(seq, time, data.text, "", "", None)


def _by_rank(facts: Facts, poll: int) -> list[ContestFigures]:
    """The poll's contests, the highest position first, then by id."""
    positions = facts.rules.positions if facts.rules is not None else []
    ranks = {position.id: position.rank for position in positions}

    def place(item: ContestFigures) -> tuple[int, str]:
        position = item.document.position if item.document is not None else None
        return ranks.get(position or "", len(positions) + 1), item.contest

    return sorted((item for item in facts.contests if item.poll == poll), key=place)
