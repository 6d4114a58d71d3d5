"""The rules in force in plain language, with their clauses, for the notice board (docs/rules.md).

The sentences are data: tally/texts/LANGUAGE.toml has one per parameter and reading.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from textwrap import wrap
from typing import Any, Final, Literal

from tally.constitution import Constitution, Ground, Position, Procedure, Resolution
from tally.parameter import Parameter
from tally.plural import plural
from tally.relevance import is_relevant, is_used
from tally.resolutions import apply_resolutions, missing, parameters, reading_text
from tally.threshold import Threshold

LANGUAGES: Final = ("en", "ka", "az", "ru")
_SHARES: Final = frozenset({"share", "threshold", "quorum"})
_GENERAL: Final = ("body_minimum", "permission", "small_contest", "discipline", "complaints", "members_vote")
_SECTIONS: Final = ("turnout", "one_position", "calendar", "board")
_LISTS: Final = ("petitions", "procedures", "positions")
_WIDTH: Final = 110

Status = Literal["clear", "open", "resolved"]


@dataclass(frozen=True, slots=True)
class Line:
    """One rule.

    heading  of its part of the notice
    clause   where it comes from, "silent" where no clause says anything
    path     of the parameter; "" for what is no parameter
    status   "open": ambiguous, and no reading is signed; "resolved": the signed reading
    text     the rule in words; "" while it is open
    choices  while it is open: reading and what it would mean, the default first
    """

    heading: str
    clause: str
    path: str
    status: Status
    text: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Notice:
    """What one notice is made from: `rules` are the constitution with the readings applied."""

    rules: Constitution
    was_ambiguous: frozenset[str]
    language: str

    def say(self, section: str, key: str, **values: str) -> str:
        return str(_texts(self.language)[section][key]).format(**values)


def make_lines(constitution: Constitution, resolutions: Sequence[Resolution], language: str = "en") -> list[Line]:
    """Every rule that can matter, in the order of the constitution; OutcomeError for a resolution that does not fit."""
    ambiguous = frozenset(path for path, found in parameters(constitution) if found.ambiguous)
    notice = _Notice(apply_resolutions(constitution, resolutions), ambiguous, language)
    lines = [
        *_general(notice),
        *_parameter_lines(notice, _SECTIONS),
        *_grounds(notice),
        *_parameter_lines(notice, _LISTS),
    ]
    heading = notice.say("heading", "notes")
    return [*lines, *(Line(heading, clause, "", "clear", text) for clause, text in notice.rules.notes.items())]


def make_notice(constitution: Constitution, resolutions: Sequence[Resolution], language: str = "en") -> str:
    """The notice as text: headings, then per rule its clause, its sentence, and the choices where it is open."""
    words = _texts(language)["words"]
    rules = constitution
    title = words["title"].format(name=rules.name)
    about = words["subtitle"].format(regulation=rules.regulation, version=rules.version, approved_by=rules.approved_by)
    waiting = len(missing(constitution, resolutions))
    state = words["some-open"].format(number=waiting) if waiting else words["all-clear"]
    shown = [title, "=" * len(title), *wrap(about, _WIDTH), "", *wrap(state, _WIDTH), *wrap(words["legend"], _WIDTH)]
    heading = ""
    for line in make_lines(constitution, resolutions, language):
        if line.heading != heading:
            heading = line.heading
            shown += ["", heading, "-" * len(heading)]
        shown += _shown(line, words)
    return "\n".join(shown) + "\n"


def _shown(line: Line, words: Mapping[str, str]) -> Iterator[str]:
    clause = words["no-clause"] if line.clause == "silent" else line.clause
    if line.status == "open":
        yield from wrap(f"[{clause}] {words['open']} ({line.clause} {line.path})", _WIDTH, subsequent_indent="  ")
    else:
        mark = f"; {words['resolved']}" if line.status == "resolved" else ""
        yield from wrap(f"[{clause}{mark}] {line.text}", _WIDTH, subsequent_indent="  ")
    for reading, meaning in line.choices:
        yield from wrap(f"{reading}: {meaning}", _WIDTH, initial_indent="    - ", subsequent_indent="      ")


def _general(notice: _Notice) -> Iterator[Line]:
    heading, rules = notice.say("heading", "general"), notice.rules
    yield from _parameter_lines(notice, _GENERAL)
    small = notice.say("plain", "min_ballots", value=str(rules.min_ballots))
    yield Line(heading, "silent", "min_ballots", "clear", small)
    window = notice.say("plain", "review_window", seconds=_duration(notice, rules.review_window))
    yield Line(heading, "silent", "review_window", "clear", window)
    yield Line(heading, "silent", "max_slack", "clear", notice.say("plain", "max_slack", value=str(rules.max_slack)))


def _grounds(notice: _Notice) -> Iterator[Line]:
    heading = notice.say("heading", "grounds")
    for ground in notice.rules.grounds:
        yield Line(heading, ground.clause, "", "clear", _ground_text(notice, ground))


def _ground_text(notice: _Notice, ground: Ground) -> str:
    name = _called(notice, "ground-name", ground.id)
    text = notice.say("ground", "bars" if ground.bars else "plain", name=name)
    if not ground.motion:
        return text
    return notice.say("ground", "motion", text=text, motion=_position_name(notice, ground.motion))


def _parameter_lines(notice: _Notice, sections: Sequence[str]) -> Iterator[Line]:
    """The parameters of these sections that can matter; a line of its own introduces each item of a list."""
    introduced = ""
    for path, parameter in parameters(notice.rules):
        section, _, rest = path.partition(".")
        identity = rest.rpartition(".")[0].removesuffix(".seat")
        if section not in sections or (section == "procedures" and not is_used(notice.rules, identity)):
            continue
        heading = _heading(notice, section, identity)
        if section in _LISTS and heading != introduced:
            introduced = heading
            yield from _introduction(notice, section, identity, heading)
        if is_relevant(notice.rules, path, parameter):
            yield _line(notice, heading, path, parameter)


def _line(notice: _Notice, heading: str, path: str, parameter: Parameter[Any]) -> Line:
    if parameter.ambiguous:
        choices = tuple((reading_text(value), _sentence(notice, path, value)) for value in parameter.readings)
        return Line(heading, parameter.clause, path, "open", "", choices)
    status: Status = "resolved" if path in notice.was_ambiguous else "clear"
    return Line(heading, parameter.clause, path, status, _sentence(notice, path, parameter.value))


def _heading(notice: _Notice, section: str, identity: str) -> str:
    if section == "positions":
        return notice.say("heading", section, name=_position_name(notice, identity))
    if section in _LISTS:
        return notice.say("heading", section, name=_called(notice, f"{section.removesuffix('s')}-name", identity))
    return notice.say("heading", section if section in _SECTIONS else "general")


def _introduction(notice: _Notice, section: str, identity: str, heading: str) -> Iterator[Line]:
    if section == "procedures":
        procedure = notice.rules.procedure(identity)
        yield Line(heading, procedure.clause, "", "clear", notice.say("method", _method(procedure)))
    elif section == "positions":
        position = _position(notice.rules, identity)
        kind = "question" if position is None or position.seat is None else position.block or "none"
        clause = "silent" if position is None else position.clause
        rank = "" if position is None else str(position.rank)
        yield Line(heading, clause, "", "clear", notice.say("block", kind, rank=rank))


def _sentence(notice: _Notice, path: str, value: Any) -> str:
    *above, member = path.split(".")
    reading = reading_text(value)
    section = "seat" if above and above[-1] == "seat" else above[0] if above else member
    texts = _texts(notice.language)[section]
    known = texts if not above else texts[member]
    template = str(known.get(reading, known.get("*")))
    return template.format(
        value=reading,
        share=_share(notice, value) if member in _SHARES and value else "",
        days=_days(notice, value) if isinstance(value, int) else "",
        seconds=_duration(notice, value) if isinstance(value, int) else "",
        position=_position_name(notice, reading),
        procedure=_called(notice, "procedure-name", reading),
        bars=", ".join(notice.say("bar", bar) for bar in value) if isinstance(value, list) else "",
    )


def _share(notice: _Notice, text: str) -> str:
    share = Threshold.parse(text)
    kind = "more-than" if share.strict else "at-least"
    if 2 * share.numerator == share.denominator:
        return notice.say("words", f"{kind}-half")
    return notice.say("words", kind, share=f"{share.numerator}/{share.denominator}")


def _days(notice: _Notice, number: int) -> str:
    return _counted(notice, "days", number)


def _duration(notice: _Notice, seconds: int) -> str:
    if seconds and seconds % 86400 == 0:
        return _days(notice, seconds // 86400)
    if seconds and seconds % 3600 == 0:
        return _counted(notice, "hours", seconds // 3600)
    if seconds and seconds % 60 == 0:
        return _counted(notice, "minutes", seconds // 60)
    return _counted(notice, "seconds", seconds)


def _counted(notice: _Notice, section: str, number: int) -> str:
    return notice.say(section, plural(notice.language, number), number=str(number))


def _called(notice: _Notice, section: str, identity: str) -> str:
    """The name of a ground, procedure or petition of the presets; others are called by their id."""
    return str(_texts(notice.language)[section].get(identity, identity))


def _position(rules: Constitution, identity: str) -> Position | None:
    return next((position for position in rules.positions if position.id == identity), None)


def _position_name(notice: _Notice, identity: str) -> str:
    position = _position(notice.rules, identity)
    return identity if position is None else position.name.get(notice.language, position.name["en"])


def _method(procedure: Procedure) -> str:
    return str(procedure.__struct_config__.tag)


@cache
def _texts(language: str) -> dict[str, Any]:
    return tomllib.loads(files("tally").joinpath("texts", f"{language}.toml").read_text(encoding="utf-8"))
