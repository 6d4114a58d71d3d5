"""Tokens for programs: of one account, in one election, for some of what the account may do there, for a time.

A token can never do more than its account's roles allow at that moment. None can sign an act, make tokens or invite.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sqlalchemy import delete, select, update

from election_service import schema_console
from election_service.console.accounts import ACTIVE, clean_name, read_roles
from election_service.console.events import record
from election_service.console.roles import Capability, Identity, require
from election_service.errors import InputError, NotFoundError, SignInRequiredError
from election_service.service import Service
from keys.canonical import b64, unb64
from keys.errors import FormatError

PREFIX: Final = "es1_"  # so that a scanner of source code knows one that was left lying about
SCOPES: Final = frozenset(Capability) - {Capability.TOKENS, Capability.INVITE, Capability.APPROVE}
MOST_DAYS: Final = 365
MOST_TOKENS: Final = 20  # of an account
_SIZE: Final = 32
_DAY: Final = 86_400
_TOUCH: Final = 60  # seconds after which `used` is written again


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as its owner sees it; ``id``: the start of its hash. Times in POSIX seconds; ``used``: None for never."""

    id: str
    election: str
    name: str
    scopes: tuple[str, ...]
    expires: int
    used: int | None


async def make_api_token(
    service: Service, identity: Identity, election: str, name: str, scopes: frozenset[Capability], days: int
) -> str:
    """A new token of who asks; returns its text, which is stored nowhere.

    NotPermittedError for scopes beyond what this person may do; InputError for none or a time that is too long.
    """
    require(identity, election, Capability.TOKENS)
    if not scopes or not scopes <= SCOPES:
        raise InputError("scopes: expected at least one, and none that only people have", "choose what it is for")
    for scope in scopes:
        require(identity, election, scope)
    if not 1 <= days <= MOST_DAYS:
        raise InputError(f"days: expected 1 to {MOST_DAYS}, got {days}", "a token that is needed for longer is renewed")
    token = PREFIX + b64(service.random(_SIZE))
    table = schema_console.api_tokens
    mine = table.c.account == identity.account
    row = {"token_hash": _hash(token), "account": identity.account, "election": election, "name": clean_name(name)}
    expires = service.clock() + days * _DAY
    async with service.database.transaction() as connection:
        await connection.execute(delete(table).where(table.c.expires <= service.clock()))
        if len((await connection.execute(select(table.c.name).where(mine))).all()) >= MOST_TOKENS:
            raise InputError(f"tokens: expected at most {MOST_TOKENS}", "delete one that is not needed any more")
        await connection.execute(
            table.insert().values(**row, scopes=" ".join(sorted(scopes)), expires=expires, used=None)
        )
        await record(service, connection, election, identity.account, "token-made", _id(_hash(token)))
    return token


async def identify_token(service: Service, token: str) -> Identity:
    """Who a token acts for; SignInRequiredError for any that is unknown, too old, or of a locked account."""
    try:
        key = _hash(token)
    except FormatError as error:
        raise SignInRequiredError("token: expected a token of this service") from error
    table, accounts = schema_console.api_tokens, schema_console.accounts
    now = service.clock()
    query = (
        select(
            table.c.account,
            table.c.election,
            table.c.scopes,
            table.c.used,
            accounts.c.name,
            accounts.c.email,
            accounts.c.language,
        )
        .join(accounts, accounts.c.account == table.c.account)
        .where(table.c.token_hash == key, table.c.expires > now, accounts.c.state == ACTIVE)
    )
    async with service.database.snapshot() as connection:
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise SignInRequiredError("token: expected one that is good")
        roles = await read_roles(connection, row.account)
    if row.used is None or not 0 <= now - row.used < _TOUCH:
        async with service.database.transaction() as connection:
            await connection.execute(update(table).where(table.c.token_hash == key).values(used=now))
    scopes = frozenset(Capability(scope) for scope in row.scopes.split())
    here = {row.election: roles[row.election]} if row.election in roles else {}
    return Identity(row.account, row.name, row.email, row.language, here, "token", scopes)


async def list_api_tokens(service: Service, account: str) -> list[ApiToken]:
    """The tokens of an account that are still good, the soonest to end first."""
    table = schema_console.api_tokens
    query = select(table).where(table.c.account == account, table.c.expires > service.clock())
    async with service.database.snapshot() as connection:
        rows = (await connection.execute(query.order_by(table.c.expires))).all()
    return [
        ApiToken(_id(row.token_hash), row.election, row.name, tuple(row.scopes.split()), row.expires, row.used)
        for row in rows
    ]


async def delete_api_token(service: Service, account: str, identity: str) -> None:
    """Delete a token of this account by its id; NotFoundError if there is none."""
    table = schema_console.api_tokens
    async with service.database.transaction() as connection:
        rows = await connection.execute(select(table.c.token_hash, table.c.election).where(table.c.account == account))
        for row in rows.all():
            if _id(row.token_hash) == identity:
                await connection.execute(delete(table).where(table.c.token_hash == row.token_hash))
                await record(service, connection, row.election, account, "token-deleted", identity)
                return
    raise NotFoundError("token: none of yours has this id")


def _hash(token: str) -> bytes:
    if not token.startswith(PREFIX):
        raise FormatError(f"token: expected {PREFIX}…")
    return sha256(unb64(token.removeprefix(PREFIX), _SIZE, "token")).digest()


def _id(key: bytes) -> str:
    return key.hex()[:16]
