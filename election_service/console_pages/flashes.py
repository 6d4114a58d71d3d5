"""The way on after a form was taken: to a page that says what was done."""

from election_service.console.flash import Flash
from election_service.console_pages.visit import ConsoleVisit, Redirect


def said_with_faults(visit: ConsoleVisit, path: str, text: str, name: str, to: str, **values: str | int) -> Redirect:
    """As `said`, of something that was stored although not all of it is right: with a link, called ``name``, to the
    place ``to`` of the page ("#faults") where what is wrong stands.
    """
    return Redirect(visit.link(path), Flash(text, values, bad=True, shown={"to": to, "name": name}))


def said(visit: ConsoleVisit, path: str, text: str, **values: str | int) -> Redirect:
    """To a page of the console, in the reader's language, with a text to be translated there."""
    return Redirect(visit.link(path), Flash(text, values))
