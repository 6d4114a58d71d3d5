"""The demo plays a small university's year through a serving process, and the log tells exactly this course."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from audit.checkpoint import parse_checkpoint
from audit.entries import Entry, decode_entry
from audit.facts import Facts
from audit.source import FolderSource
from audit.verify import verify_log
from election_service.commands.terminal import out
from election_service.demo.preparation import Wishes
from election_service.demo.run import PUBLIC, run_demo
from election_service.demo.serving import Demo
from election_service.demo.university import Student, roll_csv
from election_service.demo.year.roles import Roles

SEED = 2026
DEPARTMENTS = {  # faculty, department → students; sizes as the script names blocks
    ("Arts", "Painting"): 9,  # A1
    ("Arts", "Music"): 7,
    ("Law", "Civil Law"): 8,  # B1
    ("Law", "Tax Law"): 7,  # B2
    ("Science", "Physics"): 10,  # C1
}
COURSE = """
poll.opened 1
result.certified 1
  seat.taken Salome head-of-department.physics
  seat.taken Mari head-of-department.tax-law
decision approval Zaza head-of-faculty.law
  seat.taken Zaza head-of-faculty.law
decision appointment Dato head-of-internal-department
poll.opened 2
result.certified 2
  seat.taken Ana head-of-self-governance
  seat.taken Gio head-of-department.civil-law
decision approval Nino head-of-faculty.arts
  seat.taken Nino head-of-faculty.arts, not Ana (holds-higher)
  seat.taken Tamar head-of-department.painting, not Nino (holds-higher)
decision bar Levan
decision vacancy Salome head-of-department.physics
  seat.vacated Salome head-of-department.physics
  seat.filled Irakli head-of-department.physics, not Salome (left), not Levan (barred)
decision vacancy Zaza head-of-faculty.law
  seat.vacated Zaza head-of-faculty.law
decision vacancy Ana head-of-self-governance
  seat.vacated Ana head-of-self-governance, Dato acts
decision petition Nino nomination-1
decision petition-result nomination-1
decision petition Beka nomination-2
decision petition-result nomination-2
poll.opened 3
result.certified 3
  seat.vacated Nino head-of-faculty.arts
  seat.taken Nino head-of-self-governance
decision approval Luka head-of-faculty.arts
  seat.filled Luka head-of-faculty.arts, not Ana (left), not Nino (moved-up)
decision approval Mari head-of-faculty.law
  seat.vacated Mari head-of-department.tax-law
  seat.filled Mari head-of-faculty.law, not Zaza (left)
  seat.filled Keti head-of-department.tax-law, not Mari (holds-higher)
"""
HOLDERS = {
    "head-of-self-governance": "Nino",
    "head-of-internal-department": "Dato",
    "head-of-faculty.arts": "Luka",
    "head-of-faculty.law": "Mari",
    "head-of-department.painting": "Tamar",
    "head-of-department.civil-law": "Gio",
    "head-of-department.tax-law": "Keti",
    "head-of-department.physics": "Irakli",
}


@dataclass(frozen=True)
class Played:
    """What was printed, and the published log: verified facts and entries. `names`: option id → person of the play."""

    printed: str
    facts: Facts
    entries: list[Entry]
    names: Mapping[str, str]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("year")
    students = list(make_up())
    (folder / "roll.csv").write_bytes(roll_csv(students))
    wishes = Wishes(seed=SEED, roll=folder / "roll.csv", issuer_bits=1024, year=True)
    with out.capture() as capture:
        asyncio.run(run_demo(Demo(folder / "demo", wishes, None, two_free_ports(), 1, 60, finish=True)))
    source = FolderSource(folder / "demo" / PUBLIC)
    report = verify_log(source)
    assert report.ok, report.failures
    size = parse_checkpoint(source.checkpoint()).size
    entries = [decode_entry(raw) for raw in source.entries(size)]
    return Played(capture.get(), report.facts, entries, names_of(report.facts, Roles.among(students, SEED)))


def make_up() -> Iterator[Student]:
    number = 0
    for (faculty, department), size in DEPARTMENTS.items():
        for _ in range(size):
            number += 1
            yield Student(f"25{number:04}", f"Student {chr(64 + number % 26 + 1)}{number}", faculty, department, 2)


def two_free_ports() -> int:
    """A port whose next one, for the health page, is free as well."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def names_of(facts: Facts, roles: Roles) -> dict[str, str]:
    """Option id → person of the script, by the names on the ballots."""
    parts = {student.full_name: name for name, student in roles.person.items()}
    options = [option for contest in facts.contests if contest.document for option in contest.document.options]
    return {option.id: parts[option.name["en"]] for option in options if option.name["en"] in parts}


