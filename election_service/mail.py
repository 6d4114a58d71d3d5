"""Sending ballot links by SMTP: one mail each, throttled, and resumable after any interruption.

What became of each mail stands in ``<links file>.sent``, a line for each voter, fsynced before the next mail. A crash
between the server's answer and that line sends one mail twice, with the same Message-ID; none is forgotten.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

import aiosmtplib

from election_service.config import Config
from election_service.errors import InputError
from election_service.links import Link, destroy_links, read_links
from election_service.mail_text import subject_and_body
from election_service.state_dir import PRIVATE_FILE, write_durably
from keys.errors import FormatError, PeerError
from keys.text import check_text

_TIMEOUT: Final = 30.0  # seconds for one answer of the server
_FOR_GOOD: Final = 500  # reply codes from here on say: do not try again
_ATTEMPTS: Final = 3  # connections in a row without one mail accepted


class MailError(PeerError):
    """The mail server refused the service, or broke off; what was sent stays sent."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails go, and from whom they come."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    mails_per_minute: int = 120

    @classmethod
    def from_config(cls, config: Config) -> "MailServer":
        """The mail server of the configuration; InputError where there is none, or its password cannot be read."""
        if not config.smtp_host:
            raise InputError("mail: no mail server is configured", "set smtp_host and mail_from")
        password = ""
        if config.smtp_password_file is not None:
            try:
                password = config.smtp_password_file.read_text("utf-8").strip()
            except OSError as error:
                raise InputError(f"smtp_password_file: {error}", "give a readable file with the password") from error
        return cls(
            config.smtp_host,
            config.smtp_port,
            config.smtp_security,
            config.mail_from,
            config.smtp_user,
            password,
            config.mails_per_minute,
        )


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A voter whose mail the server refused for good, and its words."""

    student_id: str
    reason: str


def make_mail(link: Link, title: str, sender: str, now: int) -> EmailMessage:
    """The mail for one voter. FormatError for a title or name with line breaks or other controls (A85).

    The Message-ID follows from the link, so that a mail sent again can be recognised; it does not give the link away.
    """
    for text, what in ((title, "title"), (link.full_name, "name")):
        check_text(text, what)
        if len(text.splitlines()) != 1:
            raise FormatError(f"{what}: expected one line")
    subject, body = subject_and_body(link.language, title, link.full_name, link.link)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = _address(link)
    mail["Subject"] = subject
    mail["Date"] = formatdate(now, usegmt=True)
    host = sender.rpartition("@")[2]
    mail["Message-ID"] = f"<{sha256(b'election-service/mail/' + link.link.encode()).hexdigest()[:40]}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notice comes back
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(body, charset="utf-8", cte="base64")
    return mail


def _address(link: Link) -> Address:
    try:
        return Address(addr_spec=link.email)
    except (ValueError, HeaderParseError) as error:
        raise InputError(f"links: {link.student_id}: malformed address", "correct it in the links file") from error


async def send_links(
    file: Path,
    title: str,
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
    waiting = [link for link in links if link.student_id not in done or (again and done[link.student_id])]
    mails = {link.student_id: make_mail(link, title, server.sender, clock()) for link in waiting}
    failures = 0
    while waiting:
        before = len(waiting)
        try:
            async with _connected(server) as smtp:
                while waiting:
                    reason = await _send(smtp, mails[waiting[0].student_id])
                    _note_outcome(file, waiting.pop(0).student_id, reason)
                    progress(len(links) - len(waiting), len(links))
                    await asyncio.sleep(60 / server.mails_per_minute)
        except (aiosmtplib.SMTPException, OSError) as error:
            failures = failures + 1 if len(waiting) == before else 0
            if failures == _ATTEMPTS or isinstance(error, aiosmtplib.SMTPAuthenticationError):
                text = f"mail: {server.host}: {error}; {len(links) - len(waiting)} of {len(links)} are done"
                raise MailError(text) from error
            await asyncio.sleep(min(failures, 5))
    outcomes = _read_outcomes(file)
    return [Undelivered(link.student_id, outcomes[link.student_id]) for link in links if outcomes[link.student_id]]


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


async def _send(smtp: aiosmtplib.SMTP, mail: EmailMessage) -> str:
    """Send one mail; the server's words where it refuses the address for good (5xx), else the empty string."""
    try:
        await smtp.send_message(mail)
    except aiosmtplib.SMTPRecipientsRefused as error:
        answers = error.recipients
        if any(answer.code < _FOR_GOOD for answer in answers):
            raise
        return " ".join("; ".join(f"{answer.code} {answer.message}" for answer in answers).split())
    return ""


@asynccontextmanager
async def _connected(server: MailServer) -> AsyncIterator[aiosmtplib.SMTP]:
    smtp = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.security == "tls",
        start_tls=server.security == "starttls",
        username=server.user or None,
        password=server.password or None,
        timeout=_TIMEOUT,
    )
    async with smtp:
        yield smtp


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
