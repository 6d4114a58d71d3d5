"""Before a member signs: the act in words, and what follows from it, out of a log that the own computer verified."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from audit.source import FolderSource
from audit.verify import verify_log
from election_service.commands.law import find_person
from election_service.commands.looking import VerifiedLog, look_at
from election_service.publication import export_log
from keys.canonical import b64
from tests.service.house import ELECTION
from tests.service.town import LAW, PRESIDENT, Town, candidates, elect_heads
from tests.simulated.builders import make_signer

LATER = "2027-02-01T00:00:00Z"  # by the clock of the house
Capture = pytest.CaptureFixture[str]
NOTHING = {"seat": "", "person": "", "ground": "", "motion": "", "electorate": "", "number": 0, "until": "", "text": ""}


async def verified(town: Town, folder: Path) -> VerifiedLog:
    """The published log as a member's computer sees it."""
    async with town.house.service.database.snapshot() as connection:
        await export_log(connection, ELECTION, folder)
    with FolderSource(folder) as source:
        report = verify_log(source, log_id=town.house.log_id)
    assert report.ok
    return VerifiedLog(report.facts, str(folder))


def said(capsys: Capture, log: VerifiedLog, kind: str, data: dict[str, Any], at: str | None = None) -> list[str]:
    capsys.readouterr()
    look_at(log, kind, data, at)
    return [line.strip() for line in capsys.readouterr().out.splitlines()]


def decision(what: str, **fields: Any) -> dict[str, Any]:
    return {"decision": {**NOTHING, "what": what, **fields}}


async def test_a_vacancy_says_who_leaves_who_comes_and_what_has_to_happen(
    village: Town, tmp_path: Path, capsys: Capture
) -> None:
    await elect_heads(village)
    log = await verified(village, tmp_path / "copy")
    one, two = await village.person("s1"), await village.person("s2")
    assert find_person(log.documents, "student a") == one
    assert find_person(log.documents, two) == two
    contest = "dismissal-1"
    lines = said(capsys, log, "decision", decision("vacancy", seat=PRESIDENT, person=one, ground="impeachment"), LATER)
    assert lines[0] == f"Student A ({one}) leaves {PRESIDENT}, on the ground impeachment (6.9.6d)"
    assert lines[1].startswith("as things stand the rules refuse this: decision vacancy: clause 6.9.6d")
    lines = said(capsys, log, "decision", decision("vacancy", seat=PRESIDENT, person=one, ground="resignation"), LATER)
    assert lines[1] == f"then seat.vacated: Student A ({one}) leaves {PRESIDENT}: resignation (6.5.3a)"
    assert lines[2].startswith(f"then agenda: {PRESIDENT}: by-election, with new nominations, by the members (6.9.7)")
    lines = said(capsys, log, "decision", decision("notice", seat=contest, text="on the first floor"), LATER)
    assert lines == [
        "the meeting that votes on dismissal-1 is announced to its members with this entry. on the first floor"
    ]


async def test_a_certification_says_who_takes_which_seat(village: Town, tmp_path: Path, capsys: Capture) -> None:
    await village.settle(candidates(f"s1 {PRESIDENT}", "s1 head-of-faculty Law", "s2 head-of-faculty Law"))
    await village.hold(1, {PRESIDENT: {"s1": 6}, LAW: {"s1": 3, "s2": 1}})
    log = await verified(village, tmp_path / "copy")
    one, two = await village.person("s1"), await village.person("s2")
    passed = f"; passed over: Student A ({one}): holds-higher {PRESIDENT}"
    lines = said(capsys, log, "result.certified", {"poll": 1, "declared": b64(bytes(32))}, LATER)
    assert lines == [
        "the result of poll 1 is certified; what follows:",
        f"then seat.taken: Student A ({one}) takes {PRESIDENT} (6.12.6a), until 2027-06-30",
        f"then seat.taken: Student B ({two}) takes {LAW} (6.12.6b), until 2027-06-30{passed}",
    ]
    lines = said(capsys, log, "result.annulled", {"poll": 1, "declared": b64(bytes(32)), "reason": "x"})
    assert lines[0] == "the result of poll 1 is annulled; what follows:"
    assert f"then agenda: {PRESIDENT}: repeat between Student A ({one})" in "\n".join(lines)


async def test_other_acts_are_named_by_what_they_are(village: Town, tmp_path: Path, capsys: Capture) -> None:
    await village.settle(candidates(f"s1 {PRESIDENT}"))
    log = await verified(village, tmp_path / "copy")
    (constitution,) = await village.house.entries("constitution")
    lines = said(capsys, log, "constitution", {"blob": constitution.blob})
    assert lines[0] == f"rules {constitution.blob}:"
    assert any("6.12.4" in line for line in lines)
    with pytest.raises(SystemExit):
        said(capsys, log, "constitution", {"blob": "0" * 64})
    electorate = msgspec.to_builtins((await village.house.entries("electorate"))[0])
    (line,) = said(capsys, log, "electorate", electorate)
    assert line == f"the electorate {electorate['id']} has {electorate['size']} voters; the registrar signed it"
    member = make_signer("rector").public
    lines = said(capsys, log, "members", {"threshold": 1, "members": [{"id": "rector", "key": b64(member)}]})
    assert (len(lines), lines[1][:7]) == (2, "rector:")
