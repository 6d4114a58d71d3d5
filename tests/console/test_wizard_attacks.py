"""Attacks on what people type and upload in the wizard: markup (A81), twins (A89), unknown fields (A90), and races."""

from __future__ import annotations

import asyncio
import csv
import io
import unicodedata
from collections import Counter

import pytest

from election_service.console.drafts import read_draft
from election_service.console.events import read_events
from election_service.console.roles import SERVICE, Role
from tests.attacks.payloads import MARKUP, TWINS
from tests.console.desk import Desk
from tests.console.test_roll_pages import revision, upload, voters
from tests.console.test_set_up_flow import Wizard
from tests.console.test_wizard import BASE, FORM, SETUP, begin
from tests.service.house import ELECTION, House
from tests.service.pages_reader import ACTIVE, Parsed
from tests.service.rolls import HEADER
from tests.service.town import Town

CROWD = 20


def harmless(page: Parsed) -> None:
    """Nothing on the page can act, whatever was typed."""
    for tag, found in page.elements:
        assert tag not in ACTIVE
        assert not [name for name in found if name.startswith("on") or name == "style"]
        for name in ("href", "src", "action"):
            assert not found.get(name, "").lower().startswith(("javascript:", "data:text", "vbscript:"))


# ---- A81 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", range(0, len(MARKUP), 10))
async def test_a81_what_is_typed_is_shown_as_text(open_sqlite_house: House, start: int) -> None:
    chair = await begin(open_sqlite_house)
    for number, text in enumerate(MARKUP[start : start + 10]):
        texts = {f"{what}_{name}": "" for name in ("en", "ka", "az", "ru") for what in ("title", "intro")}
        texts |= {"title_en": text, "intro_en": text, "contact": "", "zone": "UTC", "revision": str(number)}
        page = await chair.do(f"{BASE}/texts", texts)
        harmless(page)
        waiver = {**SETUP, "second_factor": "none", "waiver": text, "revision": str(number)}
        harmless(await chair.do(f"{BASE}/setup", waiver))
        harmless(await chair.do(f"{BASE}/rehearsal/waiver", {"waiver": text, "revision": str(number)}))
        async with open_sqlite_house.service.database.snapshot() as connection:
            draft = await read_draft(connection, "sg-2027")
        assert (draft.presentation.texts["en"].title, draft.rehearsal_waiver) == (text.strip(), text.strip())
        bad = {"opens": text, "closes": text, "revision": "0"}
        harmless(await chair.read_refused(f"{BASE}/schedule", bad, status=400))
    harmless(await chair.read(BASE))
    harmless(await chair.read("/committee"))


async def test_a81_a_roll_full_of_markup_is_shown_as_text(open_sqlite_house: House) -> None:
    chair = await Desk.open(open_sqlite_house, "ana", Role.CHAIR)
    file = io.StringIO()
    lines = csv.writer(file)
    lines.writerow(HEADER.split(","))
    for number, text in enumerate(MARKUP):
        cells = [str(number), f"{text} {number}", f"p{number}@example.edu", text, text, "bachelor", "1", "active"]
        lines.writerow([*cells, text, "en"])
    page = await upload(chair, file.getvalue().encode(), MARKUP[0])
    harmless(page)
    assert MARKUP[0] in page.text
    odd = io.StringIO()
    csv.writer(odd).writerow(MARKUP[:20])
    csv.writer(odd).writerow(MARKUP[:20])
    page = await upload(chair, odd.getvalue().encode())
    harmless(page)


async def test_a81_rules_and_candidates_full_of_markup_are_shown_as_text(village: Town) -> None:
    wizard = Wizard(village, await Desk.open(village.house, "nino", Role.CHAIR))
    await wizard.press("/rules", "/rules/begin", preset="ibsu-direct")
    for text in MARKUP[:20]:
        harmless(await wizard.press("/rules", **{"value-name": text, "value-approved_by": text}))
        page = await wizard.desk.read(f"{wizard_base()}/rules")
        form = {"revision": revision(page), f"value-{text}": text}
        harmless(await wizard.desk.read_refused(f"{wizard_base()}/rules", form, status=400))
    await wizard.press("/rules", **{"value-name": "Rules", "value-approved_by": "us"})
    await wizard.adopt_rules()
    await wizard.import_roll()
    page = await wizard.desk.read(f"{wizard_base()}/candidates")
    for text in MARKUP[:20]:
        form = {"revision": revision(page), "student_id": text, "position": text, "block": text}
        harmless(await wizard.desk.read_refused(f"{wizard_base()}/candidates", form, status=400))


def wizard_base() -> str:
    return f"/committee/{ELECTION}"


