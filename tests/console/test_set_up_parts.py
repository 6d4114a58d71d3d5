"""Parts of the set-up by themselves: times in a zone, the calendar's word, cloning, mail that is refused, secrets."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select

from audit.entries import parse_time
from election_service import schema
from election_service.console.accounts import give_role
from election_service.console.clone import clone_election
from election_service.console.drafts import Known, read_known
from election_service.console.form_faults import FormFaultsError
from election_service.console.next_polls import log_contests, sign_members
from election_service.console.prepared_acts import prepared_acts
from election_service.console.roles import SERVICE, Role
from election_service.console.rules_draft import (
    begin_rules,
    change_rules,
    finished_rules,
    read_rules_file,
    rule_faults,
    rule_fields,
)
from election_service.console.schedule import Schedule, calendar_notices, read_local, write_local
from election_service.follow_up import Wanted, next_poll
from keys.canonical import encode
from tally.constitution import load_constitution
from tally.constitution_toml import PRESETS
from tests.console.desk import Desk
from tests.console.test_set_up_flow import BASE, Wizard, revision
from tests.service.house import ELECTION, House
from tests.service.mail_sink import Sink, free_port, running
from tests.service.town import Town, elect_heads

MOTION = Wanted(motions={"dismissal-1": "dismissal"})

# ---- times -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "zone", "time"),
    [
        ("2027-01-20T18:00", "Asia/Tbilisi", "2027-01-20T14:00:00Z"),
        ("2027-01-20T18:00:00", "Asia/Baku", "2027-01-20T14:00:00Z"),
        ("2027-07-01T00:30", "Europe/Kyiv", "2027-06-30T21:30:00Z"),
        ("2027-10-31T03:30", "Europe/Kyiv", "2027-10-31T00:30:00Z"),  # shown twice: the first
    ],
)
def test_a_local_time_is_read_in_its_zone(text: str, zone: str, time: str) -> None:
    assert read_local(text, zone, "closes") == parse_time(time)
    assert write_local(parse_time(time), zone) == text[:16]


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00",
        "tomorrow",
        "2027-13-01T00:00",
        "2027-02-30T00:00",
        "2027-01-01",
        "2027-01-01T25:00",
        "٢٠٢٧-01-01T00:00",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(FormFaultsError, match="closes: expected a day and a time"):
        read_local(text, "Asia/Tbilisi", "closes")


def test_a_time_that_the_clocks_skip_is_refused() -> None:
    with pytest.raises(FormFaultsError, match="no clock in Europe/Kyiv shows this time"):
        read_local("2027-03-28T03:30", "Europe/Kyiv", "opens")
    assert read_local("  ", "Europe/Kyiv", "opens") is None


async def test_the_calendar_warns_with_its_clause(village: Town) -> None:
    wizard = Wizard(village, await Desk.open(village.house, "nino", Role.CHAIR))
    facts = await village.house.service.facts(ELECTION)
    now = village.house.clock.now
    assert calendar_notices(facts, Schedule(None, now + 3600), now) == []
    await wizard.adopt_rules()
    page = await wizard.press("/schedule", opens="", closes="2027-01-20T18:00")
    assert "The rules warn: The first poll comes late" in page.text
    assert "(6.12.1)" in page.text
    assert "In time until: Sunday, 4 October 2026, 23:59" in page.text


async def test_times_that_the_rules_refuse_are_stored_and_said_to_be_refused(village: Town) -> None:
    """A motion whose meeting nobody has announced (6.8.2)."""
    await elect_heads(village)
    service = village.house.service
    while (planned := await next_poll(service, ELECTION, MOTION)).assemblies:
        for kind, data in await sign_members(service, ELECTION, planned):
            await village.house.decide(kind, data)
    await log_contests(service, ELECTION, planned)
    wizard = Wizard(village, await Desk.open(village.house, "nino", Role.CHAIR))
    page = await wizard.press("/schedule", opens="", closes="2027-01-20T18:00")
    assert "These times are stored, but the rules refuse them. Reasons: 1." in page.text
    assert "The schedule is changed." not in page.text
    assert "The rules refuse this:" in page.text
    assert "The meeting was not announced" in page.text
    assert "#refused" in page.attributes("href")
    assert "refused" in page.attributes("id")


# ---- rules -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_begun_and_finished_as_it_is(name: str) -> None:
    rules = begin_rules(name)
    assert rule_faults(rules) == []
    assert load_constitution(finished_rules(rules)).name
    unchanged = change_rules(rules, {field.path: field.value for field in rule_fields(rules)})
    assert finished_rules(unchanged) == finished_rules(rules)


def test_rules_of_a_file_hold_no_text_that_deceives() -> None:
    rules = finished_rules(begin_rules("survey"))
    assert rule_faults(read_rules_file(rules)) == []
    with pytest.raises(FormFaultsError, match=r"name \(clause silent\): bidi"):
        read_rules_file(rules.replace(b'"name":"', b'"name":"\xe2\x80\xae', 1))
    with pytest.raises(FormFaultsError, match="at most"):
        read_rules_file(b" " * 300_000)


def test_readings_are_changed_and_a_single_one_settles_the_clause() -> None:
    rules = begin_rules("ibsu-direct")
    fields = {field.path: field for field in rule_fields(rules)}
    assert (fields["calendar.term_ends"].kind, fields["calendar.term_ends"].value) == (
        "readings",
        "2027-06-30, 2027-09-13",
    )
    rules = change_rules(rules, {"calendar.term_ends": "2028-06-30", "turnout.repeat_days": "20, 5"})
    found = load_constitution(finished_rules(rules))
    assert (found.calendar.term_ends.value, found.calendar.term_ends.readings) == ("2028-06-30", [])
    assert (found.turnout.repeat_days.value, found.turnout.repeat_days.readings) == (20, [20, 5])
    with pytest.raises(FormFaultsError, match="at least one reading"):
        change_rules(rules, {"turnout.repeat_days": " , "})


# ---- cloning ---------------------------------------------------------------------------------------------------------


async def test_a_clone_has_rules_readings_and_people_but_no_roll_keys_or_dates(town: Town) -> None:
    wizard = Wizard(town, await Desk.open(town.house, "nino", Role.CHAIR))
    service = town.house.service
    await wizard.adopt_rules()
    await town.house.hold_ceremony()
    await wizard.press("/schedule", opens="", closes="2027-01-20T18:00")
    await town.house.decide("resolution", {"clause": "6.12.4 turnout.scope", "reading": "block"})
    await Desk.open(town.house, "tamar", Role.OBSERVER)
    async with service.database.transaction() as connection:
        await give_role(connection, SERVICE, wizard.desk.account, Role.CHAIR)
    page = await wizard.desk.do(f"{BASE}/clone", {"election": "next-year"})
    assert "Roll, keys and dates are missing." in page.text
    async with service.database.snapshot() as connection:
        known: Known = await read_known(connection, "next-year")
    assert (known.made, known.draft.closes, known.draft.mail_test) == (False, None, "untested")
    assert known.draft.readings == {"6.12.4 turnout.scope": "block"}
    assert {fault.path for fault in rule_faults(known.draft.rules)} == {"version", "approved_by"}
    people = (await wizard.desk.read("/committee/next-year/people")).text
    assert "Tamar" in people
    assert "Keys made: 0" in (await wizard.desk.read("/committee/next-year")).text
    assert await prepared_acts(service, "next-year") == []


async def test_a_rehearsal_keeps_the_rules_as_they_are(house: House) -> None:
    service = house.service
    facts = await service.facts(ELECTION)
    async with service.database.transaction() as connection:
        known = await read_known(connection, ELECTION)
        rules = begin_rules("survey")
        draft = msgspec.structs.replace(known.draft, rules=rules)
        made = await clone_election(connection, "try", source=ELECTION, draft=draft, facts=facts, rehearsal=True)
    assert (made.rules, made.rehearsal, made.cloned_from) == (rules, True, ELECTION)
    assert made.presentation.texts["en"].title == "TEST: The house of tests"


# ---- mail and links --------------------------------------------------------------------------------------------------


async def test_a_test_mail_that_is_refused_says_why(village: Town) -> None:
    wizard = Wizard(village, await Desk.open(village.house, "nino", Role.CHAIR))
    assert "No mail server is configured" in (await wizard.desk.read(f"{BASE}/mail")).text
    refused = await wizard.desk.read_refused(f"{BASE}/mail", {"revision": "0"}, status=409)
    assert "no mail server is configured" in refused.text
    port = free_port()
    mail = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "mail_from": "v@example.edu"}
    village.house.service.config = msgspec.structs.replace(village.house.service.config, **mail)
    page = await wizard.press("/mail")
    assert "The last test mail did not go out" in page.text
    with running(Sink(refuse={"nino@example.edu"}), port):
        page = await wizard.press("/mail")
    assert "550 5.1.1 no such user" in page.text
    assert "The last test mail was refused." in (await wizard.desk.read(BASE)).text


async def test_secrets_of_authenticators_are_shown_once(village: Town) -> None:
    wizard = Wizard(village, await Desk.open(village.house, "nino", Role.CHAIR))
    service = village.house.service
    await wizard.import_roll()
    mail = {"smtp_host": "127.0.0.1", "smtp_security": "none", "mail_from": "v@example.edu"}
    service.config = msgspec.structs.replace(service.config, **mail)
    await wizard.press("/links")
    form = {"revision": "1"}
    refused = await wizard.desk.read_refused(f"{BASE}/links/secrets", form, status=409)
    assert "has no authenticator codes" in refused.text
    known = await service.election(ELECTION)
    settings = msgspec.structs.replace(known.settings, second_factor="totp", waiver=None)
    async with service.database.transaction() as connection:
        await connection.execute(schema.elections.update().values(config=encode(settings)))
    service._elections.clear()
    page = await wizard.desk.read(f"{BASE}/links")
    assert "0 of 8 voters have one." in page.text
    answer = await wizard.desk.send(f"{BASE}/links/secrets", {"revision": revision(page)})
    lines = (await answer.text()).splitlines()
    assert (answer.status, len(lines), lines[0]) == (200, 9, "student_id,otpauth")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert all("otpauth://totp/" in line for line in lines[1:])
    again = await wizard.desk.read_refused(f"{BASE}/links/secrets", {"revision": "3"}, status=409)
    assert "every voter has one" in again.text
    async with service.database.snapshot() as connection:
        sealed = (await connection.execute(select(schema.second_factors.c.sealed))).scalars().all()
    secrets = [line.partition("secret=")[2].partition("&")[0].encode() for line in lines[1:]]
    assert all(secret not in blob for secret, blob in zip(secrets, sealed, strict=True))


@pytest.mark.parametrize("village", ["offline"], indirect=True)
async def test_the_document_of_an_offline_registrar_is_taken_over_by_the_page(village: Town) -> None:
    wizard = Wizard(village, await Desk.open(village.house, "nino", Role.CHAIR))
    await wizard.import_roll()
    page = await wizard.desk.read(f"{BASE}/links")
    assert "makes the links on another computer" in page.text
    form = {"revision": revision(page)}
    broken = await wizard.desk.read_refused(
        f"{BASE}/links/document", form, files={"document": ("d.json", b"{}")}, status=409
    )
    assert "registrar's document" in broken.text
    answer = await wizard.desk.send(f"{BASE}/links", {"revision": revision(broken)})
    assert answer.status == 409
