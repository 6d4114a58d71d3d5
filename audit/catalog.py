"""The texts in which `election-audit explain` says a reasoning: one catalogue for each language (audit/texts/*.toml).

The log holds codes, never sentences, so a verifier compares bytes and a reader chooses the language.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from tally.reasoning import Conclusion

LANGUAGES: Final = ("en", "ka", "az", "ru")

# What a text may name, by conclusion; the others name nothing.
PLACEHOLDERS: Final[Mapping[Conclusion, frozenset[str]]] = {
    Conclusion.READ_AS: frozenset({"reading"}),
    Conclusion.TURNOUT_VALID: frozenset({"electorate"}),
    Conclusion.TURNOUT_INVALID: frozenset({"electorate"}),
    Conclusion.TURNOUT_WAIVED: frozenset({"electorate"}),
    Conclusion.VOTES_VOID: frozenset({"person"}),
    Conclusion.LEADS: frozenset({"person"}),
    Conclusion.EQUAL_LEADERS: frozenset({"persons"}),
    Conclusion.ENOUGH: frozenset({"persons"}),
    Conclusion.NOT_ENOUGH: frozenset({"persons"}),
    Conclusion.ADVANCE: frozenset({"persons"}),
    Conclusion.TIE_FOR_SECOND: frozenset({"persons"}),
    Conclusion.DRAWN: frozenset({"persons"}),
    Conclusion.TAKES: frozenset({"person"}),
    Conclusion.HOLDS_HIGHER: frozenset({"person", "seat"}),
    Conclusion.PASSED_OVER: frozenset({"person", "reason"}),
    Conclusion.PROVISIONAL: frozenset({"person", "persons"}),
    Conclusion.WAITS: frozenset({"persons"}),
    Conclusion.EQUAL_NEXT: frozenset({"persons"}),
    Conclusion.FOLLOWS: frozenset({"task", "persons"}),
    Conclusion.CASTING_VOTE: frozenset({"choice"}),
}


@dataclass(frozen=True, slots=True)
class Texts:
    """One language: section -> code -> text (rule, conclusion, task, reason, ground, choice, by, state, label)."""

    language: str
    sections: Mapping[str, Mapping[str, str]]

    def say(self, section: str, code: str, **values: object) -> str:
        """The text of a code, with the values put in; a code without a text stands for itself."""
        text = self.sections[section].get(code)
        return code if text is None else text.format(**values)


def load_texts(language: str) -> Texts:
    """The catalogue of one of `LANGUAGES`."""
    raw = files("audit").joinpath("texts", f"{language}.toml").read_text(encoding="utf-8")
    return Texts(language, tomllib.loads(raw))
