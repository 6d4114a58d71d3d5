"""What happens in the demo's year: who stands for what, and how the votes fall. Data only; played by play.py.

Persons are named by their part in the year; which students play them is drawn in roles.py. Blocks are named by their
size: faculty A is the largest, A1 its largest department. Votes are percent of the ballots of a contest, most first;
equal numbers are exactly equal votes, and what is left over is blank.

    autumn, first tour   The president's contest has no majority (6.9.4). Ana leads it and faculty A: who is next there,
                         Nino, leads department A1, so both seats are provisional (6.12.5). Gio and Eka have equal votes
                         in department B1. Three heads of faculty wait for their boards (6.4.1b).
    autumn, second tour  Ana becomes president, so faculty A goes to Nino, and department A1 to Tamar, both next by
                         votes (6.12.5). In the same poll the members choose between Gio and Eka (6.5.5).
    March                Salome, head of department C1, is disciplined; her runner-up Levan is a student no more, so
                         Irakli follows. Zaza leaves faculty B, where Mari and Oto are next with equal votes: the
                         members choose, without Mari, who is one of them.
    April                President Ana resigns; Dato, appointed head of the internal department, acts for her, and the
                         members elect a new president within ten days, of those whom a fifth of them nominated (6.9.7).
                         Nino wins and leaves faculty A to Luka; Mari goes up to faculty B and leaves B2 to Keti.
"""

from dataclasses import dataclass
from typing import Final

PRESIDENT: Final = "head-of-self-governance"
FACULTY: Final = "head-of-faculty"
DEPARTMENT: Final = "head-of-department"
CLASS: Final = "head-of-class"
INTERNAL: Final = "head-of-internal-department"


@dataclass(frozen=True, slots=True)
class Race:
    """A contest of the first tour. ``place``: "" for the whole university, else a block by its size.

    ``votes``: person of the play → percent of the ballots.
    """

    position: str
    place: str
    votes: dict[str, int]

    @property
    def key(self) -> tuple[str, str]:
        """How later votes name the same seat."""
        return self.position, self.place


FIRST_TOUR: Final = (
    Race(PRESIDENT, "", {"Ana": 42, "Beka": 33, "Dato": 18}),
    Race(FACULTY, "A", {"Ana": 45, "Nino": 30, "Luka": 15}),
    Race(FACULTY, "B", {"Zaza": 40, "Mari": 25, "Oto": 25}),
    Race(DEPARTMENT, "A1", {"Nino": 50, "Tamar": 30}),
    Race(DEPARTMENT, "B1", {"Gio": 40, "Eka": 40}),
    Race(DEPARTMENT, "B2", {"Mari": 50, "Keti": 30}),
    Race(DEPARTMENT, "C1", {"Salome": 45, "Levan": 30, "Irakli": 15}),
)
ANYWHERE_ELSE: Final = (60, 30)  # two students who play no part in the year

SECOND_TOUR: Final = {
    (PRESIDENT, ""): {"Ana": 56, "Beka": 38},
    (DEPARTMENT, "B1"): {"Gio": 55, "Eka": 30},
}
SPRING: Final = {
    (PRESIDENT, ""): {"Nino": 65, "Beka": 25},
    (FACULTY, "B"): {"Mari": 60, "Oto": 30},
}

DOUBLE_WINNER: Final = "Ana"
APPOINTED: Final = "Dato"  # head of the internal department
NOMINEES: Final = ("Nino", "Beka")  # for the president in the middle of the year
SENIOR: Final = frozenset({"Ana", "Beka", "Dato", "Nino"})  # no first-years: they stand for president (6.12.1)
