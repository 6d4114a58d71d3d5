"""Every fault of a constitution document at once: what does not fit the schema, then what contradicts itself.

Works on plain data (from JSON or TOML), so that one broken value does not hide the faults of the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import inspect

from keys.ids import ID_PATTERN
from tally.parameter import Parameter
from tally.threshold import PATTERN

Path = tuple[str | int, ...]

SILENT: Final = "silent"  # the clause where no clause says anything

_SHOWN: Final = 60  # letters of a wrong value that a message repeats
_WORDS: Final = {
    ID_PATTERN: "an id (lower-case letters, digits, '.' and '-')",
    f"^\\Z|{ID_PATTERN}": 'an id, or ""',
    PATTERN: 'a share such as "> 1/2" or ">= 7/10"',
    f"^\\Z|{PATTERN}": 'a share such as "> 1/2" or ">= 7/10", or ""',
    r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?\Z": 'a date such as "2026-09-14", or ""',
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: where in the document it is, and what was expected there."""

    path: Path
    text: str


def name_path(document: Any, path: Path) -> str:
    """The path for people, with ids for the items of lists: `positions.head-of-class.seat.acting`."""
    here, name = document, ""
    for step in path:
        here = _inside(here, step)
        if isinstance(step, str):
            name += f".{step}" if name else step
        elif isinstance(here, dict) and isinstance(here.get("id"), str):
            name += f".{here['id']}"
        else:
            name += f"[{step}]"
    return name or "constitution"


def name_clause(document: Any, path: Path) -> str:
    """The clause that the faulty place stands for: its own, of what surrounds it, or of what stands beside it."""
    found, here = "", document
    for step in path:
        here = _inside(here, step)
        if isinstance(here, dict) and _is_text(here.get("clause")):
            found = here["clause"]
    if found or len(path) < 2 or isinstance(path[1], int):
        return found or SILENT
    beside = [item["clause"] for item in _inner_tables(_inside(document, path[0])) if _is_text(item.get("clause"))]
    return next((clause for clause in beside if clause != SILENT), SILENT)


def describe(document: Any, fault: Fault) -> str:
    """The message: "positions.head.rank (clause 6.12.5): expected …, got …"."""
    return f"{name_path(document, fault.path)} (clause {name_clause(document, fault.path)}): {fault.text}"


def find_schema_faults(document: Any, kind: Any) -> list[Fault]:
    """Everything in which `document` is not a `kind`, in the order of the schema."""
    return list(_faults_of(document, type_info(kind), ()))


@cache
def type_info(kind: Any) -> Any:
    """Msgspec's description of a type."""
    return inspect.type_info(kind)


def is_parameter(info: Any) -> bool:
    """Whether a described type is a Parameter."""
    return isinstance(info, inspect.StructType) and getattr(info.cls, "__origin__", info.cls) is Parameter


def members_of(info: Any, value: Any) -> Any:
    """The description of the struct that `value` should be: of a union (by its tag, or without null); else `info`."""
    if not isinstance(info, inspect.UnionType):
        return info
    kinds = [kind for kind in info.types if isinstance(kind, inspect.StructType)]
    if len(kinds) == 1 or not isinstance(value, dict):
        return kinds[0] if kinds and value is not None else info
    return next((kind for kind in kinds if kind.tag_field and value.get(kind.tag_field) == kind.tag), info)


def _faults_of(value: Any, info: Any, path: Path) -> Iterator[Fault]:
    union = info
    info = members_of(info, value)
    if isinstance(info, inspect.UnionType):
        if value is not None:
            yield from _tag_faults(value, union, path)
    elif isinstance(info, inspect.StructType):
        yield from _table_faults(value, info, path)
    elif isinstance(info, inspect.ListType):
        yield from _list_faults(value, info, path)
    elif isinstance(info, inspect.DictType):
        yield from _dict_faults(value, info, path)
    elif (expected := _expected(value, info)) is not None:
        yield Fault(path, f"expected {expected}, got {_shown(value)}")


def _tag_faults(value: Any, info: inspect.UnionType, path: Path) -> Iterator[Fault]:
    kinds = [kind for kind in info.types if isinstance(kind, inspect.StructType)]
    if not isinstance(value, dict):
        yield Fault(path, f"expected a table, got {_shown(value)}")
        return
    field = str(kinds[0].tag_field)
    tags = ", ".join(str(kind.tag) for kind in kinds)
    got = f"got {_shown(value[field])}" if field in value else "but it is missing"
    yield Fault((*path, field), f"expected one of {tags}, {got}")


