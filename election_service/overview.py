"""What anybody may ask about an election without looking at its log: state, polls, the sealed ballots of a contest."""

import asyncio
from collections.abc import Iterable
from typing import Final

from sqlalchemy import select

from audit.entries import decode_entry, format_time
from ballot.ballot import tracker
from election_service import schema
from election_service.api_types import ContestBallots, ElectionInfo, PollInfo, PollState, SealedBallot
from election_service.errors import NotFoundError
from election_service.presentation import read_presentation
from election_service.service import Service
from election_service.sql import PollRow, read_polls
from keys.canonical import b64, unb64

_CHUNK: Final = 50  # ballots to read at a time, so that the event loop breathes


async def election_info(service: Service, election: str) -> ElectionInfo:
    """The election as everybody may see it; UnknownElectionError otherwise."""
    known = await service.election(election)
    async with service.database.snapshot() as connection:
        polls = await read_polls(connection, election)
        shown = await read_presentation(connection, election)
    heard = await _complaints_heard(service, known.id, polls.values())
    return ElectionInfo(
        election=known.id,
        origin=known.origin,
        log=b64(known.log_id),
        title=known.title,
        texts=shown.texts,
        contact=shown.contact,
        zone=shown.zone,
        now=format_time(service.clock()),
        rehearsal=known.rehearsal,
        second_factor=known.settings.second_factor,
        polls=[_poll_info(row, heard.get(row.poll)) for row in polls.values()],
    )


def state_of(row: PollRow) -> PollState:
    """The state of a poll, as answers name it."""
    state: PollState = row.state  # type: ignore[assignment]  # the table holds nothing else; poll.py writes it
    return state


async def _complaints_heard(service: Service, election: str, polls: Iterable[PollRow]) -> dict[int, int]:
    """Poll → until when complaints about its declared result are heard; only those about which they are heard now."""
    if all(row.state != "declared" for row in polls):
        return {}
    law, now = (await service.facts(election)).law, service.clock()
    return {} if law is None else {poll: end for poll in law.polls if (end := law.heard_until(poll)) and now < end}


def _poll_info(row: PollRow, complaints: int | None) -> PollInfo:
    return PollInfo(
        poll=row.poll,
        state=state_of(row),
        opens=None if row.opens is None else format_time(row.opens),
        closes=None if row.closes is None else format_time(row.closes),
        complaints=None if complaints is None else format_time(complaints),
    )


async def contest_ballots(service: Service, election: str, context: str) -> ContestBallots:
    """All sealed and published ballots of a contest: a device looks its own up in the whole list (docs/protocol.md §5).

    What a process has read once it keeps: the log only grows.
    """
    known = await service.election(election)
    rules = await service.contest(known, unb64(context, 32, "contest: context"))
    found, table = service.sealed_ballots(election), schema.log_entries
    async with service.database.snapshot() as connection:
        size = await connection.scalar(
            select(schema.log_heads.c.published_size).where(schema.log_heads.c.election == election)
        )
        if size is None:
            raise NotFoundError(f"election {election}: nothing is published yet")
        query = select(table.c.seq, table.c.entry).where(
            table.c.election == election, table.c.kind == "ballot", table.c.seq >= found.size, table.c.seq < size
        )
        rows = (await connection.execute(query.order_by(table.c.seq))).all()
    for number, row in enumerate(rows):
        if row.seq >= found.size:  # else somebody who read at the same time was faster
            data = decode_entry(row.entry).data
            item = SealedBallot(key=data.token.key, tracker=b64(tracker(data.body)), seq=row.seq)
            found.contests.setdefault(data.context, []).append(item)
            found.size = row.seq + 1
        if number % _CHUNK == _CHUNK - 1:
            await asyncio.sleep(0)
    found.size = max(found.size, size)
    return ContestBallots(ballots=list(found.contests.get(b64(rules.context), ())))
