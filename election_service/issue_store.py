"""What is stored of a request for a token: once, before it is signed (docs/protocol.md §5); recovery blobs at rest.

The transaction's order is: poll (locked against a close) → electorate → the request's own faults → stored once →
counted → compared with the marker outside the database (A97) → committed → marker raised. Only then is anything signed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ballot.contest import ContestRules
from election_service import schema, schema_mail
from election_service.credentials import places_of
from election_service.election import Election
from election_service.errors import NotEligibleError, PollNotOpenError, SecretError
from election_service.issue_marker import advance_marker, read_marker
from election_service.sql import PollRow, insert_new, lock_polls
from keys.errors import DataError, ElectionError, InternalError

if TYPE_CHECKING:
    from election_service.service import Service

_NONCE_SIZE: Final = 12


@dataclass(frozen=True, slots=True)
class IssueItem:
    """A request on its way. ``fault``: what is wrong with it by itself, said only after poll and electorate."""

    election: Election
    rules: ContestRules
    credential: bytes
    blinded: bytes
    signature: bytes
    recovery: bytes | None
    fault: DataError | None

    @property
    def poll(self) -> int:
        """The poll of its contest."""
        return self.rules.document.poll


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """What stands in the database for a credential in a contest; ``recovery`` as the booth sent it."""

    blinded: bytes
    recovery: bytes | None


async def store_requests(
    service: "Service", election: str, items: Sequence[IssueItem]
) -> list[StoredRequest | Exception]:
    """Store the requests of one election that may be stored; durable, and counted outside the database, on return.

    For each item: what is stored for its credential in its contest, or why nothing is.
    """
    counts: dict[int, int] = {}
    try:
        async with service.database.transaction() as connection:
            polls = await lock_polls(connection, election, {item.poll for item in items}, exclusive=False)
            verdicts = await _judge(connection, election, items, polls, service.clock())
            good = [item for item, verdict in zip(items, verdicts, strict=True) if verdict is None]
            new = await _insert(service, connection, election, good)
            counts = await read_counts(connection, election, {item.poll for item in good})
            counts |= await _count(service, connection, election, new)
            stored = await _read_stored(connection, election, good)
    except _RestoredError as error:
        await _stop_issuing(service, election, error.poll)
        return [PollNotOpenError(str(error)) for _ in items]
    await mark_issued(service, election, counts)
    return [
        _open_stored(service, item, stored[item.rules.context, item.credential]) if verdict is None else verdict
        for item, verdict in zip(items, verdicts, strict=True)
    ]


async def read_counts(connection: AsyncConnection, election: str, polls: set[int]) -> dict[int, int]:
    """Poll → tokens that are stored."""
    table = schema.issue_counts
    query = select(table.c.poll, table.c.tokens).where(table.c.election == election, table.c.poll.in_(polls))
    return {row.poll: row.tokens for row in (await connection.execute(query)).all()}


async def mark_issued(service: "Service", election: str, counts: Mapping[int, int]) -> None:
    """Raise the markers, durably, to what is committed: before any signature leaves, however often it is asked for."""
    for poll, tokens in counts.items():
        await asyncio.to_thread(advance_marker, service.state, election, poll, tokens)


class _RestoredError(PollNotOpenError):
    """The database counts fewer tokens than have left."""

    def __init__(self, poll: int) -> None:
        super().__init__(
            f"poll {poll}: issues no more tokens: its database is older than the last token that was issued"
        )
        self.poll = poll


async def _judge(
    connection: AsyncConnection, election: str, items: Sequence[IssueItem], polls: Mapping[int, PollRow], now: int
) -> list[ElectionError | None]:
    """Why an item may not be stored, None where it may; in the order of docs/protocol.md §5."""
    places = await places_of(connection, election, list({item.credential for item in items}))
    verdicts: list[ElectionError | None] = []
    for item in items:
        poll = polls.get(item.poll)
        electorates = {place.electorate for place in places[item.credential]}
        if poll is None or not poll.accepts(now):
            verdicts.append(PollNotOpenError(f"token request: poll {item.poll} is not open"))
        elif not poll.issuing:
            verdicts.append(_RestoredError(item.poll))
        elif item.rules.document.electorate not in electorates:
            verdicts.append(NotEligibleError("token request: the credential is not in the electorate of this contest"))
        else:
            verdicts.append(item.fault)
    return verdicts


async def _insert(
    service: "Service", connection: AsyncConnection, election: str, items: Sequence[IssueItem]
) -> list[IssueItem]:
    """Store what is not there yet, in one order for all processes, and return those that are new."""
    if not items:
        return []
    table = schema.issued
    rows = {(item.rules.context, item.credential): item for item in reversed(items)}  # the first of a batch wins
    values = [
        {
            "election": election,
            "context": context,
            "credential": credential,
            "blinded": item.blinded,
            "signature": item.signature,
            "recovery_sealed": _wrap(service, item),
        }
        for (context, credential), item in sorted(rows.items(), key=lambda pair: pair[0])
    ]
    statement = insert_new(connection, table).returning(table.c.context, table.c.credential)
    fresh = (await connection.execute(statement, values)).all()
    await _note_for_holders(connection, election, sorted((row.context, row.credential) for row in fresh))
    return [rows[row.context, row.credential] for row in fresh]


async def _note_for_holders(connection: AsyncConnection, election: str, new: Sequence[tuple[bytes, bytes]]) -> None:
    """Each holder will be told (token_notices.py): the note and the request are stored together or not at all (A44)."""
    notes = [{"election": election, "context": context, "credential": credential} for context, credential in new]
    if notes:
        await connection.execute(insert(schema_mail.token_notices), notes)


async def _count(
    service: "Service", connection: AsyncConnection, election: str, new: Sequence[IssueItem]
) -> dict[int, int]:
    """Raise the counts of the polls and compare them with the markers, under the rows' locks; poll → count."""
    table = schema.issue_counts
    counts = {}
    for poll in sorted({item.poll for item in new}):
        added = sum(item.poll == poll for item in new)
        statement = (
            update(table)
            .where(table.c.election == election, table.c.poll == poll)
            .values(tokens=table.c.tokens + added)
            .returning(table.c.tokens)
        )
        tokens = (await connection.execute(statement)).scalar_one()
        marker = read_marker(service.state, election, poll)
        if not 0 <= marker <= tokens - added:
            raise _RestoredError(poll)
        counts[poll] = tokens
    return counts


