"""People of the console and what they did."""

from audit.entries import format_time
from election_service.console.api_types import EventItem, EventList, PersonList
from election_service.console.events import read_events
from election_service.console.people import list_people
from election_service.routes.call import Call


async def show_people(call: Call) -> PersonList:
    """Everybody with a role."""
    return PersonList(people=await list_people(call.service, call.election))


async def show_events(call: Call) -> EventList:
    """The newest events."""
    async with call.service.database.snapshot() as connection:
        events = await read_events(connection, call.election)
    return EventList(
        events=[
            EventItem(
                number=event.number,
                at=format_time(event.at),
                account=event.account,
                what=event.what,
                subject=event.subject,
            )
            for event in events
        ]
    )
