"""One prepared world behind one process for all rounds; the caller who may most comes last."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.fuzz.world import World, prepare_sqlite


@pytest_asyncio.fixture(scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """On SQLite; `python -m tools.fuzz_api --database postgresql` is the same on PostgreSQL."""
    return await prepare_sqlite(tmp_path_factory.mktemp("fuzz"))


@pytest_asyncio.fixture(scope="session")
async def address(world: World, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Where it is served."""
    async with world.served(tmp_path_factory.mktemp("served")) as address:
        yield address
