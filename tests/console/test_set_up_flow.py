"""From rules to an open poll by the wizard's pages: each page says what is missing, refuses what cannot be, and the
checklist ends with an opening that is accepted.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import msgspec
import pytest
from PIL import Image
from sqlalchemy import select

from audit.entries import format_time
from election_service import schema, schema_mail
from election_service.console.checklist_facts import read_checklist
from election_service.console.prepared_acts import prepared_acts
from election_service.console.revisions import read_revision
from election_service.console.roles import Role
from election_service.console.schedule import read_schedule
from election_service.poll import opening_data
from election_service.roll import freeze_roll
from tests.console.desk import Desk
from tests.service.house import ELECTION, House
from tests.service.mail_sink import Sink, free_port, running
from tests.service.pages_reader import Parsed
from tests.service.rolls import row, table
from tests.service.town import Town, student

BASE = f"/committee/{ELECTION}"
SCOPE = "6.12.4 turnout.scope"


def revision(page: Parsed) -> str:
    """What the page's forms carry."""
    return next(field["value"] for field in page.all("input") if field.get("name") == "revision")


@dataclass
class Wizard:
    """A chair at the pages of a town."""

    town: Town
    desk: Desk

    @property
    def house(self) -> House:
        return self.town.house

    async def press(self, path: str, where: str = "", **fields: str) -> Parsed:
        """Send a page's form with its revision, and read on. ``where``: the action, if it is not the page's own."""
        page = await self.desk.read(BASE + path)
        return await self.desk.do(BASE + (where or path), {"revision": revision(page), **fields})

    async def refused(self, path: str, where: str = "", *, status: int, **fields: str) -> str:
        """The text of the page that comes back."""
        page = await self.desk.read(BASE + path)
        form = {"revision": revision(page), **fields}
        return (await self.desk.read_refused(BASE + (where or path), form, status=status)).text

    async def sign(self, *kinds: str) -> int:
        """Two members sign everything that is ready of these kinds; returns how many acts."""
        ready = [item for item in await prepared_acts(self.house.service, ELECTION) if item[0] in kinds]
        for kind, data in ready:
            await self.house.decide(kind, data)
        return len(ready)

    async def states(self) -> dict[str, str]:
        """Key of a step → state."""
        return {step.key: step.state for step in (await read_checklist(self.house.service, ELECTION)).steps}

    async def adopt_rules(self) -> None:
        """The preset, with a board that approves nobody."""
        await self.press("/rules", "/rules/begin", preset="ibsu-direct")
        await self.desk.send(f"{BASE}/rules/propose", {"revision": revision(await self.desk.read(f"{BASE}/rules"))})
        assert await self.sign("constitution") == 1

    async def import_roll(self, *more: str) -> None:
        """Eight students and those, frozen."""
        raw = table(*(student(number) for number in range(1, 9)), *more)
        page = await self.desk.read(f"{BASE}/roll")
        page = await self.desk.do(f"{BASE}/roll", {"revision": revision(page)}, files={"roll": ("roll.csv", raw)})
        await self.desk.do(f"{BASE}/roll/import", {"revision": revision(page)})
        async with self.house.service.database.transaction() as connection:
            await freeze_roll(connection, ELECTION)


async def sit_down(town: Town) -> Wizard:
    return Wizard(town, await Desk.open(town.house, "nino", Role.CHAIR))


