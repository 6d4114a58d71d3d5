"""What a contest is called in a mail: by its position in the constitution and its block on the roll. Contest documents
carry no title.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ballot.contest import Contest
from election_service import schema
from election_service.facts import LogFacts

_FALL_BACK: Final = "en"


def contest_name(facts: LogFacts, blocks: Mapping[str, str], document: Contest, language: str) -> str:
    """Such as "Head of the faculty: Law", in this language or in English; its id where the rules give no name."""
    positions = facts.rules.positions if facts.law is not None else []
    names = next((position.name for position in positions if position.id == document.position), {})
    name = names.get(language) or names.get(_FALL_BACK) or document.contest
    block = blocks.get(document.electorate, "")
    return f"{name}: {block}" if block else name


async def read_blocks(connection: AsyncConnection, election: str) -> dict[str, str]:
    """Electorate id → name of the block on the roll; empty for the whole body."""
    table = schema.electorates
    query = select(table.c.electorate, table.c.block).where(table.c.election == election)
    return {row.electorate: row.block for row in await connection.execute(query)}
