"""The rules of one election as data: clause -> parameter (docs/protocol.md §9, docs/rules.md).

The blob that the `constitution` entry names is canonical JSON of `Constitution`. Loading reports every fault at once.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta

from keys import canonical
from keys.canonical import Id, Natural, Positive, Wire
from tally.errors import ConstitutionError, OutcomeError
from tally.methods import METHODS
from tally.reasoning import Step

SCOPES = ("university", "block", "both")

Text = Annotated[str, Meta(min_length=1, max_length=200)]


class TurnoutRule(Wire, frozen=True):
    """When a poll counts at all: participants / entitled >= numerator / denominator (IBSU 6.12.4).

    `electorate` is the id of the whole body's electorate; `scope` says which bodies are tested (tally/turnout.py).
    """

    clause: Text
    numerator: Natural
    denominator: Positive
    scope: Literal["university", "block", "both"]
    electorate: Id


class Position(Wire, frozen=True):
    """An office that contests are about; `rank` 1 is the highest, `method` one of tally/methods.py."""

    id: Id
    clause: Text
    rank: Positive
    method: str


class Constitution(Wire, frozen=True):
    """The rule set.

    min_ballots    contests with fewer ballots (but not none) are not decrypted; at least 2
    review_window  seconds from the publication of all tokens until shares may be made
    max_slack      percent: certification is barred unless 100 * (tokens - ballots) <= max_slack * tokens
    """

    v: Literal["es1"]
    name: Text
    min_ballots: Annotated[int, Meta(ge=2, le=canonical.MAX_INTEGER)]
    review_window: Natural
    max_slack: Annotated[int, Meta(ge=0, le=100)]
    turnout: TurnoutRule
    positions: Annotated[list[Position], Meta(min_length=1)]


@dataclass(frozen=True, slots=True)
class Resolution:
    """The committee's signed reading of one ambiguous clause, as logged before the poll opened."""

    clause: str
    reading: str


def load_constitution(raw: bytes) -> Constitution:
    """Read a constitution blob.

    Raises FormatError for bytes that are not canonical JSON, ConstitutionError with every fault otherwise.
    """
    document = canonical.decode(raw, Any)  # the faults are found below
    faults = tuple(_faults(document))
    if faults:
        raise ConstitutionError(faults)
    return msgspec.convert(document, Constitution)


def dump_constitution(constitution: Constitution) -> bytes:
    """Return the blob; raises ConstitutionError where it could not be loaded again."""
    raw = canonical.encode(constitution)
    load_constitution(raw)
    return raw


def apply_resolutions(constitution: Constitution, resolutions: Sequence[Resolution]) -> tuple[Constitution, list[Step]]:
    """Return the rules under the committee's readings, and one step per resolution, in logged order.

    This rule set has one ambiguous clause, the scope of the turnout. The last reading of it holds; an earlier one,
    even one that is no scope, is replaced, so that a mistake in an append-only log can be mended. A resolution of
    another clause changes no parameter, and its step says so. Raises OutcomeError where the reading that holds is none.
    """
    steps: list[Step] = []
    last = max((n for n, r in enumerate(resolutions) if r.clause == constitution.turnout.clause), default=None)
    for number, resolution in enumerate(resolutions):
        if number == last:
            constitution = _with_scope(constitution, resolution.reading)
            effect = "sets the scope of the turnout"
        elif resolution.clause == constitution.turnout.clause:
            effect = "replaced by a later reading"
        else:
            effect = "changes no parameter of these rules"
        steps.append(
            Step(
                contest=None,
                rule="resolution",
                clause=resolution.clause,
                inputs={},
                comparison="",
                holds=number == last,
                conclusion=f'read as "{resolution.reading}": {effect}',
            )
        )
    return constitution, steps


def _with_scope(constitution: Constitution, reading: str) -> Constitution:
    rule = constitution.turnout
    if reading not in SCOPES:
        scopes = ", ".join(SCOPES)
        raise OutcomeError(f"resolution of clause {rule.clause}: expected one of {scopes}, got {reading!r}")
    return msgspec.structs.replace(constitution, turnout=msgspec.structs.replace(rule, scope=reading))


def _faults(document: Any) -> Iterator[str]:
    """Yield every fault of the document, in the order of the schema; `turnout.scope: ...` names the member."""
    found = list(_schema_faults(document, Constitution, "constitution"))
    yield from found
    broken = {re.split(r"[.:\[]", fault, maxsplit=1)[0] for fault in found}
    if "constitution" in broken:
        return
    if "turnout" in document and "turnout" not in broken:
        turnout = document["turnout"]
        if turnout["numerator"] > turnout["denominator"]:
            yield f"turnout.numerator: expected at most {turnout['denominator']}, got {turnout['numerator']}"
    if "positions" in document and "positions" not in broken:
        yield from _position_faults(document["positions"])


def _position_faults(positions: list[dict[str, Any]]) -> Iterator[str]:
    for member in ("id", "rank"):
        for value, times in Counter(position[member] for position in positions).items():
            if times > 1:
                yield f"positions: {member} {value} stands {times} times, expected once"
    for position in positions:
        if position["method"] not in METHODS:
            yield (
                f"positions: method of {position['id']} (clause {position['clause']}): expected one of "
                f"{', '.join(sorted(METHODS))}, got {position['method']!r}"
            )


def _schema_faults(value: Any, kind: Any, path: str) -> Iterator[str]:
    """Yield what msgspec would raise, but all of it and not only the first."""
    origin = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if isinstance(origin, type) and issubclass(origin, Wire) and isinstance(value, dict):
        fields = {field.name: field.type for field in msgspec.structs.fields(origin)}
        prefix = "" if origin is Constitution else f"{path}."
        yield from (f"{prefix}{name}: unknown member" for name in value if name not in fields)
        for name, member_kind in fields.items():
            if name in value:
                yield from _schema_faults(value[name], member_kind, prefix + name)
            else:
                yield f"{prefix}{name}: missing"
    elif get_origin(origin) is list and isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _schema_faults(item, get_args(origin)[0], f"{path}[{index}]")
    else:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            yield f"{path}: {error}"
