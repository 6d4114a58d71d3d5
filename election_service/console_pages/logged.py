"""Pages that need a log: what an election that is still a draft shows in their place."""

from collections.abc import Callable
from functools import wraps

from election_service.console_pages.frame import read_place, render
from election_service.console_pages.visit import Answer, ConsoleVisit, Show
from election_service.pages.shell import Pages


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
