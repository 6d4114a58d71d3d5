"""What use cases say when they refuse, as readers of a page are told it: a sentence in their language.

Where there is no sentence for a text, the text itself is shown, in English and marked so.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from election_service.console.act_kinds import ACTS as KINDS
from election_service.console_pages.refusal_texts import ACTS, CALENDAR, FIELDS, PLACES
from election_service.languages import translations
from election_service.pages.about import Text

_HINT: Final = " – "  # between what is wrong and what to do about it (changing.refused)
_KIND: Final = re.compile("(?:" + "|".join(re.escape(kind) for kind in KINDS) + "): ")
_SAID: Final = {"why"}  # what differs and is itself such a text
_NUMBERS: Final = frozenset(
    {"count", "days", "k", "least", "limit", "most", "n", "poll", "row", "seq", "size", "slack"}
)
_POLL: Final = re.compile(r"^(?:poll\.opened: )?poll \d+: ")
_CLAUSE: Final = re.compile(r"(?P<text>.+) \(clause (?P<clause>[^()]+)\)")
_FIXED: Final = re.compile(r"(\{[a-z]+\})")


def said(text: str, language: str) -> Text:
    """The sentence for the text of an error; the text itself where there is none."""
    for table, asked in ((PLACES, text), (ACTS, _KIND.sub("", text)), (FIELDS, text), (CALENDAR, text)):
        for part in dict.fromkeys((asked.partition(_HINT)[0], asked)):
            found = _find(table, part)
            if found is not None:
                sentence, values = found
                values |= {name: said(value, language).text for name, value in values.items() if name in _SAID}
                return Text(translations(language).gettext(sentence) % values, language)
    return _calendar(text, language) or Text(text, "en")


def _calendar(text: str, language: str) -> Text | None:
    """What the calendar refuses of a poll (tally/plan.py), each with its clause."""
    found = []
    for part in _POLL.sub("", text).split("; "):
        refused = _CLAUSE.fullmatch(part)
        sentence = None if refused is None else _find(CALENDAR, refused["text"])
        if refused is None or sentence is None:
            return None
        found.append(f"{translations(language).gettext(sentence[0]) % sentence[1]} ({refused['clause']})")
    return Text(" ".join(found), language)


def _find(table: Mapping[str, str], text: str) -> tuple[str, dict[str, str]] | None:
    if text in table:
        return table[text], {}
    for source, sentence in table.items():
        if "{" in source and (found := _pattern(source).fullmatch(text)):
            return sentence, found.groupdict()
    return None


@cache
def _pattern(source: str) -> re.Pattern[str]:
    return re.compile("".join(_part(part) for part in _FIXED.split(source)), re.DOTALL)


def _part(part: str) -> str:
    if not _FIXED.fullmatch(part):
        return re.escape(part)
    name = part[1:-1]
    return rf"(?P<{name}>\d+)" if name in _NUMBERS else f"(?P<{name}>.+?)"
