"""How many have voted. While a poll is open only coarse steps are told, and of small blocks nothing (A69).

A number that moves by one when somebody walks out of a room tells who has voted; a block of few tells it of each. So
counts go down to the next ten, are taken anew every five minutes at most, and blocks under fifty stay silent. After the
close everybody counts the log, and so does this. What was voted is nowhere near: spent marks know no options.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from audit.entries import format_time
from election_service import schema
from election_service.contest_types import ContestTurnout, PollTurnout, TurnoutList
from election_service.poll_facts import ContestFacts, PollFacts
from election_service.service import Service
from keys.canonical import b64

SMALLEST_BLOCK: Final = 50  # persons who may vote
STEP: Final = 10  # ballots
EVERY: Final = 300  # seconds


@dataclass(frozen=True, slots=True)
class Turnout:
    """One poll. ``exact``: closed, the numbers are the log's; otherwise ``at``: POSIX seconds from which they are.

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
    live = [context for poll in opened.values() if poll.closed is None for context in poll.contests]
    at, counts = await _live_counts(service, election, live) if live else (None, {})
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


def coarse(ballots: int, contest: ContestFacts) -> int | None:
    """What may be told of an open contest: None for a small block, else the count down to the next ten."""
    return None if contest.rules.document.size < SMALLEST_BLOCK else ballots // STEP * STEP


async def _live_counts(service: Service, election: str, contexts: list[bytes]) -> tuple[int, dict[bytes, int]]:
    """Ballots that were accepted, by contest, as counted by this process in the running five minutes."""
    window = service.clock() // EVERY
    known = service.live_counts.get(election)
    if known is None or known[0] != window or not known[1].keys() >= set(contexts):
        table = schema.spent
        query = (
            select(table.c.context, func.count())
            .where(table.c.election == election, table.c.context.in_(contexts))
            .group_by(table.c.context)
        )
        async with service.database.snapshot() as connection:
            rows = (await connection.execute(query)).all()
        known = (window, {**dict.fromkeys(contexts, 0), **{row[0]: row[1] for row in rows}})
        service.live_counts[election] = known
    return window * EVERY, known[1]


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
