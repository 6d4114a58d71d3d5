"""Codes by mail: six digits, ten minutes, five tries, one login; counted exactly (A74, A76, A77, A84, A98)."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse
from sqlalchemy import func, select

from election_service import schema, schema_mail
from election_service.login import NONCE_SECONDS
from election_service.login_codes import CODE_SECONDS, CODES, TRIES, draw_code
from election_service.login_windows import DAY, FAILURES, HOUR
from election_service.scheduler import Scheduler
from election_service.workers import Workers
from keys.canonical import b64
from tests.service.house import ELECTION, House, Person, built, code_of, new_seed

NOBODY_LISTENS = 1025


@pytest.fixture
async def email_house(database_url: str, tmp_path: Path, workers: Workers) -> AsyncIterator[House]:
    options = {"people": 3, "second_factor": "email", "mail_port": NOBODY_LISTENS}
    async with built(database_url, tmp_path, workers, **options) as house:  # type: ignore[arg-type]
        await house.open()
        await house.list_people()
        yield house


async def ask(house: House, person: Person) -> dict[str, Any]:
    """Ask for a code; the request to be completed with it."""
    request = await house.login_request(person)
    answer = await house.post("/login", request)
    assert (answer.status, await code_of(answer)) == (401, "code-sent"), await answer.text()
    return request


async def mailed_code(house: House, number: int = 0) -> str:
    """The code in the one mail that waits for this person."""
    found = [letter for recipient, letter in await house.letters("code") if recipient == f"p{number}"]
    assert len(found) == 1
    codes = re.findall(r"\b\d{6}\b", found[0].text)
    assert len(codes) == 1
    return str(codes[0])


async def give(house: House, request: dict[str, Any], code: str) -> ClientResponse:
    return await house.post("/login", {**request, "code": code})


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


async def rows(house: House, table: Any) -> int:
    async with house.service.database.snapshot() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def counters(house: House) -> tuple[int, int, int]:
    """Tries, failures and codes of the one credential that asked."""
    table = schema_mail.login_codes
    async with house.service.database.snapshot() as connection:
        row = (await connection.execute(select(table.c.tries, table.c.failures, table.c.codes))).one()
    return row.tries, row.failures, row.codes


async def test_the_code_that_was_mailed_logs_in_with_the_nonce_that_asked(email_house: House) -> None:
    house, person = email_house, email_house.people[1]
    request = await ask(house, person)
    [(recipient, letter)] = await house.letters("code")
    assert (recipient, letter.to, letter.language) == ("p1", "p1@example.edu", "ka")
    answer = await give(house, request, await mailed_code(house, 1))
    assert answer.status == 200
    person.bearer = (await answer.json())["bearer"]
    assert (await house.get("/voter", person.bearer)).status == 200


async def test_a_code_serves_once(email_house: House) -> None:
    house, person = email_house, email_house.people[0]
    request = await ask(house, person)
    code = await mailed_code(house)
    answers = await asyncio.gather(*(give(house, request, code) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == [200] + [401] * 7
    assert {await code_of(answer) for answer in answers if answer.status == 401} <= {"login-refused", "code-expired"}
    assert await rows(house, schema.bearers) == 1
    again = await house.login_request(person, code)
    assert await code_of(await house.post("/login", again)) == "code-expired"


async def test_a76_a_code_belongs_to_the_login_that_asked(email_house: House) -> None:
    """Another nonce of the same person, and another person's, are refused; a newer code voids the older one."""
    house, person, other = email_house, email_house.people[0], email_house.people[1]
    first = await ask(house, person)
    code = await mailed_code(house)
    assert await code_of(await house.post("/login", await house.login_request(person, code))) == "code-expired"
    assert await code_of(await house.post("/login", await house.login_request(other, code))) == "code-expired"
    second = await ask(house, person)
    newer = await mailed_code(house)
    assert await code_of(await give(house, first, code)) == "code-expired"
    assert await code_of(await give(house, first, newer)) == "code-expired"
    assert (await give(house, second, newer)).status == 200


