"""Notices: "a token was issued in your name", for every token and without saying when (docs/protocol.md §5).

Whoever holds a stolen link, and a registrar who kept the seeds, gets no token that its owner is not told of (A44). The
row is stored by the transaction that stores the request for the token. The mails go in the batches of the sealing: a
contest is due once as many notices wait in it as a sealing asks for, and in any case when its poll has closed. One mail
for each voter and batch, in random order, so that neither the mails nor their rows tell who came before whom (A63).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema, schema_mail
from election_service.contest_names import contest_name, read_blocks
from election_service.mail_text import LetterHead, read_letterhead
from election_service.outbox import queue
from election_service.secrets import Random
from election_service.service import Service
from election_service.service_logging import get_logger
from election_service.sql import read_polls
from election_service.voter_mail import VoterMail, read_voters

BATCH_SIZE: Final = 16  # bytes of a batch's random name

log = get_logger("notices")

T = TypeVar("T")


async def queue_notices(service: Service, election: str, *, scheduled: bool) -> int:
    """Queue the notices that are due, each once; returns the number of mails. Safe to race between processes.

    ``scheduled``: at the time of a sealing; otherwise only what belongs to polls that have closed. Without a mail
    server the notices wait.
    """
    if not service.config.smtp_host:
        return 0
    known = await service.election(election)
    least = known.settings.seal_minimum if scheduled else None
    async with service.database.snapshot() as connection:
        if not await _due(connection, election, least):
            return 0
    facts = await service.facts(election)
    async with service.database.transaction() as connection:
        contexts = await _due(connection, election, least)
        issued = await _take(connection, election, contexts)
        voters = await read_voters(connection, election, sorted(issued))
        blocks = await read_blocks(connection, election)
        head = await read_letterhead(connection, service.config.public_url, election)
        batch = service.random(BATCH_SIZE).hex()
        for credential in shuffled(sorted(voters), service.random):
            voter = voters[credential]
            documents = [facts.contest(context).rules.document for context in issued[credential]]
            names = [contest_name(facts, blocks, document, voter.language) for document in documents]
            await _queue(service, connection, election, voter, head, sorted(names), batch)
    if issued.keys() - voters.keys():
        log.error("tokens of nobody on the roll", election=election, tokens=len(issued.keys() - voters.keys()))
    return len(voters)


async def _due(connection: AsyncConnection, election: str, least: int | None) -> list[bytes]:
    """The contests whose notices go now. ``least``: notices that must wait in a contest whose poll still runs."""
    table, contests = schema_mail.token_notices, schema.contests
    query = (
        select(table.c.context, contests.c.poll, func.count().label("waiting"))
        .join(contests, (contests.c.election == table.c.election) & (contests.c.context == table.c.context))
        .where(table.c.election == election)
        .group_by(table.c.context, contests.c.poll)
    )
    rows = (await connection.execute(query)).all()
    if not rows:
        return []
    polls = await read_polls(connection, election)
    return [
        row.context
        for row in rows
        if polls[row.poll].state not in {"open", "paused"} or (least is not None and row.waiting >= least)
    ]


async def _take(connection: AsyncConnection, election: str, contexts: Sequence[bytes]) -> dict[bytes, list[bytes]]:
    """Credential → contexts of the waiting notices, which wait no more. Of two processes one gets each."""
    table = schema_mail.token_notices
    mine = (table.c.election == election) & table.c.context.in_(contexts)
    statement = delete(table).where(mine).returning(table.c.credential, table.c.context)
    found: dict[bytes, list[bytes]] = {}
    for row in (await connection.execute(statement)).all():
        found.setdefault(row.credential, []).append(row.context)
    return found


async def _queue(
    service: Service,
    connection: AsyncConnection,
    election: str,
    voter: VoterMail,
    head: LetterHead,
    contests: list[str],
    batch: str,
) -> None:
    values: Mapping[str, Any] = {"contests": contests}
    await queue(
        connection,
        service.master,
        service.random,
        election=election,
        kind="issued",
        recipient=voter.student_id,
        about=batch,
        mail=voter.letter(head, "issued", values),
        now=service.clock(),
    )


def shuffled(items: Iterable[T], random: Random) -> list[T]:
    """The items in an order that says nothing: by 16 random bytes for each."""
    return [item for _, item in sorted(((random(16), item) for item in items), key=lambda pair: pair[0])]
