"""Members' signing keys: made in their browsers, kept here as the sealed file, which only the passphrase opens.

The service can hand the file back and can do nothing with it. A member may as well keep it elsewhere, and sign by the
command line: then only the public key is known here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_console
from election_service.console.events import record
from election_service.console.revisions import change_revision, next_revision
from election_service.console.roles import ROLES, Capability
from election_service.errors import InputError
from election_service.facts import LogFacts
from election_service.service import Service
from election_service.sql import insert_new
from keys import schnorr
from keys.canonical import Id, Wire, decode, encode, unb64
from keys.errors import DataError
from keys.ids import fingerprint
from keys.keyfile import read_key_file

_HINT: Final = "give the file that this page or `election-service member new` made"


class _Shown(Wire, frozen=True):
    """What a member's file shows without the passphrase, and nothing else."""

    member: Id
    key: str


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A member's key. ``key_file``: the sealed file; None where the member keeps it elsewhere."""

    account: str
    member: str
    public_key: bytes
    key_file: bytes | None

    @property
    def fingerprint(self) -> str:
        """What members compare by voice."""
        return fingerprint(self.public_key)


def key_resource(account: str) -> str:
    """The name under which the revision of an account's key is counted."""
    return f"key/{account}"


async def committee_has_accounts(connection: AsyncConnection, election: str) -> bool:
    """Whether anybody acts for the committee of this election by the console."""
    table = schema_console.account_roles
    acting = table.c.role.in_([str(role) for role, found in ROLES.items() if Capability.APPROVE in found])
    query = select(table.c.account).where(table.c.election == election, acting).limit(1)
    return (await connection.execute(query)).first() is not None


async def read_signing_key(connection: AsyncConnection, election: str, account: str) -> SigningKey | None:
    """The key of an account in an election or draft."""
    table = schema_console.signing_keys
    query = select(table.c.account, table.c.member, table.c.public_key, table.c.key_file).where(
        table.c.election == election, table.c.account == account
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else SigningKey(*row)


async def signing_keys(connection: AsyncConnection, election: str) -> list[SigningKey]:
    """All keys of an election or draft, by member; without their files."""
    table = schema_console.signing_keys
    query = select(table.c.account, table.c.member, table.c.public_key).where(table.c.election == election)
    return [SigningKey(*row, None) for row in (await connection.execute(query.order_by(table.c.member))).all()]


def read_member_file(raw: bytes) -> tuple[str, bytes]:
    """Id and public key in a member's key file; InputError for any other file."""
    try:
        shown = decode(encode(read_key_file(raw, "member").public), _Shown)
        public = unb64(shown.key, schnorr.KEY_SIZE, "key file: key")
        schnorr.check_public_key(public)
    except DataError as error:
        raise InputError(f"key file: {error}", _HINT) from error
    return shown.member, public


async def store_signing_key(
    service: Service,
    election: str,
    account: str,
    raw: bytes,
    *,
    keep_file: bool = True,
    replace: bool = False,
    facts: LogFacts | None = None,
    revision: int | None = None,
) -> SigningKey:
    """Take a member's key file; ``keep_file`` false: the public part alone.

    InputError where another account has this member's id, and, without ``replace``, where another key of this member
    would be forgotten: one that the log names signs until an act `members` names the new one. ``facts``: of the log,
    None for a draft. ``revision``: which state the caller saw; None to ask nothing of it.
    """
    member, public = read_member_file(raw)
    table = schema_console.signing_keys
    async with service.database.transaction() as connection:
        resource = key_resource(account)
        if revision is None:
            await next_revision(connection, election, resource)
        else:
            await change_revision(connection, election, resource, revision)
        row = {"election": election, "account": account, "member": member, "public_key": public}
        values = {**row, "key_file": raw if keep_file else None}
        inserted = await connection.execute(insert_new(connection, table).values(values).returning(table.c.account))
        if inserted.one_or_none() is None:
            await _replace(connection, election, account, values, replace=replace)
        in_force = None if facts is None else facts.members.get(member)
        if in_force is not None and not compare_digest(in_force, public) and not replace:
            raise InputError(
                f"member {member}: the log names another key, {fingerprint(in_force)}",
                "take the file of that key; if it is lost, say so: the others then name the new one by an act",
            )
        await record(service, connection, election, account, "key-stored", f"{member} {fingerprint(public)}")
    return SigningKey(account, member, public, raw if keep_file else None)


async def _replace(
    connection: AsyncConnection, election: str, account: str, values: Mapping[str, object], *, replace: bool
) -> None:
    """The row of this account gets another file; another key only where the member says that the old one is lost."""
    table = schema_console.signing_keys
    held = await read_signing_key(connection, election, account)
    others = select(table.c.account).where(
        table.c.election == election, table.c.member == values["member"], table.c.account != account
    )
    if (await connection.execute(others)).first() is not None:
        raise InputError(f"member {values['member']}: somebody else has this id", "choose another one")
    if held is not None and (held.member, held.public_key) != (values["member"], values["public_key"]) and not replace:
        raise InputError(
            f"key: you have one already, {held.fingerprint}", "say that it is lost, if it is to be replaced"
        )
    mine = (table.c.election == election) & (table.c.account == account)
    await connection.execute(update(table).where(mine).values(values))
