"""`election-service texts`: what an election is called in each language, what it says of itself, whom to ask."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from election_service.commands.operator import ConfigFile, read_config
from election_service.commands.terminal import Election, out, run
from election_service.database import open_database
from election_service.languages import LANGUAGES
from election_service.presentation import (
    is_mail_address,
    read_presentation,
    read_texts,
    store_presentation,
    write_texts,
)
from keys.text import printable


@run
async def texts(
    election: Election,
    file: Annotated[Path | None, typer.Argument(help="TOML file; without it, print the one in force.")] = None,
    config: ConfigFile = None,
) -> None:
    """Set the title and the introduction in each language, the contact and the time zone; or show them as they are.

    They are only shown, never signed, and can be changed at any time. What is printed without a file can be edited and
    given back.
    """
    given = None if file is None else read_texts(file.read_bytes())
    database = open_database(read_config(config).database_url)
    try:
        async with database.transaction() as connection:
            shown = await read_presentation(connection, election)
            if given is not None:
                await store_presentation(connection, election, given)
    finally:
        await database.close()
    if given is None:
        out.print("\n".join(map(printable, write_texts(shown).split("\n"))), markup=False, end="")
        return
    out.print(f"texts in {', '.join(given.texts)}; zone {given.zone}; contact {given.contact or 'none'}", markup=False)
    missing = [language for language in LANGUAGES if language not in given.texts]
    if missing:
        out.print(f"  no text in {', '.join(missing)}: the English one is shown there")
    if not is_mail_address(given.contact):
        out.print("  no mail address to write to: messages to the committee wait in `election-service messages list`")
