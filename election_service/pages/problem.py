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
    "not-permitted": (
        translatable("Your role does not allow this"),
        translatable("Nothing was changed. Ask a chair of the election if you should be able to do it."),
    ),
    "sign-in-required": (
        translatable("You are not signed in any more"),
        translatable("Nothing was changed. Sign in in another tab, come back to this one, and load the page anew."),
    ),
    "form-stale": (
        translatable("This page is from an earlier sign-in"),
        translatable("Nothing was changed. Go back, load the page anew, and try again."),
    ),
    "revision-stale": (
        translatable("Somebody changed this meanwhile"),
        translatable("Nothing was changed now. Go back, load the page anew, look at it again, and then decide."),
    ),
    "revision-required": (
        translatable("This could not be understood"),
        translatable("Go back, load the page anew, and try again."),
    ),
    "act-refused": (
        translatable("This cannot be done now"),
        translatable("It does not fit the state of the election. Look at the election again."),
    ),
    "act-expired": (
        translatable("This proposal is too old"),
        translatable("Nobody can approve it any more. Propose it again."),
    ),
    "approval-refused": (
        translatable("The approval was refused"),
        translatable("It is not a member's signature on this act. Load the page anew, and sign again."),
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
