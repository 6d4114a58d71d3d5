"""`/committee/{e}/people`: who has which role, who was invited, whose key signs."""

from typing import Final

from election_service.console.flash import Flash
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
from election_service.console.roles import Capability, Role
from election_service.console_pages.frame import render
from election_service.console_pages.visit import Answer, ConsoleVisit, Redirect, Route
from election_service.errors import ActRefusedError, InputError, NotPermittedError, RevisionStaleError
from election_service.languages import translatable
from election_service.pages.shell import Pages
from keys.errors import FormatError

_STALE: Final = translatable("Somebody changed this meanwhile. Look again; what you typed is still here.")
_FAULT: Final = translatable("Write a mail address, a name in plain letters, and choose a role.")
_REFUSED: Final = translatable("This cannot be done: an election needs a chair, and locked accounts are invited anew.")
_NOT_YOURS: Final = translatable(
    "This account is your own, or it has roles in elections that you do not lead. "
    "Your own you change on its page; others can be reset by whoever runs this service."
)
_BY_OTHERS: Final = translatable(
    "%(name)s has the role, with an account that others opened for another election. "
    "Ask in person whether it is theirs; if it is not, take the role away at once."
)
_STATES: Final = {
    "invited": translatable("invited, has not come yet"),
    "active": translatable("can sign in"),
    "locked": translatable("locked"),
}
_BAD: Final = 400
_FORBIDDEN: Final = 403
_CONFLICT: Final = 409
_STALE_STATUS: Final = 412


async def show_people(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Everybody with a role; whoever may invite gets the forms for it."""
    return await _page(pages, visit)


async def _page(pages: Pages, visit: ConsoleVisit, wrong: str = "", status: int = 200) -> Answer:
    people, revision = await people_and_revision(visit.service, visit.place)
    return await render(
        pages,
        visit,
        "committee/people.html",
        section="people",
        status=status,
        wrong=wrong,
        people=people,
        revision=revision,
        roles=list(Role),
        states=_STATES,
        invites=visit.may(Capability.INVITE),
        typed=visit.form,
    )


def _role(visit: ConsoleVisit) -> Role:
    role = visit.form.get("role", "")
    if role not in set(Role):
        raise FormatError(f"role: expected one of {', '.join(Role)}")
    return Role(role)


async def take_invitation(pages: Pages, visit: ConsoleVisit) -> Answer:
    """A role for somebody; an invitation for whoever cannot sign in yet."""
    try:
        invited = await invite(
            visit.service,
            visit.who,
            visit.place,
            email=visit.form.get("email", ""),
            name=visit.form.get("name", ""),
            role=_role(visit),
            revision=visit.revision,
        )
    except InputError:
        return await _page(pages, visit, _FAULT, _BAD)
    except RevisionStaleError:
        return await _page(pages, visit, _STALE, _STALE_STATUS)
    except ActRefusedError:
        return await _page(pages, visit, _REFUSED, _CONFLICT)
    return _to_people(visit, invited)


async def take_again(pages: Pages, visit: ConsoleVisit) -> Answer:
    """A new invitation for somebody who has lost every way in."""
    try:
        invited = await invite_again(
            visit.service, visit.who, visit.place, visit.form.get("account", ""), visit.revision
        )
    except NotPermittedError:
        return await _page(pages, visit, _NOT_YOURS, _FORBIDDEN)
    return _to_people(visit, invited)


def _to_people(visit: ConsoleVisit, invited: Invited) -> Redirect:
    values = {"name": invited.account.name}
    if invited.token is None:
        text = _BY_OTHERS if invited.by_others else translatable("%(name)s has the role and can sign in already.")
        return Redirect(_people(visit), Flash(text, values, bad=invited.by_others))
    link = invitation_link(visit.service.config.public_url, invited.token)
    text = translatable("%(name)s is invited. Hand over the link that stands below: it is shown only now.")
    return Redirect(_people(visit), Flash(text, values, shown={"link": link, **values}))


def _people(visit: ConsoleVisit) -> str:
    return visit.link(f"/committee/{visit.place}/people")


async def take_role_more(_pages: Pages, visit: ConsoleVisit) -> Answer:
    """One more role for somebody."""
    await add_role(visit.service, visit.who, visit.place, visit.form.get("account", ""), _role(visit), visit.revision)
    return Redirect(_people(visit), Flash(translatable("The role is given.")))


async def take_role_less(pages: Pages, visit: ConsoleVisit) -> Answer:
    """A role less; whoever never came is forgotten with the last one, and the invitation with it."""
    try:
        await remove_role(
            visit.service, visit.who, visit.place, visit.form.get("account", ""), _role(visit), visit.revision
        )
    except ActRefusedError:
        return await _page(pages, visit, _REFUSED, _CONFLICT)
    return Redirect(_people(visit), Flash(translatable("The role is taken away.")))


async def take_lock(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Nobody gets in with this account any more."""
    try:
        await lock(visit.service, visit.who, visit.place, visit.form.get("account", ""), visit.revision)
    except NotPermittedError:
        return await _page(pages, visit, _NOT_YOURS, _FORBIDDEN)
    except ActRefusedError:
        return await _page(pages, visit, _REFUSED, _CONFLICT)
    text = translatable("The account is locked, and nobody is signed in with it any more.")
    return Redirect(_people(visit), Flash(text))


READ: Final = {"/committee/{e}/people": Route(show_people, Capability.SEE)}
SENT: Final = {
    "/committee/{e}/people": Route(take_invitation, Capability.INVITE, fields=("email", "name", "role")),
    "/committee/{e}/people/again": Route(take_again, Capability.INVITE, fields=("account",)),
    "/committee/{e}/people/role": Route(take_role_more, Capability.INVITE, fields=("account", "role")),
    "/committee/{e}/people/role/remove": Route(take_role_less, Capability.INVITE, fields=("account", "role")),
    "/committee/{e}/people/lock": Route(take_lock, Capability.INVITE, fields=("account",)),
}
