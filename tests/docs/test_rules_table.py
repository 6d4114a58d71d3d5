"""The clauses in docs/rules.md: parameters, code and tests exist, and no clause of a preset is missing (A103)."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tally.constitution_toml import PRESETS, load_toml, preset
from tally.resolutions import parameters

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
INSTITUTIONS = {"ibsu": ("ibsu-direct", "ibsu-by-members", "motion"), "atu": ("atu-organisation", "survey")}
SILENT = "silent"
NOTHING = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Row:
    """One clause; `institution` is that of the table."""

    institution: str
    clause: str
    says: str
    parameters: tuple[str, ...]
    code: str
    tests: str


def rows() -> Iterator[Row]:
    """Every row of both tables."""
    for institution in INSTITUTIONS:
        marked = TEXT.partition(f"clauses {institution}: begin -->")[2].partition("<!--")[0]
        for line in marked.strip().splitlines()[2:]:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            assert len(cells) == 5, line
            clause, says, named, code, tests = cells
            yield Row(institution, clause, says, tuple(marks(named)), code, tests)


def marks(cell: str) -> list[str]:
    """What stands in code marks in a cell."""
    return re.findall(r"`([^`]+)`", cell)


ROWS = list(rows())
SHOWN = pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.institution} {row.clause}")


@cache
def plain(name: str) -> dict[str, Any]:
    """A preset as plain data."""
    return msgspec.to_builtins(load_toml(preset(name)))  # type: ignore[no-any-return] # of a Struct


def has(document: Any, path: str) -> bool:
    """Whether a dotted path, with ids for the items of lists, leads to something."""
    here = document
    for step in path.split("."):
        if isinstance(here, list):
            here = next((item for item in here if item["id"] == step), None)
        else:
            here = here.get(step) if isinstance(here, dict) else None
        if here is None:
            return False
    return True


def clauses_of(document: Any) -> Iterator[str]:
    """Every clause that a preset names: of parameters, procedures, positions, grounds, petitions, and its notes."""
    if isinstance(document, dict):
        if isinstance(document.get("clause"), str):
            yield document["clause"]
        yield from document.get("notes", {})
        for inner in document.values():
            yield from clauses_of(inner)
    elif isinstance(document, list):
        for inner in document:
            yield from clauses_of(inner)


def lookup(name: str) -> Any:
    """What a dotted name of code stands for: a module, or something inside one; ImportError, AttributeError."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: Any = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[length:]:
            found = getattr(found, attribute)
        return found
    raise ImportError(name)


@cache
def functions_in(path: Path) -> frozenset[str]:
    """The names of the test functions of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


def test_every_preset_belongs_to_an_institution() -> None:
    assert sorted(name for names in INSTITUTIONS.values() for name in names) == sorted(PRESETS)


def test_each_clause_has_one_row() -> None:
    named = [(row.institution, row.clause) for row in ROWS]
    assert len(named) == len(set(named))


@pytest.mark.parametrize("name", PRESETS)
def test_no_clause_of_a_preset_is_missing(name: str) -> None:
    institution = next(key for key, names in INSTITUTIONS.items() if name in names)
    listed = {row.clause for row in ROWS if row.institution == institution}
    assert set(clauses_of(plain(name))) - {SILENT} <= listed


@SHOWN
def test_parameters_are_in_a_preset_of_the_institution(row: Row) -> None:
    for path in row.parameters:
        assert any(has(plain(name), path) for name in INSTITUTIONS[row.institution]), path


@SHOWN
def test_code_that_a_clause_names_is_there(row: Row) -> None:
    named = [name for name in marks(row.code) if "." in name and " " not in name]
    for name in named:
        lookup(name)
    assert named or "eople" in row.code or re.search(r"\bas\b|the same|there is|entry 0|not read|permission", row.code)


@SHOWN
def test_tests_that_a_clause_names_are_there(row: Row) -> None:
    for name in marks(row.tests):
        file, _, function = name.partition("::")
        assert function in functions_in(ROOT / "tests" / file), name
    assert marks(row.tests) or row.tests == NOTHING


@SHOWN
def test_what_no_test_covers_is_left_to_people_or_to_a_note(row: Row) -> None:
    if not marks(row.tests):
        assert "eople" in row.code or row.parameters in {("notes",), ("permission",)}, row.clause


@pytest.mark.parametrize("name", PRESETS)
def test_every_ambiguous_parameter_stands_under_a_clause_of_the_table(name: str) -> None:
    """What the committee has to sign can be looked up: by its clause, or, where that is silent, as such."""
    institution = next(key for key, names in INSTITUTIONS.items() if name in names)
    listed = {row.clause for row in ROWS if row.institution == institution}
    for path, parameter in parameters(load_toml(preset(name))):
        assert not parameter.ambiguous or parameter.clause in listed | {SILENT}, path
