"""People of the console and what they did."""

from audit.entries import format_time
from election_service.console.api_types import EventItem, EventList, Invitation, Me, PersonList
from election_service.console.events import read_events
from election_service.console.invitations import invitation_link
from election_service.console.people import (
    Invited,
    add_role,
    invite,
    invite_again,
    lock,
    people_and_revision,
    remove_role,
)
from election_service.console.roles import Role
from election_service.routes.call import Call
from keys.errors import FormatError


async def show_me(call: Call) -> Me:
    """Who asks."""
    who = call.who
    able = {election: sorted(map(str, who.capabilities(election))) for election in who.roles}
    return Me(account=who.account, name=who.name, via=who.via, capabilities=able)


async def show_people(call: Call) -> PersonList:
    """Everybody with a role."""
    people, revision = await people_and_revision(call.service, call.election)
    return PersonList(people=people, revision=revision)


async def invite_person(call: Call) -> Invitation:
    """A role, and a link for whoever cannot sign in yet."""
    asked = call.request
    invited = await invite(
        call.service,
        call.who,
        call.election,
        email=asked.email,
        name=asked.name,
        role=_role(asked.role),
        revision=call.revision,
    )
    return _invitation(call, invited)


async def invite_person_again(call: Call) -> Invitation:
    """A new link."""
    return _invitation(call, await invite_again(call.service, call.who, call.election, _account(call), call.revision))


def _invitation(call: Call, invited: Invited) -> Invitation:
    link = None if invited.token is None else invitation_link(call.service.config.public_url, invited.token)
    return Invitation(account=invited.account.account, link=link, revision=call.revision + 1)


async def give_role(call: Call) -> PersonList:
    """One more role."""
    await add_role(call.service, call.who, call.election, _account(call), _role(call.request.role), call.revision)
    return await show_people(call)


async def take_role(call: Call) -> PersonList:
    """A role less."""
    await remove_role(call.service, call.who, call.election, _account(call), _role(call.path["role"]), call.revision)
    return await show_people(call)


async def lock_person(call: Call) -> PersonList:
    """Nobody gets in with this account any more."""
    await lock(call.service, call.who, call.election, _account(call), call.revision)
    return await show_people(call)


def _account(call: Call) -> str:
    return call.path["account"]


def _role(text: str) -> Role:
    if text not in set(Role):
        raise FormatError(f"role: expected one of {', '.join(Role)}")
    return Role(text)


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