async def test_an_election_is_set_up_by_the_pages_until_its_opening_is_accepted(town: Town) -> None:
    wizard = await sit_down(town)
    house = wizard.house
    await wizard.adopt_rules()
    assert "The rules stand in the log" in (await wizard.desk.read(f"{BASE}/rules")).text
    states = await wizard.states()
    assert (states["rules"], states["trustees"], states["readings"]) == ("done", "waiting", "blocked")

    await house.hold_ceremony()
    answer = await wizard.desk.send(
        f"{BASE}/rules/readings",
        {"revision": revision(await wizard.desk.read(f"{BASE}/rules")), f"reading-{SCOPE}": "university"},
    )
    assert answer.headers["Location"] == f"{BASE}/acts/new/prepared?kind=resolution"
    acts = await prepared_acts(house.service, ELECTION)
    ready = {data["clause"]: data["reading"] for kind, data in acts if kind == "resolution"}
    assert ready[SCOPE] == "university"
    assert await wizard.sign("resolution") == len(ready)
    assert (await house.service.facts(ELECTION)).rules.turnout.scope.value == "university"

    await wizard.import_roll()
    port = free_port()
    sink = Sink()
    with running(sink, port):
        mail = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "mail_from": "v@example.edu"}
        house.service.config = msgspec.structs.replace(house.service.config, **mail)
        page = await wizard.press("/mail")
        assert "The mail server took the mail" in page.text
    assert sink.recipients == ["nino@example.edu"]
    page = await wizard.press("/links")
    assert "8 ballot links are made" in page.text
    assert "0 of" in page.text
    assert await wizard.sign("electorate") > 0
    again = await wizard.desk.read_refused(f"{BASE}/links", {"revision": "1"}, status=409)
    assert "The ballot links are made already." in again.text

    for number, place, block in ((1, "head-of-self-governance", ""), (2, "head-of-faculty", "Law")):
        page = await wizard.press("/candidates", student_id=f"s{number}", position=place, block=block)
        assert "The candidate is entered." in page.text
    page = await wizard.desk.read(f"{BASE}/contests")
    assert "Make 2 contests" in page.text
    page = await wizard.press("/contests")
    assert "Contests made: 2." in page.text
    assert (await wizard.states())["canaries"] == "waiting"
    await house.show_canaries()
    page = await wizard.press("/schedule", opens="", closes="2027-01-20T18:00")
    assert "The schedule is changed." in page.text
    page = await wizard.desk.read(BASE)
    assert "Poll 1 can open." in page.text
    assert f"{BASE}/acts/new/poll.opened?poll=1" in page.attributes("href")
    closes = await _closes(house)
    await house.decide("poll.opened", await opening_data(house.service, ELECTION, 1, format_time(closes)))
    assert "Poll 1 is under way" in (await wizard.desk.read(BASE)).text
    await house.verify()


async def _closes(house: House) -> int:
    async with house.service.database.snapshot() as connection:
        closes = (await read_schedule(connection, ELECTION)).closes
    assert closes is not None
    return closes


# ---- rules -----------------------------------------------------------------------------------------------------------


async def test_values_of_the_rules_are_set_and_every_fault_is_named(village: Town) -> None:
    wizard = await sit_down(village)
    page = await wizard.press("/rules", "/rules/begin", preset="atu-organisation")
    assert "look at every value" in page.text
    names = [field["name"] for field in page.all("input") if field.get("name", "").startswith("value-")]
    assert {"value-name", "value-version", "value-calendar.semester_begins"} <= set(names)
    page = await wizard.press("/rules", **{"value-version": "", "value-calendar.semester_begins": "2026-13-40"})
    assert "Version (no clause): Write 1 to 500 letters." in page.text
    assert "2026-13-40" in page.text
    assert "Faults that remain in the rules: 2." in page.text
    assert "The rules are changed." not in page.text
    assert {"#faults", "#version", "#calendar.semester_begins"} <= set(page.attributes("href"))
    assert {"faults", "version", "calendar.semester_begins"} <= set(page.attributes("id"))
    assert f"{BASE}/rules/propose" not in page.attributes("action")
    assert "Version: Write 1 to 500 letters." in await wizard.refused("/rules", "/rules/propose", status=400)
    text = await wizard.refused("/rules", status=400, **{"value-min_ballots": "three"})
    assert "expected a whole number, got 'three'" in text
    assert "no such value" in await wizard.refused("/rules", status=400, **{"value-positions.king.rank": "1"})
    assert "bidi" in await wizard.refused("/rules", status=400, **{"value-name": "a\u202eb"})
    page = await wizard.press("/rules", **{"value-version": "2", "value-calendar.semester_begins": "2020-09-15"})
    assert "The rules are changed." in page.text
    assert "The rules have no faults." in page.text
    assert "Dates that have passed" in page.text


