"""Backups and restores as an operator makes them: the database alone, without the state directory."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

import msgspec
from sqlalchemy import make_url

from election_service.config import Config
from election_service.installation import write_config
from tests.databases import run_as_administrator
from tests.faults.template import Template, database_url


async def back_up(template: Template, config: Config, folder: Path) -> Config:
    """Copy the database of a service that is stopped; the copy's configuration."""
    if template.server is None:
        target = folder / f"backup-{uuid.uuid4().hex[:8]}.db"
        with closing(sqlite3.connect(_file(config))) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
        return msgspec.structs.replace(config, database_url=f"sqlite:///{target}")
    name, original = f"es_backup_{uuid.uuid4().hex[:12]}", make_url(config.database_url).database
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{original}'"
    await run_as_administrator(template.server, end, f'CREATE DATABASE "{name}" TEMPLATE "{original}"')
    return msgspec.structs.replace(config, database_url=database_url(template.server, name))


def restore(config: Config, folder: Path) -> None:
    """The next start uses this database."""
    write_config(config, folder / "election.toml")


async def forget(template: Template, config: Config) -> None:
    """Drop a backup."""
    if template.server is not None:
        name = make_url(config.database_url).database
        await run_as_administrator(template.server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _file(config: Config) -> Path:
    return Path(make_url(config.database_url).database or "")
