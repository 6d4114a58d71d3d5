"""Invitations: a link that is good once, for a week. Its secret stands behind the #, where no server log sees it (A85).

Whoever follows the link changes nothing; a person presses a button, which redeems it: it is gone then, and a session
begins in which password and second factor are set (enrolment.py).
"""

from hashlib import sha256
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_console
from election_service.console.accounts import INVITED
from election_service.console.sessions import close_all
from election_service.errors import InvitationRefusedError
from election_service.service import Service
from keys.canonical import b64, unb64
from keys.errors import FormatError

VALID: Final = 7 * 86_400  # seconds
_SIZE: Final = 32
WELCOME: Final = "/committee/welcome"


async def make_invitation(service: Service, connection: AsyncConnection, account: str) -> str:
    """A new invitation, in the caller's transaction; any older one of the account is void. Returns its token."""
    table = schema_console.invitations
    token = b64(service.random(_SIZE))
    await connection.execute(delete(table).where(table.c.account == account))
    row = {"token_hash": _hash(token), "account": account, "expires": service.clock() + VALID}
    await connection.execute(table.insert().values(row))
    return token


def invitation_link(public_url: str, token: str) -> str:
    """The link to give to the person, from the configuration and never from a request (A85)."""
    return f"{public_url.rstrip('/')}{WELCOME}#{token}"


async def redeem(service: Service, connection: AsyncConnection, token: str) -> str:
    """The account of an invitation, which is used up; InvitationRefusedError for any that is not good (any more).

    Of any number at a time one gets it: the row is deleted once.
    """
    table = schema_console.invitations
    try:
        key = _hash(token)
    except FormatError as error:
        raise _refused() from error
    good = (table.c.token_hash == key) & (table.c.expires > service.clock())
    gone = await connection.execute(delete(table).where(good).returning(table.c.account))
    account = gone.scalar_one_or_none()
    if account is None:
        raise _refused()
    return str(account)


async def void_sign_in(connection: AsyncConnection, account: str) -> None:
    """Everything by which this account could sign in is gone; it is as if it had just been invited."""
    table = schema_console.accounts
    start = {"password": None, "totp_sealed": None, "totp_step": 0, "failures": 0, "window": 0, "state": INVITED}
    await connection.execute(update(table).where(table.c.account == account).values(**start))
    for ways in (schema_console.recovery_codes, schema_console.passkeys, schema_console.api_tokens):
        await connection.execute(delete(ways).where(ways.c.account == account))
    await close_all(connection, account)


async def withdraw(connection: AsyncConnection, account: str) -> None:
    """Forget somebody who has no role any more: the invitation is void, nobody can sign in, and name and address go
    unless the account was ever used.
    """
    table, accounts = schema_console.invitations, schema_console.accounts
    await connection.execute(delete(table).where(table.c.account == account))
    state = await connection.execute(select(accounts.c.state).where(accounts.c.account == account))
    if state.scalar_one_or_none() == INVITED:
        await void_sign_in(connection, account)
        await connection.execute(delete(accounts).where(accounts.c.account == account))


def _refused() -> InvitationRefusedError:
    return InvitationRefusedError("invitation: expected one that was never used and is at most a week old")


def _hash(token: str) -> bytes:
    return sha256(unb64(token.strip(), _SIZE, "invitation")).digest()