async def test_rules_of_a_file_are_taken_with_all_their_faults_named(village: Town) -> None:
    wizard = await sit_down(village)
    page = await wizard.desk.read(f"{BASE}/rules")
    for content, words in ((b"schema = 3", "got 3"), (b"\xff", "decode"), (b"{}", "missing"), (b"x = ", "not TOML")):
        refused = await wizard.desk.read_refused(
            f"{BASE}/rules/begin", {"revision": revision(page)}, files={"file": ("r.toml", content)}, status=400
        )
        assert words in refused.text, content
    assert "expected one of ibsu-direct" in await wizard.refused("/rules", "/rules/begin", status=400, preset="king")


async def test_rules_in_the_log_are_changed_by_nobody(village: Town) -> None:
    wizard = await sit_down(village)
    await wizard.adopt_rules()
    assert "Nothing was changed." in await _send(wizard, "/rules/begin", {"preset": "survey"}, 409)
    assert "Nothing was changed." in await _send(wizard, "/rules/propose", {}, 409)
    assert "none of" not in await _send(wizard, "/rules/readings", {f"reading-{SCOPE}": "block"}, 303)
    assert "expected one of" in await _send(wizard, "/rules/readings", {f"reading-{SCOPE}": "moon"}, 400)
    assert "ambiguous here" in await _send(wizard, "/rules/readings", {"reading-9.9 x": "y"}, 400)


async def _send(wizard: Wizard, path: str, fields: dict[str, str], status: int) -> str:
    """A form with the revision that the rules have now."""
    async with wizard.house.service.database.snapshot() as connection:
        number = await read_revision(connection, ELECTION, "rules")
    answer = await wizard.desk.send(BASE + path, {"revision": str(number), **fields})
    text = await answer.text()
    assert answer.status == status, Parsed(text).text
    return Parsed(text).text if text else ""


# ---- candidates ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"student_id": "nobody"}, "unknown student"),
        ({"position": "king"}, "unknown position"),
        ({"position": "head-of-faculty", "block": "Business"}, "does not belong to this faculty"),
        ({"position": "head-of-faculty", "block": "Magic"}, "unknown faculty"),
        ({"student_id": "f1"}, "first-year students cannot stand for head-of-self-governance (6.12.1)"),
        ({"student_id": "f2"}, "there is a disciplinary record (6.1.5(8))"),
        ({"student_id": "f3"}, "status is suspended, expected active"),
    ],
    ids=str,
)
async def test_who_may_not_stand_is_told_why_with_the_clause(village: Town, fields: dict[str, str], words: str) -> None:
    wizard = await sit_down(village)
    await wizard.adopt_rules()
    await wizard.import_roll(
        row(student_id="f1", full_name="First Year", email="f1@example.edu", year="1"),
        row(student_id="f2", full_name="With Record", email="f2@example.edu", disciplinary="reprimand"),
        row(student_id="f3", full_name="Not Here", email="f3@example.edu", status="suspended"),
    )
    form = {"student_id": "s1", "position": "head-of-self-governance", "block": "", **fields}
    page = await wizard.desk.read(f"{BASE}/candidates")
    refused = await wizard.desk.read_refused(f"{BASE}/candidates", {"revision": revision(page), **form}, status=400)
    assert words in refused.text
    assert form["student_id"] in [field.get("value") for field in refused.all("input")]


async def test_a_candidate_withdraws_and_a_list_replaces_the_list(village: Town) -> None:
    wizard = await sit_down(village)
    assert "its log" not in (await wizard.desk.read(f"{BASE}/candidates")).text
    await wizard.adopt_rules()
    await wizard.import_roll()
    page = await wizard.desk.read(f"{BASE}/candidates")
    broken = b"student_id,position,block\ns1,head-of-self-governance,\nnobody,king,\n"
    files = {"list": ("list.csv", broken)}
    refused = await wizard.desk.read_refused(
        f"{BASE}/candidates/list", {"revision": revision(page)}, files=files, status=409
    )
    assert "unknown student" in refused.text
    assert "unknown position" in refused.text
    good = b"student_id,position,block\ns1,head-of-self-governance,\ns2,head-of-faculty,Law\n"
    page = await wizard.desk.do(
        f"{BASE}/candidates/list", {"revision": revision(refused)}, files={"list": ("list.csv", good)}
    )
    assert "2 candidacies" in page.text
    gone = {"student_id": "s2", "position": "head-of-faculty", "block": "Law"}
    page = await wizard.press("/candidates", "/candidates/remove", **gone)
    assert "taken off the list" in page.text
    assert "Student B" not in page.text
    assert "does not stand there" in await wizard.refused("/candidates", "/candidates/remove", status=409, **gone)


