"""What keeps a seat out of the next poll, in words for people, with the page on which something is done about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from election_service.held_back import Waiting, Why
from election_service.languages import translatable
from election_service.pages.about import About, Text
from election_service.pages.naming import PageNames

WORDS: Final[dict[Why, str]] = {
    "approval": translatable("The board has to answer first. Record its answer as a decision."),
    "paper": translatable("It is voted on on paper. Record who was elected as a decision."),
    "nominations": translatable("There are new nominations. Enter the candidates first."),
    "settled": translatable("Nothing is to be voted on there. The candidates that were entered for it are left out."),
}
_PLACES: Final[dict[Why, tuple[str, str]]] = {
    "approval": ("seats", translatable("Seats")),
    "paper": ("seats", translatable("Seats")),
    "nominations": ("candidates", translatable("Candidates")),
    "settled": ("candidates", translatable("Candidates")),
}


@dataclass(frozen=True, slots=True)
class HeldBack:
    """``name``: of the seat; ``what``: its task with the clause, or empty; ``words``, ``place``: to be translated;
    ``page``: where something is done about it, below the election's own.
    """

    name: Text
    what: str
    words: str
    page: str
    place: str


def held_back(known: About, waiting: Iterable[Waiting], language: str) -> list[HeldBack]:
    """Seat by seat, in the order of the agenda."""
    names = PageNames(known, language)
    return [
        HeldBack(
            known.seat(item.seat, language),
            f"{names.texts.say('task', item.kind)}, {names.clause(item.clause)}" if item.kind else "",
            WORDS[item.why],
            *_PLACES[item.why],
        )
        for item in waiting
    ]
