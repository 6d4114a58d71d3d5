"""SQLite and PostgreSQL behind one small door: ``Database.transaction()`` to write, ``Database.snapshot()`` to read.

A transaction that returns is durable; one that raises has changed nothing. What that needs is asserted when a
connection opens, never assumed: SQLite in WAL mode with ``synchronous=FULL`` (with NORMAL an acknowledged row is lost
in a power cut, A94), PostgreSQL with ``fsync`` and ``synchronous_commit``. Only ``init`` makes tables.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from election_service.errors import ConfigError, NotDurableError, StorageError

Dialect = Literal["sqlite", "postgresql"]

_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
_BUSY_MILLISECONDS: Final = 60_000  # how long a writer waits for another process
_EMPTYING_MILLISECONDS: Final = 200  # how long other writers may be kept waiting while the log is emptied
_IDLE_MILLISECONDS: Final = (
    60_000  # PostgreSQL ends the transaction of a stopped process, so that its locks are free (A57)
)
_NOT_REPLICATED: Final = "canceling wait for synchronous replication"
_BEGIN: Final = "election_service_begin"  # execution option: how SQLite begins
_LOST: Final = "election_service_not_durable"  # connection info: PostgreSQL warned about a commit

# name: (value to set, value that must be read back)
_PRAGMAS: Final[dict[str, tuple[str, Any]]] = {
    "busy_timeout": (str(_BUSY_MILLISECONDS), _BUSY_MILLISECONDS),
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "foreign_keys": ("ON", 1),
    "secure_delete": ("ON", 1),
    "trusted_schema": ("OFF", 0),
    "temp_store": ("MEMORY", 2),
}
_SETTINGS: Final = {
    "fsync": {"on"},
    "full_page_writes": {"on"},
    "synchronous_commit": {"on", "local", "remote_write", "remote_apply"},
    "server_encoding": {"UTF8"},
}


@dataclass(slots=True, eq=False)
class Database:
    """An open database. ``_writer`` belongs to ``transaction``: SQLite has one writer, so ours queue here, in order."""

    url: URL
    dialect: Dialect
    engine: AsyncEngine
    _writer: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes: BEGIN IMMEDIATE, or READ COMMITTED with the row locks that the caller takes.

        Leaving the block commits durably; NotDurableError where PostgreSQL reports that a standby did not confirm.
        Nothing may be acknowledged before the block has been left.
        """
        if self.dialect == "sqlite":
            async with self._writer, self.engine.connect() as connection, connection.begin():
                yield connection
            return
        async with self.engine.connect() as connection:
            async with connection.begin():
                yield connection
            if connection.info.pop(_LOST, None):
                raise NotDurableError(
                    "commit: PostgreSQL canceled its wait for synchronous replication: expected a durable commit",
                    "look at the standbys (pg_stat_replication); the row may exist on the primary alone",
                )

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads, all of it at one moment; it waits for no writer and stops none."""
        engine = self.engine.execution_options(**_READING[self.dialect])
        async with engine.connect() as connection, connection.begin():
            yield connection

    async def vacuum(self) -> None:
        """SQLite: write the file anew, without free pages, and empty the write-ahead log. Writers wait meanwhile.

        StorageError where the log could not be emptied, because an older state is being read.
        """
        async with self._writer, self.engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            await raw.execute("VACUUM")  # outside any transaction: the driver begins none of its own
            cursor = await raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            row = await cursor.fetchone()
            await cursor.close()
            if row is None or row[0] != 0:  # SQLite says "busy" in a row, not as an error
                raise StorageError("sqlite: the write-ahead log was not emptied: somebody reads", "try again")

    async def empty_log(self) -> bool:
        """SQLite: move the write-ahead log into the file and empty it; False where somebody reads. Nobody waits."""
        async with self._writer, self.engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            await raw.execute(f"PRAGMA busy_timeout={_EMPTYING_MILLISECONDS}")
            try:
                cursor = await raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                row = await cursor.fetchone()
                await cursor.close()
            finally:
                await raw.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
            return row is not None and row[0] == 0

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


_READING: Final[dict[Dialect, dict[str, Any]]] = {
    "sqlite": {_BEGIN: "BEGIN DEFERRED"},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}


def parse_url(url: str) -> tuple[URL, Dialect]:
    """``sqlite:///FILE`` or ``postgresql://USER@HOST/NAME`` with the driver filled in; ConfigError otherwise."""
    hint = "give sqlite:////absolute/path/election.db or postgresql://user@host/name"
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError("database_url: not a URL", hint) from error
    backend = parsed.get_backend_name()
    if backend not in _DRIVERS or parsed.drivername not in {backend, _DRIVERS[backend]}:
        raise ConfigError(f"database_url: expected sqlite or postgresql, got {parsed.drivername}", hint)
    if backend == "sqlite" and (not parsed.database or parsed.database == ":memory:"):
        raise ConfigError("database_url: expected a file: an election does not live in memory alone", hint)
    dialect: Dialect = "sqlite" if backend == "sqlite" else "postgresql"
    return parsed.set(drivername=_DRIVERS[backend]), dialect


