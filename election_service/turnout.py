"""How many have voted. While a poll is open only coarse steps are told, and of small blocks nothing (A69).

A number that moves by one when somebody walks out of a room tells who has voted; a block of few tells it of each. So
counts go down to the next ten, are taken anew every five minutes at most, by one process for all of them, and blocks
under fifty stay silent. After the close everybody counts the log, and so does this. What was voted is nowhere near:
spent marks know no options.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.entries import format_time
from election_service import schema, schema_mail
from election_service.contest_types import ContestTurnout, PollTurnout, TurnoutList
from election_service.poll_facts import ContestFacts, PollFacts
from election_service.service import Service
from election_service.sql import insert_new
from keys.canonical import b64, encode, unb64

SMALLEST_BLOCK: Final = 50  # persons who may vote
STEP: Final = 10  # ballots
EVERY: Final = 300  # seconds

LiveCounts = tuple[int, dict[bytes, int]]  # when they were counted, POSIX seconds; contest context → tens of ballots


@dataclass(frozen=True, slots=True)
class Turnout:
    """One poll. ``exact``: closed, the numbers are the log's; otherwise ``at``: when they were counted, POSIX seconds.

    ``ballots``: contest context → ballots; None for a block that is too small to be told of.
    """

    poll: int
    exact: bool
    at: int | None
    ballots: Mapping[bytes, int | None]


async def read_turnout(service: Service, election: str) -> dict[int, Turnout]:
    """The turnout of every poll that was opened; UnknownElectionError where there is no such election."""
    await service.election(election)
    facts = await service.facts(election)
    opened = {number: poll for number, poll in facts.polls.items() if poll.opened is not None}
    live = [poll for poll in opened.values() if poll.closed is None]
    at, counts = await _live_counts(service, election, _told(live)) if live else (None, {})
    return {number: _turnout(poll, at, counts) for number, poll in sorted(opened.items())}


def _turnout(poll: PollFacts, at: int | None, counts: Mapping[bytes, int]) -> Turnout:
    if poll.closed is not None:
        exact: dict[bytes, int | None] = {
            context: contest.closed.ballots for context, contest in poll.contests.items() if contest.closed is not None
        }
        return Turnout(poll.number, True, None, exact)
    return Turnout(
        poll.number,
        False,
        at,
        {context: coarse(counts.get(context, 0), contest) for context, contest in poll.contests.items()},
    )


def _told(polls: list[PollFacts]) -> list[bytes]:
    """The contests of which anything may be told before the close."""
    return [context for poll in polls for context, contest in poll.contests.items() if not _is_small(contest)]


def _is_small(contest: ContestFacts) -> bool:
    return contest.rules.document.size < SMALLEST_BLOCK


def coarse(ballots: int, contest: ContestFacts) -> int | None:
    """What may be told of an open contest: None for a small block, else the count down to the next ten."""
    return None if _is_small(contest) else ballots // STEP * STEP


async def _live_counts(service: Service, election: str, contexts: list[bytes]) -> LiveCounts:
    """What was counted last, for all processes; counted anew where that is ``EVERY`` seconds ago."""
    now, known = service.clock(), service.live_counts.get(election)
    if known is None or not _stands(known[0], now):
        async with service.database.transaction() as connection:
            known = await _read(connection, election)
            if known is None or not _stands(known[0], now):
                await _count(connection, election, contexts, now, new=known is None)
                known = await _read(connection, election)  # another process may have been the first
        service.live_counts[election] = known or (now, {})
    return service.live_counts[election]


def _stands(counted: int, now: int) -> bool:
    """Whether a count is young enough; one of a time to come is of a clock that went back (A98)."""
    return counted <= now < counted + EVERY


async def _read(connection: AsyncConnection, election: str) -> LiveCounts | None:
    """The row that all processes share, locked; None before the first count."""
    table = schema_mail.live_turnout
    query = select(table.c.counted, table.c.ballots).where(table.c.election == election).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    ballots = msgspec.json.decode(row.ballots, type=dict[str, int])
    return row.counted, {unb64(context, 32, "turnout: context"): number for context, number in ballots.items()}


async def _count(connection: AsyncConnection, election: str, contexts: list[bytes], now: int, *, new: bool) -> None:
    """Count ballots that were accepted, and keep the tens."""
    spent, table = schema.spent, schema_mail.live_turnout
    query = (
        select(spent.c.context, func.count())
        .where(spent.c.election == election, spent.c.context.in_(contexts))
        .group_by(spent.c.context)
    )
    tens = {b64(context): number // STEP * STEP for context, number in (await connection.execute(query)).all()}
    values = {"counted": now, "ballots": encode(tens)}
    if new:
        await connection.execute(insert_new(connection, table).values(election=election, **values))
    else:
        await connection.execute(update(table).where(table.c.election == election).values(values))


async def show_turnout(service: Service, election: str) -> TurnoutList:
    """The same for programs."""
    facts = await service.facts(election)
    return TurnoutList(
        polls=[
            PollTurnout(
                poll=number,
                exact=turnout.exact,
                at=None if turnout.at is None else format_time(turnout.at),
                contests=[
                    ContestTurnout(
                        context=b64(context),
                        contest=contest.rules.document.contest,
                        size=contest.rules.document.size,
                        ballots=turnout.ballots.get(context),
                    )
                    for context, contest in sorted(facts.polls[number].contests.items())
                ],
            )
            for number, turnout in (await read_turnout(service, election)).items()
        ]
    )
