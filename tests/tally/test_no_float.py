"""No float anywhere in tally/: every share is compared in integers."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tally

FILES = sorted(Path(tally.__file__).parent.rglob("*.py"))
ROUNDING = {"float", "round", "Decimal", "Fraction"}


def floats(tree: ast.AST) -> Iterator[int]:
    """The lines on which a float could be born: a literal, true division, `float` and the like, module math."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield node.lineno
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            yield node.lineno
        if isinstance(node, ast.Name) and node.id in ROUNDING:
            yield node.lineno
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name for alias in node.names} | {getattr(node, "module", None)}
            if names & {"math"} and names <= {"math", "isqrt"}:
                continue  # isqrt is of integers
            if names & {"math", "statistics", "decimal", "fractions", "numpy"}:
                yield node.lineno


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_float_occurs_in(file: Path) -> None:
    assert list(floats(ast.parse(file.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize("source", ["x = 0.5", "x = 1 / 2", "x /= 2", "x = float(1)", "import math", "x: float"])
def test_each_way_to_a_float_is_seen(source: str) -> None:
    assert list(floats(ast.parse(source))) == [1]
