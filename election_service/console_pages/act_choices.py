"""What the fields of an act's form offer: polls, seats, persons, grounds … of this election, by their names."""

from collections.abc import Mapping, Sequence
from typing import Final

from election_service.console.signing_keys import SigningKey
from election_service.languages import translatable, translations
from election_service.law_view import names_of
from election_service.pages.about import About, in_language
from election_service.pages.states import POLL_STATES
from keys.canonical import b64
from keys.ids import fingerprint

Choices = Mapping[str, Sequence[tuple[str, str]]]

_UPHELD: Final = translatable("upheld")
_REJECTED: Final = translatable("rejected")
_POLL: Final = translatable("Poll %(poll)s, %(state)s")
_ENTRY: Final = translatable("Entry %(seq)s")


def choices(about: About, language: str, keys: Sequence[SigningKey]) -> Choices:
    """Name of a list → (value, what people read)."""
    say, facts = translations(language).gettext, about.facts
    found: dict[str, list[tuple[str, str]]] = {
        "polls": [
            (str(row.poll), say(_POLL) % {"poll": row.poll, "state": say(POLL_STATES[state])})
            for row, state in about.poll_states()
        ][::-1],
        "persons": sorted(
            (person, in_language(names, language, person).text) for person, names in names_of(facts.documents).items()
        ),
        "electorates": [(name, about.electorate(name, language)) for name in sorted(facts.electorates)],
        "answers": [("rejected", say(_REJECTED)), ("upheld", say(_UPHELD))],
        "members": _members(about, keys),
    }
    if facts.law is None:
        return {**dict.fromkeys(_OF_THE_LAW, ()), **found}
    state, rules = facts.record.state, facts.rules
    seats = dict.fromkeys([*state.seats, *state.motions, *(document.contest for document in facts.documents)])
    return {
        **found,
        "seats": [(seat, about.seat(seat, language).text) for seat in seats],
        "positions": [(item.id, in_language(item.name, language, item.id).text) for item in rules.positions],
        "grounds": [(item.id, f"{item.id} ({item.clause})") for item in rules.grounds],
        "petition-rules": [(item.id, f"{item.id} ({item.clause})") for item in rules.petitions],
        "complaints": [
            (str(seq), say(_ENTRY) % {"seq": seq}) for seq, item in sorted(state.complaints.items()) if not item.answer
        ],
        "petitions": [(name, name) for name, item in sorted(state.petitions.items()) if not item.closed],
        "votes": [(name, name) for name, item in sorted(state.open_votes.items()) if not item.closed],
    }


_OF_THE_LAW: Final = ("seats", "positions", "grounds", "petition-rules", "complaints", "petitions", "votes")


def _members(about: About, keys: Sequence[SigningKey]) -> list[tuple[str, str]]:
    """The committee in force, and everybody with a key that it does not name; values `id key`."""
    held = [(item.member, item.public_key) for item in keys]
    known = list(dict.fromkeys([*sorted(about.facts.members.items()), *held]))
    return [(f"{name} {b64(key)}", f"{name}, {fingerprint(key)}") for name, key in known]
