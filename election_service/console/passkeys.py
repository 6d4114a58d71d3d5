"""Passkeys (W3C WebAuthn): instead of password and code, with the authenticator asking for its own PIN or finger.

A challenge is not stored before it is used: it is sealed under the master key with its time, for one purpose and one
account, and opens once (its hash is kept until it would be too old anyway).
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from election_service import schema_console
from election_service.console.accounts import ACTIVE, clean_name
from election_service.console.events import record
from election_service.console.roles import SERVICE, Identity
from election_service.console.sessions import open_session
from election_service.errors import InputError, NotFoundError, SecretError, SignInRefusedError
from election_service.service import Service
from election_service.sql import insert_new
from keys.canonical import unb64
from keys.errors import FormatError

VALID: Final = 600  # seconds
MOST_PASSKEYS: Final = 10  # of an account
_TIME_SIZE: Final = 8  # bytes
_RELYING_PARTY: Final = "Elections"

Encoded = Annotated[str, Meta(max_length=8192, pattern=r"^[A-Za-z0-9_-]+\Z")]


class _Attested(msgspec.Struct, forbid_unknown_fields=True):
    """What an authenticator says of a new key; names as in the specification."""

    clientDataJSON: Encoded
    attestationObject: Encoded


class _Asserted(msgspec.Struct, forbid_unknown_fields=True):
    """What it says when a key is used."""

    clientDataJSON: Encoded
    authenticatorData: Encoded
    signature: Encoded
    userHandle: Encoded | None = None


class _NewKey(msgspec.Struct, forbid_unknown_fields=True):
    id: Encoded
    rawId: Encoded
    type: str
    response: _Attested


class _UsedKey(msgspec.Struct, forbid_unknown_fields=True):
    id: Encoded
    rawId: Encoded
    type: str
    response: _Asserted


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner sees it; ``id``: the start of the hash of its own id; ``created``: POSIX seconds."""

    id: str
    name: str
    created: int


# ---- challenges ------------------------------------------------------------------------------------------------------


def _make_challenge(service: Service, purpose: str) -> bytes:
    expires = service.clock() + VALID
    return service.master.seal(f"passkey/{purpose}", expires.to_bytes(_TIME_SIZE, "big"), service.random)


def _challenge_in(client_data: str) -> bytes:
    """The challenge that a browser's answer names; SignInRefusedError where it names none."""
    try:
        said = msgspec.json.decode(unb64(client_data, None, "clientDataJSON"))
        return unb64(said["challenge"], None, "challenge")
    except (msgspec.DecodeError, FormatError, KeyError, TypeError) as error:
        raise _refused() from error


async def _use_challenge(service: Service, connection: AsyncConnection, purpose: str, challenge: bytes) -> None:
    """SignInRefusedError unless the challenge is ours, for this purpose, in time, and used for the first time."""
    now = service.clock()
    try:
        expires = int.from_bytes(service.master.open(f"passkey/{purpose}", challenge), "big")
    except SecretError as error:
        raise _refused() from error
    table = schema_console.passkey_challenges
    await connection.execute(delete(table).where(table.c.expires <= now))
    row = {"challenge_hash": sha256(challenge).digest(), "purpose": purpose.partition("/")[0], "expires": expires}
    fresh = await connection.execute(insert_new(connection, table).values(row).returning(table.c.expires))
    if fresh.one_or_none() is None or not now < expires <= now + VALID:
        raise _refused()


# ---- a new passkey ---------------------------------------------------------------------------------------------------


async def registration_options(service: Service, identity: Identity) -> str:
    """What a browser needs to make a passkey for this account: JSON of the specification."""
    table = schema_console.passkeys
    async with service.database.snapshot() as connection:
        query = select(table.c.credential_id).where(table.c.account == identity.account)
        known = (await connection.execute(query)).scalars().all()
    options = generate_registration_options(
        rp_id=_host(service),
        rp_name=_RELYING_PARTY,
        user_id=identity.account.encode(),
        user_name=identity.email,
        user_display_name=identity.name,
        challenge=_make_challenge(service, f"add/{identity.account}"),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=credential) for credential in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return options_to_json(options)


