"""`/elections/{e}/link`: "send my link again". The answer is the same for every address, and comes as fast (A84)."""

from typing import Final

from election_service.errors import BusyError
from election_service.link_requests import ask_link_again
from election_service.pages.about import about
from election_service.pages.shell import Pages
from election_service.pages.visit import Page, Visit
from election_service.roll_rules import MAX_ADDRESS

_TOO_MANY: Final = 503


async def show_link(pages: Pages, visit: Visit) -> Page:
    """The form."""
    known = await about(visit)

    async def make() -> str:
        return await _render(pages, visit)

    return await pages.kept(visit, ("link", known.id), (known.size, known.title, known.contact), make)


async def take_link(pages: Pages, visit: Visit) -> Page:
    """The form, sent. It tells nobody who is on the roll."""
    address = visit.form.get("address", "")[: MAX_ADDRESS + 1]
    try:
        if len(address.strip()) <= MAX_ADDRESS:
            await ask_link_again(visit.service, visit.election, address, asked_from=visit.address)
    except BusyError:
        return Page(await _render(pages, visit, busy=True), status=_TOO_MANY)
    return Page(await _render(pages, visit, sent=True))


async def _render(pages: Pages, visit: Visit, *, sent: bool = False, busy: bool = False) -> str:
    known = await about(visit)
    return await pages.render(
        "link.html", visit, about=known, section="", sent=sent, busy=busy, most_address=MAX_ADDRESS
    )
