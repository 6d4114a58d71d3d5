"""The way on after a form was taken: to a page that says what was done."""

from election_service.console.flash import Flash
from election_service.console_pages.visit import ConsoleVisit, Redirect


def said(visit: ConsoleVisit, path: str, text: str, **values: str | int) -> Redirect:
    """To a page of the console, in the reader's language, with a text to be translated there."""
    return Redirect(visit.link(path), Flash(text, values))
