"""What the service takes from its registrar, and how it is its own (docs/protocol.md §2, §4).

A registrar's document is believed in nothing: keys are checked one by one (A15), electorates are made again from the
frozen roll and compared, signatures are verified under the key of entry 0.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.checks.electorates import electorate_message
from audit.entries import LogOpenedData, decode_entry
from election_service import schema
from election_service.electorates import Electorate, make_electorates
from election_service.errors import RegistrarError
from election_service.links import Link
from election_service.log import read_entries
from election_service.publication import store_blob
from election_service.registrar import RegistrarDocument, electors_of, make_registration
from election_service.roll import check_frozen_roll
from election_service.roll_rules import Fault, Student
from election_service.secrets import REGISTRAR_KEY, MasterKey, load_secret
from keys import schnorr
from keys.canonical import b64, decode, encode, unb64
from keys.errors import DataError

_CHUNK: Final = 500


class RegistrarFaultsError(RegistrarError):
    """A document with faults: nothing of it is imported. ``faults``: rows are places in its list, from 1."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        shown = "; ".join(f"row {fault.row}: {fault.reason}" for fault in self.faults[:5])
        more = f" and {len(self.faults) - 5} more" if len(self.faults) > 5 else ""
        super().__init__(f"registrar's document: nothing imported: {shown}{more}", "make the document again")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the committee approves for one electorate: data of an ``electorate`` entry without act and approvals."""

    id: str
    kind: str
    block: str
    size: int
    root: str
    blob: str
    signature: str


async def read_opened(connection: AsyncConnection, election: str) -> tuple[bytes, LogOpenedData]:
    """Log id and data of entry 0."""
    table = schema.elections
    log_id = (await connection.execute(select(table.c.log_id).where(table.c.election == election))).scalar_one()
    async for stored in read_entries(connection, election, 0, 1):
        data = decode_entry(stored.entry).data
        if isinstance(data, LogOpenedData):
            return log_id, data
    raise RegistrarError(f"election {election}: entry 0 is no log.opened", "run doctor")


async def register_in_service(
    connection: AsyncConnection, master: MasterKey, election: str, public_url: str, random: Callable[[int], bytes]
) -> list[Link]:
    """Credentials for everybody on the frozen roll, inside the caller's transaction; returns the links.

    The caller writes or sends them and forgets them: nothing of a seed is stored. RegistrarError where entry 0 names an
    offline registrar, or credentials exist already.
    """
    log_id, opened = await read_opened(connection, election)
    if opened.registrar.mode != "service":
        raise RegistrarError("registrar: entry 0 names an offline registrar", "import the registrar's document instead")
    secret = await load_secret(connection, master, election, REGISTRAR_KEY)
    students = await _eligible(connection, election)
    links, document = make_registration(students, election, log_id, public_url, secret, random)
    await import_document(connection, election, encode(document))
    return links


async def import_document(connection: AsyncConnection, election: str, raw: bytes) -> list[Proposal]:
    """Check a registrar's document against the frozen roll and entry 0, and store keys and electorates, or nothing.

    RegistrarFaultsError names every row; RegistrarError what is wrong with the document as a whole. Returns what the
    committee then approves, electorate by electorate.
    """
    try:
        document = decode(raw, RegistrarDocument)
    except DataError as error:
        raise RegistrarError(f"registrar's document: {error}", "give the file that `registrar make` wrote") from error
    log_id, opened = await read_opened(connection, election)
    if document.election != election or document.log != b64(log_id):
        raise RegistrarError(
            f"registrar's document: wrong log: expected {b64(log_id)}, got {document.log} of {document.election}",
            "give the document that was made for this election",
        )
    await check_frozen_roll(connection, election)
    voters = schema.voters
    taken = select(voters.c.student_id).where(voters.c.election == election, voters.c.credential.is_not(None)).limit(1)
    if (await connection.execute(taken)).first() is not None:
        raise RegistrarError(
            "registrar: this election has its credentials already", "replace single ones by a re-issue"
        )
    students = await _eligible(connection, election)
    keys = _read_keys(document, {student.student_id for student in students})
    electorates = make_electorates(electors_of(students), keys)
    _verify_electorates(document, electorates, log_id, unb64(opened.registrar.key, 32, "registrar: key"))
    return await _store(connection, election, keys, electorates, document)


def _read_keys(document: RegistrarDocument, eligible: set[str]) -> dict[str, bytes]:
    """Student id → key; RegistrarFaultsError with every row that is wrong (A15)."""
    faults: list[Fault] = []
    keys: dict[str, bytes] = {}
    students: dict[str, int] = {}
    owners: dict[bytes, int] = {}
    for row, item in enumerate(document.credentials, 1):
        first = students.setdefault(item.student_id, row)
        if first != row:
            faults.append(Fault(row, "student_id", f"duplicate student_id of row {first}"))
        elif item.student_id not in eligible:
            faults.append(Fault(row, "student_id", "student_id is not on the roll of those who may vote"))
        try:
            key = unb64(item.key, schnorr.KEY_SIZE, "key")
            schnorr.check_public_key(key)
        except DataError as error:
            faults.append(Fault(row, "key", f"key is no credential: {error}"))
            continue
        owner = owners.setdefault(key, row)
        if owner != row:
            faults.append(Fault(row, "key", f"one key for two students: the key of row {owner}"))
        keys[item.student_id] = key
    if faults:
        raise RegistrarFaultsError(faults)
    missing = sorted(eligible - keys.keys())
    if missing:
        raise RegistrarError(
            f"registrar's document: {len(missing)} students without a key, such as {missing[0]}",
            "make the document from the same roll as was frozen",
        )
    return keys


def _verify_electorates(
    document: RegistrarDocument, electorates: Sequence[Electorate], log_id: bytes, key: bytes
) -> None:
    """The document's electorates are exactly those of the roll, each signed by the registrar of entry 0."""
    signed = {item.id: item for item in document.electorates}
    expected = {item.block.id: item for item in electorates}
    if len(signed) != len(document.electorates) or signed.keys() != expected.keys():
        differing = sorted(signed.keys() ^ expected.keys())
        raise RegistrarError(
            f"registrar's document: expected {len(expected)} electorates, got {len(document.electorates)}; "
            f"not in both: {', '.join(differing) or 'none'}",
            "make the document from the same roll as was frozen",
        )
    for identity, item in expected.items():
        given = signed[identity]
        if (given.size, given.root) != (len(item.keys), b64(item.root)):
            raise RegistrarError(f"electorate {identity}: size or root is not that of the roll", "make it again")
        message = electorate_message(log_id, identity, given.size, item.root)
        try:
            schnorr.verify(key, message, unb64(given.signature, schnorr.SIGNATURE_SIZE, "signature"))
        except DataError as error:
            raise RegistrarError(f"electorate {identity}: {error}", "sign with the key that entry 0 names") from error


