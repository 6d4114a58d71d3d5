"""The rules in the making: a preset or a file, its values changed one by one, every fault named with its clause.

They are kept as plain JSON, with faults if there are any; what the committee signs is the canonical form of rules
without one. The readings that the committee means to sign are kept beside them.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from election_service.console.form_faults import FieldFault, FormFaultsError
from election_service.errors import InputError
from keys.errors import FormatError
from keys.text import check_text
from tally.constitution import Constitution, Resolution, dump_constitution, find_faults, load_constitution
from tally.constitution_faults import describe, name_clause, name_path
from tally.constitution_toml import PRESETS, load_toml, preset, text_faults
from tally.errors import ConstitutionError, OutcomeError
from tally.resolutions import ambiguities, check_resolution, parameters, reading_text

MAX_FILE: Final = 256 << 10  # bytes of a file of rules
_DIGITS: Final = 12
PLAIN: Final = ("name", "regulation", "version", "approved_by", "min_ballots", "review_window", "max_slack")
_YES, _NO = "true", "false"
_READINGS: Final = "readings"
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


@dataclass(frozen=True, slots=True)
class RuleField:
    """One value that can be set: ``path`` as in messages, the clause it comes from, the value as it is written."""

    path: str
    clause: str
    value: str
    kind: str  # text, number, yes-no, list; readings: of an ambiguous clause, the default first


@dataclass(frozen=True, slots=True)
class RuleFault:
    """A fault: where, by which clause, and what was expected."""

    path: str
    clause: str
    text: str


def begin_rules(name: str) -> str:
    """The rules of a preset; FormFaultsError for a name that none has."""
    if name not in PRESETS:
        raise FormFaultsError("rules", [FieldFault("preset", f"expected one of {', '.join(PRESETS)}")])
    return _write(msgspec.to_builtins(load_toml(preset(name))))


def read_rules_file(raw: bytes) -> str:
    """The rules of a file, TOML or canonical JSON; FormFaultsError with every fault."""
    if len(raw) > MAX_FILE:
        raise FormFaultsError("rules", [FieldFault("file", f"expected at most {MAX_FILE} bytes, got {len(raw)}")])
    try:
        text = raw.decode("utf-8")
        rules = load_constitution(raw.strip()) if text.lstrip().startswith("{") else load_toml(text)
    except ConstitutionError as error:
        raise FormFaultsError("rules", [FieldFault("file", fault) for fault in error.faults]) from error
    except (FormatError, UnicodeDecodeError) as error:
        raise FormFaultsError("rules", [FieldFault("file", str(error))]) from error
    document = msgspec.to_builtins(rules)
    faults = [FieldFault("file", describe(document, fault)) for fault in text_faults(document, ())]
    if faults:
        raise FormFaultsError("rules", faults)
    return _write(document)


def rule_fields(rules: str) -> list[RuleField]:
    """Every value and every list of readings: plain members first, then parameters in the order of their names."""
    document = _read(rules)
    plain = [_field(name, "silent", document[name]) for name in PLAIN if name in document]
    return [*plain, *(_parameter_field(path, item) for path, item in _parameters(document, ""))]


def past_dates(rules: str, today: str) -> list[RuleField]:
    """The dates in the rules that lie before today (YYYY-MM-DD): last year's, most likely."""
    return [
        field
        for field in rule_fields(rules)
        if any(_DATE.match(item) and item < today for item in field.value.split(", "))
    ]


def rule_faults(rules: str) -> list[RuleFault]:
    """Every fault of the rules in the making."""
    document = _read(rules)
    return [
        RuleFault(name_path(document, fault.path), name_clause(document, fault.path), fault.text)
        for fault in find_faults(document)
    ]


def change_rules(rules: str, values: Mapping[str, str]) -> str:
    """The rules with other values, by path; they may have faults then. What is as it was stays as it was.

    FormFaultsError for a path that none has, for another kind of value, and for text that must not stand anywhere.
    """
    document = _read(rules)
    before = {field.path: field.value for field in rule_fields(rules)}
    faults = []
    for path, text in values.items():
        if text == before.get(path):
            continue
        place = _place(document, path)
        if place is None:
            faults.append(FieldFault(path, "there is no such value in these rules"))
            continue
        table, name = place
        try:
            _set(table, name, check_text(text.strip(), "text"))
        except FormatError as error:
            faults.append(FieldFault(path, str(error).removeprefix("text: ")))
    if faults:
        raise FormFaultsError("rules", faults)
    return _write(document)


