"""The outbox: every mail of the service, from the transaction that causes it until the mail server has it.

A mail is stored in its cause's own transaction, sealed under the master key, and emptied once it is out: a ballot link
is nowhere else, and then nowhere (A44). Several processes may send. Who sends a mail has claimed it by a conditional
update, for some minutes; the claim of a process that died lapses. Nothing is sent twice knowingly: a crash, or a broken
connection, between the server's answer and the commit sends one mail again, with the same Message-ID and content.

    held → waiting → sent → bounced        waiting → refused → waiting (tried again by hand)
    held, waiting, refused, bounced → dropped
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service.errors import SecretError
from election_service.schema_mail import outbox
from election_service.secrets import MasterKey, Random
from election_service.sql import insert_new
from keys.canonical import Wire, decode, encode
from keys.text import printable

Kind = Literal["invite", "reissue", "code", "issued", "reminder", "call", "result", "message"]

URGENT: Final = 0  # somebody waits for it with the page open: codes
USUAL: Final = 5
LINKS: Final[tuple[Kind, ...]] = ("invite", "reissue")  # mails that hold a ballot link
_MAIL_SIZE: Final = 20
_MAX_REASON: Final = 500
_NOT_DELIVERED: Final = ("held", "waiting", "refused", "bounced")


class Letter(Wire, frozen=True):
    """One mail. `to`: address; `reply_to`: address or empty; `subject`: at most 40 letters; `text` and `html` say the
    same.
    """

    to: str
    name: str
    language: str
    reply_to: str
    subject: str
    text: str
    html: str

    def __repr__(self) -> str:
        """Without its content, which may be a ballot link or a code."""
        return f"Letter({self.language})"


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail that this process alone may send until `lapses` (POSIX seconds); `queued`: the mail's date."""

    election: str
    mail: bytes
    kind: str
    attempts: int
    queued: int
    lapses: int
    message: str
    letter: Letter = field(repr=False)


async def queue(
    connection: AsyncConnection,
    master: MasterKey,
    random: Random,
    *,
    election: str,
    kind: Kind,
    recipient: str,
    about: str,
    mail: Letter,
    now: int,
    priority: int = USUAL,
    held: bool = False,
    not_after: int | None = None,
) -> bool:
    """Store a mail inside the caller's transaction; False where the same was queued before: then nothing is changed.

    ``recipient``: a student id, or empty for the committee; ``about``: what makes it another mail of its kind, such as
    the poll. ``held``: until `release`. ``not_after``: POSIX seconds from which it is not worth sending.
    """
    name = random(_MAIL_SIZE)
    row = {
        "election": election,
        "mail": name,
        "kind": kind,
        "recipient": recipient,
        "about": about,
        "state": "held" if held else "waiting",
        "priority": priority,
        "attempts": 0,
        "queued": now,
        "not_before": now,
        "not_after": not_after,
        "changed": now,
        "message": name.hex(),
        "reason": "",
        "sealed": master.seal(_place(election, name), encode(mail), random),
    }
    statement = insert_new(connection, outbox).values(row).returning(outbox.c.mail)
    return (await connection.execute(statement)).first() is not None


