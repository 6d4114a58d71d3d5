"""Sessions of the console: a cookie of 32 random bytes, of which only the hash is stored (A86; OWASP ASVS 7).

A session has a stage: `enrol` after an invitation was redeemed, `code` after a right password, `full` after both
factors. Each stage has a session of its own, so that a cookie planted before the sign-in is worth nothing after it.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal, get_args

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_console
from election_service.console.accounts import ACTIVE, INVITED, read_roles
from election_service.console.browsers import browser_name
from election_service.console.roles import Identity
from election_service.service import Service
from keys.canonical import b64, unb64
from keys.errors import FormatError

Stage = Literal["enrol", "code", "full"]
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)

TOKEN_SIZE: Final = 32
IDLE: Final[dict[Stage, int]] = {"enrol": 30 * 60, "code": 10 * 60, "full": 30 * 60}  # seconds without a request
ABSOLUTE: Final[dict[Stage, int]] = {"enrol": 2 * 3600, "code": 10 * 60, "full": 12 * 3600}  # seconds since its start
_TOUCH: Final = 60  # seconds after which `seen` is written again
_CSRF: Final = b"es1/console-csrf"


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is alive. ``key``: what stands in the table; ``csrf``: what a form of this session carries.

    Times in POSIX seconds; ``signed``: when a factor was last given; ``flash``: sealed, for the next page (flash.py).
    """

    key: bytes
    account: str
    stage: Stage
    created: int
    seen: int
    signed: int
    agent: str
    csrf: str
    flash: bytes | None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as the account's page lists it: the name is the start of its key, which opens nothing."""

    name: str
    created: int
    seen: int
    agent: str
    current: bool


def session_key(token: str) -> bytes:
    """What is stored of a cookie; FormatError for a text that cannot be one."""
    return sha256(unb64(token, TOKEN_SIZE, "session")).digest()


def csrf_of(token: str) -> str:
    """What a form of the session must carry: nobody else can compute it, and it does not give the cookie away (A80)."""
    return b64(hmac.new(unb64(token, TOKEN_SIZE, "session"), _CSRF, sha256).digest())


async def open_session(service: Service, connection: AsyncConnection, account: str, stage: Stage, agent: str) -> str:
    """A new session, in the caller's transaction; returns the cookie's value.

    ``agent``: what the browser calls itself.
    """
    token = b64(service.random(TOKEN_SIZE))
    now = service.clock()
    row = {"token_hash": session_key(token), "account": account, "stage": stage, "agent": browser_name(agent)}
    times = {"created": now, "seen": now, "signed": now}
    await connection.execute(schema_console.sessions.insert().values(**row, **times))
    return token


async def read_session(service: Service, token: str) -> tuple[Session, Identity] | None:
    """The session of a cookie and whose it is; None for any that is unknown, too old or of a locked account."""
    try:
        key, csrf = session_key(token), csrf_of(token)
    except FormatError:
        return None
    table, accounts = schema_console.sessions, schema_console.accounts
    now = service.clock()
    async with service.database.snapshot() as connection:
        query = (
            select(table, accounts.c.name, accounts.c.email, accounts.c.language, accounts.c.state)
            .join(accounts, accounts.c.account == table.c.account)
            .where(table.c.token_hash == key)
        )
        row = (await connection.execute(query)).mappings().one_or_none()
        if row is None or row["stage"] not in STAGES or _is_over(row["stage"], row["created"], row["seen"], now):
            return None
        if row["state"] != (INVITED if row["stage"] == "enrol" else ACTIVE):
            return None
        roles = await read_roles(connection, row["account"])
    if now - row["seen"] >= _TOUCH:
        async with service.database.transaction() as connection:
            await connection.execute(update(table).where(table.c.token_hash == key).values(seen=now))
    times = {name: row[name] for name in ("created", "seen", "signed")}
    session = Session(key, row["account"], row["stage"], **times, agent=row["agent"], csrf=csrf, flash=row["flash"])
    identity = Identity(row["account"], row["name"], row["email"], row["language"], roles)
    return session, identity


def _is_over(stage: Stage, created: int, seen: int, now: int) -> bool:
    """Too old, idle for too long, or begun after now: a clock that went back ends sessions (A98)."""
    if now < created or now < seen:
        return True
    return now - created >= ABSOLUTE[stage] or now - seen >= IDLE[stage]


async def is_enrolling(connection: AsyncConnection, account: str) -> bool:
    """Whether somebody has redeemed the account's invitation and nobody has made it void since."""
    table = schema_console.sessions
    query = select(table.c.account).where(table.c.account == account, table.c.stage == "enrol")
    return (await connection.execute(query)).first() is not None


async def close_session(connection: AsyncConnection, key: bytes) -> bool:
    """End one session; whether there was one."""
    table = schema_console.sessions
    gone = await connection.execute(delete(table).where(table.c.token_hash == key))
    return gone.rowcount == 1


async def close_all(connection: AsyncConnection, account: str, *, but: bytes | None = None) -> int:
    """End every session of an account, except the one with the key ``but``; how many there were."""
    table = schema_console.sessions
    mine = table.c.account == account
    if but is not None:
        mine &= table.c.token_hash != but
    return (await connection.execute(delete(table).where(mine))).rowcount


async def close_named(service: Service, session: Session, name: str) -> bool:
    """End the session of the same account that the list calls ``name``; whether there was one."""
    table = schema_console.sessions
    async with service.database.transaction() as connection:
        mine = select(table.c.token_hash).where(table.c.account == session.account)
        keys = (await connection.execute(mine)).scalars().all()
        return any([await close_session(connection, key) for key in keys if name_of(key) == name])


def name_of(key: bytes) -> str:
    """What the list calls a session."""
    return key.hex()[:16]


async def list_sessions(service: Service, session: Session) -> list[OpenSession]:
    """The account's sessions that are alive, the newest first."""
    table = schema_console.sessions
    now = service.clock()
    query = select(table).where(table.c.account == session.account, table.c.stage == "full")
    async with service.database.snapshot() as connection:
        rows = (await connection.execute(query.order_by(table.c.created.desc()))).all()
    return [
        OpenSession(name_of(row.token_hash), row.created, row.seen, row.agent, row.token_hash == session.key)
        for row in rows
        if not _is_over("full", row.created, row.seen, now)
    ]


async def forget_old_sessions(service: Service) -> int:
    """Delete sessions that have ended by themselves, and invitations, challenges and tokens that are too old; returns
    how many sessions there were.
    """
    table = schema_console.sessions
    now, gone = service.clock(), 0
    async with service.database.transaction() as connection:
        for stage in STAGES:
            old = (table.c.created <= now - ABSOLUTE[stage]) | (table.c.seen <= now - IDLE[stage])
            gone += (await connection.execute(delete(table).where((table.c.stage == stage) & old))).rowcount
        for over in (schema_console.invitations, schema_console.passkey_challenges, schema_console.api_tokens):
            await connection.execute(delete(over).where(over.c.expires <= now))
    return gone
