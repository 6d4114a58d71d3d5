"""A poll while it runs, for the committee: how many have voted, what became of mails, what waits for an answer.

The turnout is the public page's own, in its steps and without small blocks (turnout.py): who is on the committee learns
no more of it than anybody. What was voted nobody learns here, before the close or after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_mail
from election_service.console.told_mails import count_mails
from election_service.facts import LogFacts
from election_service.mail_status import KindStatus
from election_service.poll_facts import ContestFacts, PollFacts
from election_service.reminders import queue_reminders
from election_service.service import Service
from election_service.sql import PollRow, read_polls
from election_service.turnout import Turnout, read_turnout


@dataclass(frozen=True, slots=True)
class ContestProgress:
    """A contest; ``ballots``: as `turnout.Turnout` has them, None for a block that is too small to be told of."""

    contest: ContestFacts
    ballots: int | None


@dataclass(frozen=True, slots=True)
class PollProgress:
    """A poll that was opened and is not closed. ``left``: seconds to its closing time, 0 when that has passed."""

    row: PollRow
    left: int
    turnout: Turnout
    contests: tuple[ContestProgress, ...]


@dataclass(frozen=True, slots=True)
class ComplaintLine:
    """A complaint of entry ``seq``: of a credential, which has no name. ``answer`` empty: it waits for one.

    ``time``: when it was logged; ``until``: when complaints about its poll cease to be heard. POSIX seconds.
    """

    seq: int
    poll: int
    text: str
    time: int
    until: int
    answer: str


@dataclass(frozen=True, slots=True)
class Progress:
    """What the committee looks at while polls run. ``requests``, ``messages``: how many wait."""

    now: int
    polls: tuple[PollProgress, ...]
    mails: tuple[KindStatus, ...]
    complaints: tuple[ComplaintLine, ...]
    requests: int
    messages: int


async def read_progress(service: Service, election: str) -> Progress:
    """The polls that run, and all that waits; UnknownElectionError."""
    await service.election(election)
    now, facts = service.clock(), await service.facts(election)
    turnout = await read_turnout(service, election)
    async with service.database.snapshot() as connection:
        rows = await read_polls(connection, election)
        mails = await count_mails(connection, election)
        requests = await _count_open(connection, election, schema_mail.link_requests)
        messages = await _count_open(connection, election, schema_mail.messages)
    running = [poll for poll in facts.polls.values() if poll.number in turnout and poll.closed is None]
    polls = [_poll(poll, rows[poll.number], turnout[poll.number], now) for poll in running]
    return Progress(now, tuple(polls), tuple(mails), tuple(complaints_of(facts)), requests, messages)


def _poll(poll: PollFacts, row: PollRow, turnout: Turnout, now: int) -> PollProgress:
    contests = sorted(poll.contests.values(), key=lambda contest: contest.seq)
    lines = tuple(ContestProgress(item, turnout.ballots.get(item.rules.context)) for item in contests)
    return PollProgress(row, max(0, (row.closes or now) - now), turnout, lines)


def complaints_of(facts: LogFacts, poll: int | None = None) -> list[ComplaintLine]:
    """All complaints of the log, or those about one poll: the oldest first."""
    if facts.law is None:
        return []
    window = facts.rules.complaints.value
    return [
        ComplaintLine(
            seq,
            item.data.poll,
            item.data.text,
            item.time,
            (facts.law.polls[item.data.poll].declared or 0) + window,
            item.answer,
        )
        for seq, item in sorted(facts.law.state.complaints.items())
        if poll in (None, item.data.poll)
    ]


async def _count_open(connection: AsyncConnection, election: str, table: Table) -> int:
    query = select(func.count()).select_from(table).where(table.c.election == election, table.c.state == "open")
    return int((await connection.execute(query)).scalar_one())


async def remind(service: Service, election: str, poll: int) -> None:
    """Remind those who have no token yet, once a day; ActRefusedError where the poll is not open.

    How many they are is not told: from one minute to the next it would say who has come (A69).
    """
    await queue_reminders(service, election, poll)


def unanswered(complaints: Sequence[ComplaintLine]) -> list[ComplaintLine]:
    """Those that bar a certification."""
    return [item for item in complaints if not item.answer]
