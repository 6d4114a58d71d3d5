"""Everybody is told of every token in the own name (A44), and nothing in that tells when it was issued (A63)."""

import asyncio
import math
import os
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Table, func, insert, select, text

from election_service import schema, schema_mail
from election_service.mailer import Mailer
from election_service.scheduler import Scheduler
from election_service.service import open_service
from election_service.token_notices import queue_notices
from election_service.workers import Workers
from tests.service.house import ELECTION, HOUR, House, Person, built, code_of, new_seed
from tests.service.mail_sink import Sink, free_port, parts, running
from tests.service.test_mailer import SWIFT
from tests.simulated.builders import make_replacement

HEAD, LAW = "Head of the Self-Governance", "Head of the faculty: law"


@asynccontextmanager
async def polling(url: str, folder: Path, workers: Workers, mail_port: int | None) -> AsyncIterator[House]:
    """A house with an open poll of two contests; six people, of whom the first three are of law."""
    async with built(url, folder, workers, mail_port=mail_port) as house:
        await house.open()
        await house.list_people()
        yield house


@pytest.fixture
async def mail_house(database_url: str, tmp_path: Path, workers: Workers) -> AsyncIterator[House]:
    async with polling(database_url, tmp_path, workers, 1025) as house:
        yield house


async def take(house: House, number: int, contest: int) -> None:
    """A token for this person."""
    await house.token(house.people[number], await house.rules(house.contexts[contest]))


async def waiting(house: House) -> set[tuple[bytes, bytes]]:
    table = schema_mail.token_notices
    async with house.service.database.snapshot() as connection:
        return {(row.context, row.credential) for row in await connection.execute(select(table))}


async def told(house: House) -> dict[str, list[str]]:
    """Recipient → what each mail lists."""
    found: dict[str, list[str]] = defaultdict(list)
    for recipient, letter in await house.letters("issued"):
        found[recipient].append(listed(letter.text))
    return found


def listed(text: str) -> str:
    """The items of a letter."""
    return "; ".join(line.removeprefix("- ") for line in text.splitlines() if line.startswith("- "))


async def test_the_note_is_stored_with_the_request_and_once(mail_house: House) -> None:
    house, person = mail_house, mail_house.people[0]
    rules = await house.rules(house.contexts[0])
    await house.log_in(person)
    request = house.request_token(person, rules)
    for _ in range(3):
        assert (await house.post("/tokens", request, person.bearer)).status == 200
    other = await house.post("/tokens", house.request_token(person, rules), person.bearer)
    assert await code_of(other) == "token-already-issued"
    assert await waiting(house) == {(rules.context, person.credential)}


async def test_a_request_that_is_refused_leaves_no_note(mail_house: House) -> None:
    house, outsider = mail_house, mail_house.people[5]
    law = await house.rules(house.contexts[1])
    await house.log_in(outsider)
    answer = await house.post("/tokens", house.request_token(outsider, law), outsider.bearer)
    assert await code_of(answer) == "not-eligible"
    assert await waiting(house) == set()


async def test_notices_wait_for_a_crowd_and_for_nothing_after_the_close(mail_house: House) -> None:
    """As ballots do: a contest in which one notice waits would say who came in this hour. The house asks for two."""
    house, scheduler = mail_house, Scheduler(mail_house.service)
    await scheduler.tick()
    await take(house, 0, 0)
    await take(house, 0, 1)
    house.clock.now += HOUR
    await scheduler.tick()
    assert await told(house) == {}
    await take(house, 1, 0)
    house.clock.now += HOUR // 2
    await scheduler.tick()
    assert await told(house) == {}  # not before the next sealing
    house.clock.now += HOUR // 2 - 1
    assert await queue_notices(house.service, ELECTION, scheduled=True) == 2
    first = await told(house)
    assert {student: len(mails) for student, mails in first.items()} == {"p0": 1, "p1": 1}
    assert len(await waiting(house)) == 1
    house.clock.now += 1
    await scheduler.tick()  # closes
    assert await waiting(house) == set()
    assert {student: len(mails) for student, mails in (await told(house)).items()} == {"p0": 2, "p1": 1}


async def test_one_mail_for_a_voter_and_batch_in_the_own_language(mail_house: House) -> None:
    house = mail_house
    for number in (0, 1, 2):
        for contest in (0, 1):
            await take(house, number, contest)
    assert await queue_notices(house.service, ELECTION, scheduled=True) == 3
    letters = dict(await house.letters("issued"))
    assert {name: (mail.language, mail.to) for name, mail in letters.items()} == {
        "p0": ("en", "p0@example.edu"),
        "p1": ("ka", "p1@example.edu"),
        "p2": ("az", "p2@example.edu"),
    }
    english = letters["p0"].text
    assert HEAD.lower() in english.lower()
    assert "law" in listed(english)
    assert all(mail.text.count("law") for mail in letters.values())
    assert await queue_notices(house.service, ELECTION, scheduled=True) == 0


