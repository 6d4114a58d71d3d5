"""Sending ballot links by SMTP: one mail each, throttled, and resumable after any interruption.

What became of each mail stands in ``<links file>.sent``, a line for each voter, fsynced before the next mail. A crash
between the server's answer and that line sends one mail twice, with the same Message-ID; none is forgotten.
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from election_service.api_types import ElectionTexts
from election_service.errors import InputError
from election_service.links import Link, destroy_links, read_links
from election_service.mail_server import (
    Connection,
    DeferredMailError,
    MailError,
    MailServer,
    RefusedMailError,
    make_message,
)
from election_service.mail_text import LetterHead, make_letter
from election_service.presentation import check_contact
from election_service.state_dir import PRIVATE_FILE, write_durably

_ATTEMPTS: Final = 3  # failures in a row without one mail accepted
_ZONE: Final = "Asia/Tbilisi"  # of no account: an invitation has no time in it


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A voter whose mail the server refused for good, and its words."""

    student_id: str
    reason: str


def letterhead_of(file: Path, title: str, contact: str) -> LetterHead:
    """The letterhead for the mails of a links file: service and election stand in its links."""
    links = read_links(file)
    if not links:
        raise InputError(f"links: {file}: no links in it", "give the file that `registrar make` wrote")
    check_contact(contact)
    address = urlsplit(links[0].link)
    public_url, election = f"{address.scheme}://{address.netloc}", address.path.rpartition("/")[2]
    return LetterHead(
        election, {"en": ElectionTexts(title=title, intro="")}, contact, _ZONE, public_url, rehearsal=False
    )


def make_mail(link: Link, head: LetterHead, server: MailServer, now: int) -> EmailMessage:
    """The mail for one voter. FormatError for a title or name with line breaks or other controls (A85).

    The Message-ID follows from the link, so that a mail sent again can be recognised; it does not give the link away.
    """
    values = {"link": link.link}
    letter = make_letter("invite", head, to=link.email, name=link.full_name, language=link.language, values=values)
    message = sha256(b"election-service/mail/" + link.link.encode()).hexdigest()[:40]
    try:
        return make_message(letter, server, election=head.election, message=message, date=now)
    except InputError as error:
        raise InputError(f"links: {link.student_id}: {error}", "correct it in the links file") from error


async def send_links(
    file: Path,
    head: LetterHead,
    server: MailServer,
    *,
    clock: Callable[[], int],
    again: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Undelivered]:
    """Send every link of a links file that was not sent yet; returns those whose address the server refused for good.

    ``again``: try those once more (the address in the links file may have been corrected). ``progress(done, all)``
    after each mail. MailError where the server cannot be used; run it again to go on.
    """
    links = read_links(file)
    _cut_last_line(file)
    done = _read_outcomes(file)
    waiting = deque(link for link in links if link.student_id not in done or (again and done[link.student_id]))
    mails = {link.student_id: make_mail(link, head, server, clock()) for link in waiting}
    connection, failures = Connection(server), 0
    try:
        while waiting:
            link = waiting[0]
            try:
                reason = await _send(connection, mails[link.student_id], link.email)
            except (MailError, DeferredMailError) as error:
                failures += 1
                if failures == _ATTEMPTS:
                    text = f"mail: {server.host}: {error}; {len(links) - len(waiting)} of {len(links)} are done"
                    raise MailError(text) from error
                waiting.rotate(-1)
                await asyncio.sleep(failures)
                continue
            failures = 0
            _note_outcome(file, waiting.popleft().student_id, reason)
            progress(len(links) - len(waiting), len(links))
            await asyncio.sleep(60 / server.mails_per_minute)
    finally:
        await connection.close()
    outcomes = _read_outcomes(file)
    return [Undelivered(link.student_id, outcomes[link.student_id]) for link in links if outcomes[link.student_id]]


async def _send(connection: Connection, mail: EmailMessage, to: str) -> str:
    """Send one mail; the server's words where it refuses it for good, else the empty string."""
    try:
        await connection.send(mail, to)
    except RefusedMailError as error:
        return str(error)
    return ""


def finish_links(file: Path, *, abandon: bool = False) -> None:
    """Destroy the links file once every link is out (A44); InputError while some are not.

    ``abandon``: also where the server refused some for good; their voters then need a re-issue.
    """
    done = _read_outcomes(file)
    waiting = [link.student_id for link in read_links(file) if link.student_id not in done]
    if waiting:
        raise InputError(f"links: {len(waiting)} are not sent yet", "run `registrar send` again")
    refused = [student for student, reason in done.items() if reason]
    if refused and not abandon:
        raise InputError(
            f"links: {len(refused)} were refused by the mail server", "correct the addresses and send again"
        )
    destroy_links(file)
    _outcome_file(file).unlink(missing_ok=True)


def _outcome_file(file: Path) -> Path:
    return file.with_name(file.name + ".sent")


def _read_outcomes(file: Path) -> dict[str, str]:
    """Student id → empty for a mail that was accepted, the server's words for a refused one."""
    path = _outcome_file(file)
    if not path.exists():
        return {}
    lines = path.read_text("utf-8").split("\n")[:-1]
    return {student: reason for student, _, reason in (line.partition("\t") for line in lines)}


def _cut_last_line(file: Path) -> None:
    """Take away a last line that a crash cut off: it counts for nothing, and nothing may be written behind it."""
    path = _outcome_file(file)
    if path.exists():
        content = path.read_bytes()
        write_durably(path, content[: content.rfind(b"\n") + 1])


def _note_outcome(file: Path, student_id: str, reason: str) -> None:
    descriptor = os.open(_outcome_file(file), os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE_FILE)
    try:
        os.write(descriptor, f"{student_id}\t{reason}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
