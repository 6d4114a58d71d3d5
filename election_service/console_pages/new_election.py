"""`/committee/new` and `/committee/{e}/clone`: a new election, empty or with the set-up of an earlier one."""

from typing import Final

from election_service.console.accounts import give_role
from election_service.console.clone import clone_election
from election_service.console.drafts import create_draft, new_draft, read_known
from election_service.console.events import record
from election_service.console.roles import SERVICE, Capability, Role, require
from election_service.console_pages.changing import REFUSALS, Refused, refused, status_of, typed
from election_service.console_pages.flashes import said
from election_service.console_pages.frame import render
from election_service.console_pages.visit import Answer, ConsoleVisit, Route
from election_service.languages import translatable
from election_service.pages.shell import Pages

ZONES: Final = ("Asia/Tbilisi", "Asia/Baku", "Europe/Istanbul", "Europe/Kyiv", "UTC")
_EMPTY: Final = {"election": "", "title": "", "zone": ZONES[0], "rehearsal": ""}


async def show_new(pages: Pages, visit: ConsoleVisit, why: Refused | None = None) -> Answer:
    """The form for an id and a title."""
    values = typed(visit, _EMPTY, why)
    return await render(
        pages, visit, "committee/new_election.html", status=status_of(why), values=values, why=why, zones=ZONES
    )


async def take_new(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Make the draft; whoever makes it is its chair."""
    form = visit.form
    name = form.get("election", "").strip()
    try:
        draft = new_draft(form.get("title", "").strip(), zone=form.get("zone", ""), rehearsal="rehearsal" in form)
        async with visit.service.database.transaction() as connection:
            await create_draft(connection, name, draft)
            await give_role(connection, name, visit.who.account, Role.CHAIR)
            await record(visit.service, connection, name, visit.who.account, "election-begun")
    except REFUSALS as error:
        return await show_new(pages, visit, refused(error))
    return said(visit, f"/committee/{name}", translatable("The election is begun. The checklist says what comes next."))


async def show_clone(pages: Pages, visit: ConsoleVisit, why: Refused | None = None) -> Answer:
    """The form for the id of the new one."""
    require(visit.who, SERVICE, Capability.CREATE)
    values = typed(visit, {"election": ""}, why)
    return await render(pages, visit, "committee/clone.html", status=status_of(why), values=values, why=why)


async def take_clone(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Make the draft from this election."""
    require(visit.who, SERVICE, Capability.CREATE)
    try:
        name = await make_clone(visit, rehearsal=False)
    except REFUSALS as error:
        return await show_clone(pages, visit, refused(error))
    return said(
        visit,
        f"/committee/{name}",
        translatable("The new election has the same rules, texts and people. Roll, keys and dates are missing."),
    )


async def make_clone(visit: ConsoleVisit, *, rehearsal: bool) -> str:
    """The id of the draft that was made from the election of this visit."""
    service, name = visit.service, visit.form.get("election", "").strip()
    async with service.database.snapshot() as connection:
        known = await read_known(connection, visit.place)
    facts = await service.facts(visit.place) if known.made else None
    async with service.database.transaction() as connection:
        await clone_election(connection, name, source=visit.place, draft=known.draft, facts=facts, rehearsal=rehearsal)
        await give_role(connection, name, visit.who.account, Role.CHAIR)
        await record(service, connection, name, visit.who.account, "election-cloned", visit.place)
    return name


READ: Final = {
    "/committee/new": Route(show_new, Capability.CREATE),
    "/committee/{e}/clone": Route(show_clone, Capability.SEE),
}
SENT: Final = {
    "/committee/new": Route(take_new, Capability.CREATE, fields=("election", "title", "zone", "rehearsal")),
    "/committee/{e}/clone": Route(take_clone, Capability.SEE, fields=("election",)),
}
