"""Storage keeps what it acknowledges, on both databases."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from election_service import schema
from election_service.database import Database, check_storage, open_database, parse_url
from election_service.errors import ConfigError, NotDurableError, StorageError
from election_service.migrations import check_revision, newest_revision, upgrade
from election_service.schema_columns import metadata
from tests.databases import run_as_administrator


async def add_election(database: Database, election: str = "spring") -> None:
    values = {
        "election": election,
        "origin": f"localhost/{election}",
        "title": "T",
        "log_id": bytes(32),
        "config": b"{}",
    }
    async with database.transaction() as connection:
        await connection.execute(insert(schema.elections).values(values))


async def titles(database: Database) -> list[str]:
    async with database.snapshot() as connection:
        return list((await connection.execute(select(schema.elections.c.title))).scalars())


async def test_migrations_make_exactly_the_schema(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with database.snapshot() as connection:
        assert await connection.run_sync(differences) == []


async def test_upgrade_can_be_run_again(database: Database) -> None:
    await add_election(database)
    await upgrade(database)
    assert await titles(database) == ["T"]


async def test_a_database_without_tables_is_refused(database_url: str) -> None:
    opened = open_database(database_url, create=True)
    with pytest.raises(StorageError, match="holds no tables") as refused:
        await check_revision(opened)
    assert "election-service init" in refused.value.hint
    await opened.close()


async def test_a_database_of_another_revision_is_refused(database: Database) -> None:
    await check_revision(database)
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(StorageError, match=f"expected {newest_revision()}, got 0000"):
        await check_revision(database)


def test_a_missing_sqlite_file_is_not_made_by_serving(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="not there"):
        open_database(f"sqlite:///{tmp_path / 'none.db'}")
    assert not (tmp_path / "none.db").exists()


def test_the_sqlite_file_is_private(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path / 'new.db'}", create=True)
    assert (tmp_path / "new.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("nonsense", "not a URL"),
        ("mysql://localhost/x", "expected sqlite or postgresql, got mysql"),
        ("postgresql+psycopg2://localhost/x", r"got postgresql\+psycopg2"),
        ("sqlite://", "expected a file"),
        ("sqlite:///:memory:", "expected a file"),
    ],
)
def test_other_databases_are_refused(url: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        parse_url(url)


async def test_sqlite_settings_are_read_back(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'x.db'}", create=True)
    async with database.transaction() as connection:
        found = {
            name: (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    await database.close()


async def test_an_sqlite_that_cannot_keep_a_write_ahead_log_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a network file system or an odd build does: the pragma is accepted and another value read back."""
    monkeypatch.setattr("election_service.database._PRAGMAS", {"synchronous": ("NORMAL", 2)})
    database = open_database(f"sqlite:///{tmp_path / 'x.db'}", create=True)
    with pytest.raises(StorageError, match="PRAGMA synchronous: expected 2, got 1"):
        await check_storage(database)
    await database.close()


async def test_storage_check_passes_on_a_sound_database(database: Database) -> None:
    await check_storage(database)


async def test_a_damaged_sqlite_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    database = open_database(f"sqlite:///{file}", create=True)
    await upgrade(database)
    await database.close()
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 6] = bytes(4096 * 3)
    file.write_bytes(content)
    database = open_database(f"sqlite:///{file}")
    with pytest.raises(StorageError, match=r"sqlite|database"):
        await check_storage(database)
    await database.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=False)
async def test_an_unsafe_postgresql_is_refused(postgresql_url: str, database_url: str) -> None:
    name = postgresql_url.rsplit("/", maxsplit=1)[-1].split("?", maxsplit=1)[0]
    database = open_database(postgresql_url)
    async with database.transaction() as connection:
        await connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
    await database.close()
    database = open_database(postgresql_url)
    with pytest.raises(StorageError, match=r"synchronous_commit: expected .*, got off"):
        await check_storage(database)
    await database.close()


async def test_a_failed_transaction_changes_nothing(database: Database) -> None:
    await add_election(database)

    async def change_and_fail() -> None:
        async with database.transaction() as connection:
            await connection.execute(update(schema.elections).values(title="changed"))
            values = {"election": "spring", "origin": "", "title": "", "log_id": b"", "config": b""}
            await connection.execute(insert(schema.elections).values(values))

    with pytest.raises(IntegrityError):
        await change_and_fail()
    assert await titles(database) == ["T"]


