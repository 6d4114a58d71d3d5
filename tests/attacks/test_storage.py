"""Attacks on what is stored: order of arrival (A65), power cuts (A94), restored backups (A56, A97)."""

import asyncio
import sqlite3
from hashlib import sha256
from pathlib import Path

import apsw
import pytest
from sqlalchemy import event, insert, text

from audit.merkle import leaf_hash, tree_root
from election_service import database as storage
from election_service import schema
from election_service.database import Database, open_database
from election_service.errors import InstallationError, LogRollbackError, StorageError
from election_service.log_signing import check_log
from election_service.migrations import upgrade
from election_service.physical_order import rewrite_unordered
from tests.attacks.crash_disk import CrashVFS, Disk
from tests.service.logs import ELECTION, Ledger, open_ledger

ARRIVALS = 120


def kendall_tau(ranks: list[int]) -> float:
    """1 where the order is that of arrival, about 0 where it says nothing."""
    pairs = len(ranks) * (len(ranks) - 1) // 2
    agreeing = sum(1 for j in range(len(ranks)) for i in range(j) if ranks[i] < ranks[j])
    return 2 * agreeing / pairs - 1


def key(number: int) -> bytes:
    return sha256(b"ballot %d" % number).digest()


async def cast(database: Database, number: int) -> None:
    """The rows that one ballot leaves, in a transaction of its own."""
    common = {"election": ELECTION, "context": bytes(32)}
    tracker = sha256(key(number)).digest()
    async with database.transaction() as connection:
        await connection.execute(insert(schema.spent).values(**common, token_key=key(number)))
        await connection.execute(insert(schema.unsealed_ballots).values(**common, tracker=tracker, request=b"r" * 600))
        await connection.execute(insert(schema.receipts).values(**common, tracker=tracker, signature=bytes(64)))


async def dump(database: Database, table: str, column: str, order: str) -> list[bytes]:
    async with database.snapshot() as connection:
        query = f"SELECT {column} FROM {table}" + (f" ORDER BY {order}" if order else "")
        return [bytes(value) for value in (await connection.execute(text(query))).scalars()]


def ranks(dumped: list[bytes], arrivals: list[bytes]) -> list[int]:
    assert sorted(dumped) == sorted(arrivals)
    return [arrivals.index(value) for value in dumped]


# ---- A65: physical order ---------------------------------------------------------------------------------------------


async def test_the_stored_order_tells_nothing_about_the_order_of_casting(database: Database) -> None:
    """A65: dump by physical place, and by PostgreSQL's transaction numbers, before and after the rewriting.

    Before it, PostgreSQL shows the order: the residual of docs/threat-model.md.
    """
    for number in range(ARRIVALS):
        await cast(database, number)
    arrivals = [key(number) for number in range(ARRIVALS)]
    trackers = [sha256(value).digest() for value in arrivals]
    tables = [("spent", "token_key", arrivals), ("unsealed_ballots", "tracker", trackers)]
    tables.append(("receipts", "tracker", trackers))
    if database.dialect == "postgresql":
        shown = kendall_tau(ranks(await dump(database, "spent", "token_key", "ctid"), arrivals))
        assert shown > 0.99
    await rewrite_unordered(database)
    for table, column, expected in tables:
        orders = ["ctid", "xmin::text::bigint, ctid"] if database.dialect == "postgresql" else [""]
        for order in orders:
            dumped = await dump(database, table, column, order)
            assert abs(kendall_tau(ranks(dumped, expected))) < 0.2, (table, order)


async def test_the_file_keeps_no_pages_of_earlier_states(sqlite_url: str, tmp_path: Path) -> None:
    """A65: after the rewriting neither free pages nor the write-ahead log hold ballots that were sealed meanwhile."""
    database = open_database(sqlite_url, create=True)
    await upgrade(database)
    for number in range(40):
        await cast(database, number)
    async with database.transaction() as connection:
        await connection.execute(schema.unsealed_ballots.delete())
    await rewrite_unordered(database)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}  # noqa: ASYNC240 -- a small folder
    assert len(files.get("election.db-wal", b"")) == 0
    assert b"r" * 600 not in b"".join(files.values())
    async with database.snapshot() as connection:
        assert (await connection.exec_driver_sql("PRAGMA freelist_count")).scalar_one() == 0
    await database.close()


async def test_a65_a_reader_in_the_way_does_not_keep_the_order_in_the_database(database: Database) -> None:
    """PostgreSQL: a reader and the rewriting wait for each other, and the server ends one of them. SQLite: the
    write-ahead log cannot be emptied while an older state is read. Either way it is done again, at once."""
    for number in range(20):
        await cast(database, number)
    async with database.snapshot() as reader:
        await reader.execute(text("SELECT count(*) FROM receipts"))
        rewriting = asyncio.create_task(rewrite_unordered(database))
        await asyncio.sleep(0.5)
        if database.dialect == "postgresql":
            await reader.execute(text("SELECT count(*) FROM spent"))
    await rewriting
    if database.dialect == "postgresql":
        found = await dump(database, "spent", "token_key", "ctid")
        assert found == sorted(found)
    else:
        wal = Path(f"{database.url.database}-wal")
        assert wal.stat().st_size == 0  # noqa: ASYNC240 -- one look


async def test_a65_a_log_of_sqlite_that_is_not_emptied_is_noticed(sqlite_url: str) -> None:
    database = open_database(sqlite_url, create=True)
    await upgrade(database)
    await cast(database, 1)
    async with database.snapshot() as reader:
        await reader.execute(text("SELECT count(*) FROM receipts"))
        await cast(database, 2)
        event.listen(database.engine.sync_engine, "checkout", lambda raw, *_: raw.execute("PRAGMA busy_timeout=10"))
        with pytest.raises(StorageError, match="write-ahead log"):
            await database.vacuum()
    await database.close()


