"""`election-service messages`: the committee reads what people have written, and closes it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from sqlalchemy import insert

from election_service import schema_mail
from election_service.database import open_database
from election_service.messages_desk import Message
from election_service.secrets import load_master_key
from keys.canonical import encode
from tests.commands.test_texts_and_profiles import Installation, installation
from tests.service.logs import ELECTION, NOW

__all__ = ["installation"]
HOSTILE = "first\nAll is well.\x1b[2J\u202e"


async def _put(folder: Path, *texts: str) -> None:
    master = load_master_key(folder / "master.key")
    database = open_database(f"sqlite:///{folder / 'election.db'}")
    async with database.transaction() as connection:
        for number, text in enumerate(texts):
            name = bytes([number]) * 16
            message = Message(kind="incident", text=text, contact="", language="ka")
            sealed = master.seal(f"{ELECTION}/message/{name.hex()}", encode(message), os.urandom)
            row = {"election": ELECTION, "message": name, "received": NOW + number, "state": "open", "sealed": sealed}
            await connection.execute(insert(schema_mail.messages).values(row))
    await database.close()


def test_messages_are_listed_in_order_and_closed(installation: Installation) -> None:
    assert installation.run("messages", "list") == "no messages\n"
    asyncio.run(_put(installation.folder, "The page is white.", "Nobody answers."))
    lines = installation.run("messages", "list").splitlines()
    assert lines[0] == "00000-00000  2027-01-15 12:00  incident, open, ka: no address"
    assert lines[1] == "    The page is white."
    assert lines[-1] == "2 messages"
    assert installation.run("messages", "close", "00000-00000") == "message 00000-00000: closed\n"
    assert "Nobody answers." in (said := installation.run("messages", "list"))
    assert "white" not in said
    assert "incident, closed" in installation.run("messages", "list", "--all")


def test_a_message_that_is_not_there_cannot_be_closed(installation: Installation) -> None:
    said = installation.run("messages", "close", "ABCDE-FGHJK", code=1)
    assert "error: message 'ABCDE-FGHJK': no open message has this number" in said
    assert "hint: see: election-service messages list" in said
    assert "there is none here" in installation.run("messages", "list", "--election", "nobody", code=1)


def test_a81_a_message_cannot_act_on_the_terminal(installation: Installation) -> None:
    """What came into the database in another way is written out."""
    asyncio.run(_put(installation.folder, HOSTILE))
    said = installation.run("messages", "list")
    assert "    All is well.<U+001B>[2J<U+202E>" in said
    assert "\x1b" not in said