async def test_writers_that_read_first_wait_for_each_other(database_url: str) -> None:
    """Two processes (two engines here) read, then write what they read plus one; none of the increments is lost."""
    first = open_database(database_url, create=True)
    await upgrade(first)
    second = open_database(database_url)
    values = {"election": "e", "origin": "", "title": "0", "log_id": b"", "config": b""}
    async with first.transaction() as connection:
        await connection.execute(insert(schema.elections).values(values))

    async def increment(database: Database) -> None:
        async with database.transaction() as connection:
            query = select(schema.elections.c.title).with_for_update()
            number = int((await connection.execute(query)).scalar_one())
            await asyncio.sleep(0)
            await connection.execute(update(schema.elections).values(title=str(number + 1)))

    await asyncio.gather(*(increment(database) for database in (first, second) for _ in range(15)))
    assert await titles(first) == ["30"]
    await first.close()
    await second.close()


async def test_a_snapshot_sees_one_moment_and_cannot_write(database: Database) -> None:
    await add_election(database)
    query = select(schema.elections.c.title)
    async with database.snapshot() as reading:
        assert (await reading.execute(query)).scalar_one() == "T"
        async with database.transaction() as writing:
            await writing.execute(update(schema.elections).values(title="later"))
        assert (await reading.execute(query)).scalar_one() == "T"
    assert await titles(database) == ["later"]


async def test_foreign_keys_are_enforced(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.transaction() as connection:
            await connection.execute(insert(schema.blobs).values(election="none", sha256="0" * 64, content=b""))


async def test_unconfirmed_replication_is_no_commit(postgresql_server: str, postgresql_url: str) -> None:
    """A standby that never confirms, and an operator who cancels the wait: PostgreSQL says COMMIT with a warning."""
    database = open_database(postgresql_url)
    await upgrade(database)
    demand = ("ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()")
    cancel = (
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        " AND datname = '" + (database.url.database or "") + "'"
    )
    await run_as_administrator(postgresql_server, *demand)
    await asyncio.sleep(0.3)
    writing = asyncio.create_task(add_election(database))
    try:
        for _ in range(100):
            await run_as_administrator(postgresql_server, cancel)
            if writing.done():
                break
            await asyncio.sleep(0.05)
        with pytest.raises(NotDurableError, match="expected a durable commit"):
            await asyncio.wait_for(writing, 10)
    finally:
        restore = ("SET synchronous_commit = local", "ALTER SYSTEM RESET synchronous_standby_names")
        await run_as_administrator(postgresql_server, *restore, "SELECT pg_reload_conf()")
    await asyncio.sleep(0.3)
    await add_election(database, "autumn")  # the same connection commits durably again
    await database.close()


async def test_a_stopped_process_does_not_hold_its_locks_for_ever(postgresql_url: str) -> None:
    """A57: PostgreSQL ends the transaction of a process that stands still; what it had written is void."""
    database = open_database(postgresql_url, idle_milliseconds=200)
    await upgrade(database)
    await add_election(database)

    async def hold() -> None:
        async with database.transaction() as connection:
            await connection.execute(update(schema.elections).values(title="held"))
            await asyncio.sleep(0.6)
            await connection.execute(update(schema.elections).values(title="held again"))

    with pytest.raises(DBAPIError, match="connection is closed"):
        await hold()
    assert await titles(database) == ["T"]
    await database.close()


def test_ballot_tables_have_neither_time_nor_row_number(tmp_path: Path) -> None:
    """A65: there is no rowid to read, and no column that orders rows by arrival."""
    file = tmp_path / "x.db"
    database = open_database(f"sqlite:///{file}", create=True)
    asyncio.run(upgrade(database))
    with sqlite3.connect(file) as connection:
        for table in schema.UNORDERED:
            with pytest.raises(sqlite3.OperationalError, match="no such column: rowid"):
                connection.execute(f"SELECT rowid FROM {table.name}")
            kinds = {column.type.python_type for column in table.columns}
            assert kinds <= {str, bytes}, table.name
            assert not {"time", "seq", "created", "updated", "id"} & {column.name for column in table.columns}
