"""A constitution as people write it: TOML with comments (docs/rules.md), read with every fault at once."""

import tomllib
from importlib.resources import files
from typing import Any, Final

import msgspec
from msgspec import inspect

from tally.constitution import Constitution, find_faults
from tally.constitution_faults import describe, is_parameter, members_of, type_info
from tally.errors import ConstitutionError

PRESETS: Final = ("ibsu-direct", "ibsu-by-members", "atu-organisation", "motion", "survey")


def preset(name: str) -> str:
    """The TOML text of a preset; ConstitutionError for a name that none has."""
    if name not in PRESETS:
        raise ConstitutionError((f"preset: expected one of {', '.join(PRESETS)}, got {name!r}",))
    return files("tally").joinpath("presets", f"{name}.toml").read_text(encoding="utf-8")


def load_toml(text: str) -> Constitution:
    """Read the TOML form."""
    document = tomllib.loads(text)
    document.setdefault("v", "es1")
    _complete(document, type_info(Constitution))
    faults = find_faults(document)
    if faults:
        raise ConstitutionError(tuple(describe(document, fault) for fault in faults))
    return msgspec.convert(document, Constitution)


def _complete(value: Any, info: Any) -> None:
    """Write out what TOML leaves out: null for an absent table, no readings, the default of readings as the value."""
    info = members_of(info, value)
    if isinstance(info, inspect.ListType) and isinstance(value, list):
        for item in value:
            _complete(item, info.item_type)
    if not isinstance(info, inspect.StructType) or not isinstance(value, dict):
        return
    if is_parameter(info):
        if "value" in value:
            value.setdefault("readings", [])
        elif isinstance(value.get("readings"), list) and value["readings"]:
            value["value"] = value["readings"][0]
        return
    for field in info.fields:
        if field.name in value:
            _complete(value[field.name], field.type)
        elif isinstance(field.type, inspect.UnionType) and field.type.includes_none:
            value[field.name] = None
