"""What the next page says once: that something was done, or a secret that is shown a single time.

It waits in the session's row, sealed under the master key, and is gone when it was read.
"""

from typing import Any

import msgspec
from sqlalchemy import select, update

from election_service import schema_console
from election_service.console.sessions import Session
from election_service.service import Service


class Flash(msgspec.Struct, frozen=True):
    """``text``: an English text to be translated, with places for ``values``; ``bad``: something did not work.

    ``shown``: what only the page that makes it understands, such as recovery codes.
    """

    text: str
    values: dict[str, Any] = {}
    bad: bool = False
    shown: dict[str, Any] = {}


def _place(key: bytes) -> str:
    return f"session/{key.hex()}/flash"


async def leave_flash(service: Service, key: bytes, flash: Flash) -> None:
    """Keep it for the next page of the session with this key."""
    sealed = service.master.seal(_place(key), msgspec.json.encode(flash), service.random)
    table = schema_console.sessions
    async with service.database.transaction() as connection:
        await connection.execute(update(table).where(table.c.token_hash == key).values(flash=sealed))


async def take_flash(service: Service, session: Session) -> Flash | None:
    """What was left, once: of two requests at a time one gets it."""
    if session.flash is None:
        return None
    table = schema_console.sessions
    async with service.database.transaction() as connection:
        query = select(table.c.flash).where(table.c.token_hash == session.key).with_for_update()
        sealed = (await connection.execute(query)).scalar_one_or_none()
        if sealed is None:
            return None
        await connection.execute(update(table).where(table.c.token_hash == session.key).values(flash=None))
    return msgspec.json.decode(service.master.open(_place(session.key), sealed), type=Flash)
