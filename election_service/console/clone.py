"""Last year's election once more: rules, readings, texts and people, but no roll, no keys, no dates.

A rehearsal is the same of this year's: an election of its own with a log of its own, so that nothing of it is worth
anything in the real one.
"""

import json

from msgspec import to_builtins
from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_console
from election_service.api_types import ElectionTexts
from election_service.console.drafts import Draft, create_draft
from election_service.console.rules_draft import change_rules
from election_service.facts import LogFacts

REHEARSAL_TITLE = "TEST: {title}"
_TO_BE_WRITTEN = ("version", "approved_by")  # empty is a fault: nobody adopts last year's rules without looking


async def clone_election(
    connection: AsyncConnection, new: str, *, source: str, draft: Draft, facts: LogFacts | None, rehearsal: bool
) -> Draft:
    """Make the draft ``new`` from an election and give the same people the same roles; they make new keys.

    ``draft``: of the source, as it is in force; ``facts``: of its log, None before there is one. FormFaultsError for an
    id that is broken or taken.
    """
    rules, readings = _rules_of(draft, facts)
    made = replace(
        draft,
        presentation=replace(draft.presentation, texts=_titles(draft, rehearsal=rehearsal)),
        rehearsal=rehearsal,
        threshold=draft.threshold if facts is None else facts.threshold,
        opens=None,
        closes=None,
        rules=rules if rehearsal else _unsigned(rules),
        readings=readings,
        mail_test="untested",
        mail_words="",
        rehearsal_waiver="",
        cloned_from=source,
    )
    await create_draft(connection, new, made)
    await _copy_roles(connection, source, new)
    return made


def _titles(draft: Draft, *, rehearsal: bool) -> dict[str, ElectionTexts]:
    """A rehearsal's titles say so, wherever they are shown."""
    if not rehearsal:
        return draft.presentation.texts
    return {
        language: replace(text, title=REHEARSAL_TITLE.format(title=text.title))
        for language, text in draft.presentation.texts.items()
    }


def _rules_of(draft: Draft, facts: LogFacts | None) -> tuple[str, dict[str, str]]:
    """The rules as they were logged, with the readings that were signed; those in the making where none are."""
    if facts is None or facts.law is None:
        return draft.rules, draft.readings
    state = facts.law.state
    rules = json.dumps(to_builtins(state.constitution), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return rules, {item.clause: item.reading for item in state.resolutions}


def _unsigned(rules: str) -> str:
    return change_rules(rules, dict.fromkeys(_TO_BE_WRITTEN, "")) if rules else ""


async def _copy_roles(connection: AsyncConnection, source: str, new: str) -> None:
    table = schema_console.account_roles
    query = select(table.c.account, table.c.role).where(table.c.election == source)
    rows = [{"election": new, "account": row.account, "role": row.role} for row in await connection.execute(query)]
    if rows:
        await connection.execute(table.insert(), rows)
