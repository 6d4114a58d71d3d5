"""`/committee/{e}/rehearsal`: the same set-up as a test election, or why there is none."""

from typing import Final

from election_service.console.drafts import RESOURCES, read_known
from election_service.console.rehearsals import read_rehearsals, waive_rehearsal
from election_service.console.roles import Capability
from election_service.console_pages.changing import REFUSALS, Refused, changing, refused, revision_of, status_of, typed
from election_service.console_pages.flashes import said
from election_service.console_pages.frame import render
from election_service.console_pages.new_election import make_clone
from election_service.console_pages.visit import Answer, ConsoleVisit, Route
from election_service.languages import translatable
from election_service.pages.shell import Pages

RESOURCE: Final = RESOURCES.rehearsal


async def show_rehearsal(pages: Pages, visit: ConsoleVisit, why: Refused | None = None) -> Answer:
    """The rehearsals of this election, a form for one more, and the waiver."""
    async with visit.service.database.snapshot() as connection:
        known = await read_known(connection, visit.place)
        rehearsals = await read_rehearsals(connection, visit.place)
    stored = {"waiver": known.draft.rehearsal_waiver, "election": f"{visit.place[:58]}-test"}
    return await render(
        pages,
        visit,
        "committee/rehearsal.html",
        section="checklist",
        status=status_of(why),
        values=typed(visit, stored, why),
        stored=stored,
        why=why,
        revision=await revision_of(visit, RESOURCE),
        rehearsals=rehearsals,
    )


async def take_rehearsal(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Make a rehearsal with the set-up as it is now."""
    try:
        name = await make_clone(visit, rehearsal=True)
    except REFUSALS as error:
        return await show_rehearsal(pages, visit, refused(error))
    return said(visit, f"/committee/{name}", translatable("The rehearsal is begun. It has a log and links of its own."))


async def take_waiver(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Write down why there is none; empty takes it back."""
    try:
        async with changing(visit, RESOURCE, "rehearsal-waived") as connection:
            await waive_rehearsal(connection, visit.place, visit.form.get("waiver", ""))
    except REFUSALS as error:
        return await show_rehearsal(pages, visit, refused(error))
    return said(visit, f"/committee/{visit.place}/rehearsal", translatable("It is written down."))


READ: Final = {"/committee/{e}/rehearsal": Route(show_rehearsal, Capability.SEE)}
SENT: Final = {
    "/committee/{e}/rehearsal": Route(take_rehearsal, Capability.INVITE, fields=("election",)),
    "/committee/{e}/rehearsal/waiver": Route(take_waiver, Capability.SET_UP, fields=("waiver",)),
}
