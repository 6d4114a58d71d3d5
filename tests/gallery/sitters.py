"""Who sits at the committee's console in the gallery, and where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_console
from election_service.console.accounts import ACTIVE, INVITED, give_role, make_account
from election_service.console.flash import Flash, leave_flash
from election_service.console.roles import Role
from election_service.console.roll_upload import upload_roll
from election_service.console.sessions import Stage, open_session, session_key
from election_service.demo.preparation import ELECTION
from election_service.service import Service

DRAFT: Final = "sg-2027"  # no log yet, rules with a fault
CEREMONY: Final = "faculty-2026"  # trustees at work, roll imported and another one waiting
READY: Final = "council-2026"  # roll frozen, links made, candidates entered
CHAIR: Final = "Nino Beridze"
MEMBER: Final = "Giorgi Kapanadze"
TRUSTEES: Final = ("Tamar Tsiklauri", "Levan Gelashvili", "Günel Quliyeva")
PEOPLE: Final = (
    (MEMBER, Role.MEMBER),
    ("Ольга Петрова", Role.OBSERVER),
    ("Rəşad Məmmədova", Role.REGISTRAR),
    *((name, Role.TRUSTEE) for name in TRUSTEES),
)


@dataclass(slots=True)
class Sitter:
    """Somebody who is signed in. ``cookie``: of the session."""

    service: Service
    account: str
    cookie: str

    async def leave(self, flash: Flash) -> None:
        """What the next page is to say."""
        await leave_flash(self.service, session_key(self.cookie), flash)


@dataclass(slots=True)
class Rooms:
    """``sitters``: by name or place; ``places``: parts of addresses that differ from run to run."""

    sitters: dict[str, Sitter] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    good_roll: bytes = b""
    bad_roll: bytes = b""

    async def upload(self, raw: bytes) -> None:
        """The roll that waits in the election of the ceremony."""
        service = self.sitters[CHAIR].service
        async with service.database.transaction() as connection:
            await upload_roll(service, connection, CEREMONY, "export.csv", raw)


async def sit(service: Service, name: str, *roles: Role, stage: Stage = "full", email: str = "") -> Sitter:
    """A person with these roles in the election that votes, and a session."""
    async with service.database.transaction() as connection:
        address = email or address_of(name)
        account = (await make_account(service, connection, address, name)).account
        await set_state(connection, account, INVITED if stage == "enrol" else ACTIVE)
        for role in roles:
            await give_role(connection, ELECTION, account, role)
        return Sitter(service, account, await open_session(service, connection, account, stage, "Firefox on Windows"))


def address_of(name: str) -> str:
    """Of a name in Latin letters."""
    return f"{name.split(maxsplit=1)[0].lower()}@example.edu"


async def set_state(connection: AsyncConnection, account: str, state: str) -> None:
    """Invited, active or locked."""
    table = schema_console.accounts
    await connection.execute(update(table).where(table.c.account == account).values(state=state))


async def give(service: Service, account: str, election: str, *roles: Role) -> None:
    """These roles there."""
    async with service.database.transaction() as connection:
        for role in roles:
            await give_role(connection, election, account, role)
