"""`/`: the elections of this service."""

from election_service.pages.about import about
from election_service.pages.shell import Pages
from election_service.pages.states import POLL_STATES
from election_service.pages.visit import Page, Visit


async def show_elections(pages: Pages, visit: Visit) -> Page:
    """Every election with its polls."""
    names = sorted(await visit.service.elections())
    found = [await about(_of(visit, name)) for name in names]
    now = visit.service.clock()
    stamp = (now // 60, tuple((item.id, item.size, item.title) for item in found))

    async def make() -> str:
        return await pages.render("elections.html", visit, elections=found, now=now, states=POLL_STATES)

    return await pages.kept(visit, ("elections",), stamp, make)


def _of(visit: Visit, election: str) -> Visit:
    return Visit(visit.service, visit.language, visit.chosen, {"e": election}, {})
