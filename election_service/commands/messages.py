"""`election-service messages`: what people have written to the committee by the help page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from election_service.commands.operator import ConfigFile, read_config
from election_service.commands.terminal import Election, out, run
from election_service.database import open_database
from election_service.messages_desk import StoredMessage, close_message, list_messages
from election_service.presentation import read_presentation
from election_service.secrets import load_master_key
from keys.text import printable

app = typer.Typer(no_args_is_help=True, help="What people have written by the help page.")


@app.command("list")
@run
async def list_(
    election: Election,
    all_: Annotated[bool, typer.Option("--all", help="Also those that are closed.")] = False,
    config: ConfigFile = None,
) -> None:
    """Print the open messages, oldest first. Who wrote them was not checked."""
    settings = read_config(config)
    master = load_master_key(settings.master_key_file)
    database = open_database(settings.database_url)
    try:
        async with database.snapshot() as connection:
            zone = ZoneInfo((await read_presentation(connection, election)).zone)
            messages = await list_messages(connection, master, election, closed=all_)
    finally:
        await database.close()
    for message in messages:
        _show(message, zone)
    out.print(f"{len(messages)} messages" if messages else "no messages")


def _show(stored: StoredMessage, zone: ZoneInfo) -> None:
    """One message; nothing in it can write to the terminal but as text."""
    received = datetime.fromtimestamp(stored.received, zone).strftime("%Y-%m-%d %H:%M")
    message = stored.message
    contact = printable(message.contact) or "no address"
    out.print(
        f"{stored.number}  {received}  {message.kind}, {stored.state}, {message.language}: {contact}", markup=False
    )
    for line in message.text.split("\n"):
        out.print(f"    {printable(line)}", markup=False)
    out.print()


@app.command("close")
@run
async def close(
    number: Annotated[str, typer.Argument(help="Number of the message, XXXXX-XXXXX.")],
    election: Election,
    config: ConfigFile = None,
) -> None:
    """Mark a message as dealt with; it is listed with --all then."""
    database = open_database(read_config(config).database_url)
    try:
        async with database.transaction() as connection:
            await close_message(connection, election, number)
    finally:
        await database.close()
    out.print(f"message {number}: closed", markup=False)