def sqlite_file(url: URL) -> Path:
    """The file of a SQLite URL."""
    return Path(url.database or "")


def open_database(url: str, *, create: bool = False, idle_milliseconds: int = _IDLE_MILLISECONDS) -> Database:
    """The database at ``url``; nothing is connected yet. ``create`` (``init`` alone) makes a missing SQLite file."""
    parsed, dialect = parse_url(url)
    # hide_parameters: the text of an error, which the log would keep with its time, holds no ballot and no name (A64)
    if dialect == "sqlite":
        file = sqlite_file(parsed)
        if create and not file.exists():
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        if not file.is_file():
            raise StorageError(f"database {file}: not there", "make it with `election-service init`")
        engine = create_async_engine(
            parsed, hide_parameters=True, pool_size=8, max_overflow=8, connect_args={"timeout": 60.0}
        )
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    else:
        settings = {
            "application_name": "election-service",
            "idle_in_transaction_session_timeout": str(idle_milliseconds),
        }
        engine = create_async_engine(
            parsed,
            hide_parameters=True,
            pool_size=8,
            max_overflow=8,
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",
            connect_args={"server_settings": settings},
        )
        event.listen(engine.sync_engine, "connect", _prepare_postgresql)
    return Database(parsed, dialect, engine)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Set each pragma and read it back; the driver must not begin transactions itself: it begins them too late."""
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        for name, (value, expected) in _PRAGMAS.items():
            cursor.execute(f"PRAGMA {name}={value}")
            cursor.execute(f"PRAGMA {name}")
            row = cursor.fetchone()
            if row is None or row[0] != expected:
                got = None if row is None else row[0]
                raise StorageError(
                    f"sqlite: PRAGMA {name}: expected {expected}, got {got}",
                    "keep the database on a local disk, and use an SQLite without unusual build options",
                )
    finally:
        cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """BEGIN IMMEDIATE: two writers that both read first would otherwise fail instead of waiting."""
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN IMMEDIATE"))


def _prepare_postgresql(connection: Any, record: Any) -> None:
    """Listen for the one warning that means: committed here, on no standby.

    asyncpg calls the listener before the commit returns: the notice comes before the command's end on the wire, and
    both go through the event loop in order.
    """

    def note(_connection: object, message: Any) -> None:
        if message.sqlstate == "01000" and _NOT_REPLICATED in message.message:
            record.info[_LOST] = True

    connection.driver_connection.add_log_listener(note)


async def check_storage(database: Database) -> None:
    """StorageError unless the database keeps what it acknowledges, in text that can hold any name."""
    try:
        async with database.snapshot() as connection:
            if database.dialect == "sqlite":  # each connection has asserted its pragmas; here the file's own state
                result = (await connection.exec_driver_sql("PRAGMA quick_check(1)")).scalar_one()
                if result != "ok":
                    raise StorageError(f"sqlite: {result}", "restore the newest backup, then the published log")
                return
            for name, allowed in _SETTINGS.items():
                value = (await connection.execute(text(f"SHOW {name}"))).scalar_one()
                if value not in allowed:
                    expected = " or ".join(sorted(allowed))
                    raise StorageError(
                        f"postgresql: {name}: expected {expected}, got {value}",
                        f"set {name} in postgresql.conf; without it acknowledged ballots can be lost",
                    )
    except (DBAPIError, OSError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise StorageError(f"database: cannot be used: {reason}", "check database_url and the server") from error