async def _store(
    connection: AsyncConnection,
    election: str,
    keys: Mapping[str, bytes],
    electorates: Sequence[Electorate],
    document: RegistrarDocument,
) -> list[Proposal]:
    voters = schema.voters
    for student, key in keys.items():
        mine = (voters.c.election == election) & (voters.c.student_id == student)
        await connection.execute(update(voters).where(mine).values(credential=key))
    signatures = {item.id: item.signature for item in document.electorates}
    for item in electorates:
        blob = await store_blob(connection, election, item.blob)
        shown = {"electorate": item.block.id, "kind": item.block.kind, "block": item.block.name}
        signed = {"size": len(item.keys), "root": item.root, "blob_hash": blob}
        signature = unb64(signatures[item.block.id], schnorr.SIGNATURE_SIZE, "signature")
        row = {"election": election, **shown, **signed, "signature": signature}
        await connection.execute(insert(schema.electorates).values(row))
        members = [
            {"election": election, "electorate": item.block.id, "idx": index, "credential": key}
            for index, key in enumerate(item.keys)
        ]
        for at in range(0, len(members), _CHUNK):
            await connection.execute(insert(schema.electorate_members), members[at : at + _CHUNK])
    return await electorate_proposals(connection, election)


async def electorate_proposals(connection: AsyncConnection, election: str) -> list[Proposal]:
    """What the committee approves: one for each electorate of this election, in the order of the ids."""
    table = schema.electorates
    rows = (await connection.execute(select(table).where(table.c.election == election))).mappings().all()
    return [
        Proposal(
            id=row["electorate"],
            kind=row["kind"],
            block=row["block"],
            size=row["size"],
            root=b64(row["root"]),
            blob=row["blob_hash"],
            signature=b64(row["signature"]),
        )
        for row in sorted(rows, key=lambda row: str(row["electorate"]))
    ]


async def voters_with_credentials(connection: AsyncConnection, election: str) -> list[tuple[str, bytes]]:
    """(student id, x-only key) of everybody who has a credential, by student id; RegistrarError where nobody has."""
    table = schema.voters
    query = select(table.c.student_id, table.c.credential).where(
        table.c.election == election, table.c.credential.is_not(None)
    )
    rows = [(row.student_id, row.credential) for row in await connection.execute(query.order_by(table.c.student_id))]
    if not rows:
        raise RegistrarError("registrar: nobody has a credential yet", "make them first: `registrar make`")
    return rows


async def _eligible(connection: AsyncConnection, election: str) -> list[Student]:
    await check_frozen_roll(connection, election)
    table = schema.voters
    query = select(table).where(table.c.election == election, table.c.eligible)
    rows = (await connection.execute(query)).mappings().all()
    names = Student.__dataclass_fields__.keys() - {"row"}
    students = [Student(row=0, **{name: row[name] for name in names}) for row in rows]
    return sorted(students, key=lambda student: student.student_id)
