"""Small builders for the tests of the law: constitutions from the presets, facts, resolutions."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from tally.constitution import Constitution, Procedure, Resolution, load_constitution
from tally.constitution_toml import load_toml, preset
from tally.facts import ContestFacts, OptionFacts
from tally.parameter import Parameter
from tally.resolutions import ambiguities, apply_resolutions


@cache
def preset_constitution(name: str = "ibsu-direct") -> Constitution:
    """A preset as its institution gets it: ambiguous clauses are open."""
    return load_toml(preset(name))


def default_resolutions(constitution: Constitution, changes: Mapping[str, str] | None = None) -> list[Resolution]:
    """One resolution per ambiguous clause: its default reading, or what `changes` says for its path."""
    wanted = dict(changes or {})
    made = [Resolution(found.clause, wanted.pop(found.path, found.default)) for found in ambiguities(constitution)]
    if wanted:
        raise AssertionError(f"not ambiguous: {', '.join(wanted)}")
    return made


def make_constitution(
    changes: Mapping[str, Any] | None = None, *, name: str = "ibsu-direct", settled: bool = True, **members: Any
) -> Constitution:
    """A preset with every ambiguity settled to its default, and with changed parameters and plain members.

    `changes`: dotted path -> new value, e.g. {"turnout.scope": "block", "positions.head-of-faculty.seat.approval":
    "none"}; any parameter, ambiguous or not. `members`: plain members of the constitution, e.g. min_ballots=2.
    """
    plain: dict[str, Any] = msgspec.to_builtins(preset_constitution(name))
    if settled:
        found = preset_constitution(name)
        plain = msgspec.to_builtins(apply_resolutions(found, default_resolutions(found)))
    for path, value in (changes or {}).items():
        place = inside(plain, path)
        place |= {"value": value, "readings": []}
    plain |= members
    return load_constitution(msgspec.json.encode(plain, order="sorted"))


def inside(plain: Any, path: str) -> Any:
    """What stands at a dotted path of a constitution as plain data; items of lists by their ids."""
    for step in path.split("."):
        plain = plain[step] if isinstance(plain, dict) else next(item for item in plain if item["id"] == step)
    return plain


def procedure(identity: str, changes: Mapping[str, Any] | None = None, *, name: str = "ibsu-direct") -> Procedure:
    """A procedure of a preset, e.g. procedure("president", {"base": "valid"})."""
    paths = {f"procedures.{identity}.{member}": value for member, value in (changes or {}).items()}
    return make_constitution(paths, name=name).procedure(identity)


def parameter(value: Any, clause: str = "silent", readings: list[Any] | None = None) -> Parameter[Any]:
    """A parameter."""
    return Parameter(clause=clause, value=value, readings=readings or [])


def contest(
    name: str,
    counts: dict[str, int] | None,
    *,
    size: int,
    ballots: int,
    position: str | None = "head-of-self-governance",
    electorate: str = "university",
    options: str = "ana beka blank",
    void: frozenset[str] = frozenset(),
    attended: int | None = None,
    tickets: tuple[bytes, ...] = (),
) -> ContestFacts:
    """Facts of one contest; an option called "blank" is the blank one."""
    names = list(counts) if counts is not None else options.split()
    return ContestFacts(
        contest=name,
        position=position,
        electorate=electorate,
        size=size,
        options=tuple(OptionFacts(option, option == "blank") for option in names),
        ballots=ballots,
        counts=None if counts is None else tuple(counts.values()),
        void=void,
        attended=attended,
        tickets=tickets,
    )