async def test_asking_again_with_the_same_nonce_sends_no_second_mail(email_house: House) -> None:
    """A double tap, or an answer that was lost on its way."""
    house, person = email_house, email_house.people[0]
    request = await ask(house, person)
    code = await mailed_code(house)
    answers = await asyncio.gather(*(house.post("/login", request) for _ in range(5)))
    assert {await code_of(answer) for answer in answers} == {"code-sent"}
    assert await mailed_code(house) == code
    assert await counters(house) == (0, 0, 1)
    assert (await give(house, request, code)).status == 200


async def test_a_code_bears_five_wrong_tries(email_house: House) -> None:
    house, person = email_house, email_house.people[0]
    request = await ask(house, person)
    code = await mailed_code(house)
    for _ in range(TRIES):
        assert await code_of(await give(house, request, other_than(code))) == "code-wrong"
    assert await code_of(await give(house, request, code)) == "code-expired"
    assert await counters(house) == (TRIES, TRIES, 1)
    assert (await give(house, await ask(house, person), await mailed_code(house))).status == 200


async def test_a_code_is_good_for_ten_minutes(email_house: House) -> None:
    house, person = email_house, email_house.people[0]
    request = await ask(house, person)
    code = await mailed_code(house)
    house.clock.now += CODE_SECONDS
    assert await code_of(await give(house, request, code)) == "code-expired"
    assert await code_of(await house.post("/login", request)) == "code-sent"  # the nonce is still good
    assert (await give(house, request, await mailed_code(house))).status == 200


async def test_five_codes_an_hour_and_then_a_pause(email_house: House) -> None:
    house, person = email_house, email_house.people[0]
    for _ in range(CODES):
        await ask(house, person)
        house.clock.now += 60
    answer = await house.post("/login", await house.login_request(person))
    assert (answer.status, await code_of(answer)) == (429, "too-many-codes")
    assert answer.headers["Retry-After"] == str(HOUR - CODES * 60)
    assert await counters(house) == (0, 0, CODES)
    await ask(house, email_house.people[1])  # nobody else is kept waiting
    house.clock.now += HOUR - CODES * 60
    await ask(house, person)


