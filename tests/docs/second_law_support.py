"""docs/rules.md §11: petitions and open votes, written from the page alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.docs.second_law_rules import Json, Rules, compare, expect, same
from tests.docs.second_program import unb64


@dataclass
class Supports:
    """Rolls, replaced credentials, and what is open for signatures: each place on a roll counts once."""

    rolls: dict[str, set[bytes]] = field(default_factory=dict)
    before: dict[bytes, bytes] = field(default_factory=dict)  # new -> old
    opened: dict[str, Json] = field(default_factory=dict)
    places: dict[str, dict[bytes, str]] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)

    def replace(self, old: bytes, new: bytes) -> None:
        self.before[new] = old

    def chain(self, credential: bytes) -> Iterator[bytes]:
        yield credential
        while credential in self.before:
            credential = self.before[credential]
            yield credential

    def open(self, decision: Json) -> None:
        name = decision["seat"]
        expect(name not in self.opened, f"{decision['what']} {name}: not a new id")
        expect(decision["electorate"] in self.rolls, f"{decision['what']} {name}: no such electorate")
        self.opened[name], self.places[name] = decision, {}

    def sign(self, name: str, credential: bytes, choice: str) -> None:
        roll = self.rolls[self.opened[name]["electorate"]]
        chain = list(self.chain(credential))
        expect(any(key in roll for key in chain), f"{name}: not on the roll")
        expect(credential not in self.before.values(), f"{name}: the credential was replaced")
        expect(name not in self.closed, f"{name}: it has its result")
        place = chain[-1]
        expect(place not in self.places[name], f"{name}: the same place twice")
        self.places[name][place] = choice

    def petition_result(self, rules: Rules, decision: Json) -> None:
        name = decision["seat"]
        opened, number = self.opened[name], len(self.places[name])
        rule = next(rule for rule in rules.all["petitions"] if rule["id"] == opened["ground"])
        size = len(self.rolls[opened["electorate"]])
        share = rule["share"]
        reached = share is None or compare(share["value"], number, size)[1]
        least = rule["minimum"]["value"] or (1 if share is None else 0)
        supported = reached and number >= least
        same(f"petition {name}", ["supported" if supported else "not-supported", number], got(decision))
        self.closed.add(name)

    def board_result(self, rules: Rules, decision: Json) -> None:
        name = decision["seat"]
        opened, board, places = self.opened[name], rules.all["board"], self.places[name]
        roll, choices = self.rolls[opened["electorate"]], list(places.values())
        attending, votes, against = len(choices), choices.count("for"), choices.count("against")
        casting = unb64(opened["person"]) if opened["person"] else None
        if votes == against and board["casting"]["value"] and casting is not None:
            votes += places.get(casting) == "for"
        quorate = compare(board["quorum"]["value"], attending, len(roll))[1]
        adopted = quorate and compare(board["threshold"]["value"], votes, attending)[1]
        ground = "adopted" if adopted else "rejected" if quorate else "no-quorum"
        same(f"open vote {name}", [ground, votes], got(decision))
        self.closed.add(name)


def got(decision: Json) -> list[object]:
    return [decision["ground"], decision["number"]]