async def test_a_database_with_ballots_in_it_passes_the_storage_check(database: Database) -> None:
    """SQLite 3.40 once saw NULL values in sound tables without row numbers."""
    for number in range(5):
        await cast(database, number)
    await storage.check_storage(database)


async def test_rewriting_keeps_every_row(database: Database) -> None:
    for number in range(20):
        await cast(database, number)
    before = [sorted(await dump(database, table.name, "context", "")) for table in schema.UNORDERED]
    await rewrite_unordered(database)
    await rewrite_unordered(database)
    after = [sorted(await dump(database, table.name, "context", "")) for table in schema.UNORDERED]
    assert before == after
    assert [len(rows) for rows in after] == [0, 20, 20, 20]


# ---- A94: acknowledged means durable ---------------------------------------------------------------------------------


def make_schema(folder: Path) -> str:
    """The statements that make the real tables, as SQLite itself keeps them."""
    file = folder / "schema.db"

    async def make() -> None:
        database = open_database(f"sqlite:///{file}", create=True)
        await upgrade(database)
        await database.close()

    asyncio.run(make())
    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return ";".join(row[0] for row in rows)


def run_until_a_power_cut(folder: Path, statements: str, synchronous: str, seed: int) -> tuple[set[bytes], int]:
    """Cast ballots on a disk of our own, cut the power, start again from what is left.

    Returns the token keys that were acknowledged and are lost, and the number of syncs.
    """
    work, image = folder / f"work-{synchronous}-{seed}", folder / f"image-{synchronous}-{seed}"
    work.mkdir()
    image.mkdir()
    disk = Disk()
    vfs = CrashVFS(f"crash-{synchronous}-{seed}", disk)
    file = str(work / "x.db")
    connection = apsw.Connection(file, vfs=f"crash-{synchronous}-{seed}")
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")  # a VFS in Python has no shared memory for the log's index
    for name, (value, _) in {**storage._PRAGMAS, "synchronous": (synchronous, None)}.items():
        connection.execute(f"PRAGMA {name}={value}")
    connection.execute(statements)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    acknowledged = set()
    for number in range(3 + seed % 9):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO spent VALUES (?, ?, 'e')", (bytes(32), key(number)))
        row = (sha256(key(number)).digest(), "e", bytes(32), b"r" * 3000)
        connection.execute("INSERT INTO unsealed_ballots VALUES (?, ?, ?, ?)", row)
        connection.execute("COMMIT")
        acknowledged.add(key(number))
    disk.crash(seed, image)
    syncs = disk.syncs
    connection.close()
    vfs.unregister()
    with sqlite3.connect(image / "x.db") as reopened:
        assert reopened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        kept = {bytes(row[0]) for row in reopened.execute("SELECT token_key FROM spent")}
        trackers = {bytes(row[0]) for row in reopened.execute("SELECT tracker FROM unsealed_ballots")}
    assert trackers == {sha256(value).digest() for value in kept}
    return acknowledged - kept, syncs


def test_no_acknowledged_row_is_lost_in_a_power_cut(tmp_path: Path) -> None:
    """A94: real schema, real pragmas, a disk that drops and tears what was not synced."""
    statements = make_schema(tmp_path)
    for seed in range(60):
        lost, syncs = run_until_a_power_cut(tmp_path, statements, "FULL", seed)
        assert not lost, f"image {seed} lost {len(lost)} acknowledged ballots"
        assert syncs >= 3 + seed % 9  # at least one for each commit


def test_the_disk_would_show_a_loss(tmp_path: Path) -> None:
    """A94: the same disk with synchronous=NORMAL, which this service refuses, does lose acknowledged rows."""
    statements = make_schema(tmp_path)
    losses = sum(bool(run_until_a_power_cut(tmp_path, statements, "NORMAL", seed)[0]) for seed in range(20))
    assert losses >= 10


# ---- A56, A97: restored backups


def copy_files(source: Path, target: Path) -> None:
    """A backup as one should not make it: the files, while nobody writes."""
    target.mkdir(exist_ok=True)
    for path in source.glob("election.db*"):
        (target / path.name).write_bytes(path.read_bytes())


def restore_files(source: Path, target: Path) -> None:
    for path in target.glob("election.db*"):
        path.unlink()
    copy_files(source, target)


async def test_a_restored_backup_does_not_go_on_signing(sqlite_url: str, tmp_path: Path) -> None:
    """A56, A97: back up, go on, restore the database files; the state directory remembers what was signed."""
    database = open_database(sqlite_url, create=True)
    await upgrade(database)
    ledger = await open_ledger(database, tmp_path / "state")
    await ledger.append(0, 5)
    await ledger.publish()
    await database.close()
    copy_files(tmp_path, tmp_path / "backup")

    ledger = Ledger(open_database(sqlite_url), ledger.state)
    await ledger.append(5, 9)
    await ledger.publish()
    signed = await ledger.checkpoint()
    entries = await ledger.entries()
    assert signed.root == tree_root(map(leaf_hash, entries))
    await ledger.database.close()
    restore_files(tmp_path / "backup", tmp_path)

    ledger = Ledger(open_database(sqlite_url), ledger.state)
    with pytest.raises(LogRollbackError, match="ends at entry 6, but 10 entries were signed"):
        await check_log(ledger.database, ledger.state, ELECTION)
    await ledger.append(50, 60)  # whoever goes on all the same cannot get it signed
    with pytest.raises(InstallationError, match=r"does not follow entry|two roots"):
        await ledger.publish()
    await ledger.database.close()