async def test_a44_every_token_is_told_of_by_real_mail(database_url: str, tmp_path: Path, workers: Workers) -> None:
    """100 %: each token in exactly one mail, to the address of its holder, in spite of the server's moods."""
    sink = Sink(moods={"later": 0.2, "drop": 0.1})
    begun = time.monotonic()
    with running(sink, free_port()) as server:
        async with polling(database_url, tmp_path, workers, server.port) as house:
            for number in range(6):
                await take(house, number, 0)
                if number < 3:
                    await take(house, number, 1)
            await house.close_early()
            await Scheduler(house.service).tick()
            assert await rows(house, schema.issued) == 9
            service, start = house.service, house.clock.now
            mailer = Mailer(
                service.database, service.master, server, lambda: start + int(time.monotonic() - begun), SWIFT
            )
            await mailer.send_due(wait=True)
            assert await house.letters("issued") == []  # nothing of them is kept
    assert sink.troubles["later"] + sink.troubles["drop"] > 0
    mails = {str(mail["To"].addresses[0].addr_spec): listed(parts(mail)[0]).split("; ") for mail in sink.mails}
    assert sorted(sink.recipients) == [f"p{number}@example.edu" for number in range(6)]
    assert {address: len(items) for address, items in mails.items()} == {
        f"p{number}@example.edu": 2 if number < 3 else 1 for number in range(6)
    }


async def rows(house: House, table: Table) -> int:
    async with house.service.database.snapshot() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def test_two_processes_tell_everybody_once(mail_house: House, workers: Workers) -> None:
    house = mail_house
    for number in range(6):
        await house.token(house.people[number], await house.rules(house.contexts[0]))
    await house.close_early()
    async with open_service(house.service.config, clock=house.clock, workers=workers) as other:
        mails = await asyncio.gather(
            *(queue_notices(service, ELECTION, scheduled=False) for service in (house.service, other) * 3)
        )
    assert sum(mails) == 6
    assert {student: len(found) for student, found in (await told(house)).items()} == {f"p{n}": 1 for n in range(6)}


async def test_whose_credential_was_replaced_meanwhile_is_told_too(mail_house: House) -> None:
    house, person = mail_house, mail_house.people[0]
    await house.token(person, await house.rules(house.contexts[0]))
    await house.close_early()
    new = Person(new_seed())
    data = make_replacement(house.log_id, person.credential, new.credential, "lost", house.registrar, os.urandom(16))
    fields = msgspec.to_builtins(data)
    act = await house.decide(
        "credential.replaced", {name: fields[name] for name in ("old", "new", "reason", "signature")}
    )
    assert act.state == "done"
    assert await queue_notices(house.service, ELECTION, scheduled=False) == 1
    assert list(await told(house)) == ["p0"]


async def test_without_a_mail_server_the_notices_wait_for_one(
    database_url: str, tmp_path: Path, workers: Workers
) -> None:
    async with polling(database_url, tmp_path, workers, None) as house:
        await house.token(house.people[0], await house.rules(house.contexts[0]))
        await house.close_early()
        assert await queue_notices(house.service, ELECTION, scheduled=False) == 0
        assert len(await waiting(house)) == 1
        house.service.config = msgspec.structs.replace(
            house.service.config, smtp_host="localhost", mail_from="house@example.edu"
        )
        assert await queue_notices(house.service, ELECTION, scheduled=False) == 1


# ---- nothing tells when (A63) ----------------------------------------------------------------------------------------


def kendall(order: Sequence[int]) -> float:
    """Kendall's tau of a permutation against 0, 1, 2 …, in standard deviations of what chance gives."""
    size = len(order)
    pairs = size * (size - 1) // 2
    later = sum(order[i] < order[j] for i in range(size) for j in range(i + 1, size))
    tau = (2 * later - pairs) / pairs
    return tau / math.sqrt(2 * (2 * size + 5) / (9 * size * (size - 1)))


def test_the_measure_sees_an_order() -> None:
    assert kendall(range(500)) > 30
    assert kendall(range(499, -1, -1)) < -30


async def test_a63_the_order_of_the_mails_says_nothing_of_the_order_of_the_tokens(mail_house: House) -> None:
    """500 voters, in the order in which mails are sent and in that in which their rows were written: p > 0.01."""
    house, context = mail_house, mail_house.contexts[0]
    dice = random.Random(63)
    house.service.random = dice.randbytes
    credentials = [dice.randbytes(32) for _ in range(500)]
    await list_crowd(house, credentials)
    for credential in credentials:  # issued one after the other
        row = {"election": ELECTION, "context": context, "credential": credential}
        async with house.service.database.transaction() as connection:
            await connection.execute(insert(schema_mail.token_notices).values(row))
    assert await queue_notices(house.service, ELECTION, scheduled=True) == 500
    place = text("ctid" if house.service.database.dialect == "postgresql" else "rowid")
    outbox = schema_mail.outbox
    for order in ((outbox.c.not_before, outbox.c.mail), (place,)):
        async with house.service.database.snapshot() as connection:
            found = list((await connection.execute(select(outbox.c.recipient).order_by(*order))).scalars())
        assert abs(kendall([int(recipient[1:]) for recipient in found])) < 2.58
    async with house.service.database.snapshot() as connection:
        times = set((await connection.execute(select(outbox.c.queued, outbox.c.not_before, outbox.c.changed))).all())
        batches = set((await connection.execute(select(outbox.c.about))).scalars())
    assert len(times) == len(batches) == 1


async def list_crowd(house: House, credentials: Sequence[bytes]) -> None:
    """People v0, v1 … with these credentials on the roll."""
    async with house.service.database.transaction() as connection:
        row = dict((await connection.execute(select(schema.voters).limit(1))).mappings().one())
        crowd = [
            {**row, "student_id": f"v{n}", "email": f"v{n}@example.edu", "credential": credential}
            for n, credential in enumerate(credentials)
        ]
        await connection.execute(insert(schema.voters), crowd)


def test_a63_a_note_has_neither_a_time_nor_a_number() -> None:
    assert set(schema_mail.token_notices.c.keys()) == {"context", "credential", "election"}
