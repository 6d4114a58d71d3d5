"""A constitution as people write it: TOML with comments (docs/rules.md), read with every fault at once.

A parameter is an inline table: `{ clause = "6.12.4", value = ">= 1/2" }`, or, where the text is ambiguous,
`{ clause = "6.12.4", readings = ["both", "university"] }` with the default first. What JSON writes as null (no board,
no seat, no share) is simply not there.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from typing import Any, Final

import msgspec
from msgspec import inspect

from keys.errors import FormatError
from keys.text import check_text
from tally.constitution import Constitution, find_faults
from tally.constitution_faults import Fault, Path, describe, is_parameter, members_of, type_info
from tally.errors import ConstitutionError
from tally.toml_lines import find_lines, line_of

_MOST_DOTS: Final = 100  # in a line: a key of n parts takes tomllib n² steps (A93)
PRESETS: Final = ("ibsu-direct", "ibsu-by-members", "atu-organisation", "motion", "survey")


@dataclass(frozen=True, slots=True)
class _Fraction:
    """A number with a point, as it was written: no rule takes one, and it must not become a float."""

    text: str

    def __str__(self) -> str:
        return self.text


def preset(name: str) -> str:
    """The TOML text of a preset; ConstitutionError for a name that none has."""
    if name not in PRESETS:
        raise ConstitutionError((f"preset: expected one of {', '.join(PRESETS)}, got {name!r}",))
    return files("tally").joinpath("presets", f"{name}.toml").read_text(encoding="utf-8")


def load_toml(text: str) -> Constitution:
    """Read the TOML form.

    Raises ConstitutionError with every fault, in the order of the lines: "line 12: positions.head.rank (clause 6.12.5):
    expected …, got …". Text that is no TOML at all has one fault.
    """
    text = text.removeprefix("\ufeff")
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > _MOST_DOTS:
            raise ConstitutionError((f"line {number}: not TOML: nested too deeply",))
    try:
        document = tomllib.loads(text, parse_float=_Fraction)
        lines = find_lines(text)
    except RecursionError as error:
        raise ConstitutionError(("line 1: not TOML: nested too deeply",)) from error
    except ValueError as error:
        raise ConstitutionError((_syntax_fault(text, str(error)),)) from error
    document.setdefault("v", "es1")
    _complete(document, type_info(Constitution))
    faults = [*find_faults(document), *text_faults(document, ())]
    if faults:
        faults.sort(key=lambda fault: line_of(lines, fault.path))
        raise ConstitutionError(
            tuple(f"line {line_of(lines, fault.path)}: {describe(document, fault)}" for fault in faults)
        )
    return msgspec.convert(document, Constitution)


def _syntax_fault(text: str, message: str) -> str:
    found = re.search(r" \(at line ([0-9]+), column [0-9]+\)\Z", message)
    line = int(found[1]) if found else text.rstrip("\n").count("\n") + 1
    reason = message[: found.start()] if found else message.removesuffix(" (at end of document)")
    return f"line {line}: not TOML: {reason}"


def text_faults(value: Any, path: Path) -> Iterator[Fault]:
    """What must not stand in a text that people read: control characters, text that runs backwards."""
    if isinstance(value, str):
        try:
            check_text(value, "text")
        except FormatError as error:
            yield Fault(path, str(error).removeprefix("text: "))
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from text_faults(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from text_faults(item, (*path, index))


def _complete(value: Any, info: Any) -> None:
    """Write out what TOML leaves out: null for an absent table, no readings, the default of readings as the value."""
    info = members_of(info, value)
    if isinstance(info, inspect.ListType) and isinstance(value, list):
        for item in value:
            _complete(item, info.item_type)
    if not isinstance(info, inspect.StructType) or not isinstance(value, dict):
        return
    if is_parameter(info):
        _complete_parameter(value)
        return
    unknown = value.keys() - {field.name for field in info.fields}
    for field in info.fields:
        if field.name in value:
            _complete(value[field.name], field.type)
        elif getattr(field.type, "includes_none", False) and not get_close_matches(field.name, unknown, 1):
            value[field.name] = None  # otherwise the key is there, with a slip of the pen


def _complete_parameter(parameter: dict[str, Any]) -> None:
    readings = parameter.get("readings")
    if "readings" not in parameter:
        parameter["readings"] = []
    elif "value" not in parameter and isinstance(readings, list) and readings:
        parameter["value"] = readings[0]
