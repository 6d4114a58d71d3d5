"""From a draft to an election: entry 0 names the members who have made a key (docs/protocol.md §9)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema, schema_console
from election_service.console.drafts import Draft, check_draft, read_known, settings_of
from election_service.console.roles import Role
from election_service.errors import InputError
from election_service.presentation import store_presentation
from election_service.service import Service
from election_service.setup import ElectionPlan, create_election

_ACTING = (Role.CHAIR, Role.MEMBER)


@dataclass(frozen=True, slots=True)
class WantedMember:
    """Somebody who is to be a member of the committee. ``member``, ``key``: empty until the key is made."""

    account: str
    name: str
    member: str
    key: bytes


async def wanted_members(connection: AsyncConnection, election: str) -> list[WantedMember]:
    """Everybody with a role that acts in this election, by name, with the signing key if there is one."""
    people, roles, keys = schema_console.accounts, schema_console.account_roles, schema_console.signing_keys
    held = (keys.c.election == roles.c.election) & (keys.c.account == roles.c.account)
    query = (
        select(people.c.account, people.c.name, keys.c.member, keys.c.public_key)
        .join(roles, roles.c.account == people.c.account)
        .outerjoin(keys, held)
        .where(roles.c.election == election, roles.c.role.in_(_ACTING))
        .distinct()
        .order_by(people.c.name, people.c.account)
    )
    rows = (await connection.execute(query)).all()
    return [WantedMember(row.account, row.name, row.member or "", row.public_key or b"") for row in rows]


async def make_log(service: Service, election: str) -> bytes:
    """Make the log with everybody's key; returns the log id. Made once: again it is the same.

    Who has no key yet is left out, and can be added by an act. InputError where there are fewer keys than an act needs.
    """
    async with service.database.transaction() as connection:
        known = await read_known(connection, election, lock=True)
        members = await wanted_members(connection, election)
    if not known.made:
        await create_election(service, plan_of(election, known.draft, members))
    return await _dress(service, election, known.draft)


def plan_of(election: str, draft: Draft, members: Sequence[WantedMember]) -> ElectionPlan:
    """Entry 0 as the draft wants it; FormFaultsError or InputError for what cannot be."""
    check_draft(draft)
    keys = sorted((item.member, item.key) for item in members if item.key)
    if len(keys) < draft.threshold:
        raise InputError(
            f"log: expected the keys of at least {draft.threshold} members, got {len(keys)}",
            "each member makes a key on the page of keys; the log names them for good",
        )
    return ElectionPlan(
        election=election,
        title=draft.presentation.texts["en"].title,
        members=keys,
        threshold=draft.threshold,
        rehearsal=draft.rehearsal,
        second_factor=draft.second_factor,
        waiver=draft.waiver or None,
        issuer_bits=settings_of(draft).issuer_bits,
    )


async def _dress(service: Service, election: str, draft: Draft) -> bytes:
    """Texts, contact and zone of the draft, unless some are in force already."""
    table = schema.elections
    query = select(table.c.log_id, table.c.presentation).where(table.c.election == election)
    async with service.database.transaction() as connection:
        row = (await connection.execute(query)).one()
        if row.presentation is None:
            await store_presentation(connection, election, draft.presentation)
    log_id: bytes = row.log_id
    return log_id
