"""What a voter's program gets to see after the login: log entries with proofs, and its own places (docs/protocol.md
§A).

Everything in it can be checked against the ballot link; nothing in it needs to be believed (audit/evidence.py, and the
booth in TypeScript). It is the same for everybody in the same electorates, but for the index and the stored request.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.merkle import NodeReader, leaf_hash, leaf_reader, make_inclusion_proof
from election_service import schema
from election_service.api_types import ProvenEntry, VoterContest, VoterView
from election_service.credentials import Place, places_of
from election_service.errors import NotEligibleError
from election_service.facts import LogFacts
from election_service.issue import issued_to
from election_service.log import Head
from election_service.publication import inclusion_proofs
from election_service.service import Service
from keys.canonical import b64


@dataclass(frozen=True, slots=True)
class _Seat:
    """A contest that is the voter's: its entry, its context, its electorate's entry, and the voter's place there."""

    seq: int
    context: bytes
    electorate_seq: int
    place: Place


async def voter_view(service: Service, election: str, credential: bytes) -> VoterView:
    """The view of one credential; NotEligibleError for one that stands in no electorate."""
    known = await service.election(election)
    facts = await service.facts(election)
    async with service.database.snapshot() as connection:
        places = (await places_of(connection, election, [credential]))[credential]
        if not places:
            raise NotEligibleError("voter: this credential is in no electorate, or it was replaced")
        seats = _seats(facts, places)
        head, entries = await prove_entries(connection, election, sorted(_needed(facts, seats, credential)))
    async with service.database.snapshot() as connection:
        issued = await issued_to(service, connection, known, credential)
        readers = {seat.place.electorate: await _members(service, connection, election, seat) for seat in seats}
    contests = [
        VoterContest(
            seq=seat.seq,
            electorate_seq=seat.electorate_seq,
            leaf=b64(seat.place.first),
            index=seat.place.index,
            membership=[b64(item) for item in _path(seat, readers[seat.place.electorate])],
            issued=issued.get(seat.context),
        )
        for seat in seats
    ]
    return VoterView(checkpoint=head.published or "", entries=entries, contests=contests)


def _seats(facts: LogFacts, places: Sequence[Place]) -> list[_Seat]:
    """The contests of opened polls whose electorate the voter is in, in the order of the log."""
    by_electorate = {place.electorate: place for place in places}
    seats = [
        _Seat(
            contest.seq,
            context,
            facts.electorates[contest.rules.document.electorate][0],
            by_electorate[contest.rules.document.electorate],
        )
        for poll in facts.polls.values()
        if poll.opened is not None
        for context, contest in poll.contests.items()
        if contest.rules.document.electorate in by_electorate
    ]
    return sorted(seats, key=lambda seat: seat.seq)


def common_seqs(facts: LogFacts) -> set[int]:
    """The entries that every view needs: entry 0, committees, the constitution, the confirmed session."""
    needed = {0, *facts.members_seqs, *facts.constitution_seqs}
    return needed if facts.joint_key is None else needed | set(facts.ceremony_seqs[-1])


def _needed(facts: LogFacts, seats: Sequence[_Seat], credential: bytes) -> set[int]:
    """The entries that prove it: the common ones, openings, contests, electorates, replacements."""
    needed = common_seqs(facts)
    for seat in seats:
        opened = facts.contexts[seat.context].opened
        needed |= {seat.seq, seat.electorate_seq, *([] if opened is None else [opened])}
    before = {new: old for old, new in facts.replaced.items()}
    while credential in before:
        credential = before[credential]
        needed.add(facts.replaced_seqs[credential])
    return needed


async def prove_entries(
    connection: AsyncConnection, election: str, seqs: Sequence[int]
) -> tuple[Head, list[ProvenEntry]]:
    """The exact texts of these entries with their proofs, and the head whose checkpoint they are proved under."""
    head, proofs = await inclusion_proofs(connection, election, seqs)
    table = schema.log_entries
    query = select(table.c.seq, table.c.entry).where(table.c.election == election, table.c.seq.in_(seqs))
    texts = {row.seq: row.entry.decode() for row in await connection.execute(query)}
    entries = [ProvenEntry(seq=seq, entry=texts[seq], proof=[b64(item) for item in proofs[seq]]) for seq in seqs]
    return head, entries


async def _members(service: Service, connection: AsyncConnection, election: str, seat: _Seat) -> tuple[int, NodeReader]:
    """The Merkle tree of an electorate, which never changes once it is logged: made once in a process."""
    name = (election, seat.place.electorate)
    if name not in service.electorate_trees:
        table = schema.electorate_members
        query = select(table.c.credential).where(table.c.election == election, table.c.electorate == name[1])
        keys = list((await connection.execute(query.order_by(table.c.idx))).scalars())
        service.electorate_trees[name] = (len(keys), leaf_reader([leaf_hash(key) for key in keys]))
    return service.electorate_trees[name]


def _path(seat: _Seat, tree: tuple[int, NodeReader]) -> list[bytes]:
    size, read = tree
    return make_inclusion_proof(seat.place.index, size, read)
