"""What tests of mail share: an election without a log's worth of life, letters, and what stands in the outbox."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from election_service.api_types import ElectionTexts
from election_service.database import Database
from election_service.log import open_log
from election_service.mail_text import LetterHead, make_letter
from election_service.outbox import Kind, Letter, queue
from election_service.schema_mail import outbox
from election_service.secrets import MasterKey
from tests.service.logs import ELECTION, NOW, opened

MASTER = MasterKey(bytes(range(32)))
LINK = "https://vote.example.edu/vote/spring#c2VlZC1vZi1zb21lYm9keS1zZWVkLW9mLXNvbWVib2R5LWFuZC10aGUtbG9nLWlkLS0"
HEAD = LetterHead(
    ELECTION,
    {"en": ElectionTexts(title="Spring election", intro="")},
    "committee@example.edu",
    "Asia/Tbilisi",
    "https://vote.example.edu",
    rehearsal=False,
)


async def open_election(database: Database) -> None:
    """Entry 0, and nothing else."""
    async with database.transaction() as connection:
        await open_log(connection, opened(), title="Spring election", config=b"{}", now=NOW)


def letter(student: str = "1", language: str = "en", template: str = "invite", values: Any = None) -> Letter:
    """A letter to s<student>@example.edu."""
    content = {"link": LINK} if values is None else values
    return make_letter(
        template, HEAD, to=f"s{student}@example.edu", name="ნინო Əliyeva", language=language, values=content
    )


async def put(database: Database, students: Sequence[str], kind: Kind = "invite", **options: Any) -> list[bool]:
    """Queue a letter for each student."""
    values = {"about": "first", "now": NOW, "mail": None, **options}
    mail = values.pop("mail")
    async with database.transaction() as connection:
        return [
            await queue(
                connection,
                MASTER,
                os.urandom,
                election=ELECTION,
                kind=kind,
                recipient=student,
                **{**values, "mail": mail or letter(student)},
            )
            for student in students
        ]


async def rows(database: Database) -> dict[str, Any]:
    """The newest row of each recipient."""
    async with database.snapshot() as connection:
        found = (await connection.execute(select(outbox).order_by(outbox.c.queued))).all()
    return {row.recipient: row for row in found}


async def states(database: Database) -> dict[str, str]:
    return {student: row.state for student, row in (await rows(database)).items()}
