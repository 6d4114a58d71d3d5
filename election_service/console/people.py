"""The people of an election: who is invited, with which roles, and how somebody loses them.

Whoever could reset or lock an account that matters elsewhere could act there: a chair may do so only where every role
of the account is in an election that the same chair leads. The operator's command may do it always.
"""

from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema, schema_console
from election_service.console.accounts import (
    ACTIVE,
    INVITED,
    LOCKED,
    Account,
    clean_email,
    find_account,
    give_role,
    make_account,
    people_of,
    read_account,
    read_roles,
    take_role,
)
from election_service.console.api_types import Person
from election_service.console.events import record
from election_service.console.invitations import make_invitation, void_sign_in, withdraw
from election_service.console.revisions import change_revision, read_revision
from election_service.console.roles import SERVICE, Capability, Identity, Role, require
from election_service.errors import ActRefusedError, NotFoundError, NotPermittedError, UnknownElectionError
from election_service.service import Service
from keys.ids import fingerprint

PEOPLE: Final = "people"  # the resource, for its revision


@dataclass(frozen=True, slots=True)
class Invited:
    """Who was invited; ``token``: of the link, None for an account that can sign in already.

    ``by_others``: that account was opened for elections which the inviting chair does not lead. Nothing proves that it
    is of whom the chair means: others wrote the address, and had the link.
    """

    account: Account
    token: str | None
    by_others: bool = False


async def list_people(service: Service, election: str) -> list[Person]:
    """Everybody with a role, by name."""
    async with service.database.snapshot() as connection:
        return await _list_people(connection, election)


async def people_and_revision(service: Service, election: str) -> tuple[list[Person], int]:
    """Everybody with a role, and the number of this state, both of one moment."""
    async with service.database.snapshot() as connection:
        return await _list_people(connection, election), await read_revision(connection, election, PEOPLE)


async def _list_people(connection: AsyncConnection, election: str) -> list[Person]:
    table = schema_console.signing_keys
    query = select(table.c.account, table.c.member, table.c.public_key).where(table.c.election == election)
    keys = {row.account: (row.member, fingerprint(row.public_key)) for row in await connection.execute(query)}
    return [
        Person(
            account=account.account,
            name=account.name,
            email=account.email,
            state=account.state,
            roles=sorted(roles),
            member=keys.get(account.account, (None, None))[0],
            fingerprint=keys.get(account.account, (None, None))[1],
        )
        for account, roles in await people_of(connection, election)
    ]


async def invite(
    service: Service, identity: Identity, election: str, *, email: str, name: str, role: Role, revision: int
) -> Invited:
    """Give somebody a role, and an invitation to whoever cannot sign in yet; RevisionStaleError on a stale page."""
    require(identity, election, Capability.INVITE)
    async with service.database.transaction() as connection:
        await change_revision(connection, election, PEOPLE, revision)
        known = await find_account(connection, clean_email(email))
        by_others = known is not None and not await _leads_all(connection, identity, known.account)
        if known is not None and known.state != ACTIVE and by_others:
            raise ActRefusedError("people: this address was invited by others and has not come yet; ask the operator")
        invited = await _invite(service, connection, identity.account, election, email, name, role)
        return replace(invited, by_others=by_others)


async def invite_by_command(
    service: Service, election: str, *, email: str, name: str, role: Role, reset: bool = False
) -> Invited:
    """What the operator's command does: the first chair is invited by it, and who has lost every way in.

    ``reset``: an account that is there loses password, second factor and sessions, and gets a new link. ``election``:
    SERVICE for a role of the service itself; UnknownElectionError where there is neither election nor draft.
    """
    async with service.database.transaction() as connection:
        await _check_election(connection, election)
        account = await make_account(service, connection, email, name)
        if reset:
            await void_sign_in(connection, account.account)
        return await _invite(service, connection, "", election, email, name, role)


async def _check_election(connection: AsyncConnection, election: str) -> None:
    if election == SERVICE:
        return
    for table in (schema.elections, schema_console.drafts):
        if (await connection.execute(select(table.c.election).where(table.c.election == election))).first():
            return
    raise UnknownElectionError(f"election: none here is called {election[:64]!r}")


