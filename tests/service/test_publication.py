"""What is served is what the newest checkpoint covers: C2SP tiles, bundles, blobs, proofs, and a copy as a folder."""

from hashlib import sha256
from pathlib import Path

import pytest

from audit.checkpoint import parse_checkpoint
from audit.merkle import leaf_hash, tree_root, verify_inclusion_proof
from audit.tiles import bundle_names, split_bundle, split_tile, tile_names, tile_root
from election_service import schema
from election_service.database import Database
from election_service.errors import InputError, NotFoundError, StorageError, UnknownElectionError
from election_service.publication import export_log, inclusion_proofs, read_published, store_blob
from tests.service.logs import ELECTION, Ledger, open_ledger


@pytest.fixture
async def ledger(database: Database, tmp_path: Path) -> Ledger:
    ledger = await open_ledger(database, tmp_path / "state")
    await ledger.append(0, 699)
    await ledger.publish()
    return ledger


async def read(ledger: Ledger, path: str) -> bytes:
    async with ledger.database.snapshot() as connection:
        return await read_published(connection, ledger.election, path)


async def test_bundles_hold_the_entries_and_tiles_their_hashes(ledger: Ledger) -> None:
    entries = await ledger.entries()
    read_back: list[bytes] = []
    for name in bundle_names(700):
        read_back += split_bundle(await read(ledger, name.path), name.width)
    assert read_back == entries
    leaves = [leaf_hash(entry) for entry in entries]
    found = {name.path: split_tile(await read(ledger, name.path), name.width) for name in tile_names(700)}
    assert sorted(found) == ["tile/0/000", "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2"]
    assert found["tile/0/001"] == leaves[256:512]
    assert found["tile/1/000.p/2"] == [tile_root(leaves[:256]), tile_root(leaves[256:512])]
    assert parse_checkpoint(await read(ledger, "checkpoint")).root == tree_root(leaves)


async def test_narrower_partial_tiles_stay_readable(ledger: Ledger) -> None:
    """Whoever holds an older checkpoint asks for the width of its size."""
    assert (await read(ledger, "tile/0/002.p/188")).startswith(await read(ledger, "tile/0/002.p/5"))
    assert len(await read(ledger, "tile/entries/000.p/1")) == 2 + len((await ledger.entries())[0])


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/002",
        "tile/0/002.p/189",
        "tile/0/003",
        "tile/1/000",
        "tile/1/000.p/3",
        "tile/2/000.p/1",
        "tile/entries/003",
        "tile/0/02",
        "tile/0/0000",
        "tile/0/../../checkpoint",
        "blobs/" + "0" * 64,
        "blobs/" + "0" * 63,
        "blobs/../checkpoint",
        "Checkpoint",
        "checkpoint/",
        "",
        "tile/0/x999/999",
        "tile/63/" + "x999/" * 50 + "999",
    ],
)
async def test_there_is_nothing_else(ledger: Ledger, path: str) -> None:
    with pytest.raises(NotFoundError, match="log: no file"):
        await read(ledger, path)


async def test_entries_after_the_checkpoint_are_not_served(ledger: Ledger) -> None:
    await ledger.append(900, 1000)
    with pytest.raises(NotFoundError, match="in 700 entries"):
        await read(ledger, "tile/entries/002.p/189")
    async with ledger.database.snapshot() as connection:
        with pytest.raises(NotFoundError, match="expected entries below 700, got 700"):
            await inclusion_proofs(connection, ELECTION, [3, 700])
    await ledger.publish()
    assert split_bundle(await read(ledger, "tile/entries/002.p/189"), 189)


async def test_nothing_is_served_before_the_first_checkpoint(database: Database, tmp_path: Path) -> None:
    ledger = await open_ledger(database, tmp_path / "state")
    for path in ("checkpoint", "tile/entries/000.p/1"):
        with pytest.raises(NotFoundError, match="log: no file"):
            await read(ledger, path)


async def test_an_unknown_election_is_said_to_be_unknown(database: Database) -> None:
    with pytest.raises(UnknownElectionError, match="no election 'x'"):
        async with database.snapshot() as connection:
            await read_published(connection, "x", "checkpoint")


async def test_proofs_hold_under_the_published_checkpoint(ledger: Ledger) -> None:
    entries = await ledger.entries()
    numbers = [0, 1, 255, 256, 511, 512, 698, 699]
    async with ledger.database.snapshot() as connection:
        head, proofs = await inclusion_proofs(connection, ELECTION, numbers)
    checkpoint = parse_checkpoint((head.published or "").encode())
    for number in numbers:
        leaf = leaf_hash(entries[number])
        verify_inclusion_proof(number, checkpoint.size, leaf, proofs[number], checkpoint.root)


async def test_missing_rows_are_an_error_of_ours_and_not_an_answer(ledger: Ledger) -> None:
    async with ledger.database.transaction() as connection:
        await connection.execute(schema.log_entries.delete().where(schema.log_entries.c.seq == 300))
    with pytest.raises(StorageError, match="tile/0/001: expected 256 rows, got 255"):
        await read(ledger, "tile/0/001")


async def test_blobs_have_the_name_of_their_hash(ledger: Ledger) -> None:
    async with ledger.database.transaction() as connection:
        name = await store_blob(connection, ELECTION, b"constitution")
        assert await store_blob(connection, ELECTION, b"constitution") == name
    assert name == sha256(b"constitution").hexdigest()
    assert await read(ledger, f"blobs/{name}") == b"constitution"


async def test_the_export_is_the_served_log(ledger: Ledger, tmp_path: Path) -> None:
    async with ledger.database.transaction() as connection:
        await store_blob(connection, ELECTION, b"constitution")
    folder = tmp_path / "copy"
    async with ledger.database.snapshot() as connection:
        count = await export_log(connection, ELECTION, folder)
    files = sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
    expected = [name.path for names in (bundle_names(700), tile_names(700)) for name in names]
    assert files == sorted([*expected, f"blobs/{sha256(b'constitution').hexdigest()}", "checkpoint"])
    assert count == len(files)
    for file in files:
        assert (folder / file).read_bytes() == await read(ledger, file)
    async with ledger.database.snapshot() as connection:
        with pytest.raises(InputError, match="is not empty"):
            await export_log(connection, ELECTION, folder)
