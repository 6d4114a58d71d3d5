"""The life of a poll: what opens and closes it, as data to be signed, and the close itself (docs/protocol.md §9).

A close is a clean cut: its transaction holds the poll's row alone, seals what waits, states the numbers, and logs every
request for a token. Then the issuer keys are destroyed, and that is logged too.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.entries import (
    ACT_SIZE,
    Approval,
    ClosedContest,
    IssuerDestroyedData,
    PollClosedData,
    TokenData,
    format_time,
    parse_time,
)
from audit.merkle import leaf_hash, tree_root
from election_service import schema
from election_service.errors import ActRefusedError, StorageError
from election_service.log import append
from election_service.physical_order import rewrite_unordered
from election_service.seal import RUNNING, seal_contests
from election_service.service import Service, Writing
from election_service.service_logging import get_logger
from election_service.sql import PollRow, lock_polls, read_polls
from keys.canonical import b64, encode

log = get_logger("poll")

POLL_STATES: Final = ("planned", "open", "paused", "closed", "tallied", "declared")


async def opening_data(service: Service, election: str, poll: int, closes: str) -> dict[str, Any]:
    """The data of `poll.opened` without `act` and `approvals`: every logged contest of the poll, and the closing
    time.
    """
    facts = await service.facts(election)
    contexts = [b64(context) for context in facts.poll(poll).contexts]
    return {"poll": poll, "contexts": contexts, "closes": format_time(parse_time(closes))}


async def closing_data(service: Service, election: str, poll: int) -> dict[str, Any]:
    """The data of `poll.closed` without `act` and `approvals`, as its numbers stand now.

    Only a paused poll's numbers stand still, so only that can be signed before the closing time (ActRefusedError).
    """
    facts = await service.facts(election)
    contexts = facts.poll(poll).contexts
    async with service.database.snapshot() as connection:
        row = (await read_polls(connection, election)).get(poll)
        if row is None or row.state != "paused":
            raise ActRefusedError(f"poll {poll}: pause it first: only a paused poll's numbers can be signed")
        tokens = await read_tokens(connection, election, contexts)
        contests = await _closed_contests(connection, election, contexts, tokens)
    return {"poll": poll, "contests": contests}


async def close_due(service: Service, election: str) -> list[int]:
    """Close the open polls whose time has come; returns those closed by this call. Safe to race between processes.

    A paused poll waits for its committee: to be resumed with a later closing time, or closed with approvals.
    """
    now = service.clock()
    async with service.database.snapshot() as connection:
        due = [poll for poll, row in (await read_polls(connection, election)).items() if _is_due(row, now)]
    closed = []
    for poll in due:
        async with service.writing(election) as writing:
            rows = await lock_polls(writing.connection, election, {poll}, exclusive=True)
            if _is_due(rows[poll], writing.now):
                await close_poll(writing, poll, b64(service.random(ACT_SIZE)), ())
                closed.append(poll)
    for poll in closed:
        await destroy_issuer_keys(service, election, poll)
    return closed


def _is_due(row: PollRow, now: int) -> bool:
    return row.state == "open" and row.closes is not None and now >= row.closes


async def close_poll(
    writing: Writing,
    poll: int,
    act: str,
    approvals: Sequence[Approval],
    announced: Sequence[ClosedContest] | None = None,
) -> int:
    """Close a poll inside the caller's transaction, which holds the log; returns the number of the `poll.closed` entry.

    ``announced``: what the committee signed; ActRefusedError where the numbers are others.
    """
    election, connection = writing.election.id, writing.connection
    rows = await lock_polls(connection, election, {poll}, exclusive=True)
    if poll not in rows or rows[poll].state not in RUNNING:
        raise ActRefusedError(f"poll {poll}: is not open")
    contexts = writing.facts.poll(poll).contexts
    await seal_contests(writing, poll, contexts)
    tokens = await read_tokens(connection, election, contexts)
    contests = await _closed_contests(connection, election, contexts, tokens)
    if announced is not None and tuple(announced) != tuple(contests):
        raise ActRefusedError(f"poll {poll}: the signed numbers are not those of the close; ask for them again")
    closed = PollClosedData(poll=poll, contests=tuple(contests), act=act, approvals=tuple(approvals))
    requests = [("token", token) for context in contexts for token in tokens[context]]
    numbers = await append(connection, election, [("poll.closed", closed), *requests], writing.now)
    table = schema.polls
    mine = (table.c.election == election) & (table.c.poll == poll)
    await connection.execute(update(table).where(mine).values(state="closed", issuing=False))
    return numbers[0]


async def read_tokens(
    connection: AsyncConnection, election: str, contexts: Sequence[bytes]
) -> dict[bytes, list[TokenData]]:
    """The requests that were stored, as they are logged: by context, ascending by credential."""
    table = schema.issued
    query = (
        select(table.c.context, table.c.credential, table.c.blinded, table.c.signature)
        .where(table.c.election == election, table.c.context.in_(contexts))
        .order_by(table.c.context, table.c.credential)
    )
    tokens: dict[bytes, list[TokenData]] = {context: [] for context in contexts}
    for row in await connection.execute(query):
        data = TokenData(
            context=b64(row.context),
            credential=b64(row.credential),
            blinded=b64(row.blinded),
            signature=b64(row.signature),
        )
        tokens[row.context].append(data)
    return tokens


async def _closed_contests(
    connection: AsyncConnection,
    election: str,
    contexts: Sequence[bytes],
    tokens: Mapping[bytes, Sequence[TokenData]],
) -> list[ClosedContest]:
    """The numbers of every contest: ballots accepted, tokens issued, and the root over their requests."""
    ballots = await _count_by_context(connection, election, schema.receipts)
    if ballots != await _count_by_context(connection, election, schema.spent):
        raise StorageError("poll: receipts and spent tokens differ in number", "stop, keep a copy, and run `doctor`")
    return [
        ClosedContest(
            context=b64(context),
            ballots=ballots.get(context, 0),
            tokens=len(tokens[context]),
            token_root=b64(tree_root(leaf_hash(encode(token)) for token in tokens[context])),
        )
        for context in contexts
    ]


async def _count_by_context(connection: AsyncConnection, election: str, table: Any) -> dict[bytes, int]:
    query = select(table.c.context, func.count().label("rows")).where(table.c.election == election)
    return {row.context: row.rows for row in await connection.execute(query.group_by(table.c.context))}


async def destroy_issuer_keys(service: Service, election: str, poll: int) -> int:
    """Destroy the issuer keys of a closed poll and log it, after the tokens are published; returns how many.

    Safe to run again: after a crash between close and destruction, or in two processes.
    """
    async with service.writing(election) as writing:
        contests = writing.facts.poll(poll).contests
        if writing.facts.poll(poll).closed is None:
            raise ActRefusedError(f"poll {poll}: its issuer keys are destroyed when it has closed")
        waiting = sorted(context for context, contest in contests.items() if contest.destroyed is None)
        table = schema.issuer_keys
        mine = (table.c.election == election) & table.c.context.in_(waiting)
        await writing.connection.execute(delete(table).where(mine))
        entries = [("issuer.destroyed", IssuerDestroyedData(context=b64(context))) for context in waiting]
        if entries:
            await append(writing.connection, election, entries, writing.now)
    for context in contests:
        service.issue_desk.forget(election, context)
    if waiting:
        await _forget_order(service)
    return len(waiting)


async def _forget_order(service: Service) -> None:
    """Take the order of arrival out of the database (A65). The close stands, whether or not the database lets us."""
    try:
        await rewrite_unordered(service.database)
    except StorageError as error:
        log.error("order of arrival stays in the database until the next close", error=str(error))  # noqa: TRY400
