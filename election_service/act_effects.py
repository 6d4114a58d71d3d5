"""What an act does when it is done: its entry in the log, and the rows that follow from it, in one transaction."""

import asyncio
from typing import Final

from sqlalchemy import insert, update

from audit.entries import (
    ApprovedData,
    CredentialReplacedData,
    PollChangedData,
    PollClosedData,
    PollOpenedData,
    parse_time,
)
from election_service import schema
from election_service.console.local_acts import LOCAL
from election_service.issue_marker import advance_marker
from election_service.legal_rules import consequences
from election_service.log import append
from election_service.poll import close_poll
from election_service.reissue import hand_over
from election_service.service import Service, Writing
from election_service.sql import lock_polls

_STATES: Final = {"poll.opened": "open", "poll.paused": "paused", "poll.resumed": "open"}


async def do_act(service: Service, writing: Writing, kind: str, data: ApprovedData) -> int | None:
    """Log an approved act and change the tables with it; returns the number of the entry, None for an act that stands
    in no log.
    """
    if kind in LOCAL:
        await LOCAL[kind].do(writing, data)
        return None
    if isinstance(data, PollClosedData):
        return await close_poll(writing, data.poll, data.act, data.approvals, data.contests)
    if isinstance(data, PollOpenedData):
        await _change_poll(service, writing, kind, data)
    elif isinstance(data, CredentialReplacedData):
        await hand_over(writing.connection, writing.election.id, data, writing.now)
    items = [(kind, data), *consequences(writing, data)]
    return (await append(writing.connection, writing.election.id, items, writing.now))[0]


async def _change_poll(service: Service, writing: Writing, kind: str, data: PollOpenedData) -> None:
    """Open, extend, pause or resume: under the row's exclusive lock, so that every ballot sees it or came before."""
    election, table = writing.election.id, schema.polls
    await lock_polls(writing.connection, election, {data.poll}, exclusive=True)
    values: dict[str, object] = {"closes": parse_time(data.closes)}
    if kind in _STATES:
        values["state"] = _STATES[kind]
    if not isinstance(data, PollChangedData):
        values |= {"opens": writing.now, "issuing": True}
        counts = insert(schema.issue_counts).values(election=election, poll=data.poll, tokens=0)
        await writing.connection.execute(counts)
        # Before the commit: a poll that is open has its marker (A97). One without a poll says nothing.
        await asyncio.to_thread(advance_marker, service.state, election, data.poll, 0)
    mine = (table.c.election == election) & (table.c.poll == data.poll)
    await writing.connection.execute(update(table).where(mine).values(values))
