"""The matters that votes are about: contests as planned, seats, motions, polls, complaints. Owner: tally/record.py."""

import copy
from dataclasses import dataclass, field
from typing import Final

from tally.complaint import ComplaintData
from tally.facts import OptionFacts
from tally.turnout import WholeBody
from tally.verdict import Rank
from tally.wire import OutcomeKind, Task, Tour, VoteKind

MOVED_UP: Final = "moved-up"  # why a list passes over somebody who left the seat for a higher one


@dataclass(frozen=True, slots=True)
class PlannedContest:
    """One contest of a poll: `vote` and `procedure` as the agenda or the position says; `fresh`: new nominations."""

    contest: str
    position: str
    electorate: str
    size: int
    all_options: tuple[OptionFacts, ...]
    vote: VoteKind
    tour: Tour
    procedure: str
    fresh: bool

    @property
    def options(self) -> tuple[str, ...]:
        """Ids of the options without the blank one."""
        return tuple(option.id for option in self.all_options if not option.blank)


@dataclass(slots=True)
class SeatState:
    """One seat, from its first poll on.

    ranking    the list it is filled from: of the poll that decided it, () while undecided
    possible   while undecided: who may still get it; () where there will be new nominations
    certain    who goes into the second tour for certain, while members choose another (advance-vote)
    passed     person -> why the list passes over them for this seat
    tickets    by which lots among the list are drawn
    grounds    what the list comes from
    poll       the poll that decided it, None by a decision
    pending    who waits for the board's approval; approved: who has it
    procedure  that judges the running election; "" before the first
    since      the poll for which its candidates were nominated (see `LegalState.passed`)
    succession whether the holder has left, so that the next in line comes (6.5.5)
    held       whether anybody has held it since it was decided
    task       what has to happen, since `asked`, because of `cause`
    """

    seat: str
    position: str
    electorate: str
    ranking: tuple[Rank, ...] = ()
    possible: tuple[str, ...] = ()
    certain: tuple[str, ...] = ()
    passed: dict[str, str] = field(default_factory=dict)
    tickets: dict[str, bytes] = field(default_factory=dict)
    grounds: tuple[str, ...] = ()
    poll: int | None = None
    pending: str | None = None
    approved: str | None = None
    procedure: str = ""
    succession: bool = False
    held: bool = False
    task: Task | None = None
    asked: int | None = None
    cause: str = ""
    since: int = 0

    def copy(self) -> "SeatState":
        """A copy that shares no mutable part."""
        other = copy.copy(self)
        other.passed, other.tickets = dict(self.passed), dict(self.tickets)
        return other


@dataclass(slots=True)
class MotionState:
    """A contest without a seat: what became of it, in which poll; `task` where it has to be repeated.

    used  the decision that it was the ground of: nobody else leaves because of the same vote
    """

    contest: str
    position: str
    electorate: str
    poll: int
    outcome: OutcomeKind
    task: Task | None = None
    asked: int | None = None
    used: str = ""


@dataclass(slots=True)
class PollState:
    """One poll from its opening on. Times are POSIX seconds; `before`: the seats as they were when it was declared."""

    number: int
    contests: dict[str, PlannedContest]
    opens: int
    closes: int
    declared: int | None = None
    concluded: str | None = None  # "certified" or "annulled"
    before: dict[str, SeatState] = field(default_factory=dict)
    whole_before: WholeBody | None = None


@dataclass(slots=True)
class Complaint:
    """A complaint of entry `seq`, and its answer."""

    data: ComplaintData
    time: int
    answer: str = ""
