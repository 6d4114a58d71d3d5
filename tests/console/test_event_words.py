"""Every event that is recorded has words, and every word is of an event."""

import ast
from collections.abc import Iterator
from pathlib import Path

import election_service
from election_service.console_pages import event_words
from election_service.console_pages.event_words import EVENTS


def nodes() -> Iterator[ast.AST]:
    """The source of the service, but for the words themselves."""
    for file in sorted(Path(election_service.__file__).parent.rglob("*.py")):
        if file != Path(event_words.__file__):
            yield from ast.walk(ast.parse(file.read_text("utf-8")))


def recorded() -> set[str]:
    """The codes that are given to `events.record`, as they stand in the source."""
    found: set[str] = set()
    for node in nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "record":
            what = node.args[4]
            codes = [what.body, what.orelse] if isinstance(what, ast.IfExp) else [what]
            found |= {str(code.value) for code in codes if isinstance(code, ast.Constant)}
    return found


def test_every_event_has_words() -> None:
    found = recorded()
    assert {"signed-in", "reminded", "personal-data-deleted", "act-approved"} <= found
    assert found - set(EVENTS) == set()


def test_no_words_are_left_over() -> None:
    spoken = {node.value for node in nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert set(EVENTS) - spoken == set()
