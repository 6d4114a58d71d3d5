"""`/committee`: the elections that one has a role in."""

from dataclasses import dataclass
from typing import Final

from election_service.console.roles import SERVICE, Capability, Role
from election_service.console_pages.frame import Place, read_place, render
from election_service.console_pages.visit import Answer, ConsoleVisit, Route
from election_service.pages.shell import Pages


@dataclass(frozen=True, slots=True)
class Mine:
    """An election and what one is in it."""

    place: Place
    roles: tuple[Role, ...]


async def show_home(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Every election with a role of one's own."""
    roles = visit.who.roles
    elections = [
        Mine(await read_place(visit.service, election, visit.language), tuple(sorted(roles[election])))
        for election in sorted(roles)
        if election != SERVICE
    ]
    creates = visit.who.may(SERVICE, Capability.CREATE)
    return await render(pages, visit, "committee/home.html", elections=elections, creates=creates)


READ: Final = {"/committee": Route(show_home)}
