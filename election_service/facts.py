"""What the log says so far, without its ballots and tokens: the state that acts and trustees' messages are judged by.

Folded from the committed entries, entry by entry; it never looks at the tables that the service keeps for speed. The
verifier does the same with code of its own (audit/state.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.entries import (
    ApprovedData,
    CertifiedData,
    ClosedContest,
    ElectorateData,
    Entry,
    LogOpenedData,
    decode_entry,
    parse_time,
)
from ballot.contest import ContestRules, load_contest
from election_service import schema
from election_service.errors import NotFoundError
from keys.canonical import unb64
from keys.trustee.ceremony import Ceremony, JointKey, Stage
from keys.trustee.session import TrusteeSession
from tally.constitution import Resolution
from tally.wire import CountsData, DeclaredData, ShareData, SumsData

BULK: Final = ("ballot", "sealed", "token")  # what facts are not made of
CEREMONY: Final = ("trustee.hashed", "trustee.committed", "trustee.shared", "trustee.confirmed", "trustee.complained")


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
    resolutions: tuple[Resolution, ...] = ()
    declared: DeclaredData | None = None
    declared_hash: bytes = b""
    concluded: str | None = None  # result.certified or result.annulled

    @property
    def contexts(self) -> list[bytes]:
        """Contexts of its contests, ascending."""
        return sorted(self.contests)


class LogFacts:
    """The facts up to ``size`` entries. Owner: ``Service.facts``, which alone applies entries."""

    def __init__(self) -> None:
        self.size = 0
        self.log_id = b""
        self.opened: LogOpenedData | None = None
        self.members: dict[str, bytes] = {}
        self.threshold = 1
        self.members_seqs: list[int] = []  # of the entries that changed the committee after entry 0
        self.acts: dict[str, int] = {}  # act → seq
        self.constitution: str | None = None  # hex of the blob
        self.resolutions: list[Resolution] = []
        self.ceremonies: list[Ceremony] = []
        self.ceremony_seqs: list[list[int]] = []
        self.electorates: dict[str, tuple[int, ElectorateData]] = {}
        self.replaced: dict[bytes, bytes] = {}  # old credential → new
        self.replaced_seqs: dict[bytes, int] = {}  # old credential → entry
        self.polls: dict[int, PollFacts] = {}
        self.contexts: dict[bytes, PollFacts] = {}

    @property
    def rehearsal(self) -> bool:
        """What entry 0 says."""
        return self.opened is not None and self.opened.rehearsal

    @property
    def joint_key(self) -> JointKey | None:
        """The joint key, once all trustees of the newest session have confirmed it."""
        newest = self.ceremonies[-1] if self.ceremonies else None
        return newest.joint_key if newest is not None and newest.stage is Stage.DONE else None

    def poll(self, number: int) -> PollFacts:
        """A poll that has at least one contest in the log; NotFoundError otherwise."""
        if number not in self.polls:
            raise NotFoundError(f"poll {number}: the log has no contests of such a poll")
        return self.polls[number]

    def contest(self, context: bytes) -> ContestFacts:
        """A logged contest; NotFoundError otherwise."""
        if context not in self.contexts:
            raise NotFoundError("contest: no contest of this context is in the log")
        return self.contexts[context].contests[context]

    def first_of_chain(self, credential: bytes) -> bytes | None:
        """The credential that stands in the electorates for this one; None if this one was replaced."""
        if credential in self.replaced:
            return None
        before = {new: old for old, new in self.replaced.items()}
        while credential in before:
            credential = before[credential]
        return credential

    def apply(self, entry: Entry, raw: bytes) -> None:
        """Take the next entry that is not bulk."""
        data = entry.data
        if isinstance(data, ApprovedData):
            self.acts[data.act] = entry.seq
        if entry.kind == "log.opened":
            self.log_id, self.opened = sha256(raw).digest(), data
        family = entry.kind.split(".", maxsplit=1)[0]
        match family:
            case "log" | "members":
                self.members = {member.id: unb64(member.key, 32, "member: key") for member in data.members}
                self.members_seqs += [entry.seq] if family == "members" else []
                self.threshold = data.threshold
            case "constitution":
                self.constitution = data.blob
            case "resolution":
                self.resolutions.append(Resolution(clause=data.clause, reading=data.reading))
            case "result":
                self.add_result(entry, raw)
            case _:
                take = _TAKE.get(family)
                if take is not None:
                    take(self, entry)

    def add_electorate(self, entry: Entry) -> None:
        """Take an `electorate`."""
        self.electorates[entry.data.id] = (entry.seq, entry.data)

    def add_replacement(self, entry: Entry) -> None:
        """Take a `credential.replaced`."""
        old = unb64(entry.data.old, 32, "credential.replaced: old")
        self.replaced[old] = unb64(entry.data.new, 32, "credential.replaced: new")
        self.replaced_seqs[old] = entry.seq

    def add_contest(self, entry: Entry) -> None:
        """Take a `contest`."""
        rules = load_contest(entry.data_bytes, rehearsal=self.rehearsal)
        poll = self.polls.setdefault(rules.document.poll, PollFacts(rules.document.poll))
        poll.contests[rules.context] = ContestFacts(rules, entry.seq)
        self.contexts[rules.context] = poll

    def add_trustee_entry(self, entry: Entry) -> None:
        """Take a step of the ceremony, or a canary."""
        data = entry.data
        if entry.kind == "trustee.opened":
            keys = tuple(unb64(key, 32, "trustee: key") for key in data.trustees)
            self.ceremonies.append(Ceremony(TrusteeSession(self.log_id, data.attempt, data.k, keys)))
            self.ceremony_seqs.append([entry.seq])
        elif entry.kind in CEREMONY:
            self.ceremonies[-1] = self.ceremonies[-1].add(data)
            self.ceremony_seqs[-1].append(entry.seq)
        else:  # a canary, which may come before or after the poll's contests
            self.polls.setdefault(data.poll, PollFacts(data.poll)).canaries.add(data.i)

    def change_poll(self, entry: Entry) -> None:
        """Take a `poll.*` entry."""
        data, poll = entry.data, self.polls[entry.data.poll]
        time = parse_time(entry.time or "")
        if entry.kind == "poll.closed":
            poll.closed = time
            for closed in data.contests:
                poll.contests[unb64(closed.context, 32, "context")].closed = closed
            return
        if entry.kind == "poll.opened":
            poll.opened, poll.resolutions = entry.seq, tuple(self.resolutions)
        poll.closes = parse_time(data.closes)
        poll.paused = entry.kind == "poll.paused" or (poll.paused and entry.kind == "poll.extended")

    def add_tally(self, entry: Entry) -> None:
        """Take an `issuer.destroyed` or a `tally.*` entry."""
        data = entry.data
        contest = self.contest(unb64(data.context, 32, "context"))
        match entry.kind:
            case "issuer.destroyed":
                contest.destroyed = parse_time(entry.time or "")
            case "tally.sums":
                contest.sums = data
            case "tally.share":
                contest.shares.append(data)
            case "tally.counts":
                contest.counts = data
            case "tally.withheld":
                contest.withheld = True

    def add_result(self, entry: Entry, raw: bytes) -> None:
        """Take a `result.*` entry."""
        poll = self.polls[entry.data.poll]
        if isinstance(entry.data, CertifiedData):
            poll.concluded = entry.kind
        else:
            poll.declared, poll.declared_hash = entry.data, sha256(raw).digest()


_TAKE: Final[dict[str, Callable[[LogFacts, Entry], None]]] = {
    "electorate": LogFacts.add_electorate,
    "credential": LogFacts.add_replacement,
    "contest": LogFacts.add_contest,
    "trustee": LogFacts.add_trustee_entry,
    "poll": LogFacts.change_poll,
    "issuer": LogFacts.add_tally,
    "tally": LogFacts.add_tally,
}


async def read_kinds(connection: AsyncConnection, election: str, kinds: Sequence[str], start: int = 0) -> list[bytes]:
    """The bytes of all entries of these kinds from number ``start`` on, in the order of the log."""
    table = schema.log_entries
    query = (
        select(table.c.entry)
        .where(table.c.election == election, table.c.kind.in_(kinds), table.c.seq >= start)
        .order_by(table.c.seq)
    )
    return list((await connection.execute(query)).scalars())


async def extend_facts(connection: AsyncConnection, election: str, facts: LogFacts, size: int) -> None:
    """Bring the facts up to the committed size of the log."""
    table = schema.log_entries
    query = (
        select(table.c.seq, table.c.entry)
        .where(table.c.election == election, table.c.kind.not_in(BULK))
        .where(table.c.seq >= facts.size, table.c.seq < size)
        .order_by(table.c.seq)
    )
    rows: list[Any] = list((await connection.execute(query)).all())
    for row in rows:
        facts.apply(decode_entry(row.entry), row.entry)
    facts.size = size
