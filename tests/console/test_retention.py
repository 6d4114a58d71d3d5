"""What is personal of an election goes some days after its last poll: all of it, once, and never too early."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import insert, select

from election_service import schema, schema_console, schema_mail
from election_service.console import deletion
from election_service.console.events import read_events
from election_service.console.incidents import list_incidents, record_incident
from election_service.console.retention import (
    DAY,
    DEFAULT_DAYS,
    GRACE,
    Retention,
    delete_due,
    look_ahead,
    read_retention,
    store_days,
)
from election_service.console.roles import Role
from election_service.database import sqlite_file
from election_service.doctor import examine
from election_service.errors import ActRefusedError, InputError, RevisionStaleError, RollFrozenError, StorageError
from election_service.mail_text import make_letter, read_letterhead
from election_service.messages_desk import take_message
from election_service.outbox import queue
from election_service.roll import check_frozen_roll, import_roll, read_roll
from election_service.scheduler import Scheduler
from election_service.schema_columns import metadata
from election_service.secrets import REGISTRAR_KEY
from election_service.sql import insert_new
from tests.console.desk import Desk
from tests.service.house import ELECTION, House
from tests.service.pages_reader import play_to_the_result, read
from tests.service.rolls import row, table
from tests.service.town import Town, elect_heads

BASE = f"/committee/{ELECTION}"
MARK = "Zxqwv"  # in every name, address and text of the people: nothing of it may stay


async def people(house: House) -> None:
    """Everything that a service can know of people, and that is not in the log."""
    service, now = house.service, house.service.clock()
    credentials = [person.credential for person in house.people]
    await record_incident(service, ELECTION, "a-1", f"{MARK} fell over the cable")
    await take_message(service, ELECTION, text=f"I am {MARK}", contact="", kind="question")
    shown = {"faculty": MARK, "department": MARK, "level": "bachelor", "year": 1, "status": "active"}
    rows: list[tuple[Any, dict[str, Any]]] = [
        (
            schema.voters,
            {
                **shown,
                "student_id": f"{MARK}-{number}",
                "full_name": f"{MARK} {number}",
                "email": f"{MARK}{number}@example.edu",
                "disciplinary": "",
                "language": "en",
                "eligible": True,
                "reason": "",
                "credential": credential,
            },
        )
        for number, credential in enumerate(credentials)
    ]
    one = f"{MARK}-0"
    rows += [
        (schema.rolls, {"frozen": True, "size": len(credentials), "digest": bytes(32)}),
        (schema.persons, {"student_id": one, "person": "c1"}),
        (schema.candidates, {"student_id": one, "position": "head", "block": "", "place": 1, "poll": 1}),
        (schema_mail.profiles, {"student_id": one, "statements": f'{{"en":"{MARK}"}}'.encode(), "photo": "0" * 64}),
        (schema_mail.photos, {"sha256": "0" * 64, "content": MARK.encode()}),
        (schema_mail.link_requests, {"student_id": one, "requested": now, "state": "open"}),
        (
            schema_console.planned_acts,
            {"kind": "credential.replaced", "subject": one, "data": MARK.encode(), "created": now},
        ),
        (schema.second_factors, {"credential": credentials[0], "sealed": MARK.encode(), "last_step": 0}),
        (
            schema_console.roll_uploads,
            {"raw_sealed": MARK.encode(), "name": MARK, "columns": "{}", "levels": "[]", "statuses": "[]"},
        ),
    ]
    async with service.database.transaction() as connection:
        for where, values in rows:
            await connection.execute(insert(where).values(election=ELECTION, **values))
        await connection.execute(
            insert_new(connection, schema.secrets).values(election=ELECTION, name=REGISTRAR_KEY, sealed=b"-")
        )
        head = await read_letterhead(connection, service.config.public_url, ELECTION)
        values = {"contests": [MARK], "closes": "soon"}
        letter = make_letter("reminder", head, to=f"{MARK}@example.edu", name=MARK, language="en", values=values)
        await queue(
            connection,
            service.master,
            service.random,
            election=ELECTION,
            kind="reminder",
            recipient=one,
            about="poll-1",
            mail=letter,
            now=now,
        )


async def concluded(house: House) -> int:
    """Everybody known to the service, a poll held, its result certified; returns when."""
    await people(house)
    await play_to_the_result(house)
    await house.conclude()
    return house.clock.now


async def everything(house: House) -> str:
    """All that stands in the database, table by table; outside the log, which nobody can change."""
    found = []
    async with house.service.database.snapshot() as connection:
        for where in metadata.sorted_tables:
            rows = (await connection.execute(select(where))).all()
            found += [
                repr(tuple(bytes(item) if isinstance(item, memoryview) else item for item in line)) for line in rows
            ]
    return "\n".join(found)


async def personal(house: House) -> dict[str, int]:
    """What there is to be deleted."""
    async with house.service.database.snapshot() as connection:
        return await deletion.count_personal(connection, ELECTION)


async def deleted_events(house: House) -> int:
    async with house.service.database.snapshot() as connection:
        return sum(event.what == "personal-data-deleted" for event in await read_events(connection, ELECTION))


async def state(house: House) -> Retention:
    async with house.service.database.snapshot() as connection:
        return await read_retention(connection, ELECTION)


async def test_everything_personal_goes_at_its_time_and_once(open_house: House) -> None:
    house = open_house
    time = await concluded(house)
    outlook = await look_ahead(house.service, ELECTION)
    assert (outlook.due, outlook.waits) == (time + DEFAULT_DAYS * DAY, ())
    known = await personal(house)
    assert set(known) == set(deletion.TABLES) - {"recovery"}  # those go at the end of the review window
    assert MARK in await everything(house)
    house.clock.now = time + DEFAULT_DAYS * DAY - 1
    assert not await delete_due(house.service, ELECTION)
    assert MARK in await everything(house)
    house.clock.now += 1
    assert await delete_due(house.service, ELECTION)
    assert MARK not in await everything(house)
    assert not await delete_due(house.service, ELECTION)
    found = await state(house)
    assert (found.done, found.cleaned) == (house.clock.now, house.clock.now)
    assert found.deleted == known
    assert await deleted_events(house) == 1
    assert await personal(house) == {}
    await house.verify()


async def test_no_page_of_the_file_keeps_what_was_deleted(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    house.clock.now = await concluded(house) + DEFAULT_DAYS * DAY
    file = sqlite_file(house.service.database.url)
    files = [file, file.with_name(file.name + "-wal")]
    assert any(MARK.encode() in item.read_bytes() for item in files)
    assert await delete_due(house.service, ELECTION)
    assert not any(MARK.encode() in item.read_bytes() for item in files)


async def test_what_is_left_of_the_installation_is_fit_and_takes_no_other_roll(open_house: House) -> None:
    house = open_house
    house.clock.now = await concluded(house) + DEFAULT_DAYS * DAY
    await delete_due(house.service, ELECTION)
    async with house.service.database.transaction() as connection:
        assert await check_frozen_roll(connection, ELECTION) == 0
        with pytest.raises(RollFrozenError, match="frozen"):
            await import_roll(connection, ELECTION, read_roll(table(row(student_id="n1"))))
    findings = await examine(house.service.config, house.clock)
    assert [item.text for item in findings if item.level == "error"] == []


async def test_recovery_keys_and_blobs_go_with_it(open_house: House) -> None:
    """They go when the review window ends; what an interrupted tally left behind goes here."""
    house = open_house
    time = await concluded(house)
    context = house.contexts[0]
    house.service.state.make_recovery_key(context, os.urandom)
    async with house.service.database.transaction() as connection:
        await connection.execute(schema.issued.update().values(recovery_sealed=b"left"))
    house.clock.now = time + DEFAULT_DAYS * DAY
    assert (await personal(house))["recovery"] > 0
    assert await delete_due(house.service, ELECTION)
    assert not list((house.service.config.state_dir / "recovery").glob(f"{context.hex()}*"))
    assert "left" not in await everything(house)


async def test_nothing_is_deleted_while_a_poll_or_its_complaint_window_runs(open_house: House) -> None:
    house = open_house
    await people(house)
    later = 20 * 365 * DAY

    async def refused(*waits: str) -> None:
        outlook = await look_ahead(house.service, ELECTION)
        assert (outlook.due, outlook.waits) == (None, waits)
        now, house.clock.now = house.clock.now, house.clock.now + later
        assert not await delete_due(house.service, ELECTION)
        house.clock.now = now
        assert MARK in await everything(house)

    await refused("no-poll", "poll")
    await play_to_the_result(house)
    await refused("no-poll", "poll")
    await house.conclude(kind="result.annulled", reason="for a test")
    await refused("agenda")  # the vote has to be held again


async def test_a_clock_that_goes_back_deletes_nothing(open_sqlite_house: House) -> None:
    """A98: the time of the conclusion is the log's, and a clock before it is not after it."""
    house = open_sqlite_house
    time = await concluded(house)
    house.clock.now = time - 10 * DAY
    assert not await delete_due(house.service, ELECTION)