async def claim(connection: AsyncConnection, master: MasterKey, *, now: int, lapses: int, urgent: bool) -> Claim | None:
    """Claim the mail that is due next, until ``lapses``; None where none is due. ``urgent``: one of these, or of the
    others. It may be sent when the caller's transaction has been committed, and not later than ``lapses``.
    """
    lane = outbox.c.priority <= URGENT if urgent else outbox.c.priority > URGENT
    query = (
        select(outbox)
        .where(outbox.c.state == "waiting", outbox.c.not_before <= now, lane)
        .where(or_(outbox.c.not_after.is_(None), outbox.c.not_after > now))
        .order_by(outbox.c.priority, outbox.c.not_before, outbox.c.mail)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    while (row := (await connection.execute(query)).first()) is not None:
        mine = _is(row.election, row.mail) & (outbox.c.attempts == row.attempts) & (outbox.c.state == "waiting")
        values: dict[str, Any] = {"attempts": row.attempts + 1, "not_before": lapses, "changed": now, "reason": ""}
        letter: Letter | None = None
        try:
            letter = decode(master.open(_place(row.election, row.mail), row.sealed), Letter)
        except SecretError as error:
            values |= {"state": "refused", "reason": str(error)}
        taken = await connection.execute(update(outbox).where(mine).values(values))
        if letter is not None and taken.rowcount:
            place = (row.election, row.mail, row.kind, row.attempts + 1, row.queued, lapses)
            return Claim(*place, row.message, letter)
    return None


async def note_sent(connection: AsyncConnection, claimed: Claim, now: int) -> None:
    """The server has it: its content goes, and a code's whole row (it would say who came, and when)."""
    mine = _is(claimed.election, claimed.mail)
    if claimed.kind == "code":
        await connection.execute(delete(outbox).where(mine))
        return
    values = {"state": "sent", "sealed": None, "changed": now, "reason": ""}
    await connection.execute(update(outbox).where(mine, outbox.c.state.in_(("waiting", "refused"))).values(values))


async def note_refused(connection: AsyncConnection, claimed: Claim, reason: str, now: int) -> None:
    """The server will never take it (5xx). The content stays, sealed, until it is tried again or dropped."""
    await _note(connection, claimed, state="refused", reason=_shown(reason), changed=now)


async def note_deferred(connection: AsyncConnection, claimed: Claim, reason: str, until: int) -> None:
    """The server did not take it now; it is due again at ``until`` (POSIX seconds)."""
    await _note(connection, claimed, reason=_shown(reason) or "no answer", not_before=until)


async def _note(connection: AsyncConnection, claimed: Claim, **values: Any) -> None:
    """Where the claim has lapsed and another process has the mail, its word counts."""
    mine = _is(claimed.election, claimed.mail) & (outbox.c.attempts == claimed.attempts) & (outbox.c.state == "waiting")
    await connection.execute(update(outbox).where(mine).values(values))


# ---- what acts do with queued mails ----------------------------------------------------------------------------------


async def release(connection: AsyncConnection, election: str, kind: Kind, recipient: str, about: str, now: int) -> bool:
    """Let a held mail go; False where there is none."""
    mine = _of(election, (kind,), recipient) & (outbox.c.about == about) & (outbox.c.state == "held")
    values = {"state": "waiting", "queued": now, "not_before": now, "changed": now}
    return bool((await connection.execute(update(outbox).where(mine).values(values))).rowcount)


async def is_held(connection: AsyncConnection, election: str, kind: Kind, recipient: str, about: str) -> bool:
    """Whether there is such a mail, and it waits for its act."""
    mine = _of(election, (kind,), recipient) & (outbox.c.about == about) & (outbox.c.state == "held")
    return (await connection.execute(select(outbox.c.mail).where(mine))).first() is not None


async def drop(
    connection: AsyncConnection, election: str, kind: Kind, recipient: str | None, *, keep: str | None = None
) -> int:
    """Give up mails of this kind that are not out, or came back, and destroy their content; returns how many.

    ``recipient`` None: everybody's. ``keep``: the mail about this stays. Of codes nothing is kept at all.
    """
    mine = _of(election, (kind,), recipient) & outbox.c.state.in_(_NOT_DELIVERED)
    if keep is not None:
        mine &= outbox.c.about != keep
    statement = delete(outbox) if kind == "code" else update(outbox).values(state="dropped", sealed=None)
    return int((await connection.execute(statement.where(mine))).rowcount)


async def queue_again(
    connection: AsyncConnection, election: str, recipient: str | None, now: int, kinds: Collection[Kind] = LINKS
) -> int:
    """Make mails due again that the server refused or put off; returns how many. ``recipient`` None: everybody's.

    What is being sent at this moment is left to who sends it, and what waits its turn keeps it; both count. A mail that
    is out cannot be sent again: its content is gone.
    """
    mine = _of(election, kinds, recipient) & outbox.c.state.in_(("waiting", "refused")) & outbox.c.sealed.is_not(None)
    stuck = (outbox.c.state == "refused") | (outbox.c.reason != "")
    values = {"state": "waiting", "not_before": now, "changed": now, "reason": ""}
    await connection.execute(update(outbox).where(mine, stuck).values(values))
    return int((await connection.execute(select(func.count()).select_from(outbox).where(mine))).scalar_one())


async def drop_stale(connection: AsyncConnection, now: int) -> int:
    """Give up what is not worth sending any more; codes are deleted, whatever became of them."""
    stale = outbox.c.not_after <= now
    gone = await connection.execute(delete(outbox).where(stale, outbox.c.kind == "code"))
    late = stale & outbox.c.state.in_(("held", "waiting", "refused"))
    values = {"state": "dropped", "sealed": None, "changed": now, "reason": "too late"}
    return int(gone.rowcount) + int((await connection.execute(update(outbox).where(late).values(values))).rowcount)


def _is(election: str, mail: bytes) -> ColumnElement[bool]:
    return and_(outbox.c.election == election, outbox.c.mail == mail)


def _of(election: str, kinds: Collection[Kind], recipient: str | None) -> ColumnElement[bool]:
    mine = and_(outbox.c.election == election, outbox.c.kind.in_(kinds))
    return mine if recipient is None else and_(mine, outbox.c.recipient == recipient)


def _place(election: str, mail: bytes) -> str:
    return f"{election}/mail/{mail.hex()}"


def _shown(reason: str) -> str:
    return printable(" ".join(reason.split()))[:_MAX_REASON]
