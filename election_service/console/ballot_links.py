"""The registrar's part in the console: credentials and links for everybody on the frozen roll, authenticator secrets.

An in-service registrar's links are mailed and stand nowhere else (A44). An offline registrar's document is taken over
as the command line does.
"""

import io
from csv import writer
from dataclasses import dataclass

import pyotp
from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema
from election_service.errors import InputError
from election_service.invitations import queue_invitations
from election_service.mail_server import MailServer
from election_service.mail_status import KindStatus, read_status
from election_service.outbox import LINKS
from election_service.registration import (
    import_document,
    read_opened,
    register_in_service,
    voters_with_credentials,
)
from election_service.service import Service
from election_service.totp import enrol_totp


@dataclass(frozen=True, slots=True)
class LinkState:
    """Where the links of an election stand.

    credentials  voters who have one, of how many who may vote
    electorates  signed by the registrar
    mails        how many mails with a link are in which state
    secrets      voters who have an authenticator secret
    """

    offline: bool
    voters: int
    credentials: int
    electorates: int
    mails: tuple[KindStatus, ...]
    secrets: int


async def read_links(connection: AsyncConnection, election: str) -> LinkState:
    """The state of an election whose log is made."""
    voters, electorates, secrets = schema.voters, schema.electorates, schema.second_factors
    mine = (voters.c.election == election) & voters.c.eligible
    return LinkState(
        offline=(await read_opened(connection, election))[1].registrar.mode == "offline",
        voters=await _count(connection, voters, mine),
        credentials=await _count(connection, voters, mine & voters.c.credential.is_not(None)),
        electorates=await _count(connection, electorates, electorates.c.election == election),
        mails=tuple(item for item in await read_status(connection, election) if item.kind in LINKS),
        secrets=await _count(connection, secrets, secrets.c.election == election),
    )


async def _count(connection: AsyncConnection, table: Table, mine: ColumnElement[bool]) -> int:
    return int(await connection.scalar(select(func.count()).select_from(table).where(mine)) or 0)


async def make_links(service: Service, connection: AsyncConnection, election: str) -> int:
    """Credentials for everybody on the frozen roll, and a mail with the link for each; returns how many.

    InputError where no mail server is configured; RegistrarError where they exist already, or the registrar is offline.
    """
    MailServer.from_config(service.config)
    public_url = service.config.public_url
    made = await register_in_service(connection, service.master, election, public_url, service.random)
    return await queue_invitations(service, connection, election, made)


async def take_document(connection: AsyncConnection, election: str, raw: bytes) -> int:
    """An offline registrar's document; returns how many electorates it signs. RegistrarFaultsError names every row."""
    return len(await import_document(connection, election, raw))


async def make_secrets(service: Service, election: str) -> bytes:
    """An authenticator secret for every voter who has none yet, as a table of student id and otpauth:// address.

    It is shown once: handed over apart from the links, then destroyed. InputError where everybody has one.
    """
    known = await service.election(election)
    if known.settings.second_factor != "totp":
        raise InputError("secrets: this election has no authenticator codes", "they were not chosen at the set-up")
    async with service.database.snapshot() as connection:
        voters = await voters_with_credentials(connection, election)
        table = schema.second_factors
        query = select(table.c.credential).where(table.c.election == election)
        enrolled = set((await connection.execute(query)).scalars())
    missing = [(name, key) for name, key in voters if key not in enrolled]
    if not missing:
        raise InputError("secrets: every voter has one", "a lost one is replaced by a re-issue of the link")
    text = io.StringIO()
    lines = writer(text)
    lines.writerow(("student_id", "otpauth"))
    for name, key in missing:
        secret = await enrol_totp(service, election, key)
        lines.writerow((name, pyotp.TOTP(secret, name=name, issuer=known.title).provisioning_uri()))
    return text.getvalue().encode()
