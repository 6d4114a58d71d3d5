"""How the schema came about, step by step (Alembic). Run by ``init`` alone."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from election_service.database import Database
from election_service.errors import StorageError


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """The revision that this code needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise StorageError("migrations: none found", "the installation is incomplete; install the package again")
    return head


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


async def upgrade(database: Database) -> None:
    """Bring the tables to the newest revision in one transaction; from nothing, make them."""
    async with database.transaction() as connection:
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), "head"))


async def check_revision(database: Database) -> None:
    """StorageError unless the tables are exactly those of this code."""
    async with database.snapshot() as connection:
        current = await connection.run_sync(_current)
    newest = newest_revision()
    if current is None:
        raise StorageError("database: holds no tables of this service", "make them with `election-service init`")
    if current != newest:
        raise StorageError(
            f"database: wrong revision: expected {newest}, got {current}",
            "stop every process, back up, and run `election-service init` with the newest code",
        )
