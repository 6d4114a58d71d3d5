"""Documents that cannot rot: what they list is compared with the code, what they show is made again, links resolve."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import msgspec
import pytest
import typer

from audit.book import CHECKS
from audit.entries import KINDS
from audit.state import PollState as LogPollState
from election_service.api_types import PollState
from election_service.commands.app import app
from election_service.endpoints import ENDPOINTS
from election_service.problems import CONSOLE_PROBLEMS, PROBLEMS
from keys.transcript import Tag
from tests.simulated.test_unseen import BEFORE_CERTIFICATION
from tools import make_vectors, threat_table, worked_examples

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").glob("*.md")])
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The text from one heading to the next of the same or a higher level."""
    level = title.split(" ", maxsplit=1)[0]
    start = PROTOCOL.index(f"\n{title}\n")
    following = re.search(rf"\n#{{1,{len(level)}}} ", PROTOCOL[start + len(title) + 1 :])
    return PROTOCOL[start : start + len(title) + 1 + following.start()] if following else PROTOCOL[start:]


def rows(text: str) -> Iterator[list[str]]:
    """The rows of the tables in a text, as cells, without the heads."""
    for line in text.splitlines():
        if line.startswith("|") and not re.match(r"^\|[-|]+\|$", line):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def names(cell: str) -> list[str]:
    """What stands in code marks in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def test_table_of_tags_is_the_registry() -> None:
    listed: set[str] = set()
    for first, *_ in rows(section("## 1. Conventions")):
        marked = names(first)
        if marked and marked[0].startswith("es1/") and not marked[0].endswith("/"):
            stem = marked[0].rpartition("-")[0]
            listed.update([marked[0], *(stem + suffix for suffix in marked[1:])])
    assert listed == {tag.value for tag in Tag}
    assert len(listed) == len(Tag)


def test_table_of_kinds_is_the_schema() -> None:
    listed: dict[str, str] = {}
    approved: set[str] = set()
    for first, data, *_ in rows(section("### Kinds and their data")):
        for kind in names(first):
            listed[kind] = data
        approved.update(re.findall(r"`([^`]+)` †", first))
    assert set(listed) == set(KINDS)
    assert approved == {kind for kind, schema in KINDS.items() if schema.approved}


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"contest", "poll.resumed", "poll.paused", "poll.extended"}))
def test_row_of_a_kind_names_every_member_of_its_data(kind: str) -> None:
    row = next(data for first, data, *_ in rows(section("### Kinds and their data")) if kind in names(first))
    marked = set(names(row))
    for field in msgspec.structs.fields(KINDS[kind].data):
        if field.name not in {"act", "approvals"} and "the same" not in row:
            assert field.name in marked, f"{kind}: the row does not name {field.name}"


def test_contest_document_is_described_member_by_member() -> None:
    described = {name for first, *_ in rows(section("## 2. Elections and contests")) for name in names(first)}
    assert described == {field.name for field in msgspec.structs.fields(KINDS["contest"].data)}


def test_problem_codes_are_those_of_the_service() -> None:
    codes = section("## Appendix A. HTTP").partition("The codes are part of the protocol:")[2]
    assert set(names(codes)) == set(PROBLEMS) - set(CONSOLE_PROBLEMS)


def test_table_of_checks_is_what_the_verifier_prints() -> None:
    assert [first for first, *_ in rows(section("## 11. Verification"))][1:] == list(CHECKS)


def test_table_of_requests_is_that_of_the_router() -> None:
    listed: set[tuple[str, str]] = set()
    for first, *_ in rows(section("## Appendix A. HTTP")):
        marked = names(first)
        for method in (word for word in marked if word in {"GET", "POST"}):
            listed.update((method, path.partition("?")[0]) for path in marked if path.startswith(("/", "…")))
        for entry in marked:
            method, _, path = entry.partition(" ")
            if path:
                listed.add((method, path.partition("?")[0]))
    routed = {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS if endpoint.role != "committee"}
    assert {(method, path) for method, path in listed if path.startswith("/api/")} == routed


def test_diagram_of_a_polls_life_has_the_states_of_service_and_verifier() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    diagram = text.partition("poll states: begin")[2].partition("poll states: end")[0]
    states = set(get_args(PollState)) | {state.value for state in LogPollState}
    kinds = {kind for kind in KINDS if kind.startswith(("poll.", "result."))} - {"poll.extended", "poll.closed"}
    words = set(re.findall(r"[a-z]+(?:\.[a-z]+)?", diagram.partition("-->")[2]))
    assert states <= words
    assert kinds <= words
    assert {word for word in words if "." in word} == kinds


def test_threat_model_lists_every_change_that_nobody_can_see() -> None:
    text = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    for case in BEFORE_CERTIFICATION:
        assert f"| {case.name} |" in text


def test_worked_examples_are_current() -> None:
    assert worked_examples.render(PROTOCOL) == PROTOCOL, "run make vectors"


@pytest.mark.parametrize(("name", "content"), list(make_vectors.files()), ids=lambda value: value[:16])
def test_vectors_are_current(name: str, content: str) -> None:
    assert (make_vectors.FOLDER / name).read_text(encoding="utf-8") == content, "run make vectors"


def test_table_of_attacks_is_current_and_honest() -> None:
    text = threat_table.DOCUMENT.read_text(encoding="utf-8")
    assert threat_table.render(text) == text, "run python -m tools.threat_table"
    assert list(threat_table.faults(text)) == []


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as the usual renderers make them."""
    found = set()
    for line in document.read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"^#+ (.*)$", line):
            plain = re.sub(r"[^\w\- ]", "", heading[1].lower())
            found.add(plain.replace(" ", "-"))
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_documents_resolve(document: Path) -> None:
    text = re.sub(r"`[^`]*`", "", document.read_text(encoding="utf-8"))  # code shows no links
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = target.partition("#")
        other = (document.parent / name).resolve() if name else document
        assert other.exists(), f"{document.name}: {target} is gone"
        assert not anchor or anchor in anchors(other), f"{document.name}: {target} has no such heading"


@pytest.mark.parametrize("guide", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_the_readme_leads_to_every_guide(guide: Path) -> None:
    assert f"](docs/{guide.name}" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_that_a_document_names_are_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:keys|ballot|tally|audit|election_service|tests|tools|docs|deploy)/[\w./-]+)`", text):
        assert (ROOT / name).exists(), f"{document.name} names {name}, which is gone"


def commands(app: typer.Typer, before: str = "election-service") -> Iterator[str]:
    """Every command of the tool, as it is typed."""
    for command in app.registered_commands:
        yield f"{before} {command.name}"
    for group in app.registered_groups:
        assert group.typer_instance is not None
        yield from commands(group.typer_instance, f"{before} {group.name}")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_that_a_document_names_exist(document: Path) -> None:
    known = set(commands(app))
    groups = {name.rpartition(" ")[0] for name in known} - {"election-service"}
    word = "[a-z]+(?:-[a-z]+)*"
    for line in re.findall(rf"election-service {word}(?: {word})?", document.read_text(encoding="utf-8")):
        words = line.split()
        typed = " ".join(words if " ".join(words[:2]) in groups else words[:2])
        if words[1] == "caddy":  # systemctl enable election-service caddy
            continue
        assert typed in known, f"{document.name}: {typed} is no command"
