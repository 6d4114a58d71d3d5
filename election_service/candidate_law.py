"""Who may stand for what, by the constitution: blocks, a position's bars, penalties (6.1.5(8), 6.9.1, 6.12.1).

Years and penalties are the roll's and stay in the service: a list is refused to the operator, and nothing of it is
published.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from election_service.electorates import Kind
from tally.constitution import Constitution

POSITIONS: Final[Mapping[str, Kind]] = {
    "head-of-self-governance": "university",
    "head-of-faculty": "faculty",
    "head-of-department": "department",
    "head-of-class": "class",
}
YEARS_OF_STUDY: Final = 4  # of a bachelor's degree: who is in a later year has had four and did not graduate (6.12.1)
ENDED: Final = ("expired", "ended", "cancelled", "lifted")  # how a penalty that is over begins on the roll

_TEXTS: Final = {
    "first-year": "first-year students cannot stand for {position}",
    "fourth-year-not-graduated": "who had four years of education and did not graduate cannot stand for {position}",
    "not-a-member": "only members of the self-governance can stand for {position}",
}


@dataclass(frozen=True, slots=True)
class Bars:
    """What bars from a position: codes of the constitution, and the clause that says so."""

    clause: str
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class CandidateLaw:
    """The constitution's word on candidates.

    ``kinds``: position id → the kind of its blocks. ``bars``: position id → bars. ``active_only``: whether a
    disciplinary penalty that is over bars no more; ``discipline``: the clause. ``members``: student ids of those who
    hold a seat.
    """

    kinds: Mapping[str, Kind] = field(default_factory=lambda: POSITIONS)
    bars: Mapping[str, Bars] = field(default_factory=dict)
    active_only: bool = False
    discipline: str = "6.1.5"
    members: frozenset[str] = frozenset()

    def reason_against(self, student_id: str, year: int, disciplinary: str, position: str) -> str:
        """Why this student may not stand for the position, with the clause; empty for one who may."""
        if disciplinary and not (self.active_only and disciplinary.casefold().startswith(ENDED)):
            return f"there is a disciplinary record ({self.discipline})"
        bars = self.bars.get(position)
        if bars is None:
            return ""
        barred = {
            "first-year": year == 1,
            "fourth-year-not-graduated": year > YEARS_OF_STUDY,
            "not-a-member": student_id not in self.members,
        }
        for code, text in _TEXTS.items():
            if code in bars.codes and barred[code]:
                return f"{text.format(position=position)} ({bars.clause})"
        return ""


def candidate_law(rules: Constitution, members: frozenset[str] = frozenset()) -> CandidateLaw:
    """The law on candidates, from a constitution with its readings. An office of no block is one of the whole body."""
    offices = [position for position in rules.positions if position.seat is not None]
    return CandidateLaw(
        kinds={position.id: position.block or "university" for position in offices},
        bars={position.id: Bars(position.bars.clause, frozenset(position.bars.value)) for position in offices},
        active_only=rules.discipline.value == "active-only",
        discipline=rules.discipline.clause,
        members=members,
    )
