"""The roll by the pages: a file, its columns, what it would give, and an import as a whole or not at all."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from sqlalchemy import select

from election_service import schema, schema_console
from election_service.console.roles import Role
from election_service.roll import freeze_roll
from election_service.roll_columns import FIELDS
from tests.console.desk import Desk
from tests.examples import EXAMPLES
from tests.service.house import ELECTION, House
from tests.service.pages_reader import Parsed
from tests.service.rolls import row, table

BASE = f"/committee/{ELECTION}/roll"
TWO = table(row(), row(student_id="002", full_name="Beka C", email="beka@example.edu"))


def revision(page: Parsed) -> str:
    """What the page's forms carry."""
    return next(field["value"] for field in page.all("input") if field.get("name") == "revision")


async def upload(desk: Desk, content: bytes, name: str = "roll.csv") -> Parsed:
    """Give a file, and read the preview."""
    page = await desk.read(BASE)
    return await desk.do(BASE, {"revision": revision(page)}, files={"roll": (name, content)})


async def voters(house: House) -> list[dict[str, Any]]:
    """The roll as it is imported, by student id."""
    query = select(schema.voters).where(schema.voters.c.election == ELECTION).order_by(schema.voters.c.student_id)
    async with house.service.database.snapshot() as connection:
        return [dict(found) for found in (await connection.execute(query)).mappings()]


async def uploads(house: House) -> int:
    async with house.service.database.snapshot() as connection:
        return len((await connection.execute(select(schema_console.roll_uploads))).all())


def listed_faults(page: Parsed) -> list[tuple[int, str, str]]:
    """Row, field and reason of the table of faults."""
    (found,) = re.findall(r'<table id="fault-list">(.*?)</table>', page.html, re.DOTALL)
    rows = re.findall(r'<th scope="row">(\d+)</th><td>.*?<code>(\w+)</code>: <strong>(.*?)</strong></td>', found)
    return [(int(number), name, reason) for number, name, reason in rows]


@pytest.mark.examples
async def test_a_registrars_export_is_imported_after_mapping_with_its_ids_intact(house: House) -> None:
    registrar = await Desk.open(house, "dali", Role.REGISTRAR)
    page = await upload(registrar, (EXAMPLES / "roll-registrar-export.csv").read_bytes(), "export.csv")
    chosen = {field: _selected(page, f"column_{field}") for field in FIELDS}
    assert (chosen["student_id"], chosen["full_name"]) == ("სტუდენტის ნომერი", "სახელი და გვარი")
    mapping = {f"column_{field}": name for field, name in chosen.items()}
    form = {**mapping, "level": ["bachelor", "master"], "status": ["active"], "revision": revision(page)}
    page = await registrar.do(f"{BASE}/preview", form)
    assert "0024000302" in page.text
    page = await registrar.do(f"{BASE}/import", {"revision": revision(page)})
    assert "The roll is imported: 300 students, of whom 299 may vote." in page.text
    found = await voters(house)
    assert len(found) == 300
    assert all(len(item["student_id"]) == 10 and item["student_id"].startswith("00") for item in found)
    first = {item["student_id"]: item for item in found}["0024000302"]
    assert (first["full_name"], first["email"]) == ('"რატი აბაშიძე; უმცროსი"', "s24000302@students.example.edu")
    assert await uploads(house) == 0


def _selected(page: Parsed, name: str) -> str:
    """The option that is chosen in a list."""
    (found,) = re.findall(rf'<select id="{name}".*?</select>', page.html, re.DOTALL)
    (value,) = re.findall(r'value="([^"]*)" selected', found)
    return str(value)


@pytest.mark.examples
async def test_a_broken_roll_shows_exactly_its_faults_and_imports_nothing(house: House) -> None:
    expected = json.loads((EXAMPLES / "roll-broken.expected.json").read_text("utf-8"))
    chair = await Desk.open(house, "ana", Role.CHAIR)
    await upload(chair, TWO)
    await chair.do(f"{BASE}/import", {"revision": revision(await chair.read(f"{BASE}/preview"))})
    before = await voters(house)
    page = await upload(chair, (EXAMPLES / "roll-broken.csv").read_bytes(), "broken.csv")
    assert listed_faults(page) == [(item["row"], item["field"], item["reason"]) for item in expected[:-1]]
    assert expected[-1]["reason"] == "nothing at all is imported"
    assert "12 faults: nothing can be imported" in page.text
    assert f"{BASE}/import" not in page.attributes("action")
    refused = await chair.read_refused(f"{BASE}/import", {"revision": revision(page)}, status=409)
    assert "12 faults, nothing imported" in refused.text
    assert await voters(house) == before
    assert await uploads(house) == 1


async def test_the_difference_to_the_roll_before_is_shown(house: House) -> None:
    chair = await Desk.open(house, "ana", Role.CHAIR)
    page = await upload(chair, TWO)
    assert "Added: 2. Removed: 0. Changed: 0." in page.text
    await chair.do(f"{BASE}/import", {"revision": revision(page)})
    page = await upload(chair, TWO)
    assert "None." in page.text
    other = table(row(full_name="Ana Renamed", year="3"), row(student_id="003", email="gio@example.edu"))
    page = await upload(chair, other)
    assert "Added: 1. Removed: 1. Changed: 1." in page.text
    assert "Name Ana B → Ana Renamed; Year of study 2 → 3" in page.text
    await chair.do(f"{BASE}/import", {"revision": revision(page)})
    assert [item["student_id"] for item in await voters(house)] == ["001", "003"]