async def add_passkey(service: Service, identity: Identity, name: str, answer: str) -> None:
    """Keep the passkey that a browser made; SignInRefusedError for an answer that does not hold."""
    label = clean_name(name)
    parsed = _parse(answer, _NewKey)
    challenge = _challenge_in(parsed.response.clientDataJSON)
    async with service.database.transaction() as connection:
        await _use_challenge(service, connection, f"add/{identity.account}", challenge)
        try:
            made = verify_registration_response(
                credential=msgspec.to_builtins(parsed),
                expected_challenge=challenge,
                expected_rp_id=_host(service),
                expected_origin=_origin(service),
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError) as error:
            raise _refused() from error
        table = schema_console.passkeys
        mine = table.c.account == identity.account
        if len((await connection.execute(select(table.c.created).where(mine))).all()) >= MOST_PASSKEYS:
            raise InputError(f"passkeys: expected at most {MOST_PASSKEYS}", "delete one that is not used any more")
        row = {"credential_id": made.credential_id, "account": identity.account, "sign_count": made.sign_count}
        key = {"public_key": made.credential_public_key, "name": label, "created": service.clock()}
        new = insert_new(connection, table).values(row | key).returning(table.c.created)
        if (await connection.execute(new)).one_or_none() is None:
            raise _refused()
        await record(service, connection, SERVICE, identity.account, "passkey-added")


# ---- signing in ------------------------------------------------------------------------------------------------------


def sign_in_options(service: Service) -> str:
    """What a browser needs to sign in with any passkey of this service: JSON of the specification."""
    options = generate_authentication_options(
        rp_id=_host(service),
        challenge=_make_challenge(service, "sign-in"),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


async def sign_in_by_passkey(service: Service, answer: str, agent: str) -> str:
    """A full session for whoever holds the key; SignInRefusedError for any answer that does not hold."""
    parsed = _parse(answer, _UsedKey)
    challenge = _challenge_in(parsed.response.clientDataJSON)
    table, accounts = schema_console.passkeys, schema_console.accounts
    mine = table.c.credential_id == _credential(parsed.rawId)
    query = select(table).join(accounts, accounts.c.account == table.c.account).where(mine, accounts.c.state == ACTIVE)
    async with service.database.transaction() as connection:
        await _use_challenge(service, connection, "sign-in", challenge)
        row = (await connection.execute(query.with_for_update())).one_or_none()
        if row is None:
            raise _refused()
        try:
            used = verify_authentication_response(
                credential=msgspec.to_builtins(parsed),
                expected_challenge=challenge,
                expected_rp_id=_host(service),
                expected_origin=_origin(service),
                credential_public_key=row.public_key,
                credential_current_sign_count=row.sign_count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError) as error:
            raise _refused() from error
        await connection.execute(update(table).where(mine).values(sign_count=used.new_sign_count))
        token = await open_session(service, connection, row.account, "full", agent)
        await record(service, connection, SERVICE, row.account, "signed-in", "passkey")
    return token


# ---- the list --------------------------------------------------------------------------------------------------------


async def list_passkeys(service: Service, account: str) -> list[Passkey]:
    """The passkeys of an account, the oldest first."""
    table = schema_console.passkeys
    query = select(table).where(table.c.account == account).order_by(table.c.created, table.c.name)
    async with service.database.snapshot() as connection:
        rows = (await connection.execute(query)).all()
    return [Passkey(_id(row.credential_id), row.name, row.created) for row in rows]


async def delete_passkey(service: Service, account: str, identity: str) -> None:
    """Delete a passkey of this account; NotFoundError if there is none."""
    table = schema_console.passkeys
    async with service.database.transaction() as connection:
        rows = await connection.execute(select(table.c.credential_id).where(table.c.account == account))
        for credential in rows.scalars().all():
            if _id(credential) == identity:
                await connection.execute(delete(table).where(table.c.credential_id == credential))
                await record(service, connection, SERVICE, account, "passkey-deleted")
                return
    raise NotFoundError("passkey: none of yours has this id")


def _parse(answer: str, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(answer.encode(), type=kind)
    except (msgspec.MsgspecError, UnicodeEncodeError) as error:
        raise _refused() from error


def _credential(raw: str) -> bytes:
    try:
        return unb64(raw, None, "rawId")
    except FormatError as error:
        raise _refused() from error


def _id(credential: bytes) -> str:
    return sha256(credential).hexdigest()[:16]


def _host(service: Service) -> str:
    return urlsplit(service.config.public_url).hostname or ""


def _origin(service: Service) -> str:
    return service.config.public_url.rstrip("/")


def _refused() -> SignInRefusedError:
    return SignInRefusedError("passkey: expected the answer of a key of this service to a challenge that was not used")
