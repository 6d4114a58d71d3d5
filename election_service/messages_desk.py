"""What anybody writes to the committee by the help page: kept sealed until the committee has read it.

It has no part in the election: nothing of it stands in the log. A complaint about a declared result that the committee
has to answer is filed in the booth, signed with the ballot link (docs/protocol.md §9, `complaint`).

Nobody logs in to write, so the number of messages is limited for each election and hour. Where addresses are known and
public, one of them may take a part of that only; what is remembered of an address is a keyed hash, in memory, under a
key that nobody keeps and that changes every day. Behind a proxy all addresses are the proxy's: then there is none.
"""

import ipaddress
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import digest
from typing import TYPE_CHECKING, ClassVar, Final, Literal, get_args

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_mail
from election_service.errors import BusyError, InputError, ServiceError
from election_service.mail_text import make_letter, read_letterhead
from election_service.outbox import queue
from election_service.plain_text import clean_text
from election_service.secrets import MasterKey
from election_service.sql import insert_new
from keys.canonical import Wire, decode, encode
from keys.errors import FormatError
from keys.ids import short_code

if TYPE_CHECKING:
    from election_service.service import Service

Kind = Literal["question", "incident", "complaint"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
MAX_TEXT: Final = 4000  # letters
MAX_CONTACT: Final = 200
MOST: Final = 120  # messages of an election in an hour
MOST_OF_ONE: Final = 20  # of them from one public address
_HOUR: Final = 3600  # seconds
_DAY: Final = 24 * _HOUR
_NOTICE: Final = 600  # seconds: what comes in this time is one mail to the committee
_NAME_SIZE: Final = 16
_KEY_SIZE: Final = 32
_NETWORK_SIZE: Final = 8  # bytes of an IPv6 address that one household shares


class MessageError(ServiceError):
    """A message that cannot be taken: which ``field`` ("text", "contact", "kind") is "missing" or not "usable"."""

    code: ClassVar[str] = "malformed"

    def __init__(self, field_name: str, reason: Literal["missing", "usable"], detail: str) -> None:
        super().__init__(f"message: {field_name}: {detail}")
        self.field = field_name
        self.reason = reason


class Message(Wire, frozen=True):
    """What was written; `contact`: how to answer, may be empty; `language`: of the page."""

    kind: Kind
    text: str
    contact: str
    language: str

    def __repr__(self) -> str:
        return f"Message({self.kind})"


@dataclass(slots=True)
class MessageDesk:
    """What this process remembers of addresses, until the day is over. Owner: `take_message`, within one event loop."""

    random: Callable[[int], bytes]
    _day: int = -1
    _key: bytes = b""
    _hour: int = -1
    _taken: Counter[bytes] = field(default_factory=Counter)

    def name(self, election: str, message: Message, now: int) -> bytes:
        """A name that is the same for the same message on the same day: a second tap writes nothing twice."""
        return self._hash(election.encode() + b"\0" + encode(message), now)

    def has_room(self, address: str | None, now: int) -> bool:
        """Whether this address may write; unknown and private ones are not told apart from their neighbours."""
        source = public_source(address)
        return source is None or self._counter(now)[self._hash(source, now)] < MOST_OF_ONE

    def note(self, address: str | None, now: int) -> None:
        """Count a message of this address."""
        source = public_source(address)
        if source is not None:
            self._counter(now)[self._hash(source, now)] += 1

    def _counter(self, now: int) -> Counter[bytes]:
        if now // _HOUR != self._hour:
            self._hour, self._taken = now // _HOUR, Counter()
        return self._taken

    def _hash(self, content: bytes, now: int) -> bytes:
        if now // _DAY != self._day:
            self._day, self._key = now // _DAY, self.random(_KEY_SIZE)  # a new day is a new hour, too
        return digest(self._key, content, sha256)[:_NAME_SIZE]


def public_source(address: str | None) -> bytes | None:
    """What stands for whoever writes: a public address, of IPv6 the network; None for all others."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if not found.is_global:
        return None
    return found.packed if found.version == 4 else found.packed[:_NETWORK_SIZE]


async def take_message(
    service: "Service",
    election: str,
    *,
    text: str,
    contact: str,
    kind: str,
    language: str = "en",
    address: str | None = None,
) -> str:
    """Keep a message for the committee, and let it know; returns the number by which the writer may ask about it.

    ``address``: where the request came from, if anybody knows. The same message again on the same day is the same.
    MessageError, BusyError where too many came, UnknownElectionError.
    """
    await service.election(election)
    message = _read(text, contact, kind, language)
    now, desk = service.clock(), service.message_desk
    if not desk.has_room(address, now):
        raise BusyError("messages: too many from one place; write later, or to the committee's address")
    name = desk.name(election, message, now)
    async with service.database.transaction() as connection:
        if await _store(connection, service, election, name, message, now):
            desk.note(address, now)
            await _tell_committee(connection, service, election, now)
    return message_number(name)


def message_number(name: bytes) -> str:
    """The first 50 bits of a message's name, XXXXX-XXXXX: to speak about it."""
    return short_code(name)[:11]


def _read(text: str, contact: str, kind: str, language: str) -> Message:
    known = next((item for item in KINDS if item == kind), None)
    if known is None:
        raise MessageError("kind", "usable", f"expected one of {', '.join(KINDS)}")
    written, answer = _clean(text, MAX_TEXT, "text"), _clean(contact, MAX_CONTACT, "contact")
    if not written:
        raise MessageError("text", "missing", "expected some words")
    if "\n" in answer:
        raise MessageError("contact", "usable", "expected one line")
    return Message(kind=known, text=written, contact=answer, language=language)


def _clean(raw: str, most: int, what: str) -> str:
    try:
        return clean_text(raw, most)
    except FormatError as error:
        raise MessageError(what, "usable", str(error).removeprefix("text: ")) from error


async def _store(
    connection: AsyncConnection, service: "Service", election: str, name: bytes, message: Message, now: int
) -> bool:
    """Whether it was new; BusyError where the hour is full."""
    table = schema_mail.messages
    recent = (table.c.election == election) & (table.c.received > now - _HOUR)
    if (await connection.scalar(select(func.count()).where(recent)) or 0) >= MOST:
        raise BusyError("messages: too many in this hour; write later, or to the committee's address")
    sealed = service.master.seal(_place(election, name), encode(message), service.random)
    row = {"election": election, "message": name, "received": now, "state": "open", "sealed": sealed}
    statement = insert_new(connection, table).values(row).returning(table.c.message)
    return (await connection.execute(statement)).first() is not None


def _place(election: str, name: bytes) -> str:
    return f"{election}/message/{name.hex()}"


async def _tell_committee(connection: AsyncConnection, service: "Service", election: str, now: int) -> None:
    """One mail for what comes within ten minutes, at their end, without the content; none where no address is known."""
    head = await read_letterhead(connection, service.config.public_url, election)
    if not head.committee:
        return
    end = (now // _NOTICE + 1) * _NOTICE
    await queue(
        connection,
        service.master,
        service.random,
        election=election,
        kind="message",
        recipient="",
        about=f"messages-until-{end}",
        mail=make_letter("message", head, to=head.committee, name="", language="en", values={}),
        now=end,
    )


# ---- for the committee -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message with its number; ``received``: POSIX seconds; ``state``: open, closed."""

    number: str
    received: int
    state: str
    message: Message


async def list_messages(
    connection: AsyncConnection, master: MasterKey, election: str, *, closed: bool = False
) -> list[StoredMessage]:
    """The open messages, oldest first; with ``closed`` the others too. SecretError under another master key."""
    table = schema_mail.messages
    query = select(table).where(table.c.election == election).order_by(table.c.received, table.c.message)
    rows = (await connection.execute(query if closed else query.where(table.c.state == "open"))).all()
    return [
        StoredMessage(
            message_number(row.message),
            row.received,
            row.state,
            decode(master.open(_place(election, row.message), row.sealed), Message),
        )
        for row in rows
    ]


async def close_message(connection: AsyncConnection, election: str, number: str) -> None:
    """Mark a message as dealt with; InputError where there is no open one of this number."""
    table = schema_mail.messages
    mine = (table.c.election == election) & (table.c.state == "open")
    wanted = number.strip().upper()
    names = (await connection.execute(select(table.c.message).where(mine))).scalars()
    found = [name for name in names if message_number(name) == wanted]
    if not found:
        raise InputError(
            f"message {number[:40]!r}: no open message has this number", "see: election-service messages list"
        )
    await connection.execute(update(table).where(mine, table.c.message.in_(found)).values(state="closed"))
