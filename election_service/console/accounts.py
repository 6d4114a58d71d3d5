"""Accounts: people of the console, who may have roles in any number of elections."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_console
from election_service.console.roles import Role
from election_service.errors import InputError
from election_service.languages import LANGUAGES
from election_service.link_requests import as_on_the_roll
from election_service.plain_text import clean_text
from election_service.roll_rules import is_address
from election_service.service import Service
from election_service.sql import insert_new
from keys.errors import FormatError

INVITED: Final = "invited"  # no password yet, or none any more
ACTIVE: Final = "active"
LOCKED: Final = "locked"
MAX_NAME: Final = 100
_ID_SIZE: Final = 4  # bytes: eight hex digits after "a-"


@dataclass(frozen=True, slots=True)
class Account:
    """A person of the console; ``state``: invited, active or locked."""

    account: str
    email: str
    name: str
    language: str
    state: str


def clean_email(raw: str) -> str:
    """The address in lower case; InputError for a text that is none."""
    email = as_on_the_roll(raw)
    if not is_address(email):
        raise InputError("email: expected an address such as name@example.edu", "write the address and nothing else")
    return email


def clean_name(raw: str) -> str:
    """The name as one line of plain text; InputError otherwise (A81, A85, A89)."""
    try:
        name = clean_text(raw, MAX_NAME)
    except FormatError as error:
        raise InputError(f"name: {error}", "write the name in plain letters") from error
    if not name or "\n" in name:
        raise InputError("name: expected a name in one line", "write the name by which the committee knows the person")
    return name


async def read_account(connection: AsyncConnection, account: str) -> Account | None:
    """An account by its id."""
    table = schema_console.accounts
    return await _read(connection, table.c.account == account)


async def find_account(connection: AsyncConnection, email: str) -> Account | None:
    """An account by its address as stored."""
    table = schema_console.accounts
    return await _read(connection, table.c.email == email)


async def _read(connection: AsyncConnection, condition: ColumnElement[bool]) -> Account | None:
    table = schema_console.accounts
    query = select(table.c.account, table.c.email, table.c.name, table.c.language, table.c.state).where(condition)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else Account(row.account, row.email, row.name, row.language, row.state)


async def make_account(
    service: Service, connection: AsyncConnection, email: str, name: str, language: str = "en"
) -> Account:
    """The account of an address, new if there is none; an existing one keeps its name and language."""
    if language not in LANGUAGES:
        raise InputError(f"language: expected one of {', '.join(LANGUAGES)}, got {language[:20]!r}", "choose one")
    row = {"account": f"a-{service.random(_ID_SIZE).hex()}", "email": clean_email(email), "name": clean_name(name)}
    start = {"totp_step": 0, "state": INVITED, "failures": 0, "window": 0, "created": service.clock()}
    await connection.execute(insert_new(connection, schema_console.accounts).values(**row, language=language, **start))
    found = await find_account(connection, row["email"])
    if found is None:
        raise InputError("account: the id that was drawn is taken", "try again")
    return found


# ---- roles -----------------------------------------------------------------------------------------------------------


async def read_roles(connection: AsyncConnection, account: str) -> Mapping[str, frozenset[Role]]:
    """The roles of an account by election (roles.SERVICE: of the service)."""
    table = schema_console.account_roles
    rows = await connection.execute(select(table.c.election, table.c.role).where(table.c.account == account))
    found = defaultdict[str, set[Role]](set)
    for row in rows:
        found[row.election].add(Role(row.role))
    return {election: frozenset(roles) for election, roles in found.items()}


async def give_role(connection: AsyncConnection, election: str, account: str, role: Role) -> bool:
    """Give a role; whether it is new."""
    table = schema_console.account_roles
    row = {"election": election, "account": account, "role": str(role)}
    given = await connection.execute(insert_new(connection, table).values(row).returning(table.c.role))
    return given.one_or_none() is not None


async def take_role(connection: AsyncConnection, election: str, account: str, role: Role) -> bool:
    """Take a role away; whether there was one."""
    table = schema_console.account_roles
    mine = (table.c.election == election) & (table.c.account == account) & (table.c.role == str(role))
    return (await connection.execute(delete(table).where(mine))).rowcount == 1


async def people_of(connection: AsyncConnection, election: str) -> list[tuple[Account, frozenset[Role]]]:
    """Everybody who has a role in an election, by name."""
    accounts, roles = schema_console.accounts, schema_console.account_roles
    query = (
        select(
            accounts.c.account, accounts.c.email, accounts.c.name, accounts.c.language, accounts.c.state, roles.c.role
        )
        .join(roles, roles.c.account == accounts.c.account)
        .where(roles.c.election == election)
        .order_by(accounts.c.name, accounts.c.account)
    )
    found: dict[Account, set[Role]] = {}
    for *account, role in await connection.execute(query):
        found.setdefault(Account(*account), set()).add(Role(role))
    return [(account, frozenset(roles)) for account, roles in found.items()]
