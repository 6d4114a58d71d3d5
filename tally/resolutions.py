"""Resolutions: the committee's readings of ambiguous clauses, and the rules that follow from them (docs/rules.md)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tally.constitution import Constitution, Resolution
from tally.errors import OutcomeError
from tally.parameter import Parameter
from tally.reasoning import Conclusion, Rule, Step


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """One ambiguous parameter.

    clause   what a resolution names: "<clause> <path>"
    path     dotted path in the constitution, with ids for the items of lists: "positions.head-of-class.seat.acting"
    readings as text, the default first; `default` is the first
    """

    clause: str
    path: str
    readings: tuple[str, ...]
    default: str


def reading_text(value: Any) -> str:
    """A reading as a resolution writes it: numbers in decimal, true and false, lists with commas, "none" if empty."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(map(str, value)) or "none"
    return str(value) or "none"


def parameters(constitution: Constitution) -> Iterator[tuple[str, Parameter[Any]]]:
    """Yield every parameter with its dotted path, in the order of the schema."""
    yield from _parameters_of(constitution, "")


def ambiguities(constitution: Constitution) -> list[Ambiguity]:
    """Every parameter that needs a resolution, in the order of the schema."""
    return [_ambiguity(path, found) for path, found in parameters(constitution) if found.ambiguous]


def missing(constitution: Constitution, resolutions: Sequence[Resolution]) -> list[str]:
    """The resolution clauses that nobody has resolved yet, in the order of the schema."""
    resolved = {resolution.clause for resolution in resolutions}
    return [found.clause for found in ambiguities(constitution) if found.clause not in resolved]


def check_resolution(constitution: Constitution, resolution: Resolution) -> None:
    """Refuse, with OutcomeError, a clause that needs no resolution and a reading that is none of its readings."""
    _choose(constitution, [resolution])


def apply_resolutions(constitution: Constitution, resolutions: Sequence[Resolution]) -> Constitution:
    """The rules with the last reading of each clause as its value; what is resolved is ambiguous no more.

    Raises OutcomeError as `check_resolution` does.
    """
    chosen = _choose(constitution, resolutions)

    def settle(path: str, parameter: Parameter[Any]) -> Parameter[Any]:
        reading = chosen.get(f"{parameter.clause} {path}")
        if reading is None or not parameter.ambiguous:
            return parameter
        value = next(value for value in parameter.readings if reading_text(value) == reading)
        return Parameter(clause=parameter.clause, value=value, readings=[])

    settled: Constitution = _rebuild(constitution, "", settle)
    return settled


def resolution_steps(constitution: Constitution, resolutions: Sequence[Resolution]) -> list[Step]:
    """One step per reading in force, ascending by clause."""
    chosen = _choose(constitution, resolutions)
    return [
        Step(
            contest=None,
            rule=Rule.RESOLUTION,
            clause=clause,
            inputs={},
            comparison="",
            holds=True,
            conclusion=Conclusion.READ_AS,
            names=[reading],
            grounds=[f"resolution:{clause}"],
        )
        for clause, reading in sorted(chosen.items())
    ]


def _choose(constitution: Constitution, resolutions: Sequence[Resolution]) -> dict[str, str]:
    """The last reading of each resolved clause; OutcomeError for what is no clause or no reading."""
    known = {found.clause: found for found in ambiguities(constitution)}
    for resolution in resolutions:
        found = known.get(resolution.clause)
        if found is None:
            raise OutcomeError(f"resolution: expected a clause that is ambiguous here, got {resolution.clause!r}")
        if resolution.reading not in found.readings:
            raise OutcomeError(
                f"resolution of clause {resolution.clause}: expected one of {', '.join(found.readings)}, "
                f"got {resolution.reading!r}"
            )
    return {resolution.clause: resolution.reading for resolution in resolutions}


def _ambiguity(path: str, parameter: Parameter[Any]) -> Ambiguity:
    readings = tuple(map(reading_text, parameter.readings))
    return Ambiguity(f"{parameter.clause} {path}", path, readings, readings[0])


def _parameters_of(value: Any, path: str) -> Iterator[tuple[str, Parameter[Any]]]:
    if isinstance(value, Parameter):
        yield path, value
        return
    for name, inner in _inner(value):
        yield from _parameters_of(inner, _join(path, name))


def _inner(value: Any) -> Iterator[tuple[str, Any]]:
    """The named parts of a struct, and the items of a list by their ids."""
    if isinstance(value, msgspec.Struct):
        yield from ((name, getattr(value, name)) for name in value.__struct_fields__)
    elif isinstance(value, list):
        yield from ((item.id, item) for item in value if hasattr(item, "id"))


def _rebuild(value: Any, path: str, settle: Callable[[str, Parameter[Any]], Parameter[Any]]) -> Any:
    if isinstance(value, Parameter):
        return settle(path, value)
    parts = {name: _rebuild(inner, _join(path, name), settle) for name, inner in _inner(value)}
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.replace(value, **parts)
    return list(parts.values()) if isinstance(value, list) and parts else value


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
