"""`/committee/{e}/retention`: what will be deleted when, and how long the committee wants it kept."""

from typing import Final

from election_service.console.deletion import TABLES, WORDS
from election_service.console.flash import Flash
from election_service.console.retention import (
    GRACE,
    LEAST_DAYS,
    MOST_DAYS,
    RESOURCE,
    look_ahead,
    store_days,
)
from election_service.console.revisions import read_revision
from election_service.console.roles import Capability
from election_service.console_pages.frame import render
from election_service.console_pages.logged import zone_of
from election_service.console_pages.visit import Answer, ConsoleVisit, Redirect, Route
from election_service.errors import ActRefusedError, InputError, RevisionStaleError
from election_service.languages import translatable
from election_service.pages.shell import Pages

_PATH: Final = "/committee/{e}/retention"
_DAY: Final = 86_400  # seconds
WAITS: Final = {
    "no-poll": translatable("no poll was certified or annulled yet"),
    "poll": translatable("a poll is under way: it is neither certified nor annulled"),
    "agenda": translatable("the rules ask for another vote, which needs the roll"),
}


async def show_retention(pages: Pages, visit: ConsoleVisit) -> Answer:
    """What goes when, and what keeps it; of a draft as well."""
    return await _render(pages, visit)


async def _render(pages: Pages, visit: ConsoleVisit, *, days: str = "", fault: str = "", status: int = 200) -> Answer:
    outlook = await look_ahead(visit.service, visit.place)
    async with visit.service.database.snapshot() as connection:
        revision = await read_revision(connection, visit.place, RESOURCE)
    deleted = outlook.retention.deleted
    return await render(
        pages,
        visit,
        "committee/retention.html",
        section="retention",
        status=status,
        zone=await zone_of(visit),
        outlook=outlook,
        personal=[WORDS[what] for what in TABLES if deleted is None or what in deleted],
        waits=[WAITS[wait] for wait in outlook.waits],
        revision=revision,
        least=LEAST_DAYS,
        most=MOST_DAYS,
        grace=GRACE // _DAY,
        days=days or str(outlook.retention.days),
        fault=fault,
        changes=visit.may(Capability.SET_UP) and outlook.retention.done is None,
    )


async def take_days(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Keep it longer or shorter; what was typed is shown again where it cannot be taken."""
    typed = visit.form.get("days", "").strip()[:8]
    try:
        days = int(typed) if typed.isascii() and typed.isdecimal() else -1
        await store_days(visit.service, visit.place, visit.who.account, days, visit.revision)
    except InputError:
        return await _render(pages, visit, days=typed, fault="bounds", status=400)
    except RevisionStaleError:
        return await _render(pages, visit, days=typed, fault="stale", status=412)
    except ActRefusedError:
        text = translatable("It was deleted already.")
        return Redirect(visit.link(_PATH.format(e=visit.place)), Flash(text, bad=True))
    text = translatable("Kept for %(days)s days after the last poll.")
    return Redirect(visit.link(_PATH.format(e=visit.place)), Flash(text, {"days": days}))


READ: Final = {_PATH: Route(show_retention, Capability.SEE)}
SENT: Final = {_PATH: Route(take_days, Capability.SET_UP, fields=("days",))}
