"""Templates: prepared once for each database and session."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.pair import Pair, running_pair
from tests.faults.template import Template, prepared


@pytest_asyncio.fixture(scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Template]:
    """A prepared election on SQLite."""
    async with prepared(tmp_path_factory.mktemp("template")) as made:
        yield made


@pytest_asyncio.fixture(scope="session")
async def postgresql_template(
    tmp_path_factory: pytest.TempPathFactory, postgresql_server: str
) -> AsyncIterator[Template]:
    """A prepared election on PostgreSQL."""
    async with prepared(tmp_path_factory.mktemp("template"), postgresql_server) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"], scope="session")
def template(request: pytest.FixtureRequest) -> Template:
    """A prepared election, on SQLite and then on PostgreSQL."""
    made: Template = request.getfixturevalue(f"{request.param}_template")
    return made


@pytest_asyncio.fixture(scope="module")
async def pair(template: Template, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    """Two serving processes on one database, and a poll that stays open; its voters are shared by a module's tests."""
    async with running_pair(template, tmp_path_factory.mktemp("pair")) as made:
        yield made
