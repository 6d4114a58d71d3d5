"""Houses: real services on real databases; the worker processes, and one prepared house of each kind, are shared.

A test that needs an open poll gets a copy of a house that was opened once: opening one takes a second, copying it none.
"""

import os
import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import make_url

from election_service.workers import Workers
from tests.databases import run_as_administrator
from tests.service.house import House, built, copied
from tests.service.town import Town


@pytest_asyncio.fixture(scope="session")
async def workers() -> AsyncIterator[Workers]:
    """Two worker processes."""
    pool = Workers(2)
    await pool.warm_up()
    yield pool
    await pool.close()


@pytest_asyncio.fixture
async def house(database_url: str, tmp_path: Path, workers: Workers) -> AsyncIterator[House]:
    """An election of which only entry 0 exists, on SQLite and then on PostgreSQL."""
    async with built(database_url, tmp_path, workers) as made:
        yield made


@dataclass
class Templates:
    """Houses with an open poll, made when first asked for, by kind of database."""

    folder: Path
    workers: Workers
    houses: dict[str, House] = field(default_factory=dict)

    async def get(self, kind: str, url: str) -> House:
        """The house of this kind; nobody is connected to its database any more."""
        if kind not in self.houses:
            folder = self.folder / kind
            folder.mkdir()
            async with built(url, folder, self.workers) as house:
                await house.open()
            self.houses[kind] = house
        return self.houses[kind]


@pytest_asyncio.fixture(scope="session")
async def templates(tmp_path_factory: pytest.TempPathFactory, workers: Workers) -> AsyncIterator[Templates]:
    """The prepared houses."""
    yield Templates(tmp_path_factory.mktemp("houses"), workers)


async def _sqlite_copy(templates: Templates, folder: Path) -> tuple[House, str]:
    source = templates.folder / "sqlite"
    template = await templates.get("sqlite", f"sqlite:///{source / 'election.db'}")
    shutil.copytree(source, folder)
    return template, f"sqlite:///{folder / 'election.db'}"


async def _postgresql_copy(templates: Templates, folder: Path, server: str, stack: AsyncExitStack) -> tuple[House, str]:
    def url_of(name: str) -> str:
        url = make_url(server).set(drivername="postgresql", database=name)
        return url.render_as_string(hide_password=False)

    model = f"es_house_{os.getpid()}"
    if "postgresql" not in templates.houses:
        await run_as_administrator(server, f'CREATE DATABASE "{model}"')
    template = await templates.get("postgresql", url_of(model))
    shutil.copytree(templates.folder / "postgresql", folder)
    name = f"es_copy_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    await run_as_administrator(server, f'CREATE DATABASE "{name}" TEMPLATE "{model}" STRATEGY FILE_COPY')
    stack.push_async_callback(run_as_administrator, server, f'DROP DATABASE "{name}" WITH (FORCE)')
    return template, url_of(name)


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def open_house(
    request: pytest.FixtureRequest, templates: Templates, tmp_path: Path, postgresql_server: str
) -> AsyncIterator[House]:
    """An election with an open poll: contests `head` (everybody) and `law` (the first half)."""
    folder = tmp_path / "house"
    async with AsyncExitStack() as stack:
        if request.param == "sqlite":
            template, url = await _sqlite_copy(templates, folder)
        else:
            template, url = await _postgresql_copy(templates, folder, postgresql_server, stack)
        async with copied(template, url, folder, templates.workers) as made:
            yield made


@pytest_asyncio.fixture
async def open_sqlite_house(templates: Templates, tmp_path: Path) -> AsyncIterator[House]:
    """The same, on SQLite alone: for what has nothing to do with the database."""
    template, url = await _sqlite_copy(templates, tmp_path / "house")
    async with copied(template, url, tmp_path / "house", templates.workers) as made:
        yield made


@pytest_asyncio.fixture
async def town(database_url: str, tmp_path: Path, workers: Workers) -> AsyncIterator[Town]:
    """Nobody lives there yet; on SQLite and then on PostgreSQL."""
    async with built(database_url, tmp_path, workers, registrar_in_service=True) as house:
        yield Town(house)


@pytest_asyncio.fixture
async def village(tmp_path: Path, workers: Workers, request: pytest.FixtureRequest) -> AsyncIterator[Town]:
    """On SQLite; with an offline registrar where a test asks for one by `indirect`."""
    in_service = getattr(request, "param", "service") == "service"
    url = f"sqlite:///{tmp_path / 'election.db'}"
    async with built(url, tmp_path, workers, registrar_in_service=in_service) as house:
        yield Town(house)
