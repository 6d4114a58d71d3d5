"""Fill the column of tests in docs/threat-model.md from the tests: ``python -m tools.threat_table [--check]``.

A test covers an attack if its id (A01 … A105) stands in the test's name, docstring, decorators or comments, or in the
docstring of its module. Titles, statuses and remarks in the table are written by hand and kept.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "threat-model.md"
LAST = 105
SHOWN = 2
STATUSES = ("covered", "partly", "not covered")
_ID = re.compile(r"\b[Aa](\d{2,3})(?![0-9a-zA-Z])")
_RANGE = re.compile(r"\bA(\d{2,3})\s?(?:–|-|…|\.\.)\s?A(\d{2,3})\b")
_ROW = re.compile(r"^\| (A\d{2,3}) \| ([^|]*) \| ([^|]*) \|([^|]*)\|([^|]*)\|$")


def ids_in(text: str) -> set[int]:
    """Every attack id in a text; ``A20-A25`` counts for all of its range. A test's name carries it as ``a20``."""
    found = {int(number) for number in _ID.findall(text.replace("_", " "))}
    for first, last in _RANGE.findall(text):
        found.update(range(int(first), int(last) + 1))
    return {number for number in found if 1 <= number <= LAST}


def _tests(path: Path) -> Iterator[tuple[str, set[int]]]:
    """Name and ids of each test of one file; ids of the module's docstring count for the file."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    tree = ast.parse(source)
    name = path.relative_to(ROOT).as_posix()
    if of_module := ids_in(ast.get_docstring(tree) or ""):
        yield name, of_module
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not node.name.startswith("test"):
            continue
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) - 1
        if found := ids_in("\n".join(lines[first : node.end_lineno])):
            yield f"{name}::{node.name}", found


def tests_by_attack() -> dict[int, list[str]]:
    """Where each attack is tested: named tests first, then files whose docstring names the attack."""
    covered: dict[int, list[str]] = defaultdict(list)
    paths = [*(ROOT / "tests").rglob("test_*.py")]
    for path in sorted(path for path in paths if "node_modules" not in path.parts):
        for name, found in _tests(path):
            for number in found:
                covered[number].append(name)
    for path in sorted((ROOT / "ballot" / "booth" / "test").glob("*.test.ts")):
        for number in ids_in(path.read_text(encoding="utf-8")):
            covered[number].append(path.relative_to(ROOT).as_posix())
    return {number: sorted(names, key=lambda name: ("::" not in name, name)) for number, names in covered.items()}


def _cell(names: list[str]) -> str:
    """At most two names, a file left out where one of its tests is named."""
    named = {name.split("::")[0] for name in names if "::" in name}
    names = [name for name in names if "::" in name or name not in named]
    shown = [f"`{name}`" for name in names[:SHOWN]]
    return "<br>".join(shown) + ("<br>and more" if len(names) > SHOWN else "")


def render(text: str) -> str:
    """Return the document with its column of tests made again."""
    covered = tests_by_attack()
    lines = []
    for line in text.splitlines():
        row = _ROW.match(line)
        if row:
            attack, title, status, _, remark = (cell.strip() for cell in row.groups())
            cell = _cell(covered.get(int(attack[1:]), []))
            lines.append(f"| {attack} | {title} | {status} | {cell} | {remark} |".replace("|  |", "| |"))
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def faults(text: str) -> Iterator[str]:
    """Yield what is wrong with the table: a missing id, an unknown status, a status that the tests do not bear out."""
    rows = {row[1]: row for row in map(_ROW.match, text.splitlines()) if row}
    for number in range(1, LAST + 1):
        attack = f"A{number:02d}"
        row = rows.get(attack)
        if row is None:
            yield f"{attack}: no row"
            continue
        status, tests, remark = (row[group].strip() for group in (3, 4, 5))
        if status not in STATUSES:
            yield f"{attack}: expected a status of {', '.join(STATUSES)}, got {status!r}"
        elif (status == "not covered") != (not tests):
            yield f"{attack}: {status}, but tests: {tests or 'none'}"
        elif status != "covered" and not remark:
            yield f"{attack}: {status}, and the last column does not say why"


def main() -> int:
    """Rewrite the table, or with --check say what is not current; exit code 1 for faults."""
    text = DOCUMENT.read_text(encoding="utf-8")
    made = render(text)
    found = list(faults(made))
    if "--check" not in sys.argv[1:]:
        DOCUMENT.write_text(made, encoding="utf-8")
    elif made != text:
        found.insert(0, "docs/threat-model.md: not current; run python -m tools.threat_table")
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