def finished_rules(rules: str) -> bytes:
    """What the committee signs: the canonical JSON of rules without a fault; FormFaultsError otherwise."""
    if not rules:
        raise InputError("rules: there are none yet", "begin with a preset, or give a file")
    faults = [FieldFault(fault.path, f"{fault.text} ({fault.clause})") for fault in rule_faults(rules)]
    if faults:
        raise FormFaultsError("rules", faults)
    return dump_constitution(constitution_of(rules))


def constitution_of(rules: str) -> Constitution:
    """The rules as a value; ConstitutionError where they have faults."""
    return load_constitution(msgspec.json.encode(_read(rules), order="sorted"))


# ---- readings --------------------------------------------------------------------------------------------------------


def choose_readings(rules: Constitution, values: Mapping[str, str]) -> dict[str, str]:
    """Clause → reading, checked; FormFaultsError for what is no ambiguous clause or none of its readings."""
    faults, chosen = [], {}
    for clause, reading in values.items():
        try:
            check_resolution(rules, Resolution(clause, reading))
        except OutcomeError as error:
            faults.append(FieldFault(clause, str(error)))
            continue
        chosen[clause] = reading
    if faults:
        raise FormFaultsError("readings", faults)
    return chosen


def planned_readings(rules: Constitution, chosen: Mapping[str, str]) -> dict[str, str]:
    """Clause → reading for every ambiguous clause: the chosen one, or the default."""
    found = {item.clause: item for item in ambiguities(rules)}
    return {
        clause: reading if (reading := chosen.get(clause, item.default)) in item.readings else item.default
        for clause, item in found.items()
    }


def shown_values(rules: Constitution) -> dict[str, str]:
    """Path → value as it is written, of every parameter."""
    return {path: reading_text(found.value) for path, found in parameters(rules)}


# ---- plain data ------------------------------------------------------------------------------------------------------


def _read(rules: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(rules)
    return document


def _write(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _parameters(value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every table with a clause, a value and readings, by its dotted path; items of lists by their ids."""
    if isinstance(value, dict) and {"clause", "value", "readings"} <= value.keys():
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _parameters(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict) and isinstance(inner.get("id"), str):
                yield from _parameters(inner, f"{path}.{inner['id']}")


def _set(table: dict[str, Any], name: str, text: str) -> None:
    """Write a value, or the readings of an ambiguous clause; a single reading settles it."""
    if name != _READINGS:
        table[name] = _value(text, table[name])
        return
    like = table["value"]
    if isinstance(like, list):
        raise FormatError("text: readings that are lists are changed in a file: give it instead")
    found = [_value(item.strip(), like) for item in text.split(",") if item.strip()]
    if not found:
        raise FormatError("text: expected at least one reading")
    table |= {"value": found[0], _READINGS: found if len(found) > 1 else []}


def _place(document: dict[str, Any], path: str) -> tuple[dict[str, Any], str] | None:
    """The table and the name under which a value stands."""
    if path in PLAIN:
        return (document, path) if path in document else None
    found = dict(_parameters(document, "")).get(path)
    return None if found is None else (found, _READINGS if found[_READINGS] else "value")


def _parameter_field(path: str, parameter: Mapping[str, Any]) -> RuleField:
    readings = parameter[_READINGS]
    if not readings:
        return _field(path, parameter["clause"], parameter["value"])
    return RuleField(path, parameter["clause"], ", ".join(map(reading_text, readings)), _READINGS)


def _field(path: str, clause: str, value: Any) -> RuleField:
    if isinstance(value, bool):
        return RuleField(path, clause, _YES if value else _NO, "yes-no")
    if isinstance(value, list):
        return RuleField(path, clause, ", ".join(map(str, value)), "list")
    return RuleField(path, clause, str(value), "number" if isinstance(value, int) else "text")


def _value(text: str, before: Any) -> Any:
    """What was written, as the same kind of value as before; FormatError for another kind."""
    if isinstance(before, bool):
        if text not in (_YES, _NO):
            raise FormatError(f"text: expected {_YES} or {_NO}, got {text[:40]!r}")
        return text == _YES
    if isinstance(before, list):
        return [item.strip() for item in text.split(",") if item.strip()]
    if isinstance(before, int):
        if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
            raise FormatError(f"text: expected a whole number, got {text[:40]!r}")
        return int(text)
    return text