# ---- A89 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("one", "other"), TWINS)
async def test_a89_twins_on_a_roll_are_one_block_or_named(open_sqlite_house: House, one: str, other: str) -> None:
    """Two spellings of one name are the same text when they are stored; what only looks alike is its own name."""
    chair = await Desk.open(open_sqlite_house, "ana", Role.CHAIR)
    file = io.StringIO()
    lines = csv.writer(file)
    lines.writerow(HEADER.split(","))
    for number, text in enumerate((one, other)):
        place = (f"x{text}x", "Law", "Civil Law", "bachelor")
        lines.writerow([f"t{number}", place[0], f"t{number}@example.edu", *place[1:], "1", "active", "", "en"])
    page = await upload(chair, file.getvalue().encode())
    await chair.do(f"/committee/{ELECTION}/roll/import", {"revision": revision(page)})
    names = {item["full_name"] for item in await voters(open_sqlite_house) if item["student_id"].startswith("t")}
    assert names == {unicodedata.normalize("NFC", f"x{one}x")}


@pytest.mark.parametrize("letter", ["\u202e", "\u2066", "\u200b", "\ufeff", "\u0007", "\u061c"])
async def test_a89_letters_that_deceive_are_refused_in_every_text(open_sqlite_house: House, letter: str) -> None:
    chair = await begin(open_sqlite_house)
    text = f"Ana{letter}B"
    texts = {f"{what}_{name}": "" for name in ("en", "ka", "az", "ru") for what in ("title", "intro")}
    for field in ("title_en", "intro_ka"):
        form = {**texts, "title_en": "E", "title_ka": "ე", "contact": "", "zone": "UTC", "revision": "0", field: text}
        page = await chair.read_refused(f"{BASE}/texts", form, status=400)
        assert f'href="#{field}"' in page.html
    waiver = {**SETUP, "second_factor": "none", "waiver": text, "revision": "0"}
    assert 'href="#waiver"' in (await chair.read_refused(f"{BASE}/setup", waiver, status=400)).html
    refused = await chair.send(f"{BASE}/rehearsal/waiver", {"waiver": text, "revision": "0"})
    assert refused.status in {400, 409}
    new = {**FORM, "election": "sg-2028", "title": text}
    assert (await chair.send("/committee/new", new)).status == 400


# ---- races -----------------------------------------------------------------------------------------------------------


async def test_of_twenty_changes_from_one_page_one_is_taken(house: House) -> None:
    chair = await begin(house)
    forms = [{**SETUP, "threshold": str(2 + number), "revision": "0"} for number in range(CROWD)]
    answers = await asyncio.gather(*(chair.send(f"{BASE}/setup", form) for form in forms))
    assert Counter(answer.status for answer in answers) == {303: 1, 412: CROWD - 1}
    (taken,) = [number for number, answer in enumerate(answers) if answer.status == 303]
    async with house.service.database.snapshot() as connection:
        assert (await read_draft(connection, "sg-2027")).threshold == 2 + taken
        events = [event.what for event in await read_events(connection, "sg-2027")]
    assert events.count("setup-changed") == 1


async def test_of_twenty_elections_of_one_name_one_is_begun(house: House) -> None:
    chair = await Desk.open(house, "nino", Role.CHAIR, election=SERVICE)
    answers = await asyncio.gather(*(chair.send("/committee/new", FORM) for _ in range(CROWD)))
    assert Counter(answer.status for answer in answers) == {303: 1, 400: CROWD - 1}


async def test_changes_of_different_pages_do_not_undo_each_other(house: House) -> None:
    """Set-up and schedule stand in one row; each change keeps the other."""
    chair = await begin(house)
    times = {"opens": "", "closes": "2027-02-02T18:00", "revision": "0"}
    setup = {**SETUP, "trustees_n": "5", "trustees_k": "3", "revision": "0"}
    waiver = {"waiver": "The dean.", "revision": "0"}
    sent = ((f"{BASE}/schedule", times), (f"{BASE}/setup", setup), (f"{BASE}/rehearsal/waiver", waiver))
    answers = await asyncio.gather(*(chair.send(path, form) for path, form in sent))
    assert [answer.status for answer in answers] == [303, 303, 303]
    async with house.service.database.snapshot() as connection:
        draft = await read_draft(connection, "sg-2027")
    assert (draft.trustees_n, draft.closes is not None, draft.rehearsal_waiver) == (5, True, "The dean.")


async def test_a_roll_is_imported_once_by_twenty_who_press_the_button(house: House) -> None:
    chair = await Desk.open(house, "ana", Role.CHAIR)
    page = await upload(chair, f"{HEADER}\n001,Ana B,ana@example.edu,Law,Civil Law,bachelor,2,active,,ka".encode())
    path, form = f"/committee/{ELECTION}/roll/import", {"revision": revision(page)}
    answers = await asyncio.gather(*(chair.send(path, form) for _ in range(CROWD)))
    assert Counter(answer.status for answer in answers)[303] == 1
    assert {answer.status for answer in answers} <= {303, 412}
    assert len(await voters(house)) == 1
