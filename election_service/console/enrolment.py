"""Enrolment: an invitation becomes an account with a password, an authenticator and recovery codes.

In a session of its own, which the invitation opens once. The account can be used when the first code is right.
"""

from dataclasses import dataclass
from typing import Final

import pyotp
from sqlalchemy import select, update

from election_service import schema_console
from election_service.console.accounts import ACTIVE, INVITED
from election_service.console.events import record
from election_service.console.invitations import redeem
from election_service.console.passwords import check_new_password
from election_service.console.recovery_codes import new_recovery_codes
from election_service.console.roles import SERVICE, Identity
from election_service.console.sessions import Session, close_all, close_session, is_enrolling, open_session
from election_service.console.signing_in import totp_place
from election_service.errors import InvitationRefusedError, SignInRefusedError
from election_service.service import Service
from election_service.totp import matching_step

ISSUER: Final = "Elections"


@dataclass(frozen=True, slots=True)
class Authenticator:
    """What an authenticator app takes in: the secret (base32), and the same as an otpauth address."""

    secret: str
    address: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """``cookie``: of the full session that begins; ``codes``: recovery codes, shown this once."""

    cookie: str
    codes: list[str]


async def begin(service: Service, token: str, agent: str) -> str:
    """Redeem an invitation: a session for the enrolment. InvitationRefusedError for any that is not good."""
    async with service.database.transaction() as connection:
        account = await redeem(service, connection, token)
        table = schema_console.accounts
        state = await connection.execute(select(table.c.state).where(table.c.account == account))
        if state.scalar_one_or_none() != INVITED:
            raise InvitationRefusedError("invitation: expected one of somebody who cannot sign in yet")
        await close_all(connection, account)
        cookie = await open_session(service, connection, account, "enrol", agent)
        await record(service, connection, SERVICE, account, "invitation-redeemed")
    return cookie


async def set_password(service: Service, identity: Identity, password: str) -> None:
    """The password, and a fresh secret for the authenticator; InputError for a password that is too weak.

    SignInRefusedError where the enrolment was ended while the password was hashed: the account waits for somebody else.
    """
    check_new_password(password, (identity.email, identity.name))
    phc = await service.password_desk.hash(password, service.random)
    secret = pyotp.random_base32()
    sealed = service.master.seal(totp_place(identity.account), secret.encode(), service.random)
    table = schema_console.accounts
    mine = (table.c.account == identity.account) & (table.c.state == INVITED)
    async with service.database.transaction() as connection:
        await connection.execute(select(table.c.account).where(mine).with_for_update())
        if not await is_enrolling(connection, identity.account):
            raise SignInRefusedError("enrolment: this one has ended; ask for a new invitation")
        await connection.execute(update(table).where(mine).values(password=phc, totp_sealed=sealed, totp_step=0))


async def authenticator(service: Service, identity: Identity) -> Authenticator | None:
    """What to take into the app; None before the password is set."""
    table = schema_console.accounts
    async with service.database.snapshot() as connection:
        query = select(table.c.totp_sealed).where(table.c.account == identity.account)
        sealed = (await connection.execute(query)).scalar_one_or_none()
    if sealed is None:
        return None
    return make_authenticator(service.master.open(totp_place(identity.account), sealed).decode(), identity.email)


def make_authenticator(secret: str, email: str) -> Authenticator:
    """The secret with the address that a QR code carries."""
    return Authenticator(secret, pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER))


async def confirm(service: Service, session: Session, code: str, agent: str) -> Enrolled:
    """The first code of the authenticator opens the account; SignInRefusedError for a wrong one."""
    table = schema_console.accounts
    async with service.database.transaction() as connection:
        mine = (table.c.account == session.account) & (table.c.state == INVITED)
        query = select(table.c.totp_sealed).where(mine).with_for_update()
        sealed = (await connection.execute(query)).scalar_one_or_none()
        if sealed is None or not await close_session(connection, session.key):
            raise SignInRefusedError("enrolment: this one has ended; ask for a new invitation")
        secret = service.master.open(totp_place(session.account), sealed).decode()
        step = matching_step(secret, "".join(code.split()), service.clock())
        if step is None:
            raise SignInRefusedError("code: expected the one that your authenticator shows now")
        await connection.execute(update(table).where(mine).values(state=ACTIVE, totp_step=step, failures=0, window=0))
        codes = await new_recovery_codes(connection, session.account, service.random)
        cookie = await open_session(service, connection, session.account, "full", agent)
        await record(service, connection, SERVICE, session.account, "enrolled")
    return Enrolled(cookie, codes)
