"""The wizard before there is a log: a new election, its set-up, texts, schedule, rehearsal; and the log itself."""

from __future__ import annotations

import os
import re

import pytest
from sqlalchemy import insert

from election_service import schema_console
from election_service.console.events import read_events
from election_service.console.roles import SERVICE, Role
from election_service.service import Service
from keys import schnorr
from tests.console.desk import Desk
from tests.service.house import ELECTION, House

NEW = "sg-2027"
BASE = f"/committee/{NEW}"
FORM = {"election": NEW, "title": "Students' elections 2027", "zone": "Asia/Tbilisi"}
SETUP = {"second_factor": "totp", "waiver": "", "threshold": "2", "trustees_k": "2", "trustees_n": "3"}


async def begin(house: House, **changes: str) -> Desk:
    """A chair of the service who has begun an election."""
    chair = await Desk.open(house, "nino", Role.CHAIR, election=SERVICE)
    answer = await chair.send("/committee/new", {**FORM, **changes})
    assert answer.status == 303, await answer.text()
    return chair


async def give_key(service: Service, account: str, member: str, election: str = NEW) -> None:
    """A signing key, as if made in the browser."""
    key = schnorr.public_key(os.urandom(32))
    row = {"election": election, "account": account, "member": member, "public_key": key, "key_file": None}
    async with service.database.transaction() as connection:
        await connection.execute(insert(schema_console.signing_keys).values(row))


async def test_a_new_election_begins_with_its_checklist(house: House) -> None:
    chair = await begin(house)
    page = await chair.read(BASE)
    assert "Poll 1 cannot open yet" in page.text
    assert "The election is begun" in page.text
    assert "Keys made: 0, needed at least: 2. Still without a key: Nino." in page.text
    assert f"{BASE}/setup" in page.attributes("href")
    assert "Students' elections 2027" in (await chair.read("/committee")).text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"election": "Not An Id"}, "Write lower-case letters"),
        ({"election": ELECTION}, "taken already"),
        ({"election": "new"}, "taken already"),
        ({"election": "../x"}, "Write lower-case letters"),
        ({"title": ""}, "Write one line."),
        ({"title": "a\u202eb"}, "bidi"),
        ({"zone": "Mars/Olympus"}, "Choose a time zone"),
    ],
    ids=str,
)
async def test_a_broken_start_is_refused_and_what_was_typed_stays(
    open_sqlite_house: House, changes: dict[str, str], words: str
) -> None:
    chair = await Desk.open(open_sqlite_house, "nino", Role.CHAIR, election=SERVICE)
    page = await chair.read_refused("/committee/new", {**FORM, **changes}, status=400)
    assert words in page.text
    assert {**FORM, **changes}["title"] in [field.get("value") for field in page.all("input")]


async def test_only_a_chair_of_the_service_begins_an_election(open_sqlite_house: House) -> None:
    chair = await Desk.open(open_sqlite_house, "ana", Role.CHAIR)
    assert (await chair.get("/committee/new")).status == 403
    assert (await chair.send("/committee/new", FORM)).status == 403
    assert (await chair.get(f"/committee/{ELECTION}/clone")).status == 403


async def test_the_set_up_is_kept_and_a_stale_form_loses_nothing(house: House) -> None:
    chair = await begin(house)
    form = {**SETUP, "revision": "0", "trustees_n": "5", "trustees_k": "3"}
    page = await chair.do(f"{BASE}/setup", form)
    assert "The set-up is changed." in page.text
    stale = await chair.read_refused(f"{BASE}/setup", {**form, "trustees_n": "4"}, status=412)
    assert "Somebody changed this meanwhile" in stale.text
    assert "Stored now: 5" in stale.text
    values = {field["name"]: field.get("value") for field in stale.all("input") if "name" in field}
    assert (values["trustees_n"], values["revision"]) == ("4", "1")
    assert (await chair.send(f"{BASE}/setup", {**form, "trustees_n": "4", "revision": "1"})).status == 303


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"second_factor": "none"}, "needs a waiver"),
        ({"second_factor": "email"}, "needs a waiver"),
        ({"second_factor": "carrier pigeon"}, "Choose one of these."),
        ({"threshold": "1"}, "Write a number from 2 to 50."),
        ({"threshold": "two"}, "Write a number."),
        ({"trustees_k": "2", "trustees_n": "4"}, "more than half"),
        ({"trustees_k": "9", "trustees_n": "12"}, "at most 9"),
    ],
    ids=str,
)
async def test_a_set_up_that_cannot_be_is_named_by_field(
    open_sqlite_house: House, changes: dict[str, str], words: str
) -> None:
    chair = await begin(open_sqlite_house)
    page = await chair.read_refused(f"{BASE}/setup", {**SETUP, "revision": "0", **changes}, status=400)
    assert words in page.text


