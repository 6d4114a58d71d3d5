"""What the committee sees of an election's mails: of those alone that do not tell who has taken a ballot.

A notice of a token goes to who has one, a reminder to who has none: their numbers are the turnout to the person, and
their recipients are names with it (A63, A69). So of them nothing is told, neither numbers nor names, at any time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from election_service.mail_status import KindStatus, read_status, read_troubles
from election_service.outbox import Kind
from election_service.voter_mail import read_students

TOLD: Final[tuple[Kind, ...]] = ("invite", "reissue", "call", "result", "message")


@dataclass(frozen=True, slots=True)
class MailTrouble:
    """A mail that needs somebody's eye: refused, come back, or put off. ``student_id`` empty: to the committee itself.

    ``due``: POSIX seconds of the next try of one that waits.
    """

    kind: str
    student_id: str
    full_name: str
    email: str
    state: str
    attempts: int
    due: int
    reason: str


async def count_mails(connection: AsyncConnection, election: str) -> list[KindStatus]:
    """How many mails of each kind are in each state."""
    return [status for status in await read_status(connection, election) if status.kind in TOLD]


async def list_troubles(connection: AsyncConnection, election: str) -> list[MailTrouble]:
    """The mails in trouble, with their recipients: for who may see the roll alone."""
    troubles = [item for item in await read_troubles(connection, election) if item.kind in TOLD]
    voters = await read_students(connection, election, _students([item.recipient for item in troubles]))
    found = []
    for item in troubles:
        voter = voters.get(item.recipient)
        name, email = (voter.full_name, voter.email) if voter is not None else ("", "")
        line = (item.kind, item.recipient, name, email, item.state, item.attempts, item.due, item.reason)
        found.append(MailTrouble(*line))
    return found


def _students(recipients: Sequence[str]) -> list[str]:
    return sorted({recipient for recipient in recipients if recipient})
