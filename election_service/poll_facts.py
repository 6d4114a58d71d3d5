"""One poll and its contests as the log tells them, and what the rules read of them once they are counted."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from audit.entries import ClosedContest
from ballot.contest import Contest, ContestRules
from election_service.errors import StorageError
from keys.canonical import unb64
from keys.curve import POINT_SIZE, Point
from tally.lot import make_tickets
from tally.record import Counted
from tally.sums import ContestSums
from tally.wire import CountsData, DeclaredData, ShareData, SumsData


@dataclass(slots=True)
class ContestFacts:
    """One logged contest and its tally so far; ``seq``: its entry; ``shares``: (seq, share) as logged."""

    rules: ContestRules
    seq: int
    closed: ClosedContest | None = None
    destroyed: int | None = None  # POSIX seconds
    sums: SumsData | None = None
    shares: list[ShareData] = field(default_factory=list)
    counts: CountsData | None = None
    withheld: bool = False

    @property
    def settled(self) -> bool:
        """Counted, or withheld for good."""
        return self.withheld or self.counts is not None


@dataclass(slots=True)
class PollFacts:
    """One poll as the log tells it; ``opened``: seq of poll.opened; times in POSIX seconds."""

    number: int
    contests: dict[bytes, ContestFacts] = field(default_factory=dict)
    canaries: set[int] = field(default_factory=set)
    opened: int | None = None
    paused: bool = False
    closes: int | None = None
    closed: int | None = None
    declared: DeclaredData | None = None
    declared_hash: bytes = b""
    concluded: str | None = None  # result.certified or result.annulled

    @property
    def contexts(self) -> list[bytes]:
        """Contexts of its contests, ascending."""
        return sorted(self.contests)

    @property
    def documents(self) -> list[Contest]:
        """Its contest documents, ascending by context."""
        return [self.contests[context].rules.document for context in self.contexts]


def logged_sums(contest: ContestFacts) -> ContestSums:
    """The sums as the log has them, for checking shares; StorageError where it has none."""
    data = contest.sums
    if data is None:
        raise StorageError(f"contest {contest.rules.document.contest}: no sums are logged", "")
    if data.sums is None:
        pairs = tuple((Point.IDENTITY, Point.IDENTITY) for _ in contest.rules.weights)
    else:
        pairs = tuple((_point(a), _point(b)) for a, b in data.sums)
    return ContestSums(contest.rules.context, data.ballots, pairs)


def _point(text: str | None) -> Point:
    return Point.IDENTITY if text is None else Point.from_bytes(unb64(text, POINT_SIZE, "sums: point"))


def counted(log_id: bytes, contests: Iterable[ContestFacts]) -> list[Counted]:
    """What the rules read of settled contests: ballots, counts, and the tickets by which lots are drawn (§10)."""
    return [_counted(log_id, contest) for contest in contests]


def _counted(log_id: bytes, contest: ContestFacts) -> Counted:
    ballots = contest.closed.ballots if contest.closed is not None else 0
    if contest.counts is None:
        return Counted(contest.rules.document.contest, ballots, None, ())
    counts = tuple(contest.counts.counts)
    tickets = make_tickets(log_id, logged_sums(contest), counts)
    return Counted(contest.rules.document.contest, ballots, counts, tickets)
