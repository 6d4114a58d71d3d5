"""Who may vote where: a credential's electorates, read through the chain of replacements (docs/protocol.md §4).

Read from the tables inside the caller's transaction. A credential that was replaced is nobody any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.entries import CredentialReplacedData, decode_entry
from election_service import schema
from election_service.facts import read_kinds
from keys.canonical import unb64


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chain of credentials begins: the credential in the electorate, and its index there."""

    electorate: str
    index: int
    first: bytes


async def read_replacements(connection: AsyncConnection, election: str) -> dict[bytes, bytes]:
    """Old credential → new one, from the log; mostly empty."""
    found = {}
    for raw in await read_kinds(connection, election, ["credential.replaced"]):
        data = decode_entry(raw).data
        assert isinstance(data, CredentialReplacedData)  # noqa: S101 -- the kind says so
        found[unb64(data.old, 32, "old")] = unb64(data.new, 32, "new")
    return found


def first_of_chain(replaced: dict[bytes, bytes], credential: bytes) -> bytes | None:
    """The credential that stands in the electorates for this one; None if this one was itself replaced."""
    if credential in replaced:
        return None
    before = {new: old for old, new in replaced.items()}
    while credential in before:
        credential = before[credential]
    return credential


async def places_of(
    connection: AsyncConnection, election: str, credentials: Sequence[bytes]
) -> dict[bytes, list[Place]]:
    """The places of each credential, none for strangers and for those that were replaced."""
    replaced = await read_replacements(connection, election)
    firsts = {credential: first_of_chain(replaced, credential) for credential in credentials}
    table = schema.electorate_members
    wanted = {first for first in firsts.values() if first is not None}
    query = select(table.c.credential, table.c.electorate, table.c.idx).where(
        table.c.election == election, table.c.credential.in_(wanted)
    )
    found: dict[bytes, list[Place]] = {first: [] for first in wanted}
    for row in (await connection.execute(query)).all():
        found[row.credential].append(Place(row.electorate, row.idx, row.credential))
    return {credential: found.get(first, []) if first else [] for credential, first in firsts.items()}


async def stands_in(connection: AsyncConnection, election: str, credential: bytes, electorate: str) -> bool:
    """Whether this very credential, replaced or not, is among the keys of the electorate."""
    table = schema.electorate_members
    query = select(table.c.idx).where(
        table.c.election == election, table.c.electorate == electorate, table.c.credential == credential
    )
    return (await connection.execute(query)).first() is not None


async def is_voter(connection: AsyncConnection, election: str, credential: bytes) -> bool:
    """Whether the credential stands in any electorate and was not replaced."""
    return bool((await places_of(connection, election, [credential]))[credential])