def _table_faults(value: Any, info: inspect.StructType, path: Path) -> Iterator[Fault]:
    if not isinstance(value, dict):
        expected = 'a table { clause = "…", value = … }' if is_parameter(info) else "a table"
        yield Fault(path, f"expected {expected}, got {_shown(value)}")
        return
    known = {field.name: field.type for field in info.fields}
    absent = [name for name in known if name not in value]
    for name in value:
        if name in known or name == info.tag_field:
            continue
        meant = get_close_matches(name, absent, 1)
        absent = [other for other in absent if other not in meant]  # one slip, one message
        hint = f'did you mean "{meant[0]}"?' if meant else f"expected one of {', '.join(known)}"
        yield Fault((*path, name), f"unknown key; {hint}")
    found = list(_member_faults(value, known, absent, path))
    yield from found
    if is_parameter(info) and not found and known.keys() <= value.keys():
        yield from _reading_faults(value, path)


def _member_faults(value: dict[str, Any], known: dict[str, Any], absent: list[str], path: Path) -> Iterator[Fault]:
    for name, kind in known.items():
        if name in absent:
            yield Fault((*path, name), "missing")
        elif name in value:
            yield from _faults_of(value[name], kind, (*path, name))


def _reading_faults(parameter: dict[str, Any], path: Path) -> Iterator[Fault]:
    readings = parameter["readings"]
    if len(readings) == 1:
        yield Fault((*path, "readings"), "expected at least two readings, or none and a value; got a single one")
    elif any(reading in readings[:index] for index, reading in enumerate(readings)):
        yield Fault((*path, "readings"), f"expected different readings, got {_shown(readings)}")
    if readings and parameter["value"] != readings[0]:
        first, got = _shown(readings[0]), _shown(parameter["value"])
        yield Fault((*path, "value"), f"expected the first of the readings, {first}, as the default, got {got}")


def _list_faults(value: Any, info: inspect.ListType, path: Path) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault(path, f"expected a list, got {_shown(value)}")
    elif info.min_length and len(value) < info.min_length:
        yield Fault(path, f"expected at least {info.min_length}, got an empty list")
    else:
        for index, item in enumerate(value):
            yield from _faults_of(item, info.item_type, (*path, index))


def _dict_faults(value: Any, info: inspect.DictType, path: Path) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(path, f"expected a table, got {_shown(value)}")
        return
    for name, item in value.items():
        if not name.isascii():
            yield Fault((*path, name), "expected a key in ASCII letters")
        yield from _faults_of(item, info.value_type, (*path, name))


def _expected(value: Any, info: Any) -> str | None:
    """What a plain value should have been, or None where it is all right."""
    try:
        msgspec.convert(value, _kind_of(info))
    except msgspec.ValidationError:
        return _in_words(info)
    return None


def _kind_of(info: Any) -> Any:
    """The type that a description of a plain value stands for."""
    if isinstance(info, inspect.LiteralType):
        return Literal[tuple(info.values)]
    if isinstance(info, inspect.IntType):
        return Annotated[int, msgspec.Meta(ge=info.ge, le=info.le)]
    if isinstance(info, inspect.StrType):
        return Annotated[
            str, msgspec.Meta(min_length=info.min_length, max_length=info.max_length, pattern=info.pattern)
        ]
    return bool


def _in_words(info: Any) -> str:
    if isinstance(info, inspect.LiteralType):
        values = [_shown(value) for value in info.values]
        return values[0] if len(values) == 1 else f"one of {', '.join(values)}"
    if isinstance(info, inspect.IntType):
        below = 1000 if info.le is None or info.le > 2**40 else info.le
        return (
            f"a whole number of {info.ge} or more" if below == 1000 else f"a whole number from {info.ge} to {info.le}"
        )
    if isinstance(info, inspect.StrType):
        return _WORDS.get(info.pattern or "", f"text of 1 to {info.max_length} letters")
    return "true or false"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or (isinstance(value, (dict, list)) and not value):
        return {type(None): "nothing", dict: "an empty table", list: "an empty list"}[type(value)]
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        text = f"[{', '.join(map(_shown, value))}]"
    else:
        text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return value[step] if isinstance(value, list) and step < len(value) else None
    return value.get(step) if isinstance(value, dict) else None


def _inner_tables(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _inner_tables(item)
    elif isinstance(value, list):
        for item in value:
            yield from _inner_tables(item)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)
