"""Mails that came back: delivery reports (RFC 3464) from a mailbox, matched by the Message-ID that the outbox gave.

A report is believed only in what it says about a mail of ours: Message-IDs are random, known to the recipient's servers
alone. It changes no more than the mail's state.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service.errors import InputError
from election_service.schema_mail import outbox
from keys.text import printable

_MAX_MAIL: Final = 4 * 1024 * 1024  # bytes: a report with the mail that it is about
_MAX_REASON: Final = 500
_OURS: Final = re.compile(r"<([0-9a-f]{40})@")
_ENVELOPE: Final = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\n]*\n")  # what stands between mails in a mailbox


@dataclass(frozen=True, slots=True)
class Report:
    """`message`: what stands before the @ of the Message-ID; `failed`: for good, not only late."""

    message: str
    failed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Returned:
    """A mail that came back. ``recipient``: a student id, or empty for the committee."""

    election: str
    kind: str
    recipient: str
    reason: str


def read_mailbox(path: Path) -> Iterator[bytes]:
    """The mails of an mbox file, of a maildir, or the one mail in a file; InputError where it is neither."""
    if path.is_dir():
        folders = [path / name for name in ("new", "cur") if (path / name).is_dir()]
        if not folders:
            raise InputError(f"bounces: {path}: no maildir", "give a folder with new and cur, or a file")
        for file in sorted(item for folder in folders for item in folder.iterdir() if item.is_file()):
            yield file.read_bytes()
    else:
        yield from split_mailbox(path.read_bytes())


def split_mailbox(raw: bytes) -> Iterator[bytes]:
    """The mails of an mbox, or the one mail that it is."""
    for part in _ENVELOPE.split(raw):
        if part.strip():
            yield part


def read_report(raw: bytes) -> Report | None:
    """What a delivery report says of a mail of ours; None for any other mail, however it is made."""
    if len(raw) > _MAX_MAIL:
        return None
    try:
        return _reported(message_from_bytes(raw))
    except RecursionError:  # mails in mails, hundreds deep: anybody can write to the mailbox, and no server reports so
        return None


def _reported(mail: Message) -> Report | None:
    failed, seen, reason = False, False, ""
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in _blocks(part):
            action = str(block.get("Action", "")).strip().lower()
            seen = seen or bool(action)
            if action == "failed":
                failed = True
                reason = f"{block.get('Status', '')} {block.get('Diagnostic-Code', '')}"
    message = _about(mail)
    if not seen or message is None:
        return None
    return Report(message, failed, printable(" ".join(reason.split()))[:_MAX_REASON])


def _blocks(part: Message) -> list[Message]:
    payload: Any = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _about(mail: Message) -> str | None:
    """The Message-ID that a report is about: of the mail or headers it returns, else of what it answers."""
    for part in mail.walk():
        if part is mail:
            continue
        returned: Message | None = None
        if part.get_content_type() == "text/rfc822-headers":
            payload: Any = part.get_payload(decode=True)
            returned = message_from_string(payload.decode("utf-8", "replace")) if isinstance(payload, bytes) else None
        found = _OURS.search(str((returned or part).get("Message-ID", "")))
        if found:
            return found[1]
    for name in ("X-Original-Message-ID", "In-Reply-To", "References"):
        found = _OURS.search(str(mail.get(name, "")))
        if found:
            return found[1]
    return None


async def note_bounces(connection: AsyncConnection, reports: Iterable[Report], now: int) -> list[Returned]:
    """Mark sent mails that failed; returns those that were marked now. What only is late stays as it is."""
    found = []
    for report in reports:
        mine = (outbox.c.message == report.message) & (outbox.c.state == "sent")
        columns = (outbox.c.election, outbox.c.kind, outbox.c.recipient)
        row = (await connection.execute(select(*columns).where(mine))).first() if report.failed else None
        if row is not None:
            values = {"state": "bounced", "reason": report.reason, "changed": now}
            await connection.execute(update(outbox).where(mine).values(values))
            found.append(Returned(row.election, row.kind, row.recipient, report.reason))
    return found
