"""What went wrong, as a page in the reader's language: for browsers, where programs get a problem document."""

from typing import Final

from election_service.languages import translatable
from election_service.pages.shell import Pages
from election_service.pages.visit import Page, Visit

# title and what to do, by the code of the problem; everything else is "not-found" or "internal"
_TEXTS: Final = {
    "not-found": (
        translatable("There is nothing at this address"),
        translatable(
            "Perhaps the address was copied only in part. Look at it again, or begin at the list of elections."
        ),
    ),
    "unknown-election": (
        translatable("There is no such election here"),
        translatable("Perhaps the address was copied only in part. The list of elections has all that are held here."),
    ),
    "wrong-method": (
        translatable("This address does not work that way"),
        translatable("Go back, load the page anew, and try again."),
    ),
    "malformed": (
        translatable("This could not be understood"),
        translatable("Go back, load the page anew, and try again."),
    ),
    "too-large": (
        translatable("This is too long"),
        translatable("Go back and make the text shorter. Nothing was sent."),
    ),
    "busy": (
        translatable("Too much is going on at the moment"),
        translatable("Nothing is lost. Please try again in a few minutes."),
    ),
    "internal": (
        translatable("The service has a fault"),
        translatable(
            "It is not your doing, and no ballot is lost by it. Please try again in a few minutes; "
            "if it stays, tell the committee."
        ),
    ),
}
_SERVER_FAULT: Final = 500


async def show_problem(pages: Pages, visit: Visit, code: str, status: int) -> Page:
    """The page of a problem. It repeats nothing of what was asked for."""
    known = code if code in _TEXTS else "internal" if status >= _SERVER_FAULT else "malformed"
    title, advice = _TEXTS[known]
    html = await pages.render("problem.html", visit, title=title, advice=advice, code=code, status=status)
    return Page(html, status=status)