async def test_columns_that_are_not_recognised_are_mapped_by_hand(open_sqlite_house: House) -> None:
    chair = await Desk.open(open_sqlite_house, "ana", Role.CHAIR)
    raw = TWO.replace(b"student_id", b"Kennziffer").replace(b"full_name", b"Wer")
    page = await upload(chair, raw)
    assert "student_id: no column; full_name: no column" in page.text
    assert f"{BASE}/import" not in page.attributes("action")
    mapping = {f"column_{field}": field for field in FIELDS}
    form = {**mapping, "level": "bachelor", "status": "active", "revision": revision(page)}
    wrong = {**form, "column_student_id": "Wer", "column_full_name": "Wer"}
    bad = await chair.read_refused(f"{BASE}/preview", wrong, status=400)
    assert "This column is chosen for another field already." in bad.text
    gone = await chair.read_refused(f"{BASE}/preview", {**form, "column_email": "nowhere"}, status=400)
    assert "the table has no column 'nowhere'" in gone.text
    none = await chair.read_refused(f"{BASE}/preview", {**form, "level": []}, status=400)
    assert "expected at least one of bachelor" in none.text
    form |= {"column_student_id": "Kennziffer", "column_full_name": "Wer", "column_language": ""}
    page = await chair.do(f"{BASE}/preview", form)
    assert "Import 2 students" in page.text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "expected a file, got none"),
        (b"\xff\xfea\x00", "Save the table again as CSV in UTF-8"),
        (b"\xd0\xcf\x11\xe0rest", "old .xls"),
        (b"PK\x03\x04nonsense", "no XLSX file that can be read"),
        (b"\x00\x01\x02", "This is no table."),
        (b'a,b\n"unfinished', "no CSV file that can be read"),
    ],
    ids=["empty", "utf-16", "xls", "zip", "binary", "quotes"],
)
async def test_what_is_no_table_is_refused(open_sqlite_house: House, content: bytes, words: str) -> None:
    chair = await Desk.open(open_sqlite_house, "ana", Role.CHAIR)
    page = await chair.read(BASE)
    files = {"roll": ("roll.csv", content)} if content else {"roll": ("", b"")}
    refused = await chair.read_refused(BASE, {"revision": revision(page)}, files=files, status=409)
    assert words in refused.text
    assert await uploads(open_sqlite_house) == 0


async def test_after_the_freeze_nothing_is_uploaded_or_imported(house: House) -> None:
    chair = await Desk.open(house, "ana", Role.CHAIR)
    await upload(chair, TWO)
    await chair.do(f"{BASE}/import", {"revision": revision(await chair.read(f"{BASE}/preview"))})
    waiting = await upload(chair, table(row(full_name="Somebody Else")))
    async with house.service.database.transaction() as connection:
        await freeze_roll(connection, ELECTION)
    refused = await chair.read_refused(f"{BASE}/import", {"revision": revision(waiting)}, status=409)
    assert "frozen" in refused.text
    page = await chair.read(BASE)
    assert "The roll is frozen" in page.text
    sent = await chair.read_refused(BASE, {"revision": "2"}, files={"roll": ("r.csv", TWO)}, status=412)
    assert "Somebody changed this meanwhile" in sent.text
    assert [item["full_name"] for item in await voters(house)] == ["Ana B", "Beka C"]


async def test_of_two_uploads_from_one_page_the_second_is_told(open_sqlite_house: House) -> None:
    chair = await Desk.open(open_sqlite_house, "ana", Role.CHAIR)
    old = revision(await chair.read(BASE))
    await chair.do(BASE, {"revision": old}, files={"roll": ("a.csv", TWO)})
    refused = await chair.read_refused(BASE, {"revision": old}, files={"roll": ("b.csv", TWO)}, status=412)
    assert "Somebody changed this meanwhile" in refused.text
    assert "a.csv" in (await chair.read(f"{BASE}/preview")).text


async def test_the_file_is_sealed_while_it_waits_and_gone_when_it_is_cancelled(open_sqlite_house: House) -> None:
    chair = await Desk.open(open_sqlite_house, "ana", Role.CHAIR)
    page = await upload(chair, TWO, "liste\u202ea.csv")
    assert "\u202e" not in page.html
    async with open_sqlite_house.service.database.snapshot() as connection:
        sealed = await connection.scalar(select(schema_console.roll_uploads.c.raw_sealed))
    assert sealed is not None
    assert b"Beka" not in sealed
    page = await chair.do(f"{BASE}/cancel", {"revision": revision(page)})
    assert "nothing was imported" in page.text
    assert await uploads(open_sqlite_house) == 0
    answer = await chair.get(f"{BASE}/preview")
    assert answer.status == 303


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.TRUSTEE, Role.MEMBER])
async def test_who_may_not_upload_is_refused(open_sqlite_house: House, role: Role) -> None:
    desk = await Desk.open(open_sqlite_house, "tamar", role)
    assert (await desk.send(BASE, {"revision": "0"}, files={"roll": ("a.csv", TWO)})).status == 403
    assert (await desk.get(f"{BASE}/preview")).status == 403
    assert (await desk.get(BASE)).status == (200 if role is Role.MEMBER else 403)
