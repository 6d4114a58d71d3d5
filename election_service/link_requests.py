"""Sending a ballot link again: whoever asks learns nothing, and at most the mailbox on the roll gets a mail (A84).

The answer is given before anything is looked up, so neither it nor its time depends on the address. The work on a
request begins two seconds later, when the answer is long gone: an invitation that is not out yet is queued again;
otherwise the committee is asked, which may re-issue the link (the service has none to send again). Once an hour for
each student; asking more often is asking once. What waits is lost when the process is killed: people ask again.

Nobody can shut the desk for others with a few requests: what has not the form of an address waits for nothing, the
same address waits once, and requests from one public address take a part of the places only.

Addresses are compared as the roll writes them, in lower case. Both are ASCII by form, where upper and lower case have
no second reading: nothing else is folded, no address of another script can become one of the roll's.
"""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_mail
from election_service.errors import BusyError
from election_service.mail_text import make_letter, read_letterhead
from election_service.messages_desk import public_source
from election_service.outbox import queue, queue_again
from election_service.roll_rules import MAX_ADDRESS, is_address
from election_service.service_logging import get_logger
from election_service.voter_mail import VoterMail, read_address, read_students
from keys.errors import ElectionError, FormatError

if TYPE_CHECKING:
    from election_service.service import Service

AFTER: Final = 2.0  # seconds from the answer to the work
PAUSE: Final = 3600  # seconds between two requests of one student that are heard
MOST_WAITING: Final = 2000
MOST_OF_ONE: Final = 100  # of them from one public address: more than a campus behind one asks in two seconds

_TROUBLE: Final = (ElectionError, SQLAlchemyError, OSError)

log = get_logger("links")


@dataclass(slots=True, eq=False)
class LinkDesk:
    """The requests that this process has still to look at. Owner of its one task, which ends when nothing waits.

    ``_waiting``: (election, address as on the roll) → when its work begins, in the event loop's time, and whose place
    it takes (`public_source`); the oldest first.
    """

    service: "Service"
    _waiting: dict[tuple[str, str], tuple[float, bytes | None]] = field(default_factory=dict)
    _taken: Counter[bytes | None] = field(default_factory=Counter)
    _task: "asyncio.Task[None] | None" = None
    _hurry: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, election: str, address: str, source: bytes | None) -> None:
        """Remember a request, once, if its address has the form; BusyError where too many wait."""
        wanted = (election, as_on_the_roll(address))
        if len(self._waiting) >= MOST_WAITING or (source is not None and self._taken[source] >= MOST_OF_ONE):
            raise BusyError("link requests: too many at once; ask again in a minute")
        if not wanted[1] or wanted in self._waiting:
            return
        self._waiting[wanted] = (asyncio.get_running_loop().time() + AFTER, source)
        self._taken[source] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())

    async def close(self) -> None:
        """Finish what waits, at once."""
        self._hurry.set()
        if self._task is not None:
            await self._task

    async def _work(self) -> None:
        while self._waiting:
            (election, address), (due, source) = next(iter(self._waiting.items()))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), due - asyncio.get_running_loop().time())
            del self._waiting[election, address]
            self._taken -= Counter({source: 1})
            try:
                await _look_up(self.service, election, address)
            except _TROUBLE as error:
                log.exception("a request for a link failed", election=election, error=str(error))


async def ask_link_again(service: "Service", election: str, address: str, *, asked_from: str | None = None) -> None:
    """Ask for the ballot link of whoever has this address; says the same for every address, and as fast.

    ``asked_from``: where the request came from, if anybody knows; forgotten when the work begins.
    UnknownElectionError; FormatError for what is too long to be an address; BusyError.
    """
    await service.election(election)
    wanted = address.strip()
    if len(wanted) > MAX_ADDRESS:
        raise FormatError(f"address: expected at most {MAX_ADDRESS} characters")
    service.link_desk.take(election, wanted, public_source(asked_from))


def as_on_the_roll(address: str) -> str:
    """The address in the spelling of the roll; empty for one that no roll can have."""
    return address.lower() if address.isascii() and is_address(address.lower()) else ""


async def _look_up(service: "Service", election: str, address: str) -> None:
    """Answer a request, in one transaction for each student (an address stands on the roll once)."""
    now = service.clock()
    async with service.database.snapshot() as connection:
        found = await read_address(connection, election, address)
    for voter in found:
        async with service.database.transaction() as connection:
            if not await _is_due(connection, election, voter, now):
                continue
            again = await queue_again(connection, election, voter.student_id, now)
            await _note(connection, election, voter, now, state="done" if again else "open")
            if not again:
                await _tell_committee(service, connection, election, voter, now)


async def _is_due(connection: AsyncConnection, election: str, voter: VoterMail, now: int) -> bool:
    """Whether this student's last request is an hour old; a time to come is one of a clock that went back (A98)."""
    table = schema_mail.link_requests
    mine = (table.c.election == election) & (table.c.student_id == voter.student_id)
    asked = (await connection.execute(select(table.c.requested).where(mine).with_for_update())).scalar_one_or_none()
    return asked is None or not asked <= now < asked + PAUSE


async def _note(connection: AsyncConnection, election: str, voter: VoterMail, now: int, *, state: str) -> None:
    table = schema_mail.link_requests
    mine = (table.c.election == election) & (table.c.student_id == voter.student_id)
    changed = await connection.execute(update(table).where(mine).values(requested=now, state=state))
    if not changed.rowcount:
        row = {"election": election, "student_id": voter.student_id, "requested": now, "state": state}
        await connection.execute(insert(table).values(row))


async def _tell_committee(
    service: "Service", connection: AsyncConnection, election: str, voter: VoterMail, now: int
) -> None:
    """One mail to the committee's address, if it has one; the request stands in `registrar requests` in any case."""
    head = await read_letterhead(connection, service.config.public_url, election)
    if not head.committee:
        return
    values = {"student": voter.student_id, "full_name": voter.full_name}
    letter = make_letter("link-request", head, to=head.committee, name="", language="en", values=values)
    await queue(
        connection,
        service.master,
        service.random,
        election=election,
        kind="message",
        recipient="",
        about=sha256(f"link-request/{voter.student_id}/{now}".encode()).hexdigest(),
        mail=letter,
        now=now,
    )


# ---- for the committee -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """A student who asked for the link; ``requested``: POSIX seconds, ``state``: open, done, refused."""

    student_id: str
    full_name: str
    email: str
    requested: int
    state: str


async def list_requests(connection: AsyncConnection, election: str, *, settled: bool = False) -> list[LinkRequest]:
    """The open requests, oldest first; with ``settled`` the others too."""
    table = schema_mail.link_requests
    query = select(table).where(table.c.election == election).order_by(table.c.requested, table.c.student_id)
    rows = [row for row in (await connection.execute(query)).mappings().all() if settled or row["state"] == "open"]
    voters = await read_students(connection, election, [row["student_id"] for row in rows])
    return [
        LinkRequest(student, voters[student].full_name, voters[student].email, row["requested"], row["state"])
        for row in rows
        if (student := row["student_id"]) in voters
    ]


async def refuse_request(connection: AsyncConnection, election: str, student: str) -> bool:
    """Settle an open request without a new link; False where there is none."""
    table = schema_mail.link_requests
    mine = (table.c.election == election) & (table.c.student_id == student) & (table.c.state == "open")
    return bool((await connection.execute(update(table).where(mine).values(state="refused"))).rowcount)
