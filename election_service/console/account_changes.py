"""What somebody changes in their own account. What would let another person in asks for the password once more."""

import pyotp
from sqlalchemy import update

from election_service import schema_console
from election_service.console.enrolment import Authenticator, make_authenticator
from election_service.console.events import record
from election_service.console.passwords import check_new_password
from election_service.console.recovery_codes import new_recovery_codes
from election_service.console.roles import SERVICE, Identity
from election_service.console.sessions import Session, close_all
from election_service.console.signing_in import check_password, totp_place
from election_service.errors import InputError, SecretError, SignInRefusedError
from election_service.languages import LANGUAGES
from election_service.service import Service
from election_service.totp import matching_step
from keys.canonical import b64, unb64
from keys.errors import FormatError


async def change_language(service: Service, identity: Identity, language: str) -> None:
    """The language in which the console speaks to this person; InputError for one that it does not have."""
    if language not in LANGUAGES:
        raise InputError(f"language: expected one of {', '.join(LANGUAGES)}", "choose one of the list")
    table = schema_console.accounts
    async with service.database.transaction() as connection:
        await connection.execute(update(table).where(table.c.account == identity.account).values(language=language))


async def change_password(service: Service, identity: Identity, session: Session, old: str, new: str) -> None:
    """A new password; every other session ends. SignInRefusedError for a wrong old one, InputError for a weak one."""
    await check_password(service, identity.account, old)
    check_new_password(new, (identity.email, identity.name))
    phc = await service.password_desk.hash(new, service.random)
    table = schema_console.accounts
    async with service.database.transaction() as connection:
        await connection.execute(update(table).where(table.c.account == identity.account).values(password=phc))
        await close_all(connection, identity.account, but=session.key)
        await record(service, connection, SERVICE, identity.account, "password-changed")


async def replace_recovery_codes(service: Service, identity: Identity) -> list[str]:
    """New recovery codes; all old ones are void."""
    async with service.database.transaction() as connection:
        codes = await new_recovery_codes(connection, identity.account, service.random)
        await record(service, connection, SERVICE, identity.account, "recovery-codes-made")
    return codes


# ---- another authenticator: its key waits in the page, sealed for this session ---------------------------------------


def _place(session: Session) -> str:
    return f"{session.account}/new-totp/{session.key.hex()}"


def seal_of(service: Service, session: Session) -> str:
    """A fresh key for an authenticator, sealed for the form of this session."""
    return b64(service.master.seal(_place(session), pyotp.random_base32().encode(), service.random))


def offer_authenticator(service: Service, identity: Identity, session: Session, sealed: str) -> Authenticator:
    """What the app takes in; SignInRefusedError for a key that was not made in this session."""
    try:
        secret = service.master.open(_place(session), unb64(sealed, None, "key")).decode()
    except (FormatError, SecretError) as error:
        raise SignInRefusedError("key: expected one that was made in this session") from error
    return make_authenticator(secret, identity.email)


async def confirm_authenticator(service: Service, identity: Identity, session: Session, sealed: str, code: str) -> None:
    """The new key counts from now on, and every other session ends; SignInRefusedError for a wrong code."""
    secret = offer_authenticator(service, identity, session, sealed).secret
    step = matching_step(secret, "".join(code.split()), service.clock())
    if step is None:
        raise SignInRefusedError("code: expected the one that the new authenticator shows now")
    key = service.master.seal(totp_place(identity.account), secret.encode(), service.random)
    table = schema_console.accounts
    mine = table.c.account == identity.account
    async with service.database.transaction() as connection:
        await connection.execute(
            update(table).where(mine).values(totp_sealed=key, totp_step=step, failures=0, window=0)
        )
        await close_all(connection, identity.account, but=session.key)
        await record(service, connection, SERVICE, identity.account, "authenticator-changed")
