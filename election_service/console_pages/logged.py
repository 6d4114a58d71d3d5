"""Elections that are still drafts: what stands in the place of pages that need a log, and which time they are in."""

from collections.abc import Callable
from functools import wraps

from election_service.console.drafts import read_draft
from election_service.console_pages.frame import read_place, render
from election_service.console_pages.visit import Answer, ConsoleVisit, Show
from election_service.pages.shell import Pages
from election_service.presentation import read_presentation


def of_a_log(section: str) -> Callable[[Show], Show]:
    """Makes a page one of elections that have a log. ``section``: its name in the navigation."""

    def decorate(show: Show) -> Show:
        @wraps(show)
        async def show_logged(pages: Pages, visit: ConsoleVisit) -> Answer:
            if (await read_place(visit.service, visit.place, visit.language)).draft:
                return await render(pages, visit, "committee/no_log.html", section=section)
            return await show(pages, visit)

        return show_logged

    return decorate


async def zone_of(visit: ConsoleVisit) -> str:
    """The election's time zone, of a draft as well."""
    place = await read_place(visit.service, visit.place, visit.language)
    async with visit.service.database.snapshot() as connection:
        if place.draft:
            return (await read_draft(connection, place.id)).presentation.zone
        return (await read_presentation(connection, place.id)).zone
