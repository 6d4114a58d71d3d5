"""Who proposed and approved which act, among the events of the console; members without an account by their id."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from election_service import schema_console
from election_service.console.events import record
from election_service.service import Service, Writing
from keys.canonical import b64


async def record_approval(
    service: Service, writing: Writing, row: Mapping[str, Any], member: str, *, first: bool
) -> None:
    """Write down a member's approval of an act, and that the act was done with it."""
    election, keys = writing.election.id, schema_console.signing_keys
    mine = (keys.c.member == member) & (keys.c.public_key == writing.facts.members.get(member, b""))
    query = select(keys.c.account).where(keys.c.election == election, mine)  # not who only calls their key so
    account = (await writing.connection.execute(query)).scalar_one_or_none() or ""
    subject = f"{row['kind']} {b64(row['act'])} {member}"
    await record(service, writing.connection, election, account, "act-proposed" if first else "act-approved", subject)
    if row["state"] == "done":
        await record(service, writing.connection, election, account, "act-done", subject)
