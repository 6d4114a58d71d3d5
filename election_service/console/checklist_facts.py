"""Where the checklist's facts are read: the draft, the tables, and the fold of the log."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema, schema_mail
from election_service.console.drafts import Known, read_known
from election_service.console.make_log import wanted_members
from election_service.console.preparations import Preparations, count_kinds, log_preparations
from election_service.console.readiness import Checklist, checklist
from election_service.console.rehearsals import read_rehearsals
from election_service.console.rules_draft import rule_faults
from election_service.console.schedule import Schedule, calendar_notices
from election_service.facts import LogFacts, read_kinds
from election_service.languages import LANGUAGES
from election_service.outbox import LINKS
from election_service.registration import read_opened
from election_service.service import Service

_WAITING = ("waiting", "scheduled")
_UNSENT = ("held", "waiting")
_RETURNED = ("refused", "bounced")


async def read_checklist(service: Service, election: str) -> Checklist:
    """The checklist of an election as it stands now; UnknownElectionError for no election."""
    return checklist(await read_preparations(service, election))


async def read_preparations(service: Service, election: str) -> Preparations:
    """Everything that the checklist looks at."""
    now = service.clock()
    async with service.database.snapshot() as connection:
        known = await read_known(connection, election)
        members = await wanted_members(connection, election)
    facts = await service.facts(election) if known.made else None
    draft = known.draft
    schedule = Schedule(draft.opens, draft.closes)
    preparations: dict[str, Any] = {
        "now": now,
        "log": None if facts is None else log_preparations(facts, now, draft.closes),
        "rehearsal": draft.rehearsal if facts is None else facts.rehearsal,
        "second_factor": draft.second_factor,
        "waived": bool(draft.waiver.strip()),
        "keys": sum(bool(item.key) for item in members) if facts is None else len(facts.members),
        "keyless": tuple(item.name for item in members if not item.key),
        "threshold": draft.threshold if facts is None else facts.threshold,
        "rule_faults": len(rule_faults(draft.rules)) if draft.rules else None,
        "trustees_wanted": (draft.trustees_k, draft.trustees_n),
        "opens": draft.opens,
        "closes": draft.closes,
        "warnings": tuple(notice.text for notice in calendar_notices(facts, schedule, now)),
        "mail_server": bool(service.config.smtp_host),
        "mail_test": draft.mail_test,
        "rehearsal_waived": bool(draft.rehearsal_waiver.strip()),
        "languages_missing": tuple(name for name in LANGUAGES if name not in draft.presentation.texts),
    }
    async with service.database.snapshot() as connection:
        preparations |= await _tables(connection, known, facts, now)
    return Preparations(**preparations)


async def _tables(connection: AsyncConnection, known: Known, facts: LogFacts | None, now: int) -> dict[str, Any]:
    """What stands in tables. Before the log is made there are rehearsals alone."""
    found: dict[str, Any] = {
        "rehearsal_held": any(item.held for item in await read_rehearsals(connection, known.election))
    }
    if facts is None:
        return found
    election = known.election
    voters, rolls, candidates = schema.voters, schema.rolls, schema.candidates
    mine = voters.c.election == election
    poll = 1 if not facts.polls else log_preparations(facts, 0, None).poll
    found |= {
        "students": (
            await _count(connection, voters, mine),
            await _count(connection, voters, mine & voters.c.eligible),
        ),
        "frozen": bool(await connection.scalar(select(rolls.c.frozen).where(rolls.c.election == election))),
        "offline_registrar": (await read_opened(connection, election))[1].registrar.mode == "offline",
        "credentials": bool(await _count(connection, voters, mine & voters.c.credential.is_not(None))),
        "blocks": await _count(connection, schema.electorates, schema.electorates.c.election == election),
        "candidates": await _count(
            connection, candidates, (candidates.c.election == election) & (candidates.c.poll == poll)
        ),
        "profiles": await _count(connection, schema_mail.profiles, schema_mail.profiles.c.election == election),
        "booth": bool(await read_kinds(connection, election, ["booth"])),
        "waiting_acts": await _waiting_acts(connection, election, now),
        "links": await _links(connection, election),
    }
    return found


async def _count(connection: AsyncConnection, table: Any, mine: Any) -> int:
    return int(await connection.scalar(select(func.count()).select_from(table).where(mine)) or 0)


async def _waiting_acts(connection: AsyncConnection, election: str, now: int) -> dict[str, int]:
    """Kind → how many can still be approved, or wait for their time."""
    table = schema.acts
    alive = (table.c.state == "scheduled") | table.c.expires.is_(None) | (table.c.expires > now)
    query = select(table.c.kind).where(table.c.election == election, table.c.state.in_(_WAITING), alive)
    return count_kinds(list((await connection.execute(query)).scalars()))


async def _links(connection: AsyncConnection, election: str) -> tuple[int, int, int]:
    """Mails with a ballot link: on their way, out, refused or come back."""
    outbox = schema_mail.outbox
    mine = (outbox.c.election == election) & outbox.c.kind.in_(LINKS)
    states = (_UNSENT, ("sent",), _RETURNED)
    queued, out, refused = [await _count(connection, outbox, mine & outbox.c.state.in_(names)) for names in states]
    return queued, out, refused