async def _invite(
    service: Service, connection: AsyncConnection, by: str, election: str, email: str, name: str, role: Role
) -> Invited:
    account = await make_account(service, connection, email, name)
    if account.state == LOCKED:
        raise ActRefusedError("people: this account is locked; invite it anew from the list, or by the command")
    await give_role(connection, election, account.account, role)
    token = await make_invitation(service, connection, account.account) if account.state == INVITED else None
    await record(service, connection, election, by, "invited", f"{account.account} {role}")
    return Invited(account, token)


async def add_role(
    service: Service, identity: Identity, election: str, account: str, role: Role, revision: int
) -> None:
    """Give one more role to somebody who has one."""
    require(identity, election, Capability.INVITE)
    async with service.database.transaction() as connection:
        await change_revision(connection, election, PEOPLE, revision)
        await _roles_here(connection, election, account)
        await give_role(connection, election, account, role)
        await record(service, connection, election, identity.account, "role-given", f"{account} {role}")


async def remove_role(
    service: Service, identity: Identity, election: str, account: str, role: Role, revision: int
) -> None:
    """Take a role away; with the last role of somebody who never came, the invitation and the account go as well.

    ActRefusedError for the last chair who can sign in: an election without one could not be led by anybody.
    """
    require(identity, election, Capability.INVITE)
    async with service.database.transaction() as connection:
        await change_revision(connection, election, PEOPLE, revision)
        if role not in await _roles_here(connection, election, account):
            raise NotFoundError("people: nobody here has this role")
        if role is Role.CHAIR:
            await _keep_a_chair(connection, election, account)
        await take_role(connection, election, account, role)
        if not await read_roles(connection, account):
            await withdraw(connection, account)
        await record(service, connection, election, identity.account, "role-taken", f"{account} {role}")


async def invite_again(service: Service, identity: Identity, election: str, account: str, revision: int) -> Invited:
    """A new link for somebody who has lost theirs, the telephone, or the password: what was is void at once."""
    async with service.database.transaction() as connection:
        found = await _take_charge(connection, identity, election, account, revision)
        await void_sign_in(connection, account)
        token = await make_invitation(service, connection, account)
        await record(service, connection, election, identity.account, "invited-again", account)
    return Invited(found, token)


async def lock(service: Service, identity: Identity, election: str, account: str, revision: int) -> None:
    """Nobody can sign in with this account any more, and whoever is signed in is out; a new invitation opens it."""
    async with service.database.transaction() as connection:
        await _take_charge(connection, identity, election, account, revision)
        if Role.CHAIR in await _roles_here(connection, election, account):
            await _keep_a_chair(connection, election, account)
        await void_sign_in(connection, account)
        table = schema_console.accounts
        await connection.execute(update(table).where(table.c.account == account).values(state=LOCKED))
        await connection.execute(
            delete(schema_console.invitations).where(schema_console.invitations.c.account == account)
        )
        await record(service, connection, election, identity.account, "account-locked", account)


# ---- what protects others --------------------------------------------------------------------------------------------


async def _roles_here(connection: AsyncConnection, election: str, account: str) -> frozenset[Role]:
    roles = (await read_roles(connection, account)).get(election)
    if not roles:
        raise NotFoundError("people: nobody here has this account")
    return roles


async def _take_charge(
    connection: AsyncConnection, identity: Identity, election: str, account: str, revision: int
) -> Account:
    """The account that is to be reset or locked; NotPermittedError where it matters beyond what this chair leads."""
    require(identity, election, Capability.INVITE)
    await change_revision(connection, election, PEOPLE, revision)
    await _roles_here(connection, election, account)
    found = await read_account(connection, account)
    if found is None:
        raise NotFoundError("people: nobody here has this account")
    if account == identity.account:
        raise NotPermittedError("people: nobody resets or locks their own account here; use your account's page")
    if not await _leads_all(connection, identity, account):
        raise NotPermittedError(
            "people: this account has roles in elections that you do not lead; the operator can reset it"
        )
    return found


async def _leads_all(connection: AsyncConnection, identity: Identity, account: str) -> bool:
    """Whether this chair leads every election in which the account has a role: only then may its link be shown."""
    roles = await read_roles(connection, account)
    return all(other != SERVICE and identity.may(other, Capability.INVITE) for other in roles)


async def _keep_a_chair(connection: AsyncConnection, election: str, account: str) -> None:
    others = [
        person
        for person, roles in await people_of(connection, election)
        if Role.CHAIR in roles and person.account != account and person.state == ACTIVE
    ]
    if not others:
        raise ActRefusedError("people: expected another chair who can sign in; give somebody the role first")