def course_of(entries: list[Entry], names: Mapping[str, str]) -> Iterator[str]:
    """Polls, decisions and seats of the persons of the script, a line each, in the order of the log."""
    for entry in entries:
        data = entry.data
        match entry.kind:
            case "poll.opened" | "result.certified":
                yield f"{entry.kind} {data.poll}"
            case "decision" if not data.decision.person or data.decision.person in names:
                words = (data.decision.what, names.get(data.decision.person, ""), data.decision.seat)
                yield " ".join(["decision", *filter(None, words)])
            case "seat.taken" | "seat.filled" if data.person in names:
                passed = [f", not {names[item.person]} ({item.reason})" for item in data.skipped]
                yield f"  {entry.kind} {names[data.person]} {data.seat}{''.join(passed)}"
            case "seat.vacated":
                acting = f", {names[data.acting]} acts" if data.acting else ""
                yield f"  {entry.kind} {names[data.person]} {data.seat}{acting}"


@pytest.mark.slow
def test_the_year_takes_exactly_the_course_of_the_script(played: Played) -> None:
    assert "\n".join(course_of(played.entries, played.names)) == COURSE.strip()


@pytest.mark.slow
def test_at_the_end_of_the_year_every_seat_of_the_script_has_its_holder_and_nothing_is_left_to_do(
    played: Played,
) -> None:
    held = {term.mandate.seat: term.mandate.person for term in played.facts.terms if term.end is None}
    assert {seat: played.names[person] for seat, person in held.items() if seat in HOLDERS} == HOLDERS
    assert len(set(held.values())) == len(held), "one position for one person (6.12.5)"
    assert not played.facts.agenda


@pytest.mark.slow
def test_the_members_vote_without_the_tied_and_by_no_more_than_the_register(played: Played) -> None:
    sizes = {
        (contest.poll, contest.contest): (contest.electorate, contest.size, contest.ballots)
        for contest in played.facts.contests
    }
    members = sizes[3, "head-of-self-governance"][1]
    tied = sizes[3, "head-of-faculty.law"]
    assert tied[1] == members - 1, "Mari is a member and has no vote between herself and Oto"
    assert tied[1] == tied[2], "all members voted"
    counts = {
        (contest.poll, contest.contest, played.names[option]): count
        for contest in played.facts.contests
        for option, count in (contest.counts or {}).items()
        if option in played.names
    }
    assert counts[1, "head-of-department.civil-law", "Gio"] == counts[1, "head-of-department.civil-law", "Eka"]
    assert counts[1, "head-of-faculty.law", "Mari"] == counts[1, "head-of-faculty.law", "Oto"]


@pytest.mark.slow
def test_the_year_is_told_with_its_clauses_and_ends_verified(played: Played) -> None:
    printed = played.printed
    assert re.search(r"default readings .*: \d\d resolutions", printed)
    for clause in ("6.12.5", "6.9.4", "6.5.5", "6.9.7", "6.9.3", "6.4.1b", "6.5.3d"):
        assert f"({clause}" in printed, clause
    assert "nobody has enough votes (6.9.4)" in printed
    assert "equal votes at the top" in printed
    assert "the next by votes follows (6.12.5)" in printed
    assert "What has to happen next\n  nothing" in printed
    assert "verify: ok" in printed
