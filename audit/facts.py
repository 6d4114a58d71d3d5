"""The figures of a verified log, for people, for `--json` and for a trustee's tool."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import msgspec

from ballot.contest import Contest
from keys.canonical import b64
from keys.trustee.ceremony import Ceremony, JointKey
from tally.constitution import Constitution
from tally.outcome import Outcome
from tally.record import Record
from tally.register import Term
from tally.sums import ContestSums
from tally.wire import ContestResult, SeatResult, Task


@dataclass(frozen=True, slots=True)
class ContestFigures:
    """One contest: `tokens` and `slack` (tokens - ballots) from the close on, `counts` by option id once counted.

    `stage` is one of planned, open, closed, destroyed, summed, counted, withheld. `sums` are those recomputed from the
    logged ballots, from the close on. `bad_shares` names trustees whose signed share does not hold. `document` is the
    contest as logged.
    """

    poll: int
    contest: str
    context: bytes
    electorate: str
    size: int
    stage: str
    ballots: int
    tokens: int | None
    slack: int | None
    counts: dict[str, int] | None
    bad_shares: tuple[str, ...]
    sums: ContestSums | None
    document: Contest | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values; sums and document stay out."""
        return {
            "poll": self.poll,
            "contest": self.contest,
            "context": b64(self.context),
            "electorate": self.electorate,
            "size": self.size,
            "stage": self.stage,
            "ballots": self.ballots,
            "tokens": self.tokens,
            "slack": self.slack,
            "counts": self.counts,
            "bad_shares": list(self.bad_shares),
        }


@dataclass(frozen=True, slots=True)
class PollFigures:
    """One poll: `state` is planned, open, paused, closed, declared, certified or annulled; times are POSIX seconds.

    `review_ends` is the earliest end of the review window that the log allows; `declared` is the SHA-256 of the
    `result.declared` entry, which is what members certify. `results` and `seats` are what is declared, `outcome` is
    what the verifier computes.
    """

    poll: int
    state: str
    closes: int | None
    closed: int | None
    review_ends: int | None
    results: tuple[ContestResult, ...]
    declared: bytes | None = None
    seats: tuple[SeatResult, ...] = ()
    outcome: Outcome | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "poll": self.poll,
            "state": self.state,
            "closes": self.closes,
            "closed": self.closed,
            "review_ends": self.review_ends,
            "declared": None if self.declared is None else b64(self.declared),
            "results": [msgspec.structs.asdict(result) for result in self.results],
            "seats": [msgspec.to_builtins(seat) for seat in self.seats],
        }


@dataclass(frozen=True, slots=True)
class TaskFigures:
    """What has to happen next about a seat or motion; `due` in POSIX seconds, None without a limit."""

    task: Task
    due: int | None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**msgspec.to_builtins(self.task), "due": self.due}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the log is and how far it has come; `entries` and `root` are the tree that was verified.

    Whoever acts on a log takes everything from here: a server that is asked twice may answer twice. `ceremony` is the
    trustees' newest session. `terms`: the register of mandates, in the order in which they began; `agenda`: what has to
    happen, by seat. Both are as the verifier computes them at the log's end. `rules`: the constitution with its
    readings. `record`: what the rules know at the end, to try an act on a copy of it.
    """

    log_id: bytes
    election: str
    origin: str
    rehearsal: bool
    entries: int
    root: bytes
    joint_key: JointKey | None
    polls: tuple[PollFigures, ...]
    contests: tuple[ContestFigures, ...]
    ceremony: Ceremony | None = None
    rules: Constitution | None = None
    record: Record | None = field(default=None, repr=False, compare=False)
    terms: tuple[Term, ...] = ()
    agenda: tuple[TaskFigures, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "log_id": b64(self.log_id),
            "election": self.election,
            "origin": self.origin,
            "rehearsal": self.rehearsal,
            "entries": self.entries,
            "root": b64(self.root),
            "joint_key": b64(self.joint_key.point.to_bytes()) if self.joint_key else None,
            "polls": [poll.to_json() for poll in self.polls],
            "contests": [contest.to_json() for contest in self.contests],
            "mandates": [_term_json(term) for term in self.terms],
            "agenda": [task.to_json() for task in self.agenda],
        }


def _term_json(term: Term) -> dict[str, Any]:
    return {**asdict(term.mandate), "end": None if term.end is None else asdict(term.end)}
