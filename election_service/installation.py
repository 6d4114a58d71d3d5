"""A new installation: state directory, master key, tables. Only this makes them; everything else refuses to guess."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from election_service.config import Config
from election_service.database import open_database, parse_url, sqlite_file
from election_service.migrations import upgrade
from election_service.secrets import make_master_key
from election_service.state_dir import StateDir

_TEMPLATE: Final = """\
# Settings of the election service; `election-service serve --help` explains each.
database_url = "{database_url}"
state_dir = "{state_dir}"
master_key_file = "{master_key_file}"
public_url = "{public_url}"
host = "{host}"
port = {port}
health_port = {health_port}
"""


async def install(config: Config, random: Callable[[int], bytes] = os.urandom) -> list[str]:
    """Make what is missing and leave what is there; returns what was made, in words."""
    made = []
    state = StateDir(config.state_dir)
    if not config.state_dir.exists():
        made.append(f"state directory {config.state_dir}")
    state.create()
    if not config.master_key_file.exists():
        make_master_key(config.master_key_file, random)
        made.append(f"master key {config.master_key_file}")
    url, _ = parse_url(config.database_url)
    fresh = config.database_url.startswith("sqlite") and not sqlite_file(url).exists()
    database = open_database(config.database_url, create=True)
    try:
        await upgrade(database)
    finally:
        await database.close()
    made.append("database with its tables" if fresh else "tables, brought to the newest revision")
    return made


def config_text(config: Config) -> str:
    """A configuration file that says what ``config`` says."""
    return _TEMPLATE.format(
        database_url=config.database_url,
        state_dir=config.state_dir,
        master_key_file=config.master_key_file,
        public_url=config.public_url,
        host=config.host,
        port=config.port,
        health_port=config.health_port,
    )


def write_config(config: Config, path: Path) -> None:
    """Write the configuration file, readable by its owner (a database URL may hold a password)."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(config_text(config))
