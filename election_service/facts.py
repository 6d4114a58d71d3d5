"""What the log says so far, without its ballots and tokens: the state that acts and trustees' messages are judged by.

Folded from the committed entries, entry by entry; it never looks at the tables that the service keeps for speed. The
verifier does the same with code of its own (audit/state.py).
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.entries import ApprovedData, ElectorateData, Entry, LogOpenedData, decode_entry, parse_time
from ballot.contest import Contest, load_contest
from election_service import schema
from election_service.errors import ActRefusedError, NotFoundError, StorageError
from election_service.poll_facts import ContestFacts, PollFacts, counted
from keys.canonical import b64, unb64
from keys.trustee.ceremony import Ceremony, JointKey, Stage
from keys.trustee.session import TrusteeSession
from tally.constitution import Constitution, Resolution, load_constitution
from tally.record import Record

BULK: Final = ("ballot", "sealed", "token")  # what facts are not made of
CEREMONY: Final = ("trustee.hashed", "trustee.committed", "trustee.shared", "trustee.confirmed", "trustee.complained")


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
        self.constitution_seqs: list[int] = []  # none, or one
        self.law: Record | None = None  # from the constitution on
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

    @property
    def record(self) -> Record:
        """What the rules know; ActRefusedError before there are any. It is shared: try things on a copy."""
        if self.law is None:
            raise ActRefusedError("there is no constitution yet")
        return self.law

    @property
    def rules(self) -> Constitution:
        """The constitution with the committee's readings; ActRefusedError before there is one."""
        return self.record.rules

    @property
    def documents(self) -> list[Contest]:
        """Every contest document, poll by poll."""
        return [document for number in sorted(self.polls) for document in self.polls[number].documents]

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

    def listed(self, credential: str) -> str | None:
        """The credential on the rolls that this one stands for, base64url: a replaced one does not speak twice."""
        first = self.first_of_chain(unb64(credential, 32, "credential"))
        return None if first is None else b64(first)

    def apply(self, entry: Entry, raw: bytes, blob: bytes = b"") -> None:
        """Take the next entry that is not bulk; ``blob``: the file that a `constitution` names."""
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
                self.constitution, self.law = data.blob, Record(load_constitution(blob))
                self.constitution_seqs.append(entry.seq)
            case "result":
                self.add_result(entry, raw)
            case _:
                take = _TAKE.get(family)
                if take is not None:
                    take(self, entry)

    def add_electorate(self, entry: Entry) -> None:
        """Take an `electorate`."""
        self.electorates[entry.data.id] = (entry.seq, entry.data)
        self.record.add_electorate(entry.data.id, entry.data.size)

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
        self.record.add_contest(rules.document)

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
            poll.opened = entry.seq
            self.record.open_poll(poll.number, poll.documents, time, parse_time(data.closes))
        elif entry.kind != "poll.paused":
            self.record.extend_poll(poll.number, parse_time(data.closes))
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
        poll, time = self.polls[entry.data.poll], parse_time(entry.time or "")
        if entry.kind == "result.declared":
            poll.declared, poll.declared_hash = entry.data, sha256(raw).digest()
            outcome = self.record.declare(poll.number, counted(self.log_id, poll.contests.values()))
            self.record.take(outcome, time)
            return
        poll.concluded = entry.kind
        if entry.kind == "result.certified":
            self.record.certify(poll.number, time)  # the seats that follow stand behind it in the log
        else:
            self.record.annul(poll.number, time)

    def add_legal_act(self, entry: Entry) -> None:
        """Take what people decided, asked for or supported, as the rules read it."""
        data, time = entry.data, parse_time(entry.time or "")
        match entry.kind:
            case "resolution":
                self.record.resolve(Resolution(clause=data.clause, reading=data.reading))
            case "decision":
                self.record.decide(data.act, data.decision, time)
            case "complaint":
                self.record.complain(entry.seq, data, time)
            case "petition":
                self.record.support(data, time, listed=self.listed(data.credential))
            case "vote.open":
                self.record.vote_openly(data, time, listed=self.listed(data.credential))


_TAKE: Final[dict[str, Callable[[LogFacts, Entry], None]]] = {
    "resolution": LogFacts.add_legal_act,
    "decision": LogFacts.add_legal_act,
    "complaint": LogFacts.add_legal_act,
    "petition": LogFacts.add_legal_act,
    "vote": LogFacts.add_legal_act,
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
        entry = decode_entry(row.entry)
        blob = await _read_blob(connection, election, entry.data.blob) if entry.kind == "constitution" else b""
        facts.apply(entry, row.entry, blob)
        facts.size = entry.seq + 1
    facts.size = size


async def _read_blob(connection: AsyncConnection, election: str, name: str) -> bytes:
    table = schema.blobs
    query = select(table.c.content).where(table.c.election == election, table.c.sha256 == name)
    content: bytes | None = (await connection.execute(query)).scalar_one_or_none()
    if content is None:
        raise StorageError(f"log {election}: blob {name} is missing", "put it back from a published copy")
    return content
