"""The register of mandates: who has held which seat, since when, why, and why no longer (IBSU 6.5.2, 6.5.3, 6.5.5).

It writes down and answers; what has to be written is for tally/record.py. Every mandate and every end names the logged
fact that it comes from, so the whole register can be derived from the log again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from tally.calendar import term_end
from tally.constitution import CalendarRule
from tally.errors import OutcomeError

By = Literal["election", "succession", "appointment"]


@dataclass(frozen=True, slots=True)
class Mandate:
    """One person in one seat.

    since  the entry's time, POSIX seconds; until: last day of the term, "YYYY-MM-DD"; "" without an end
    cause  "poll:NUMBER" or "decision:ACT" that it follows from
    by     "election"; "succession" by those next in line (6.5.5); "appointment" to an office that no contest fills: its
           seat is the position itself
    """

    seat: str
    position: str
    person: str
    since: int
    until: str
    cause: str
    by: By


@dataclass(frozen=True, slots=True)
class End:
    """Why and when (POSIX seconds) a mandate ended: `ground` as in `seat.vacated`, `cause` as in `Mandate`."""

    at: int
    ground: str
    cause: str


@dataclass(frozen=True, slots=True)
class Term:
    """One line of the register: a mandate, and its end once it has one."""

    mandate: Mandate
    end: End | None


@dataclass(frozen=True, slots=True)
class Title:
    """An honorary title, which comes with no vote and no seat (6.5.4)."""

    person: str
    since: int
    cause: str


@dataclass(slots=True)
class Register:
    """All mandates, in the order in which they began, and all titles. Owner: tally/record.py."""

    history: list[Term] = field(default_factory=list)
    titles: list[Title] = field(default_factory=list)
    _now: dict[str, int] = field(default_factory=dict)  # seat -> index in `history` of the mandate that goes on

    def copy(self) -> "Register":
        """A copy that shares no mutable part."""
        return Register(list(self.history), list(self.titles), dict(self._now))

    # -- what is written down ----------------------------------------------------------------------------------------

    def take(self, mandate: Mandate) -> None:
        """Begin a mandate, by election, succession or appointment; raises OutcomeError where somebody has the seat."""
        holder = self.holder(mandate.seat)
        if holder is not None:
            raise OutcomeError(f"seat {mandate.seat}: expected nobody in it, got {holder}")
        self._now[mandate.seat] = len(self.history)
        self.history.append(Term(mandate, None))

    def vacate(self, seat: str, at: int, ground: str, cause: str) -> Mandate:
        """End the mandate that goes on in a seat, and return it; raises OutcomeError where nobody has the seat."""
        if seat not in self._now:
            raise OutcomeError(f"seat {seat}: expected a holder, got nobody")
        index = self._now.pop(seat)
        self.history[index] = replace(self.history[index], end=End(at, ground, cause))
        return self.history[index].mandate

    def appoint(self, mandate: Mandate) -> None:
        """Begin a mandate by appointment (6.11; ATU 4); who was appointed before leaves the office."""
        if mandate.by != "appointment":
            raise OutcomeError(f"seat {mandate.seat}: expected an appointment, got {mandate.by}")
        before = self.mandate(mandate.seat)
        if before is not None:
            if before.by != "appointment":
                raise OutcomeError(f"seat {mandate.seat}: {before.person} is elected: nobody is appointed to it")
            self.vacate(mandate.seat, mandate.since, "replaced", mandate.cause)
        self.take(mandate)

    def honour(self, person: str, since: int, cause: str) -> None:
        """Give an honorary title; raises OutcomeError where the person has it already, or has a seat."""
        if any(title.person == person for title in self.titles):
            raise OutcomeError(f"honorary title: {person} has it already")
        seat = self.seat_of(person)
        if seat is not None:
            raise OutcomeError(f"honorary title: {person} holds seat {seat}")
        self.titles.append(Title(person, since, cause))

    # -- what is asked -----------------------------------------------------------------------------------------------

    def mandate(self, seat: str) -> Mandate | None:
        """The mandate that goes on in a seat."""
        index = self._now.get(seat)
        return None if index is None else self.history[index].mandate

    def mandates(self) -> Iterator[Mandate]:
        """All that go on, ascending by seat."""
        for seat in sorted(self._now):
            yield self.history[self._now[seat]].mandate

    def holder(self, seat: str) -> str | None:
        """Who has the seat."""
        mandate = self.mandate(seat)
        return None if mandate is None else mandate.person

    def seat_of(self, person: str) -> str | None:
        """The seat that a person has; the first by id where the constitution allows several."""
        return next((mandate.seat for mandate in self.mandates() if mandate.person == person), None)

    def members(self) -> dict[str, str]:
        """The elected members, person -> seat, ascending by seat: appointment makes nobody a member (6.8.1)."""
        found: dict[str, str] = {}
        for mandate in self.mandates():
            if mandate.by != "appointment":
                found.setdefault(mandate.person, mandate.seat)
        return found

    def holder_of(self, position: str) -> str | None:
        """Who holds a position that one person holds, and so acts for others (6.9.7; ATU 4); None: nobody, or many."""
        found = [mandate.person for mandate in self.mandates() if mandate.position == position]
        return found[0] if len(found) == 1 else None

    # -- terms -------------------------------------------------------------------------------------------------------

    @staticmethod
    def in_force(mandate: Mandate, at: int, rule: CalendarRule) -> bool:
        """Whether a mandate that nobody ended is in force at a second: up to the last one of its last day (6.1.5(1)).

        With `after_term` = "until-successor" the holder goes on as caretaker. Raises OutcomeError for a day that no
        calendar has.
        """
        return mandate.since <= at and (rule.after_term.value == "until-successor" or not _over(mandate, at, rule))

    @classmethod
    def is_caretaker(cls, mandate: Mandate, at: int, rule: CalendarRule) -> bool:
        """Whether the holder is in force only until there is a successor."""
        return cls.in_force(mandate, at, rule) and _over(mandate, at, rule)


def _over(mandate: Mandate, at: int, rule: CalendarRule) -> bool:
    end = term_end(mandate.until, rule.utc_offset)
    return end is not None and at > end
