"""The registrar's keys and electorates: made offline or in the service, believed in nothing, no seed kept."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select, update

from audit.checks.electorates import credential_replaced_message, electorate_message, verify_blob
from ballot.link import read_link
from election_service import schema
from election_service.database import Database, open_database
from election_service.errors import RegistrarError, RollError, RollFrozenError
from election_service.log import open_log
from election_service.migrations import upgrade
from election_service.publication import read_published
from election_service.registrar import IssuedKey, RegistrarDocument, make_registration, make_replacement
from election_service.registration import (
    Proposal,
    RegistrarFaultsError,
    electorate_proposals,
    import_document,
    read_opened,
    register_in_service,
)
from election_service.roll import Roll, freeze_roll, import_roll, read_roll
from election_service.secrets import REGISTRAR_KEY, MasterKey, store_secret
from keys import schnorr
from keys.canonical import b64, encode, unb64
from keys.derive import credential_key
from tests.service.logs import ELECTION, NOW, counted_random, opened
from tests.service.logs import REGISTRAR_KEY as REGISTRAR
from tests.service.rolls import row, table

URL = "https://vote.example.edu"
MASTER = MasterKey(bytes(32))


def small_roll() -> Roll:
    rows = [
        row(student_id="1", email="a@example.edu", department="Civil Law", year="1"),
        row(student_id="2", email="b@example.edu", department="Civil Law", year="2"),
        row(
            student_id="3", email="c@example.edu", department="Finance", faculty="Business", year="1", full_name="ნინო"
        ),
        row(student_id="4", email="d@example.edu", level="master"),
    ]
    return read_roll(table(*rows))


@pytest.fixture(params=["service", "offline"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def prepare(database: Database, mode: str, *, frozen: bool = True) -> bytes:
    """An election with a frozen roll; returns the log id."""
    async with database.transaction() as connection:
        data = opened(mode="offline" if mode == "offline" else "service")
        log_id = await open_log(connection, data, title="Spring", config=b"{}", now=NOW)
        await store_secret(connection, MASTER, ELECTION, REGISTRAR_KEY, REGISTRAR, counted_random)
        await import_roll(connection, ELECTION, small_roll())
        if frozen:
            await freeze_roll(connection, ELECTION)
    return log_id


async def bring(database: Database, document: RegistrarDocument | bytes) -> list[Proposal]:
    raw = document if isinstance(document, bytes) else encode(document)
    async with database.transaction() as connection:
        return await import_document(connection, ELECTION, raw)


async def credentials(database: Database) -> dict[str, bytes | None]:
    async with database.snapshot() as connection:
        rows = (await connection.execute(select(schema.voters.c.student_id, schema.voters.c.credential))).all()
    return {row.student_id: row.credential for row in rows}


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())


# ---- both ways -----------------------------------------------------------------------------------------------------


async def test_links_keys_and_signed_electorates(database: Database, mode: str) -> None:
    log_id = await prepare(database, mode)
    if mode == "service":
        async with database.transaction() as connection:
            links = await register_in_service(connection, MASTER, ELECTION, URL, counted_random)
    else:
        links, document = make_registration(small_roll().eligible, ELECTION, log_id, URL, REGISTRAR, counted_random)
        await bring(database, document)
    stored = await credentials(database)
    assert [link.student_id for link in links] == ["1", "2", "3"]
    assert stored["4"] is None
    for link in links:
        url, election, seed, prefix = read_link(link.link)
        assert (url, election, prefix) == (URL, ELECTION, log_id[:16])
        assert schnorr.public_key(credential_key(seed, ELECTION)) == stored[link.student_id]
    async with database.snapshot() as connection:
        proposals = await electorate_proposals(connection, ELECTION)
        for item in proposals:
            root = unb64(item.root, 32, "root")
            message = electorate_message(log_id, item.id, item.size, root)
            schnorr.verify(schnorr.public_key(REGISTRAR), message, unb64(item.signature, 64, "signature"))
            verify_blob(await read_published(connection, ELECTION, f"blobs/{item.blob}"), item.id, item.size, root)
    assert {item.id: (item.kind, item.block, item.size) for item in proposals} == {
        "university": ("university", "", 3),
        "faculty.law": ("faculty", "Law", 2),
        "faculty.business": ("faculty", "Business", 1),
        "department.civil-law": ("department", "Civil Law", 2),
        "department.finance": ("department", "Finance", 1),
        "class.civil-law.1": ("class", "Civil Law / 1", 1),
        "class.civil-law.2": ("class", "Civil Law / 2", 1),
        "class.finance.1": ("class", "Finance / 1", 1),
    }


async def test_no_seed_stays_in_the_service(sqlite_url: str, tmp_path: Path) -> None:
    """A44: neither the seeds nor anything they derive but the public keys are in the database file."""
    database = open_database(sqlite_url, create=True)
    await upgrade(database)
    await prepare(database, "service")
    async with database.transaction() as connection:
        links = await register_in_service(connection, MASTER, ELECTION, URL, counted_random)
    await database.close()
    content = everything_in(tmp_path)
    for link in links:
        seed = read_link(link.link)[2]
        for secret in (seed, seed.hex().encode(), link.link.partition("#")[2].encode(), credential_key(seed, ELECTION)):
            assert secret not in content
        assert schnorr.public_key(credential_key(seed, ELECTION)) in content


async def test_the_service_does_not_register_for_an_offline_registrar(database: Database) -> None:
    await prepare(database, "offline")
    with pytest.raises(RegistrarError, match="names an offline registrar"):
        async with database.transaction() as connection:
            await register_in_service(connection, MASTER, ELECTION, URL, counted_random)


async def test_credentials_are_made_once(database: Database) -> None:
    log_id = await prepare(database, "offline")
    _, document = make_registration(small_roll().eligible, ELECTION, log_id, URL, REGISTRAR, counted_random)
    await bring(database, document)
    before = await credentials(database)
    _, again = make_registration(small_roll().eligible, ELECTION, log_id, URL, REGISTRAR, counted_random)
    with pytest.raises(RegistrarError, match="has its credentials already"):
        await bring(database, again)
    assert await credentials(database) == before


async def test_an_open_or_changed_roll_gets_no_credentials(database: Database) -> None:
    """A45: the registrar signs what was frozen."""
    log_id = await prepare(database, "offline", frozen=False)
    _, document = make_registration(small_roll().eligible, ELECTION, log_id, URL, REGISTRAR, counted_random)
    with pytest.raises(RollError, match="not frozen yet"):
        await bring(database, document)
    async with database.transaction() as connection:
        await freeze_roll(connection, ELECTION)
        table_ = schema.voters
        await connection.execute(update(table_).where(table_.c.student_id == "2").values(faculty="Business"))
    with pytest.raises(RollFrozenError, match="changed after the freeze"):
        await bring(database, document)


# ---- A15: documents that lie ----------------------------------------------------------------------------------------


def with_keys(document: RegistrarDocument, *changes: tuple[int, str, str]) -> RegistrarDocument:
    items = list(document.credentials)
    for place, student, key in changes:
        items[place] = IssuedKey(student_id=student, key=key)
    return msgspec.structs.replace(document, credentials=tuple(items))


async def test_every_bad_key_is_named_with_its_row(database: Database) -> None:
    """A15: a key off the curve, a duplicate, one key for two students, a stranger: all of them at once."""
    log_id = await prepare(database, "offline")
    _, good = make_registration(small_roll().eligible, ELECTION, log_id, URL, REGISTRAR, counted_random)
    first = good.credentials[0].key
    off_curve = b64(b"\x00" * 31 + b"\x05")
    too_large = b64(b"\xff" * 32)
    bad = with_keys(good, (1, "2", first), (2, "3", off_curve))
    bad = msgspec.structs.replace(
        bad,
        credentials=(
            *bad.credentials,
            IssuedKey(student_id="1", key=good.credentials[1].key),
            IssuedKey(student_id="4", key=too_large),
            IssuedKey(student_id="99", key=b64(bytes(31))),
        ),
    )
    with pytest.raises(RegistrarFaultsError, match="nothing imported: row 2: one key for two students") as refused:
        await bring(database, bad)
    found = [(fault.row, fault.field, fault.reason.split(":")[0]) for fault in refused.value.faults]
    assert found == [
        (2, "key", "one key for two students"),
        (3, "key", "key is no credential"),
        (4, "student_id", "duplicate student_id of row 1"),
        (5, "student_id", "student_id is not on the roll of those who may vote"),
        (5, "key", "key is no credential"),
        (6, "student_id", "student_id is not on the roll of those who may vote"),
        (6, "key", "key is no credential"),
    ]
    assert set((await credentials(database)).values()) == {None}
    async with database.snapshot() as connection:
        assert await electorate_proposals(connection, ELECTION) == []


TAMPERED: dict[str, tuple[Callable[[RegistrarDocument], RegistrarDocument], str]] = {
    "a student left out": (lambda d: msgspec.structs.replace(d, credentials=d.credentials[1:]), "1 students without"),
    "two keys exchanged for one electorate": (
        lambda d: with_keys(d, (0, "1", d.credentials[2].key), (2, "3", d.credentials[0].key)),
        "size or root is not that of the roll",
    ),
    "an electorate left out": (
        lambda d: msgspec.structs.replace(d, electorates=d.electorates[:-1]),
        "expected 8 electorates, got 7; not in both: class.finance.1",
    ),
    "an electorate twice": (
        lambda d: msgspec.structs.replace(d, electorates=(*d.electorates, d.electorates[0])),
        "expected 8 electorates, got 9",
    ),
    "another size": (
        lambda d: msgspec.structs.replace(
            d, electorates=(msgspec.structs.replace(d.electorates[0], size=4), *d.electorates[1:])
        ),
        "electorate university: size or root",
    ),
    "another electorate's signature": (
        lambda d: msgspec.structs.replace(
            d,
            electorates=(
                msgspec.structs.replace(d.electorates[0], signature=d.electorates[1].signature),
                *d.electorates[1:],
            ),
        ),
        "electorate university: ",
    ),
    "another election": (lambda d: msgspec.structs.replace(d, election="autumn"), "wrong log"),
    "another log": (lambda d: msgspec.structs.replace(d, log=b64(bytes(32))), "wrong log"),
}


@pytest.mark.parametrize("name", TAMPERED)
async def test_a_document_that_lies_is_refused_whole(database: Database, name: str) -> None:
    tamper, reason = TAMPERED[name]
    log_id = await prepare(database, "offline")
    _, document = make_registration(small_roll().eligible, ELECTION, log_id, URL, REGISTRAR, counted_random)
    with pytest.raises(RegistrarError, match=reason):
        await bring(database, tamper(document))
    assert set((await credentials(database)).values()) == {None}
    await bring(database, document)


async def test_another_registrars_signature_is_refused(database: Database) -> None:
    log_id = await prepare(database, "offline")
    stranger = sha256(b"stranger").digest()
    _, document = make_registration(small_roll().eligible, ELECTION, log_id, URL, stranger, counted_random)
    with pytest.raises(RegistrarError, match="electorate university: "):
        await bring(database, document)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"v":"es1-registrar"}', b"\xff"])
async def test_what_is_no_document_is_refused(database: Database, raw: bytes) -> None:
    await prepare(database, "offline")
    with pytest.raises(RegistrarError, match="registrar's document: ") as refused:
        await bring(database, raw)
    assert refused.value.hint


async def test_entry_0_is_what_the_service_reads(database: Database, mode: str) -> None:
    log_id = await prepare(database, mode)
    async with database.snapshot() as connection:
        found, data = await read_opened(connection, ELECTION)
    assert (found, data.registrar.mode) == (log_id, mode)


def test_a_replacement_is_signed_by_the_registrar() -> None:
    old = schnorr.public_key(sha256(b"old").digest())
    seed, data = make_replacement(ELECTION, bytes(32), old, "lost phone", REGISTRAR, counted_random)
    new = schnorr.public_key(credential_key(seed, ELECTION))
    assert (data["old"], data["new"]) == (b64(old), b64(new))
    message = credential_replaced_message(bytes(32), old, new, "lost phone")
    schnorr.verify(schnorr.public_key(REGISTRAR), message, unb64(data["signature"], 64, "signature"))
