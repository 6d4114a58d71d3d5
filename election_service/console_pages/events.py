"""`/committee/{e}/log`: what happened in the console: sign-ins, roles, mails, acts. Neither secrets nor addresses."""

from typing import Final

from sqlalchemy import select

from election_service.console.act_kinds import ACTS
from election_service.console.events import MOST_SHOWN, read_events
from election_service.console.roles import Capability
from election_service.console_pages.event_words import event_words
from election_service.console_pages.frame import render
from election_service.console_pages.logged import zone_of
from election_service.console_pages.visit import Answer, ConsoleVisit, Route
from election_service.pages.shell import Pages
from election_service.schema_console import accounts

_PATH: Final = "/committee/{e}/log"


async def show_events(pages: Pages, visit: ConsoleVisit) -> Answer:
    """The newest events of this election, the newest first."""
    async with visit.service.database.snapshot() as connection:
        events = await read_events(connection, visit.place)
        named = select(accounts.c.account, accounts.c.name).where(
            accounts.c.account.in_({event.account for event in events})
        )
        names = {row.account: row.name for row in (await connection.execute(named)).all()}
    return await render(
        pages,
        visit,
        "committee/events.html",
        section="log",
        events=[(event, event_words(event.what), names.get(event.account, event.account)) for event in events],
        zone=await zone_of(visit),
        most=MOST_SHOWN,
        kinds={kind: item.title for kind, item in ACTS.items()},
    )


READ: Final = {_PATH: Route(show_events, Capability.SEE)}