async def test_twenty_wrong_codes_a_day_and_then_none_at_all(email_house: House) -> None:
    """A74: neither a newer code nor the right one helps; after a day it goes on."""
    house, person = email_house, email_house.people[0]
    for _ in range(FAILURES // TRIES):
        request = await ask(house, person)
        wrong = other_than(await mailed_code(house))
        await asyncio.gather(*(give(house, request, wrong) for _ in range(TRIES)))
    answer = await give(house, request, await mailed_code(house))
    assert (answer.status, await code_of(answer)) == (429, "too-many-codes")
    assert answer.headers["Retry-After"] == str(DAY)
    house.clock.now += HOUR
    assert await code_of(await house.post("/login", await house.login_request(person))) == "too-many-codes"
    house.clock.now += DAY - HOUR
    assert (await give(house, await ask(house, person), await mailed_code(house))).status == 200


async def test_a77_without_a_good_signature_nothing_moves_and_nothing_is_mailed(email_house: House) -> None:
    house, person = email_house, email_house.people[0]
    request = {**await house.login_request(person), "signature": b64(bytes(64))}
    for code in (None, "123456"):
        assert await code_of(await house.post("/login", {**request, "code": code})) == "login-refused"
    assert await rows(house, schema_mail.login_codes) == await rows(house, schema_mail.outbox) == 0


async def test_a84_who_is_not_on_the_roll_is_answered_alike_and_gets_no_mail(email_house: House) -> None:
    house, voter, stranger = email_house, email_house.people[0], Person(new_seed())
    asked = [await house.login_request(person) for person in (voter, stranger)]
    first = [await house.post("/login", request) for request in asked]
    wrong = other_than(await mailed_code(house))
    second = [await give(house, request, wrong) for request in asked]
    for voters, strangers in (first, second):
        assert voters.status == strangers.status == 401
        assert await voters.read() == await strangers.read()
    assert await rows(house, schema_mail.login_codes) == await rows(house, schema_mail.outbox) == 1


async def test_the_database_knows_no_code(email_house: House) -> None:
    """Its MAC depends on the election's key, and the mail is sealed."""
    house = email_house
    await ask(house, house.people[0])
    code = (await mailed_code(house)).encode()
    async with house.service.database.snapshot() as connection:
        stored = (await connection.execute(select(schema_mail.login_codes))).one()
        mail = (await connection.execute(select(schema_mail.outbox.c.sealed))).scalar_one()
    assert code not in b"".join(value for value in stored if isinstance(value, bytes)) + mail


async def test_rows_that_limit_nothing_any_more_are_forgotten(email_house: House) -> None:
    """They say when somebody logged in."""
    house, scheduler = email_house, Scheduler(email_house.service)
    request = await ask(house, house.people[0])
    await give(house, request, await mailed_code(house))
    house.clock.now += HOUR
    await scheduler.tick()
    assert await rows(house, schema_mail.login_codes) == 1
    house.clock.now += DAY
    await scheduler.tick()
    assert await rows(house, schema_mail.login_codes) == 0


def test_a74_codes_have_six_digits_all_equally_likely() -> None:
    """A number beyond the last whole million is drawn again; else the first ones would come more often."""
    assert draw_code(lambda size: b"\x00" * size) == "000000"
    last = (4294 * 10**6).to_bytes(4, "big")
    answers = iter([last, b"\xff" * 4, (4294 * 10**6 - 1).to_bytes(4, "big")])
    assert draw_code(lambda _: next(answers)) == "999999"
    steps = iter(number.to_bytes(4, "big") for number in range(0, 4294 * 10**6, 42_939))
    first = Counter(draw_code(lambda _: next(steps))[0] for _ in range(100_000))
    assert set(first) == set("0123456789")
    assert max(first.values()) < 1.05 * min(first.values())


def test_a_nonce_outlives_its_code() -> None:
    assert NONCE_SECONDS >= CODE_SECONDS + 120


# ---- the clock jumps (A98) -------------------------------------------------------------------------------------------


async def test_a98_after_a_jump_back_an_old_code_is_void_and_a_new_one_comes(email_house: House) -> None:
    """A code that was made "tomorrow" would otherwise be good for a day."""
    house, person = email_house, email_house.people[0]
    request = await ask(house, person)
    code = await mailed_code(house)
    house.clock.now -= DAY
    assert await code_of(await give(house, request, code)) == "login-refused"  # so is the nonce
    assert (await give(house, await ask(house, person), await mailed_code(house))).status == 200


async def test_a98_a_jump_back_gives_no_more_tries_and_locks_no_longer(email_house: House) -> None:
    house, person = email_house, email_house.people[0]
    for _ in range(CODES):
        await ask(house, person)
    house.clock.now -= DAY
    answer = await house.post("/login", await house.login_request(person))
    assert (await code_of(answer), answer.headers["Retry-After"]) == ("too-many-codes", str(HOUR))
    house.clock.now += HOUR
    await ask(house, person)


async def test_a98_a_jump_forward_ends_codes_and_logins_and_a_new_login_works(email_house: House) -> None:
    house, person = email_house, email_house.people[0]
    request = await ask(house, person)
    code = await mailed_code(house)
    house.clock.now += DAY
    assert await code_of(await give(house, request, code)) == "login-refused"
    assert (await give(house, await ask(house, person), await mailed_code(house))).status == 200


async def test_a98_a_used_nonce_stays_used_whatever_the_clock_does(email_house: House) -> None:
    """A79: forward by a day, when everything that is over is forgotten, and back again."""
    house, person = email_house, email_house.people[0]
    request = await ask(house, person)
    complete = {**request, "code": await mailed_code(house)}
    assert (await house.post("/login", complete)).status == 200
    house.clock.now += DAY
    await Scheduler(house.service).tick()
    house.clock.now -= DAY
    assert await code_of(await house.post("/login", complete)) == "login-refused"


async def test_the_election_says_that_codes_come_by_mail(email_house: House) -> None:
    assert (await (await email_house.get("")).json())["second_factor"] == "email"
    assert email_house.service.config.smtp_port == NOBODY_LISTENS
    assert (await email_house.service.election(ELECTION)).settings.waiver