async def test_of_many_at_a_time_one_deletes(open_house: House) -> None:
    house = open_house
    house.clock.now = await concluded(house) + DEFAULT_DAYS * DAY
    done = await asyncio.gather(*(delete_due(house.service, ELECTION) for _ in range(8)))
    assert sum(done) == 1
    assert await deleted_events(house) == 1


async def test_what_was_interrupted_is_cleaned_by_the_next_look(open_house: House) -> None:
    """Somebody reads an older state: the rows are gone, and the rest is tried again until it is."""
    house = open_house
    house.clock.now = await concluded(house) + DEFAULT_DAYS * DAY
    scheduler = Scheduler(house.service)
    async with house.service.database.snapshot() as reader:
        await reader.execute(select(schema.voters))
        with suppress(StorageError):
            await delete_due(house.service, ELECTION)
            pytest.fail("the database could be cleaned while somebody read")
        assert (await state(house)).cleaned is None
    assert MARK not in await everything(house)
    await scheduler.tick()
    assert (await state(house)).cleaned == house.clock.now


async def test_the_scheduler_does_it_and_looks_once_a_minute(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    time = await concluded(house)
    scheduler = Scheduler(house.service)
    await scheduler.tick()
    house.clock.now = time + DEFAULT_DAYS * DAY
    await scheduler.tick()
    assert await deleted_events(house) == 1


async def test_a_shorter_period_begins_a_week_after_it_was_set(open_house: House) -> None:
    house = open_house
    time = await concluded(house)
    house.clock.now = time + 100 * DAY
    assert await store_days(house.service, ELECTION, "a-1", 30, 0) == 1
    assert (await look_ahead(house.service, ELECTION)).due == house.clock.now + GRACE
    assert not await delete_due(house.service, ELECTION)
    with pytest.raises(RevisionStaleError):
        await store_days(house.service, ELECTION, "a-2", 60, 0)
    with pytest.raises(InputError, match="expected 30 to 3650, got 29"):
        await store_days(house.service, ELECTION, "a-2", 29, 1)
    house.clock.now += GRACE
    assert await delete_due(house.service, ELECTION)
    with pytest.raises(ActRefusedError, match="deleted already"):
        await store_days(house.service, ELECTION, "a-1", 60, 1)


async def test_incidents_are_numbered_sealed_and_written_once(open_house: House) -> None:
    service = open_house.service
    made = await asyncio.gather(*(record_incident(service, ELECTION, "a-1", f"incident {n}") for n in range(6)))
    assert sorted(made) == [1, 2, 3, 4, 5, 6]
    again = await asyncio.gather(*(record_incident(service, ELECTION, "a-1", f"incident {n}") for n in range(6)))
    assert again == made
    async with service.database.snapshot() as connection:
        found = await list_incidents(connection, service.master, ELECTION)
        raw = (await connection.execute(select(schema_console.incidents.c.text_sealed))).scalars().all()
    assert [item.number for item in found] == [6, 5, 4, 3, 2, 1]
    assert not any(b"incident" in bytes(item) for item in raw)


async def test_the_election_s_pages_can_be_read_afterwards(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    house.clock.now = await concluded(house) + DEFAULT_DAYS * DAY
    await delete_due(house.service, ELECTION)
    for tail in ("/results/1", "/help", "/link", "/verify"):
        await read(house, f"/elections/{ELECTION}{tail}")
    page = await read(house, f"/elections/{ELECTION}")
    assert "What was deleted" in page.text
    assert "the roll: names, student ids, addresses" in page.text
    chair = await Desk.open(house, "chair", Role.CHAIR)
    for tail in ("", "/progress", "/results/1", "/seats", "/requests", "/messages", "/roll", "/candidates", "/people"):
        await chair.read(BASE + tail)


async def test_members_whose_roll_is_gone_have_no_next_poll(village: Town) -> None:
    """A motion of the members cannot be held any more: the page says so."""
    house = village.house
    await elect_heads(village)
    house.clock.now += DEFAULT_DAYS * DAY
    assert await delete_due(house.service, ELECTION)
    chair = await Desk.open(house, "chair", Role.CHAIR)
    assert "Student A" in (await chair.read(f"{BASE}/seats")).text, "names of candidates stand in the log"
    fields = {"poll": "2", "motion": "dismissal", "contest": "dismissal-1"}
    answer = await chair.send(f"{BASE}/seats/next-poll", fields)
    assert answer.status == 409
    assert "no credential of" in await answer.text()


async def test_the_preview_says_what_goes_when_and_what_keeps_it(open_house: House) -> None:
    house = open_house
    await people(house)
    chair = await Desk.open(house, "chair", Role.CHAIR)
    page = await chair.read(f"{BASE}/retention")
    assert "400 days after the last poll" in page.text
    assert "a poll is under way" in page.text
    await play_to_the_result(house)
    await house.conclude()
    chair = await Desk.open(house, "chair2", Role.CHAIR)
    page = await chair.do(f"{BASE}/retention", {"days": "100", "revision": "0"})
    assert "Kept for 100 days" in page.text
    due = (await look_ahead(house.service, ELECTION)).due
    assert due == house.clock.now + 100 * DAY
    assert "is deleted Sunday, 25 April 2027" in page.text
    for days, revision, status in (("40", "0", 412), ("", "1", 400), ("7", "1", 400), ("1e3", "1", 400)):
        answer = await chair.send(f"{BASE}/retention", {"days": days, "revision": revision})
        assert answer.status == status, days
    assert (await chair.send(f"{BASE}/retention", {"days": "50"})).status == 428
    house.clock.now = due
    await delete_due(house.service, ELECTION)
    chair = await Desk.open(house, "chair3", Role.CHAIR)
    page = await chair.read(f"{BASE}/retention")
    assert "What was personal in this election was deleted" in page.text
    assert "Days after the last poll" not in page.text
    assert "what was personal was deleted" in (await chair.read(f"{BASE}/log")).text
