"""`/committee/{e}/schedule`: when the next poll is to be open, in the election's zone, and what the rules say to it."""

from typing import Final

from election_service.console.drafts import RESOURCES, read_known
from election_service.console.preparations import next_poll_facts
from election_service.console.roles import Capability
from election_service.console.schedule import Schedule, calendar_notices, read_local, set_schedule, write_local
from election_service.console_pages.changing import REFUSALS, Refused, changing, refused, revision_of, status_of, typed
from election_service.console_pages.flashes import said, said_with_faults
from election_service.console_pages.frame import render
from election_service.console_pages.visit import Answer, ConsoleVisit, Route
from election_service.languages import translatable
from election_service.pages.shell import Pages

RESOURCE: Final = RESOURCES.schedule
_FIELDS: Final = ("opens", "closes")


async def show_schedule(pages: Pages, visit: ConsoleVisit, why: Refused | None = None) -> Answer:
    """Both times, and the calendar's warnings and refusals with their clauses."""
    service = visit.service
    async with service.database.snapshot() as connection:
        known = await read_known(connection, visit.place)
    draft, zone = known.draft, known.draft.presentation.zone
    facts = await service.facts(visit.place) if known.made else None
    stored = {"opens": write_local(draft.opens, zone), "closes": write_local(draft.closes, zone)}
    schedule = Schedule(draft.opens, draft.closes)
    return await render(
        pages,
        visit,
        "committee/schedule.html",
        section="schedule",
        status=status_of(why),
        values=typed(visit, stored, why),
        stored=stored,
        why=why,
        revision=await revision_of(visit, RESOURCE),
        zone=zone,
        schedule=schedule,
        now=service.clock(),
        poll=1 if facts is None else next_poll_facts(facts)[0],
        notices=calendar_notices(facts, schedule, service.clock()),
        rules=facts is not None and facts.law is not None,
    )


async def take_schedule(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Replace both times."""
    form = visit.form
    try:
        async with changing(visit, RESOURCE, "schedule-changed") as connection:
            zone = (await read_known(connection, visit.place)).draft.presentation.zone
            opens, closes = (read_local(form.get(name, ""), zone, name) for name in _FIELDS)
            schedule = Schedule(opens, closes)
            await set_schedule(connection, visit.place, schedule, visit.service.clock())
    except REFUSALS as error:
        return await show_schedule(pages, visit, refused(error))
    here = f"/committee/{visit.place}/schedule"
    if left := await _refusals(visit, schedule):
        text = translatable("These times are stored, but the rules refuse them. Reasons: %(count)s.")
        return said_with_faults(visit, here, text, translatable("See the reasons"), "#refused", count=left)
    return said(visit, here, translatable("The schedule is changed."))


async def _refusals(visit: ConsoleVisit, schedule: Schedule) -> int:
    """How many reasons the rules' calendar has against the times, now."""
    service = visit.service
    async with service.database.snapshot() as connection:
        made = (await read_known(connection, visit.place)).made
    facts = await service.facts(visit.place) if made else None
    return sum(item.severity == "refuse" for item in calendar_notices(facts, schedule, service.clock()))


READ: Final = {"/committee/{e}/schedule": Route(show_schedule, Capability.SEE)}
SENT: Final = {"/committee/{e}/schedule": Route(take_schedule, Capability.SET_UP, fields=_FIELDS)}
