"""Acts that the set-up has ready for the committee to sign: rules, booth, trustees, readings, electorates.

Nothing is stored by looking: an act exists when a member has signed it.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.entries import decode_entry
from election_service import schema
from election_service.console.drafts import Draft, read_known
from election_service.console.form_faults import FormFaultsError
from election_service.console.made_log import need_facts
from election_service.console.rules_draft import finished_rules, planned_readings
from election_service.console.trustee_desk import identity_keys
from election_service.errors import ActRefusedError
from election_service.facts import LogFacts, read_kinds
from election_service.legal_rules import require_preparation
from election_service.pages.assets import BOOTH, Assets
from election_service.proposals import electorate_acts
from election_service.registration import electorate_proposals
from election_service.service import Service
from election_service.setup import store_blob
from keys.canonical import b64, decode, encode
from keys.trustee.ceremony import Stage

Prepared = tuple[str, dict[str, Any]]
"""Kind, and data without `act` and `approvals`."""

_PENDING = ("waiting", "scheduled")


async def prepared_acts(service: Service, election: str) -> list[Prepared]:
    """Everything that can be proposed now and is neither in the log nor waiting for approvals, in the order in which it
    is to be done. Empty before the log is made.
    """
    async with service.database.snapshot() as connection:
        known = await read_known(connection, election)
    if not known.made:
        return []
    facts = await service.facts(election)
    async with service.database.snapshot() as connection:
        ready = [
            *await _constitution(connection, election, known.draft, facts),
            *await _booth(connection, election, facts),
            *await _trustees(connection, election, known.draft, facts),
            *_readings(known.draft, facts),
            *await _electorates(connection, election, facts),
        ]
        waiting = await waiting_acts(connection, election, service.clock())
    return [(kind, data) for kind, data in ready if (kind, encode(data)) not in waiting]


async def store_rules(service: Service, election: str) -> str:
    """Store the canonical form of the rules in the making, for an act to name; returns its hash.

    FormFaultsError while they have a fault; ActRefusedError where the log has rules already.
    """
    async with service.database.snapshot() as connection:
        known = await read_known(connection, election)
    check_unruled(await need_facts(service, election))
    return await store_blob(service, election, finished_rules(known.draft.rules))


def check_unruled(facts: LogFacts) -> None:
    """ActRefusedError where the log has rules: there is one constitution for each election."""
    if facts.law is not None:
        raise ActRefusedError("rules: they stand in the log, and cannot be changed any more")


async def _constitution(
    connection: AsyncConnection, election: str, draft: Draft, facts: LogFacts
) -> Sequence[Prepared]:
    """The rules, once they are finished and stored."""
    if facts.law is not None or not draft.rules:
        return []
    try:
        name = sha256(finished_rules(draft.rules)).hexdigest()
    except FormFaultsError:
        return []
    blobs = schema.blobs
    query = select(blobs.c.sha256).where(blobs.c.election == election, blobs.c.sha256 == name)
    return [] if await connection.scalar(query) is None else [("constitution", {"blob": name})]


async def _booth(connection: AsyncConnection, election: str, facts: LogFacts) -> Sequence[Prepared]:
    """The program of this installation, unless it is the one announced last."""
    manifest = Assets(BOOTH).manifest
    if manifest is None or facts.law is None:
        return []
    announced = [decode_entry(raw).data.bundle for raw in await read_kinds(connection, election, ["booth"])]
    return [] if announced[-1:] == [manifest.bundle_sha256] else [("booth", {"bundle": manifest.bundle_sha256})]


async def _trustees(connection: AsyncConnection, election: str, draft: Draft, facts: LogFacts) -> Sequence[Prepared]:
    """The trustees, once as many have told their keys as the set-up wants, and while none make a key."""
    begun = facts.ceremonies[-1].stage if facts.ceremonies else Stage.VOID
    told = [item.key for item in await identity_keys(connection, election) if item.key is not None]
    if facts.law is None or begun is not Stage.VOID or len(told) != draft.trustees_n:
        return []
    attempt, keys = len(facts.ceremonies) + 1, [b64(key) for key in told]
    return [("trustee.opened", {"attempt": attempt, "k": draft.trustees_k, "trustees": keys})]


def _readings(draft: Draft, facts: LogFacts) -> Sequence[Prepared]:
    """One reading of each clause that has none, as chosen or by default."""
    if facts.law is None or facts.record.polls or not _prepares(facts):
        return []
    missing = facts.record.missing()
    chosen = planned_readings(facts.record.state.constitution, draft.readings)
    return [("resolution", {"clause": clause, "reading": chosen[clause]}) for clause in missing]


async def _electorates(connection: AsyncConnection, election: str, facts: LogFacts) -> Sequence[Prepared]:
    """What the registrar signed and the log has not."""
    if facts.law is None or not _prepares(facts):
        return []
    made = electorate_acts(await electorate_proposals(connection, election))
    return [(kind, data) for kind, data in made if data["id"] not in facts.electorates]


def _prepares(facts: LogFacts) -> bool:
    try:
        require_preparation(facts, "set-up")
    except ActRefusedError:
        return False
    return True


async def waiting_acts(connection: AsyncConnection, election: str, now: int) -> set[tuple[str, bytes]]:
    """Kind and bytes, without the number, of what waits for approvals or for its time; not what has expired."""
    table = schema.acts
    alive = table.c.expires.is_(None) | (table.c.expires > now) | (table.c.state == "scheduled")
    query = select(table.c.kind, table.c.data).where(table.c.election == election, table.c.state.in_(_PENDING), alive)
    found = set()
    for row in (await connection.execute(query)).all():
        data = {name: value for name, value in decode(row.data, dict[str, Any]).items() if name != "act"}
        found.add((row.kind, encode(data)))
    return found