def picture(size: tuple[int, int] = (400, 300)) -> bytes:
    """A JPEG with a place in its metadata."""
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "SECRET-PLACE"
    Image.new("RGB", size, "teal").save(file, "JPEG", exif=exif)
    return file.getvalue()


async def test_a_profile_has_statements_by_language_and_a_photo_drawn_anew(village: Town) -> None:
    wizard = await sit_down(village)
    await wizard.adopt_rules()
    await wizard.import_roll()
    await wizard.press("/candidates", student_id="s1", position="head-of-self-governance", block="")
    path = f"{BASE}/profiles/c1"
    page = await wizard.desk.read(path)
    form = {"revision": revision(page), "statement_ka": "გამარჯობა", "statement_en": "<b>Hello</b>"}
    page = await wizard.desk.do(path, form, files={"photo": ("me.jpg", picture())})
    assert "The profile is stored." in page.text
    assert "<b>Hello</b>" in page.text
    (image,) = page.all("img")
    async with wizard.house.service.database.snapshot() as connection:
        content = await connection.scalar(select(schema_mail.photos.c.content))
    assert content is not None
    assert b"SECRET-PLACE" not in content
    assert Image.open(io.BytesIO(content)).size == (192, 192)
    page = await wizard.desk.do(path, {**form, "revision": revision(page), "statement_en": ""})
    assert [found["src"] for found in page.all("img")] == [image["src"]]
    bad = await wizard.desk.read_refused(
        path, {**form, "revision": revision(page)}, files={"photo": ("me.jpg", b"no picture")}, status=400
    )
    assert "not a picture that can be read" in bad.text
    long = {**form, "revision": revision(page), "statement_ka": "ა" * 2001}
    assert "at most 2000" in (await wizard.desk.read_refused(path, long, status=400)).text
    page = await wizard.desk.do(path, {**form, "revision": revision(page), "remove_photo": "yes"})
    assert page.all("img") == []
    assert (await wizard.desk.get(f"{BASE}/profiles/c99")).status == 404


# ---- links and contests ----------------------------------------------------------------------------------------------


async def test_links_need_a_mail_server_and_a_frozen_roll_and_hold_no_secret_here(village: Town) -> None:
    wizard = await sit_down(village)
    await wizard.import_roll()
    page = await wizard.desk.read(f"{BASE}/links")
    assert "registrar make --links" in page.text
    number = {"revision": "0"}
    assert "no mail server is configured" in (await wizard.desk.read_refused(f"{BASE}/links", number, status=409)).text
    config = wizard.house.service.config
    mail = {"smtp_host": "127.0.0.1", "smtp_security": "none", "mail_from": "v@example.edu"}
    wizard.house.service.config = msgspec.structs.replace(config, **mail)
    page = await wizard.press("/links")
    assert "8 ballot links are made" in page.text
    async with wizard.house.service.database.snapshot() as connection:
        rows = (await connection.execute(select(schema_mail.outbox))).mappings().all()
        keys = (await connection.execute(select(schema.voters.c.credential))).scalars().all()
    assert len(rows) == 8
    assert all(b"/vote/" not in item["sealed"] for item in rows)
    assert all(key is not None for key in keys)


async def test_contests_wait_for_readings_and_candidates(village: Town) -> None:
    wizard = await sit_down(village)
    await wizard.adopt_rules()
    await wizard.house.hold_ceremony()
    page = await wizard.desk.read(f"{BASE}/contests")
    assert "Nothing can be voted on yet." in page.text
    refused = await wizard.desk.read_refused(f"{BASE}/contests", {"revision": "0"}, status=409)
    assert "Readings are signed before the contests are made." in refused.text
    await wizard.sign("resolution")
    refused = await wizard.desk.read_refused(f"{BASE}/contests", {"revision": "1"}, status=409)
    assert "nobody was nominated" in refused.text
