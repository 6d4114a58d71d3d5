"""A mail to oneself, by the mail server that the ballot links will go by; what the server answered is kept."""

from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service.console.drafts import Draft, MailTest, read_known, store_draft
from election_service.errors import InputError
from election_service.mail_server import (
    Connection,
    DeferredMailError,
    MailError,
    MailServer,
    RefusedMailError,
    make_message,
)
from election_service.mail_text import LetterHead, make_letter
from election_service.outbox import Letter
from election_service.service import Service
from keys.text import printable

PATIENCE: Final = 20.0  # seconds: somebody waits for the page
_WORDS: Final = 400  # letters of a server's answer that are kept
_ID_SIZE: Final = 20


@dataclass(frozen=True, slots=True)
class MailResult:
    """``state``: passed or failed; ``words``: of the server, empty where it took the mail."""

    state: MailTest
    words: str


async def send_test(service: Service, election: str, *, to: str, name: str, language: str) -> MailResult:
    """Send it now and keep what came of it; InputError where no mail server is configured."""
    server = MailServer.from_config(service.config)
    async with service.database.snapshot() as connection:
        known = await read_known(connection, election)
    head = _letterhead(service, election, known.draft)
    values = {"service": service.config.mail_from}
    letter = make_letter("mail-test", head, to=to, name=name, language=language, values=values)
    result = await _send(service, server, election, letter)
    async with service.database.transaction() as connection:
        await keep_result(connection, election, result)
    return result


async def keep_result(connection: AsyncConnection, election: str, result: MailResult) -> None:
    """The newest result counts."""
    known = await read_known(connection, election, lock=True)
    await store_draft(connection, election, replace(known.draft, mail_test=result.state, mail_words=result.words))


def _letterhead(service: Service, election: str, draft: Draft) -> LetterHead:
    shown = draft.presentation
    return LetterHead(
        election, shown.texts, shown.contact, shown.zone, service.config.public_url, rehearsal=draft.rehearsal
    )


async def _send(service: Service, server: MailServer, election: str, letter: Letter) -> MailResult:
    message = service.random(_ID_SIZE).hex()
    connection = Connection(server, PATIENCE)
    try:
        mail = make_message(letter, server, election=election, message=message, date=service.clock())
        await connection.send(mail, letter.to)
    except (RefusedMailError, DeferredMailError, MailError, InputError) as error:
        return MailResult("failed", printable(str(error))[:_WORDS])
    finally:
        await connection.close()
    return MailResult("passed", "")