async def test_the_log_is_made_once_and_with_enough_keys(house: House) -> None:
    chair = await begin(house)
    refused = await chair.read_refused(f"{BASE}/setup/log", {"revision": "0"}, status=409)
    assert "At least 2 members need a key first; now there are 0." in refused.text
    beka = await Desk.open(house, "beka", Role.MEMBER, election=NEW)
    await give_key(house.service, chair.account, "nino")
    await give_key(house.service, beka.account, "beka")
    revision = hidden(await (await chair.get(f"{BASE}/setup")).text())
    page = await chair.do(f"{BASE}/setup/log", {"revision": revision})
    assert "The log is made." in page.text
    facts = await house.service.facts(NEW)
    assert (sorted(facts.members), facts.threshold, facts.rehearsal) == (["beka", "nino"], 2, False)
    assert (await chair.send(f"{BASE}/setup/log", {"revision": revision})).status == 412
    assert (await house.service.facts(NEW)).log_id == facts.log_id
    fixed = await chair.read_refused(f"{BASE}/setup", {**SETUP, "revision": str(int(revision) + 1)}, status=400)
    assert "The log is made: it fixes this for good." in fixed.text
    assert (await beka.send(f"{BASE}/setup/log", {"revision": "2"})).status == 403


def hidden(html: str) -> str:
    """The revision that a page's form carries."""
    found = re.search(r'name="revision" value="([0-9]+)"', html)
    assert found is not None
    return found[1]


async def test_texts_of_a_draft_become_those_of_the_election(house: House) -> None:
    chair = await begin(house)
    form = {f"{what}_{name}": "" for name in ("en", "ka", "az", "ru") for what in ("title", "intro")}
    form |= {"title_en": "Elections", "title_ka": "არჩევნები", "intro_az": "", "contact": "sec@example.edu"}
    form |= {"zone": "Asia/Baku", "revision": "0"}
    page = await chair.do(f"{BASE}/texts", form)
    assert "The texts are changed." in page.text
    assert "არჩევნები" in (await chair.read(f"{BASE}?lang=ka")).text
    bad = await chair.read_refused(f"{BASE}/texts", {**form, "contact": "javascript:1", "revision": "1"}, status=400)
    assert "Write a mail address, or an https address." in bad.text
    for name in ("beka", "gio"):
        desk = await Desk.open(house, name, Role.MEMBER, election=NEW)
        await give_key(house.service, desk.account, name)
    html = await (await chair.get(f"{BASE}/setup")).text()
    await chair.do(f"{BASE}/setup/log", {"revision": hidden(html)})
    form |= {"title_en": "Elections again", "revision": "1"}
    await chair.do(f"{BASE}/texts", form)
    assert house.http is not None
    public = await (await house.http.get(f"/elections/{NEW}", headers={"Accept": "text/html"})).text()
    assert "Elections again" in public


async def test_the_schedule_is_in_the_elections_zone(house: House) -> None:
    chair = await begin(house)
    form = {"opens": "2027-02-01T09:00", "closes": "2027-02-02T18:00", "revision": "0"}
    page = await chair.do(f"{BASE}/schedule", form)
    assert "Tuesday, 2 February 2027, 18:00 (Tbilisi time)" in page.text
    for changes, words in (
        ({"closes": "2027-02-01T08:00"}, "after the opening"),
        ({"opens": "2020-02-01T08:00"}, "in the past"),
        ({"closes": ""}, "Give a day and a time."),
        ({"closes": "tomorrow"}, "Give a day and a time."),
        ({"closes": "2030-02-02T18:00"}, "at most 400 days"),
    ):
        bad = await chair.read_refused(f"{BASE}/schedule", {**form, "revision": "1", **changes}, status=400)
        assert words in bad.text, changes


async def test_a_rehearsal_is_called_test_everywhere_and_has_a_log_of_its_own(house: House) -> None:
    chair = await begin(house)
    page = await chair.do(f"{BASE}/rehearsal", {"election": f"{NEW}-test"})
    assert "TEST" in page.text
    assert "TEST: Students' elections 2027" in page.text
    assert f"{NEW}-test" in (await chair.read(f"{BASE}/rehearsal")).text
    waived = await chair.do(f"{BASE}/rehearsal/waiver", {"waiver": "The dean decided so.", "revision": "0"})
    assert "The dean decided so." in waived.html
    assert "hold none" in (await chair.read(BASE)).text


async def test_what_was_changed_stands_in_the_events(house: House) -> None:
    chair = await begin(house)
    await chair.do(f"{BASE}/setup", {**SETUP, "revision": "0"})
    async with house.service.database.snapshot() as connection:
        events = [(event.what, event.account) for event in await read_events(connection, NEW)]
    assert events[:2] == [("setup-changed", chair.account), ("election-begun", chair.account)]


async def test_texts_with_markup_stay_text(open_sqlite_house: House) -> None:
    evil = '<script>alert(1)</script>"onfocus="x'
    chair = await begin(open_sqlite_house, title=evil)
    for path in ("", "/setup", "/texts", "/schedule", "/mail", "/rehearsal"):
        page = await chair.read(BASE + path)
        assert page.all("script") == []
        assert not [name for _, found in page.elements for name in found if name.startswith("on")]


@pytest.mark.parametrize("path", ["/setup", "/texts", "/schedule", "/mail", "/rehearsal", "/rehearsal/waiver"])
async def test_unknown_fields_and_observers_are_refused(open_sqlite_house: House, path: str) -> None:
    chair = await begin(open_sqlite_house)
    assert (await chair.send(BASE + path, {"revision": "0", "surprise": "1"})).status == 400
    observer = await Desk.open(open_sqlite_house, "tamar", Role.OBSERVER, election=NEW)
    assert (await observer.send(BASE + path, {"revision": "0"})).status == 403
    stranger = await Desk.open(open_sqlite_house, "levan", Role.CHAIR)
    assert (await stranger.send(BASE + path, {"revision": "0"})).status == 404