async def _read_stored(
    connection: AsyncConnection, election: str, items: Sequence[IssueItem]
) -> dict[tuple[bytes, bytes], Any]:
    table = schema.issued
    keys = {(item.rules.context, item.credential) for item in items}
    query = select(table.c.context, table.c.credential, table.c.blinded, table.c.recovery_sealed).where(
        table.c.election == election, tuple_(table.c.context, table.c.credential).in_(keys)
    )
    return {(row.context, row.credential): row for row in (await connection.execute(query)).all()}


async def _stop_issuing(service: "Service", election: str, poll: int) -> None:
    """Mark the poll, so that no process issues again, whatever its marker says."""
    table = schema.polls
    async with service.database.transaction() as connection:
        mine = (table.c.election == election) & (table.c.poll == poll)
        await connection.execute(update(table).where(mine).values(issuing=False))


async def check_issuing(service: "Service", election: str) -> list[int]:
    """At start: stop issuing in every open poll whose count is behind its marker; returns those polls.

    Under the row's lock: another process that issues meanwhile raises the count first and the marker after it.
    """
    polls, table = schema.polls, schema.issue_counts
    query = (
        select(polls.c.poll, table.c.tokens)
        .join(table, (table.c.election == polls.c.election) & (table.c.poll == polls.c.poll))
        .where(polls.c.election == election, polls.c.state.in_(("open", "paused")), polls.c.issuing)
        .order_by(polls.c.poll)
        .with_for_update(of=table)
    )
    stopped = []
    async with service.database.transaction() as connection:
        for row in (await connection.execute(query)).all():
            marker = await asyncio.to_thread(read_marker, service.state, election, row.poll)
            if marker > row.tokens or (marker < 0 and row.tokens):
                stopped.append(row.poll)
            else:  # a process may have died before it raised the marker, or made one
                await mark_issued(service, election, {row.poll: row.tokens})
    for poll in stopped:
        await _stop_issuing(service, election, poll)
    return stopped


def _wrap(service: "Service", item: IssueItem) -> bytes | None:
    """The recovery blob under the contest's key from the state directory, bound to contest and credential."""
    if item.recovery is None:
        return None
    nonce = service.random(_NONCE_SIZE)
    cipher = AESGCM(service.state.recovery_key(item.rules.context))
    return nonce + cipher.encrypt(nonce, item.recovery, item.rules.context + item.credential)


def unwrap_recovery(service: "Service", context: bytes, credential: bytes, sealed: bytes | None) -> bytes | None:
    """The recovery blob as the booth sent it; None where there is none any more."""
    if sealed is None:
        return None
    cipher = AESGCM(service.state.recovery_key(context))
    try:
        return cipher.decrypt(sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:], context + credential)
    except (InvalidTag, ValueError) as error:
        raise SecretError("recovery blob: does not open under the contest's key", "") from error


def _open_stored(service: "Service", item: IssueItem, row: Any) -> StoredRequest | Exception:
    try:
        recovery = unwrap_recovery(service, item.rules.context, item.credential, row.recovery_sealed)
    except InternalError as error:
        return error
    return StoredRequest(row.blinded, recovery)
