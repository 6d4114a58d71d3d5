"""The figures of a verified log, for people, for `--json` and for a trustee's tool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from ballot.contest import Contest
from keys.canonical import b64
from keys.trustee.ceremony import Ceremony, JointKey
from tally.sums import ContestSums
from tally.wire import ContestResult


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
    `result.declared` entry, which is what members certify.
    """

    poll: int
    state: str
    closes: int | None
    closed: int | None
    review_ends: int | None
    results: tuple[ContestResult, ...]
    declared: bytes | None = None

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
        }


@dataclass(frozen=True, slots=True)
class Facts:
    """What the log is and how far it has come; `entries` and `root` are the tree that was verified.

    Whoever acts on a log takes everything from here: a server that is asked twice may answer twice. `ceremony` is the
    trustees' newest session.
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
        }
