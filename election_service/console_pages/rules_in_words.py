"""The rules behind the hash of a `constitution`, in words: nobody signs the name of a file alone."""

import asyncio

from election_service.act_rules import read_blob
from election_service.errors import ActRefusedError
from election_service.service import Service
from keys.errors import DataError
from tally.constitution import load_constitution
from tally.constitution_faults import SILENT
from tally.plain import LANGUAGES, make_lines


async def rules_lines(service: Service, election: str, blob: str, language: str) -> list[str]:
    """A line for every rule, with its clause; empty where the file is not there or holds no rules."""
    try:
        async with service.database.snapshot() as connection:
            rules = load_constitution(await read_blob(connection, election, blob))
    except (ActRefusedError, DataError):
        return []
    shown = language if language in LANGUAGES else "en"
    lines = await asyncio.to_thread(make_lines, rules, (), shown)
    found = []
    for line in lines:
        text = line.text or " / ".join(meaning for _, meaning in line.choices)
        found.append(text if line.clause == SILENT else f"{text} ({line.clause})")
    return found
