"""The members as an electorate: everybody who holds a seat, without those who are barred from a vote (6.5.5).

The registrar signs it like any other: in the service by its own key, offline from a list of student ids. A replaced
credential stands in it by the first one of its chain, as in the electorates of the roll (docs/protocol.md §4).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.checks.electorates import electorate_message
from election_service import schema
from election_service.electorates import Block, Electorate
from election_service.errors import RegistrarError
from election_service.facts import LogFacts
from election_service.persons import credentials_of
from election_service.publication import store_blob
from election_service.registrar import Random, RegistrarDocument, SignedElectorate, sign_electorates
from election_service.registration import Proposal, electorate_proposals, read_opened
from election_service.secrets import REGISTRAR_KEY, MasterKey, load_secret
from keys import schnorr
from keys.canonical import Id, Positive, Wire, b64, decode, encode, unb64
from keys.errors import DataError

PREFIX: Final = "members"


@dataclass(frozen=True, slots=True)
class Assembly:
    """The members who vote on something: their option ids, student ids (ascending), and the electorate they make."""

    persons: frozenset[str]
    students: tuple[str, ...]
    electorate: Electorate


class AssemblyList(Wire, frozen=True):
    """What an offline registrar gets: for each electorate the students who stand in it."""

    v: Literal["es1-assemblies"]
    election: Id
    log: str
    poll: Positive
    assemblies: dict[Id, list[str]]


class SignedAssemblies(Wire, frozen=True):
    """What comes back: the electorates as signed. It names nobody."""

    v: Literal["es1-signed-assemblies"]
    election: Id
    log: str
    electorates: tuple[SignedElectorate, ...]


def make_electorate(identity: str, keys: Collection[bytes]) -> Electorate:
    """The electorate of these credentials."""
    return Electorate(Block(identity, PREFIX, ""), tuple(sorted(keys)))


async def find_assemblies(
    connection: AsyncConnection, election: str, facts: LogFacts, poll: int, voters: Mapping[str, Collection[str]]
) -> dict[str, Assembly]:
    """Contest → the electorate of these persons: one that was made before if there is one, else one with a new id."""
    table = schema.electorates
    query = select(table.c.electorate, table.c.root).where(table.c.election == election, table.c.kind == PREFIX)
    known = {row.root: str(row.electorate) for row in (await connection.execute(query)).all()}
    found = {}
    for contest, persons in voters.items():
        holders = await credentials_of(connection, election, persons)
        keys = [_first(facts, credential) for _, credential in holders.values()]
        root = make_electorate(PREFIX, keys).root
        if root not in known:
            known[root] = _fresh(poll, set(known.values()))
        students = tuple(sorted(student for student, _ in holders.values()))
        found[contest] = Assembly(frozenset(persons), students, make_electorate(known[root], keys))
    return found


def _first(facts: LogFacts, credential: bytes) -> bytes:
    first = facts.first_of_chain(credential)
    if first is None:
        raise RegistrarError("members: a credential on the roll was replaced", "run doctor: the roll is behind the log")
    return first


def _fresh(poll: int, taken: set[str]) -> str:
    """`members.POLL`, then `members.POLL.2` and so on."""
    number, identity = 1, f"{PREFIX}.{poll}"
    while identity in taken:
        number += 1
        identity = f"{PREFIX}.{poll}.{number}"
    return identity


async def sign_assemblies(
    connection: AsyncConnection, master: MasterKey, election: str, assemblies: Sequence[Assembly], random: Random
) -> list[Proposal]:
    """The in-service registrar signs and stores them; returns what the committee then approves.

    RegistrarError where entry 0 names an offline registrar.
    """
    log_id, opened = await read_opened(connection, election)
    if opened.registrar.mode != "service":
        raise RegistrarError(
            "members: entry 0 names an offline registrar",
            "give the registrar the list (--list), and import what comes back: `registrar import-members`",
        )
    secret = await load_secret(connection, master, election, REGISTRAR_KEY)
    electorates = [item.electorate for item in assemblies]
    return await _store(
        connection,
        election,
        electorates,
        {item.id: item for item in sign_electorates(electorates, log_id, secret, random)},
    )


def list_assemblies(election: str, log_id: bytes, poll: int, assemblies: Sequence[Assembly]) -> bytes:
    """The list for an offline registrar, canonical JSON."""
    students = {item.electorate.block.id: list(item.students) for item in assemblies}
    return encode(AssemblyList(v="es1-assemblies", election=election, log=b64(log_id), poll=poll, assemblies=students))


def sign_list(raw: bytes, document: RegistrarDocument, secret: bytes, random: Random) -> bytes:
    """On the registrar's own computer: sign the electorates of a list, with the credentials of the own document."""
    wanted = decode(raw, AssemblyList)
    if (wanted.election, wanted.log) != (document.election, document.log):
        raise RegistrarError(
            f"members: wrong log: expected {document.log}, got {wanted.log} of {wanted.election}",
            "give the list and the document of one election",
        )
    keys = {item.student_id: unb64(item.key, schnorr.KEY_SIZE, "key") for item in document.credentials}
    unknown = sorted({student for names in wanted.assemblies.values() for student in names} - keys.keys())
    if unknown:
        raise RegistrarError(f"members: no credential of student {unknown[0]}", "give the document that was imported")
    electorates = [
        make_electorate(identity, [keys[student] for student in students])
        for identity, students in sorted(wanted.assemblies.items())
    ]
    signed = sign_electorates(electorates, unb64(wanted.log, 32, "log"), secret, random)
    return encode(
        SignedAssemblies(v="es1-signed-assemblies", election=wanted.election, log=wanted.log, electorates=signed)
    )


