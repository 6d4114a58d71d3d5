"""`/committee/sign-in` and `/committee/sign-out`."""

from typing import Final

from election_service.console.sessions import close_session
from election_service.console_pages.frame import render
from election_service.console_pages.visit import Answer, ConsoleVisit, Redirect, Route
from election_service.pages.shell import Pages


async def show_sign_in(pages: Pages, visit: ConsoleVisit) -> Answer:
    """The form for address and password."""
    return await render(pages, visit, "committee/sign_in.html")


async def take_sign_out(_pages: Pages, visit: ConsoleVisit) -> Answer:
    """End this session."""
    async with visit.service.database.transaction() as connection:
        await close_session(connection, visit.here.key)
    return Redirect(visit.link("/committee/sign-in"), sign_out=True)


READ: Final = {"/committee/sign-in": Route(show_sign_in, access="anyone")}
SENT: Final = {"/committee/sign-out": Route(take_sign_out)}
