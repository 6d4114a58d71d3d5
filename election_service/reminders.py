"""Whom to remind, to call and to tell the result; each of these mails is queued once for everybody it concerns.

Who has cast a ballot, nobody knows. A reminder goes to those who have no token yet in an open contest: the service sees
that anyway, since it issues the tokens, and the published log says it when the poll has closed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.entries import parse_time
from election_service import schema
from election_service.acts import list_acts
from election_service.contest_names import contest_name, read_blocks
from election_service.credentials import read_replacements
from election_service.errors import ActRefusedError
from election_service.facts import LogFacts
from election_service.languages import format_when
from election_service.mail_text import LetterHead, read_letterhead
from election_service.outbox import LINKS, Kind, Letter, queue
from election_service.poll_facts import PollFacts
from election_service.schema_mail import outbox
from election_service.service import Service
from election_service.sql import PollRow, read_polls
from election_service.voter_mail import VoterMail, read_voters

_CHUNK: Final = 100  # mails queued in one transaction: casting waits no longer than that takes
_CREDENTIALS: Final = 5000  # looked up at once


@dataclass(frozen=True, slots=True)
class Queued:
    """What became of it. ``before``: who was told already; ``without``: who has no invitation that arrived."""

    queued: int
    before: int
    without: int


class _Times(NamedTuple):
    """POSIX seconds; ``opens`` None for a poll that is open."""

    opens: int | None
    closes: int


@dataclass(frozen=True, slots=True)
class _Office:
    """What all mails about one poll are made from."""

    head: LetterHead
    facts: LogFacts
    poll: PollFacts
    row: PollRow
    blocks: Mapping[str, str]

    def names(self, contexts: Iterable[bytes], language: str) -> list[str]:
        """What these contests are called, in the order of the log."""
        contests = sorted((self.poll.contests[context] for context in contexts), key=lambda contest: contest.seq)
        return [contest_name(self.facts, self.blocks, contest.rules.document, language) for contest in contests]


async def queue_reminders(service: Service, election: str, poll: int, number: int | None = None) -> Queued:
    """Remind everybody who has no token yet in an open contest of this poll, of those contests.

    Once a day, by the election's zone, or once for each ``number``. ActRefusedError where the poll is not open.
    """
    office = await _open_office(service, election, poll)
    now = service.clock()
    if not office.row.accepts(now) or office.row.closes is None:
        raise ActRefusedError(f"poll {poll}: is not open: nobody is to be reminded")
    closes = office.row.closes
    day = datetime.fromtimestamp(now, ZoneInfo(office.head.zone)).date().isoformat()
    async with service.database.snapshot() as connection:
        left = await _without_token(connection, election, office.poll)

    def write(voter: VoterMail, contexts: Sequence[bytes]) -> Letter:
        when = format_when(closes, voter.language, office.head.zone)
        values = {"contests": office.names(contexts, voter.language), "closes": when}
        return voter.letter(office.head, "reminder", values)

    about = f"poll-{poll}/{day if number is None else number}"
    return await _queue_all(service, election, "reminder", about, left, write, closes)


async def queue_calls(service: Service, election: str, poll: int) -> Queued:
    """Call everybody who may vote in this poll: it is open, or its opening is scheduled; ActRefusedError otherwise."""
    office = await _open_office(service, election, poll)
    times = await _times(service, election, office.row)
    async with service.database.snapshot() as connection:
        everybody = await _members(connection, election, office.poll)

    def write(voter: VoterMail, contexts: Sequence[bytes]) -> Letter:
        zone, language = office.head.zone, voter.language
        values = {
            "contests": office.names(contexts, language),
            "opens": "" if times.opens is None else format_when(times.opens, language, zone),
            "closes": format_when(times.closes, language, zone),
            "further": poll > 1,
        }
        return voter.letter(office.head, "call", values)

    return await _queue_all(service, election, "call", f"poll-{poll}", everybody, write, times.closes)


async def queue_results(service: Service, election: str, poll: int) -> Queued:
    """Tell everybody who might vote in this poll of its result: once when it is declared, once when it is certified or
    annulled. ActRefusedError before it is declared.
    """
    office = await _open_office(service, election, poll)
    if office.poll.declared is None:
        raise ActRefusedError(f"poll {poll}: has no declared result yet")
    standing = (office.poll.concluded or "result.declared").removeprefix("result.")
    async with service.database.snapshot() as connection:
        everybody = await _members(connection, election, office.poll)

    def write(voter: VoterMail, _contexts: Sequence[bytes]) -> Letter:
        return voter.letter(office.head, "result", {"standing": standing, "page": f"results/{poll}"})

    return await _queue_all(service, election, "result", f"poll-{poll}/{standing}", everybody, write, None)


async def _open_office(service: Service, election: str, poll: int) -> _Office:
    await service.election(election)
    facts = await service.facts(election)
    async with service.database.snapshot() as connection:
        head = await read_letterhead(connection, service.config.public_url, election)
        row = (await read_polls(connection, election)).get(poll)
        blocks = await read_blocks(connection, election)
    if row is None:
        raise ActRefusedError(f"poll {poll}: there is none of this number")
    return _Office(head, facts, facts.poll(poll), row, blocks)


async def _times(service: Service, election: str, row: PollRow) -> _Times:
    if row.accepts(service.clock()) and row.closes is not None:
        return _Times(None, row.closes)
    for act in (await list_acts(service, election)).acts:
        opening = act.kind == "poll.opened" and act.data["poll"] == row.poll and act.state == "scheduled"
        if row.state == "planned" and opening and act.not_before is not None:
            return _Times(parse_time(act.not_before), parse_time(act.data["closes"]))
    raise ActRefusedError(f"poll {row.poll}: is not open, and no approved act opens it at a time")


async def _members(connection: AsyncConnection, election: str, poll: PollFacts) -> dict[bytes, list[bytes]]:
    """First credential of everybody who may vote → contexts of the contests."""
    contexts: dict[str, list[bytes]] = {}
    for context, contest in poll.contests.items():
        contexts.setdefault(contest.rules.document.electorate, []).append(context)
    table = schema.electorate_members
    query = select(table.c.electorate, table.c.credential).where(
        table.c.election == election, table.c.electorate.in_(contexts)
    )
    found: dict[bytes, list[bytes]] = {}
    for row in (await connection.execute(query)).all():
        found.setdefault(row.credential, []).extend(contexts[row.electorate])
    return found


async def _without_token(connection: AsyncConnection, election: str, poll: PollFacts) -> dict[bytes, list[bytes]]:
    """First credential → contexts of the contests in which nobody of its chain has a token."""
    before = {new: old for old, new in (await read_replacements(connection, election)).items()}
    table = schema.issued
    query = select(table.c.context, table.c.credential).where(
        table.c.election == election, table.c.context.in_(poll.contexts)
    )
    taken = set()
    for row in (await connection.execute(query)).all():
        first = row.credential
        while first in before:
            first = before[first]
        taken.add((first, row.context))
    members = await _members(connection, election, poll)
    left = {
        first: [context for context in contexts if (first, context) not in taken] for first, contexts in members.items()
    }
    return {first: contexts for first, contexts in left.items() if contexts}


async def _queue_all(
    service: Service,
    election: str,
    kind: Kind,
    about: str,
    contexts: Mapping[bytes, Sequence[bytes]],
    write: Any,
    not_after: int | None,
) -> Queued:
    """One letter for each of these voters who has an invitation; written first, queued some at a time."""
    credentials = sorted(contexts)
    voters: dict[bytes, VoterMail] = {}
    async with service.database.snapshot() as connection:
        for start in range(0, len(credentials), _CREDENTIALS):
            voters |= await read_voters(connection, election, credentials[start : start + _CREDENTIALS])
        without = await _uninvited(connection, election)
        told = await _told(connection, election, kind, about)
    wanted = [(first, voter) for first, voter in voters.items() if voter.student_id not in without]
    letters = [(voter, write(voter, contexts[first])) for first, voter in wanted if voter.student_id not in told]
    queued = 0
    for start in range(0, len(letters), _CHUNK):
        async with service.database.transaction() as connection:
            for voter, letter in letters[start : start + _CHUNK]:
                queued += await queue(
                    connection,
                    service.master,
                    service.random,
                    election=election,
                    kind=kind,
                    recipient=voter.student_id,
                    about=about,
                    mail=letter,
                    now=service.clock(),
                    not_after=not_after,
                )
    return Queued(queued, len(wanted) - queued, len(voters) - len(wanted))


async def _uninvited(connection: AsyncConnection, election: str) -> set[str]:
    """Who was to get a link from here and has none that arrived. With an offline registrar nobody is known to be."""
    query = select(outbox.c.recipient, outbox.c.state).where(outbox.c.election == election, outbox.c.kind.in_(LINKS))
    rows = (await connection.execute(query)).all()
    return {row.recipient for row in rows} - {row.recipient for row in rows if row.state == "sent"}


async def _told(connection: AsyncConnection, election: str, kind: Kind, about: str) -> set[str]:
    mine = (outbox.c.election == election, outbox.c.kind == kind, outbox.c.about == about)
    return set((await connection.execute(select(outbox.c.recipient).where(*mine))).scalars())
