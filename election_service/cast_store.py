"""Where ballots wait, and what the database says about them: spent marks, receipts, the accepting transaction (§7).

The tables hold no time, no order and no address (A64, A65). Spent is keyed by (context, token key); the insert of that
row is the moment at which a ballot is cast.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.entries import decode_entry
from ballot.ballot import BallotData, tracker
from ballot.contest import ContestRules
from ballot.receipt import make_receipt
from election_service import schema
from election_service.election import Election
from election_service.errors import PollNotOpenError, TokenSpentError
from election_service.sql import PollRow, insert_new, lock_polls, read_polls
from keys.canonical import unb64

if TYPE_CHECKING:
    from election_service.service import Service

_CHUNK: Final = 500

SpentKey = tuple[bytes, bytes]
"""Context and token key."""


@dataclass(frozen=True, slots=True)
class CastItem:
    """A cast request on its way; ``request`` are the bytes that go into the log."""

    election: Election
    rules: ContestRules
    request: bytes
    tracker: bytes
    token_key: bytes

    @property
    def context(self) -> bytes:
        """The contest's context."""
        return self.rules.context

    @property
    def poll(self) -> int:
        """The number of its poll."""
        return self.rules.document.poll

    @property
    def spent_key(self) -> SpentKey:
        """What is spent: the token key in this contest, never the bytes of a signature (A41)."""
        return (self.rules.context, self.token_key)


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What the database says before anything is computed; the accepting transaction asks again."""

    receipt: bytes | None
    spent: bool
    poll: PollRow | None


async def first_look(service: "Service", items: Sequence[CastItem]) -> list[FirstLook]:
    """Stored receipt, spent mark and poll of many requests, in one query each."""
    table = schema.spent
    keys = {item.spent_key for item in items}
    async with service.database.snapshot() as connection:
        stored = await _read_receipts(connection, items)
        query = select(table.c.context, table.c.token_key)
        rows = await connection.execute(query.where(tuple_(table.c.context, table.c.token_key).in_(keys)))
        used = {(row.context, row.token_key) for row in rows}
        elections = {item.election.id for item in items}
        polls = {election: await read_polls(connection, election) for election in elections}
    return [
        FirstLook(stored.get(item.tracker), item.spent_key in used, polls[item.election.id].get(item.poll))
        for item in items
    ]


async def store_ballots(service: "Service", election: str, items: Sequence[CastItem]) -> list[bytes | Exception]:
    """Store judged ballots of one election in one transaction that reads the polls' states; durable when it returns.

    For each item: the signature of the receipt that is stored for this very body, whoever stored it, or why it is not.
    """
    signatures = {item.tracker: sign_receipt(service, item.election, item.context, item.tracker) for item in items}
    async with service.database.transaction() as connection:
        polls = await lock_polls(connection, election, {item.poll for item in items}, exclusive=False)
        now = service.clock()
        accepting = {number for number, poll in polls.items() if poll.accepts(now)}
        fresh = await _spend(connection, election, [item for item in items if item.poll in accepting])
        await _keep(connection, election, fresh, signatures)
        stored = await _read_receipts(connection, items)
    return [_result(item, stored, accepting) for item in items]


async def _spend(connection: AsyncConnection, election: str, items: Sequence[CastItem]) -> list[CastItem]:
    """Mark token keys as spent; returns the ballots that did it. Of two bodies of one token, the first is cast."""
    chosen: dict[SpentKey, CastItem] = {}
    for item in items:
        chosen.setdefault(item.spent_key, item)
    if not chosen:
        return []
    table = schema.spent
    # One order in all processes, so that two batches never wait for each other.
    values = [{"election": election, "context": context, "token_key": key} for context, key in sorted(chosen)]
    statement = insert_new(connection, table).returning(table.c.context, table.c.token_key)
    rows = (await connection.execute(statement, values)).all()
    return [chosen[row.context, row.token_key] for row in rows]


async def _keep(
    connection: AsyncConnection, election: str, items: Sequence[CastItem], signatures: Mapping[bytes, bytes]
) -> None:
    """Store the ballots and their receipts."""
    if not items:
        return
    rows = [{"election": election, "tracker": item.tracker, "context": item.context} for item in items]
    requests = [{**row, "request": item.request} for row, item in zip(rows, items, strict=True)]
    await connection.execute(insert(schema.unsealed_ballots), requests)
    receipts = [{**row, "signature": signatures[item.tracker]} for row, item in zip(rows, items, strict=True)]
    await connection.execute(insert(schema.receipts), receipts)


async def _read_receipts(connection: AsyncConnection, items: Sequence[CastItem]) -> dict[bytes, bytes]:
    table = schema.receipts
    query = select(table.c.tracker, table.c.signature).where(table.c.tracker.in_({item.tracker for item in items}))
    return {row.tracker: row.signature for row in await connection.execute(query)}


def _result(item: CastItem, stored: Mapping[bytes, bytes], accepting: set[int]) -> bytes | Exception:
    if item.tracker in stored:
        return stored[item.tracker]
    if item.poll not in accepting:
        return PollNotOpenError(f"ballot: poll {item.poll} is not open")
    return TokenSpentError("ballot: this token has already cast another ballot")


def sign_receipt(service: "Service", election: Election, context: bytes, tracker: bytes) -> bytes:
    """The signature of a receipt, 64 bytes."""
    receipt = make_receipt(election.receipt_key, election.log_id, context, tracker, service.random)
    return unb64(receipt.signature, 64, "receipt: signature")


async def rebuild_spent(service: "Service", election: str) -> int:
    """At start: every ballot in the log has its spent mark and its receipt (A97); returns how many marks were missing.

    Only polls that still take ballots matter. A receipt that is missing is signed anew.
    """
    known = await service.election(election)
    async with service.database.snapshot() as connection:
        polls = await read_polls(connection, election)
    if not any(poll.state in {"open", "paused"} for poll in polls.values()):
        return 0
    table = schema.log_entries
    after, missing = -1, 0
    while True:
        query = select(table.c.seq, table.c.entry).where(
            table.c.election == election, table.c.kind == "ballot", table.c.seq > after
        )
        async with service.database.transaction() as connection:
            rows = (await connection.execute(query.order_by(table.c.seq).limit(_CHUNK))).all()
            if not rows:
                return missing
            missing += await _restore_marks(service, connection, known, [decode_entry(row.entry).data for row in rows])
        after = rows[-1].seq


async def _restore_marks(
    service: "Service", connection: AsyncConnection, election: Election, ballots: Sequence[BallotData]
) -> int:
    spent, receipts = [], []
    for data in ballots:
        context, found = unb64(data.context, 32, "context"), tracker(data.body)
        place = {"election": election.id, "context": context}
        spent.append({**place, "token_key": unb64(data.token.key, 32, "key")})
        signature = sign_receipt(service, election, context, found)
        receipts.append({**place, "tracker": found, "signature": signature})
    marks = insert_new(connection, schema.spent).returning(schema.spent.c.token_key)
    restored = (await connection.execute(marks, spent)).all()
    if restored:
        await connection.execute(insert_new(connection, schema.receipts), receipts)
    return len(restored)