def signed_electorates(raw: bytes) -> set[tuple[str, str]]:
    """Which electorates an offline registrar's document is about: ids and roots."""
    return {(item.id, item.root) for item in _read_signed(raw).electorates}


def _read_signed(raw: bytes) -> SignedAssemblies:
    try:
        return decode(raw, SignedAssemblies)
    except DataError as error:
        raise RegistrarError(f"members: {error}", "give the file that `registrar sign-members` wrote") from error


async def import_assemblies(
    connection: AsyncConnection, election: str, raw: bytes, assemblies: Sequence[Assembly]
) -> list[Proposal]:
    """Take an offline registrar's signatures over exactly the electorates that are needed, or nothing."""
    document = _read_signed(raw)
    log_id, opened = await read_opened(connection, election)
    signed = {item.id: item for item in document.electorates}
    wanted = {item.electorate.block.id: item.electorate for item in assemblies}
    if document.log != b64(log_id) or signed.keys() != wanted.keys():
        raise RegistrarError(
            f"members: expected {', '.join(wanted)} of this log, got {', '.join(signed)}", "make the list again"
        )
    key = unb64(opened.registrar.key, schnorr.KEY_SIZE, "registrar: key")
    for identity, electorate in wanted.items():
        given = signed[identity]
        if (given.size, given.root) != (len(electorate.keys), b64(electorate.root)):
            raise RegistrarError(f"electorate {identity}: size or root is not that of the members", "make it again")
        message = electorate_message(log_id, identity, given.size, electorate.root)
        schnorr.verify(key, message, unb64(given.signature, schnorr.SIGNATURE_SIZE, "signature"))
    return await _store(connection, election, list(wanted.values()), signed)


async def _store(
    connection: AsyncConnection,
    election: str,
    electorates: Sequence[Electorate],
    signed: Mapping[str, SignedElectorate],
) -> list[Proposal]:
    """Store those that are not there yet; returns what the committee approves for all of them."""
    table = schema.electorates
    query = select(table.c.electorate).where(table.c.election == election, table.c.kind == PREFIX)
    known = set((await connection.execute(query)).scalars())
    for item in electorates:
        identity = item.block.id
        if identity in known:
            continue
        row: dict[str, Any] = {"election": election, "electorate": identity}
        shown = {"kind": PREFIX, "block": "", "size": len(item.keys), "root": item.root}
        signature = unb64(signed[identity].signature, schnorr.SIGNATURE_SIZE, "signature")
        blob = await store_blob(connection, election, item.blob)
        await connection.execute(insert(table).values({**row, **shown, "blob_hash": blob, "signature": signature}))
        members = [{**row, "idx": index, "credential": key} for index, key in enumerate(item.keys)]
        await connection.execute(insert(schema.electorate_members), members)
    made = {item.block.id for item in electorates}
    return [item for item in await electorate_proposals(connection, election) if item.id in made]
