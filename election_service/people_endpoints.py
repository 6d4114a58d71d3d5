"""The committee's endpoints about people, events and who one is; part of the table of the console."""

from typing import Final

from election_service.console.api_types import EventList, Invitation, InvitationRequest, Me, PersonList, RoleRequest
from election_service.console.roles import Capability
from election_service.routes import console_people
from election_service.routes.call import Endpoint

ALL: Final = "/api/committee"
BASE: Final = ALL + "/elections/{e}"
PERSON: Final = BASE + "/people/{account}"

PEOPLE_ENDPOINTS: Final = (
    Endpoint(
        "GET",
        ALL + "/me",
        "committee",
        None,
        Me,
        console_people.show_me,
        "Who asks, and what this person or token may do in which election.",
    ),
    Endpoint(
        "GET",
        BASE + "/people",
        "committee",
        None,
        PersonList,
        console_people.show_people,
        "Who has which role in this election.",
        needs=Capability.SEE,
    ),
    Endpoint(
        "POST",
        BASE + "/people",
        "committee",
        InvitationRequest,
        Invitation,
        console_people.invite_person,
        "Give somebody a role; the link for whoever cannot sign in yet is in this answer alone.",
        needs=Capability.INVITE,
        revised=True,
    ),
    Endpoint(
        "POST",
        PERSON + "/roles",
        "committee",
        RoleRequest,
        PersonList,
        console_people.give_role,
        "Give one more role to somebody who has one.",
        needs=Capability.INVITE,
        revised=True,
    ),
    Endpoint(
        "DELETE",
        PERSON + "/roles/{role}",
        "committee",
        None,
        PersonList,
        console_people.take_role,
        "Take a role away; whoever never came is forgotten with the last one.",
        needs=Capability.INVITE,
        revised=True,
    ),
    Endpoint(
        "POST",
        PERSON + "/invitation",
        "committee",
        None,
        Invitation,
        console_people.invite_person_again,
        "A new link for somebody who has lost every way in; what was is void at once.",
        needs=Capability.INVITE,
        revised=True,
    ),
    Endpoint(
        "POST",
        PERSON + "/lock",
        "committee",
        None,
        PersonList,
        console_people.lock_person,
        "Lock an account, and end its sessions.",
        needs=Capability.INVITE,
        revised=True,
    ),
    Endpoint(
        "GET",
        BASE + "/events",
        "committee",
        None,
        EventList,
        console_people.show_events,
        "The newest events of the console, the newest first: sign-ins, roles, acts.",
        needs=Capability.SEE,
    ),
)
