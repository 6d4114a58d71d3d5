"""What a verifier remembers while a log streams by. It grows with polls, contests and committee acts, not with ballots.

Every field is owned by the check named in its comment; other checks read it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NamedTuple

from audit.book import Book
from audit.checkpoint import WitnessPolicy
from audit.entries import ClosedContest
from audit.merkle import Frontier
from audit.pipeline import Pipeline
from audit.scratch import Scratch
from audit.source import LogSource
from audit.tiles import TileStack
from ballot.contest import ContestRules
from keys.canonical import Wire
from keys.curve import Point
from keys.trustee.ceremony import Ceremony, JointKey
from tally.constitution import Constitution
from tally.outcome import Outcome
from tally.record import Record
from tally.sums import Accumulator, ContestSums
from tally.wire import CountsData, DeclaredData


class Stage(IntEnum):
    """How far a contest has come; never back."""

    PLANNED = 0
    OPEN = 1
    CLOSED = 2
    DESTROYED = 3
    SUMMED = 4
    COUNTED = 5
    WITHHELD = 6


class PollState(StrEnum):
    """The life of a poll; never back, but for paused and open."""

    PLANNED = "planned"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    DECLARED = "declared"
    CERTIFIED = "certified"
    ANNULLED = "annulled"


@dataclass(slots=True)
class ContestState:
    """One contest. Owners: order (stage), ballots (sums), tokens, sums, shares and counts."""

    rules: ContestRules
    seq: int
    number: int  # in the log, from 0: short key of the scratch sets
    sums: Accumulator
    stage: Stage = Stage.PLANNED
    announced: ClosedContest | None = None  # by poll.closed
    tokens: int = 0
    token_tree: Frontier = field(default_factory=Frontier)
    final_sums: ContestSums | None = None  # recomputed, from the close on
    decryptions: dict[int, tuple[Point, ...]] = field(default_factory=dict)  # by trustee, of valid shares
    bad_shares: list[str] = field(default_factory=list)
    share_signatures: set[str] = field(default_factory=set)  # of all shares: the service may not repeat one
    counts: CountsData | None = None


@dataclass(slots=True)
class Poll:
    """One poll. Owners: order (state, contests, canaries), phases (times), result."""

    number: int
    state: PollState = PollState.PLANNED
    contests: dict[bytes, ContestState] = field(default_factory=dict)  # logged for this poll, by context
    opened: tuple[bytes, ...] = ()
    canaries: set[int] = field(default_factory=set)
    closes: int | None = None
    closed: int | None = None
    tokens_done: bool = False
    outcome: Outcome | None = None  # recomputed, not read
    declared: DeclaredData | None = None
    declared_hash: bytes = b""

    def open_contests(self) -> list[ContestState]:
        """The contests that the poll opened, ascending by context."""
        return [self.contests[context] for context in self.opened if context in self.contests]


@dataclass(frozen=True, slots=True)
class Electorate:
    """A logged electorate: number of credentials, 32-byte root, name of the blob."""

    size: int
    root: bytes
    blob: str


@dataclass(frozen=True, slots=True)
class Committee:
    """Members by id with their x-only keys, and how many of them an act needs."""

    members: dict[str, bytes]
    threshold: int


@dataclass(frozen=True, slots=True)
class Opening:
    """Entry 0, decoded."""

    log_id: bytes
    election: str
    origin: str
    log_key: bytes
    receipt_key: bytes
    registrar_key: bytes
    policy: WitnessPolicy
    rehearsal: bool


class Derived(NamedTuple):
    """A derived entry that is due: its kind, its data, and the POSIX time of what causes it."""

    kind: str
    data: Wire
    time: int


@dataclass(slots=True)
class LogState:
    """The state of one `verify_log`."""

    source: LogSource
    book: Book
    scratch: Scratch
    pipeline: Pipeline

    # entries: chain, tree, tiles
    size: int = 0
    last_hash: bytes = bytes(32)
    last_time: int = 0
    tree: Frontier = field(default_factory=Frontier)
    tiles: TileStack = field(default_factory=TileStack)
    tiles_published: bool | None = None  # unknown before the first
    roots: dict[int, bytes | None] = field(default_factory=dict)  # wanted sizes -> root

    # entry 0
    opening: Opening | None = None
    committee: Committee = field(default_factory=lambda: Committee({}, 1))

    # order
    preparing: int = 0  # how far the preparation of the next poll has come: see checks/order.py
    run: int = 0  # ballots since the last `sealed`
    token_run: bool = False  # the last entry was `poll.closed` or a token
    polls: list[Poll] = field(default_factory=list)
    contests: dict[bytes, ContestState] = field(default_factory=dict)

    # trustees
    ceremony: Ceremony | None = None
    joint_key: JointKey | None = None

    # electorates, contests
    electorates: dict[str, Electorate] = field(default_factory=dict)
    roll: tuple[str, bytes] | None = None  # the electorate read last, and its blob
    replaced_by: dict[bytes, bytes] = field(default_factory=dict)  # old credential -> new
    replaces: dict[bytes, bytes] = field(default_factory=dict)  # new credential -> old
    moduli_product: int = 1
    moduli: list[bytes] = field(default_factory=list)

    # result, decisions, support: what the rules know so far
    record: Record | None = None

    # seats: derived entries that must come next, in this order
    due: deque[Derived] = field(default_factory=deque)

    # receipts: (context, tracker) -> found
    receipts: dict[tuple[bytes, bytes], bool] = field(default_factory=dict)

    @property
    def poll(self) -> Poll | None:
        """The newest poll."""
        return self.polls[-1] if self.polls else None

    @property
    def rules(self) -> Constitution | None:
        """The constitution, once it is read."""
        return self.record.rules if self.record else None

    @property
    def log_id(self) -> bytes:
        """SHA-256 of entry 0; zeros before it."""
        return self.opening.log_id if self.opening else bytes(32)
