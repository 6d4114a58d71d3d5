"""docs/rules.md §8: mandates, and the entries that follow; written from the page alone."""

from dataclasses import dataclass, field

from tests.docs.second_law_rules import Json, Rules
from tests.docs.second_law_settle import Context, settle

Event = tuple[str, Json]


@dataclass(frozen=True)
class Term:
    seat: str
    position: str
    person: str
    elected: bool


@dataclass
class Register:
    """Who holds what now."""

    terms: list[Term] = field(default_factory=list)

    def elected(self) -> dict[str, str]:
        return {term.seat: term.person for term in self.terms if term.elected}

    def find(self, seat: str, person: str) -> Term | None:
        return next((term for term in self.terms if (term.seat, term.person) == (seat, person)), None)

    def end_appointments(self, *, position: str = "", person: str = "") -> None:
        """They end without an entry."""
        self.terms = [
            term for term in self.terms if term.elected or (term.position != position and term.person != person)
        ]

    def acting(self, rules: Rules, term: Term) -> str:
        """Who holds the acting position alone, and is not the one who leaves."""
        acting = rules.position(term.position)["seat"]["acting"]["value"]
        holders = [other.person for other in self.terms if acting and other.position == acting]
        return holders[0] if len(holders) == 1 and holders[0] != term.person else ""

    def end(self, rules: Rules, term: Term, ground: str, clause: str, cause: str) -> Event:
        acting = self.acting(rules, term)
        self.terms.remove(term)
        return "seat.vacated", {
            "seat": term.seat,
            "position": term.position,
            "person": term.person,
            "ground": ground,
            "clause": clause,
            "cause": cause,
            "acting": acting,
            "next": None,
        }


def give_for_good(context: Context, register: Register, before: list[Event]) -> list[Event]:
    """The entries that follow a certification or a decision; `before` are those that a decision begins with."""
    rules, seats = context.rules, context.seats
    settled = settle(context)
    out = list(before)
    applies, one = bool(rules.get("one_position.applies")), rules.clause("one_position.applies")
    for claim in settled.claims:
        given, seat = settled.given[claim.seat], seats[claim.seat]
        person = given.person
        if given.status == "exhausted":
            seat.ranks, seat.votes, seat.possible, seat.poll = [], {}, [], None
        if given.status != "filled" or person is None or claim.seat in register.elected():
            continue
        for term in list(register.terms):
            if applies and term.elected and term.person == person:
                out.append(register.end(rules, term, "higher-position", one, context.cause))
                seats[term.seat].passed[person] = "moved-up"
        register.end_appointments(position=seat.position)
        position = rules.position(seat.position)
        out.append(
            (
                "seat.filled" if seat.held else "seat.taken",
                {
                    "seat": claim.seat,
                    "position": seat.position,
                    "person": person,
                    "until": rules.get("calendar.term_ends"),
                    "clause": position["seat"]["succession"]["clause"] if seat.held else position["clause"],
                    "cause": context.cause,
                    "skipped": [
                        {"person": skip.person, "reason": skip.reason, "seat": skip.seat} for skip in given.skipped
                    ],
                },
            )
        )
        seat.held = True
        register.terms.append(Term(claim.seat, seat.position, person, True))
    for kind, data in out:
        if kind == "seat.vacated":
            if data["seat"] in register.elected():
                data["acting"] = ""
            elif data["seat"] in seats and (task := seats[data["seat"]].task) is not None:
                data["next"] = task.data
    return out
