"""One mail to one mail server: how it looks on the wire, and what the server's answer means for it.

A 5xx for the recipient or the content is for good. A 4xx is for later. What has to do with the sender, the login or the
connection is the server's trouble and says nothing about the mail; it must not cost 1,200 voters their link.
"""

import asyncio
import time
import unicodedata
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import Final, Literal

import aiosmtplib

from election_service.config import Config
from election_service.errors import InputError
from election_service.outbox import Letter
from keys.errors import PeerError

PATIENCE: Final = 60.0  # seconds for one mail, connecting included
_IDLE_SECONDS: Final = 10.0  # a connection that was idle longer may be gone
_ANSWER_SECONDS: Final = 30.0  # for one answer of the server
_FOR_GOOD: Final = 500  # reply codes from here on say: do not try again
_CLOSING: Final = 421


class MailError(PeerError):
    """The mail server refused the service, or broke off; what was sent stays sent."""


class RefusedMailError(PeerError):
    """The server will never take this mail; the text is its words."""


class DeferredMailError(PeerError):
    """The server does not take this mail now; the text is its words."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails go, and from whom they come. ``sender``: the address in From, ``name`` beside it; ``bounces``: where
    undeliverable mails come back to.
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    mails_per_minute: int = 120
    name: str = ""
    bounces: str = ""

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
            config.mail_name,
            config.mail_bounces,
        )

    @property
    def domain(self) -> str:
        """The sender's domain, in which Message-IDs and lists are named."""
        return self.sender.rpartition("@")[2]


def make_message(letter: Letter, server: MailServer, *, election: str, message: str, date: int) -> EmailMessage:
    """A letter as it travels: text and HTML, and the same bytes each time. InputError for a malformed address.

    ``message``: what stands before the @ of the Message-ID; ``date``: POSIX seconds.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(server.sender, server.name)
    mail["To"] = _address(letter.to, letter.name)
    if letter.reply_to:
        mail["Reply-To"] = _address(letter.reply_to, "")
    mail["Subject"] = letter.subject
    mail["Date"] = formatdate(date, usegmt=True)
    mail["Message-ID"] = f"<{message}@{server.domain}>"
    mail["List-Id"] = f"<{election}.{server.domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notice comes back
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(letter.text, charset="utf-8", cte="base64")
    mail.add_alternative(letter.html, subtype="html", charset="utf-8", cte="base64")
    mail["Content-Language"] = letter.language
    mail.set_boundary(f"={message}=")
    return mail


def _address(address: str, name: str) -> Address:
    """The address, with the letters of the name: what has a meaning in a header field is left out of it (A85)."""
    plain = " ".join("".join(letter if _is_plain(letter) else " " for letter in name).split())
    try:
        return Address(plain, addr_spec=address)
    except (ValueError, HeaderParseError, IndexError) as error:
        raise InputError(f"mail: malformed address {address[:100]!r}", "correct it") from error


def _is_plain(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN" or letter in "-'"


@dataclass(slots=True)
class Connection:
    """A connection to the mail server, opened when it is needed and used again. Owner: the task that sends by it."""

    server: MailServer
    patience: float = PATIENCE
    _smtp: aiosmtplib.SMTP | None = None
    _used: float = 0.0  # monotonic time

    async def send(self, mail: EmailMessage, to: str) -> None:
        """Returns when the server has taken the mail.

        RefusedMailError, DeferredMailError; MailError where it is the server's trouble: then the connection is closed.
        """
        try:
            async with asyncio.timeout(self.patience):
                smtp = await self._connect()
                await smtp.sendmail(self.server.bounces or self.server.sender, [to], mail.as_bytes())
        except aiosmtplib.SMTPRecipientsRefused as error:
            await self._judge(error.recipients[0].code, error.recipients[0].message)
        except aiosmtplib.SMTPDataError as error:
            await self._judge(error.code, error.message)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            await self.close()
            raise MailError(f"mail: {self.server.host}: {str(error) or 'no answer'}") from error
        except ValueError as error:  # what the library will not put into a command
            raise RefusedMailError(f"malformed address: {error}") from error

    async def _judge(self, code: int, words: str) -> None:
        text = f"{code} {' '.join(words.split())}"
        if code == _CLOSING:
            await self.close()
            raise MailError(f"mail: {self.server.host}: {text}")
        raise RefusedMailError(text) if code >= _FOR_GOOD else DeferredMailError(text)

    async def _connect(self) -> aiosmtplib.SMTP:
        idle, self._used = time.monotonic() - self._used, time.monotonic()
        if self._smtp is not None and self._smtp.is_connected and idle < _IDLE_SECONDS:
            return self._smtp
        await self.close()
        server = self.server
        smtp = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=server.domain,  # else it is looked up, which takes as long as a name server likes
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            username=server.user or None,
            password=server.password or None,
            timeout=_ANSWER_SECONDS,
        )
        self._smtp = smtp
        await smtp.connect()
        return smtp

    async def close(self) -> None:
        """Say goodbye, as far as the server listens."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            if smtp.is_connected:
                await smtp.quit(timeout=1.0)
        except (aiosmtplib.SMTPException, OSError):
            pass
        finally:
            smtp.close()
