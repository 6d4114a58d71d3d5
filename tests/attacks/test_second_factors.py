"""Attacks on the second factor: floods of guesses, replays, strangers, a clock that jumps (A74-A79, A84, A98)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from aiohttp import ClientResponse
from sqlalchemy import func, select

from election_service import schema, schema_mail
from election_service.login_codes import CODES, TRIES
from election_service.login_windows import DAY, FAILURES
from election_service.totp import TOTP_PERIOD, enrol_totp
from election_service.workers import Workers
from keys.canonical import b64, unb64
from tests.attacks.guesser import guess_in_two_processes
from tests.scale import scaled
from tests.service.even_times import assert_alike
from tests.service.house import ELECTION, House, Person, built, code_of, new_seed
from tests.service.test_codes import ask, counters, mailed_code, other_than
from tests.service.test_login import wrong_code

MANY = scaled(10_000, 1_000)
SOME = 400
JUMP = DAY


@pytest.fixture
async def email_house(database_url: str, tmp_path: Path, workers: Workers) -> AsyncIterator[House]:
    options: dict[str, Any] = {"people": 2, "second_factor": "email", "mail_port": 1025}
    async with built(database_url, tmp_path, workers, **options) as house:
        await house.open()
        await house.list_people()
        yield house


@pytest.fixture
async def totp_house(database_url: str, tmp_path: Path, workers: Workers) -> AsyncIterator[House]:
    async with built(database_url, tmp_path, workers, people=2, second_factor="totp") as house:
        await house.open()
        yield house


async def signed(house: House, person: Person, code: str | None, times: int) -> list[dict[str, Any]]:
    """Requests with nonces of their own, all rightly signed."""
    found = []
    for _ in range(times):
        answer = await house.post("/login/nonce", {"credential": b64(person.credential)})
        nonce = unb64((await answer.json())["nonce"], 32, "nonce")
        found.append(house.signed_login(person, nonce, code))
    return found


async def totp_of(house: House, person: Person) -> pyotp.TOTP:
    return pyotp.TOTP(await enrol_totp(house.service, ELECTION, person.credential))


async def one(house: House, column: Any) -> int:
    async with house.service.database.snapshot() as connection:
        return int((await connection.execute(select(column))).scalar_one())


async def rows(house: House, table: Any) -> int:
    return await one(house, select(func.count()).select_from(table).scalar_subquery())


# ---- guessing (A74) --------------------------------------------------------------------------------------------------


@pytest.mark.slow
async def test_a74_ten_thousand_guesses_in_two_processes_are_counted_exactly(totp_house: House) -> None:
    house, person = totp_house, totp_house.people[0]
    totp = await totp_of(house, person)
    request = (await signed(house, person, wrong_code(totp, house.clock.now), 1))[0]
    answers = await guess_in_two_processes(house, [request] * MANY)
    assert answers == {"code-wrong": FAILURES, "too-many-codes": MANY - FAILURES}
    assert await one(house, schema.second_factors.c.failures) == FAILURES


async def test_a74_a_mailed_code_bears_five_guesses_in_two_processes(email_house: House) -> None:
    """And all codes of a day bear twenty."""
    house, person = email_house, email_house.people[0]
    for asked in range(1, FAILURES // TRIES):
        request = await ask(house, person)
        wrong = {**request, "code": other_than(await mailed_code(house))}
        answers = Counter([await code_of(answer) for answer in await all_at_once(house, [wrong] * 2 * TRIES)])
        assert answers == {"code-wrong": TRIES, "code-expired": TRIES}
        assert await counters(house) == (TRIES, asked * TRIES, asked)
    request = await ask(house, person)
    wrong = {**request, "code": other_than(await mailed_code(house))}
    assert await guess_in_two_processes(house, [wrong] * SOME) == {"code-wrong": TRIES, "too-many-codes": SOME - TRIES}
    assert await counters(house) == (TRIES, FAILURES, FAILURES // TRIES)


async def all_at_once(house: House, requests: list[dict[str, Any]]) -> list[ClientResponse]:
    return await asyncio.gather(*(house.post("/login", request) for request in requests))


async def test_a74_parallel_requests_in_two_processes_send_five_codes(email_house: House) -> None:
    house, person = email_house, email_house.people[0]
    answers = await guess_in_two_processes(house, await signed(house, person, None, 60))
    assert answers == {"code-sent": CODES, "too-many-codes": 60 - CODES}
    assert (await counters(house))[2] == CODES
    assert await rows(house, schema_mail.outbox) == 1  # the newest; the older ones are void


# ---- one code, one login (A75, A76, A79) -----------------------------------------------------------------------------


async def test_a75_one_totp_code_in_two_processes_logs_in_once(totp_house: House) -> None:
    house, person = totp_house, totp_house.people[0]
    code = (await totp_of(house, person)).at(house.clock.now)
    answers = await guess_in_two_processes(house, await signed(house, person, code, 40))
    assert answers["ok"] == 1
    assert set(answers) == {"ok", "code-expired", "too-many-codes"}
    assert await rows(house, schema.bearers) == 1


async def test_a75_an_older_code_is_refused_after_a_newer_one(totp_house: House) -> None:
    house, person = totp_house, totp_house.people[0]
    totp = await totp_of(house, person)
    await house.log_in(person, totp.at(house.clock.now))
    for step in (-1, 0):
        request = await house.login_request(person, totp.at(house.clock.now + step * TOTP_PERIOD))
        assert await code_of(await house.post("/login", request)) == "code-expired"


async def test_a76_a79_one_mailed_code_in_two_processes_logs_in_once(email_house: House) -> None:
    house, person = email_house, email_house.people[0]
    request = await ask(house, person)
    complete = {**request, "code": await mailed_code(house)}
    answers = await guess_in_two_processes(house, [complete] * 40)
    assert answers["ok"] == 1
    assert set(answers) <= {"ok", "login-refused", "code-expired"}
    assert await rows(house, schema.bearers) == await rows(house, schema.login_nonces) == 1


async def test_a79_a_login_is_good_for_its_election_nonce_and_key_alone(email_house: House) -> None:
    """With the right code in hand, and everything else of another login."""
    house, person, other = email_house, *email_house.people
    request = await ask(house, person)
    code = await mailed_code(house)
    strange = await house.login_request(other)
    for name in ("nonce", "signature", "credential"):
        mixed = {**request, "code": code, name: strange[name]}
        assert await code_of(await house.post("/login", mixed)) == "login-refused"
    relayed = house.signed_login(person, unb64(request["nonce"], 32, ""), code, origin="evil.example/house-2026")
    assert await code_of(await house.post("/login", relayed)) == "login-refused"
    assert await counters(house) == (0, 0, 1)
    assert (await house.post("/login", {**request, "code": code})).status == 200


# ---- who has no signature locks nobody (A77) -------------------------------------------------------------------------


@pytest.mark.slow
async def test_a77_ten_thousand_unsigned_requests_move_nothing_and_mail_nobody(email_house: House) -> None:
    """Not signed at all, signed by a stranger, signed for another nonce; with a code and without."""
    house, person, stranger = email_house, email_house.people[0], Person(new_seed())
    request = await ask(house, person)
    before = await counters(house), await rows(house, schema_mail.outbox)
    foreign = house.signed_login(stranger, unb64(request["nonce"], 32, ""))["signature"]
    older = (await signed(house, person, None, 1))[0]["signature"]
    bad = [{**request, "signature": signature} for signature in (b64(bytes(64)), foreign, older)]
    flood = [{**bad[number % 3], "code": None if number % 2 else f"{number:06}"} for number in range(MANY)]
    assert await guess_in_two_processes(house, flood) == {"login-refused": MANY}
    assert (await counters(house), await rows(house, schema_mail.outbox)) == before
    assert (await house.post("/login", {**request, "code": await mailed_code(house)})).status == 200


async def test_a77_who_has_the_link_of_one_keeps_no_other_from_voting(email_house: House) -> None:
    """Limits belong to a credential, never to an address: voters share networks."""
    house, attacked, other = email_house, *email_house.people
    await all_at_once(house, await signed(house, attacked, None, 20))
    assert await code_of(await house.post("/login", await house.login_request(attacked))) == "too-many-codes"
    request = await ask(house, other)
    assert (await house.post("/login", {**request, "code": await mailed_code(house, 1)})).status == 200


# ---- nobody learns who is on the roll (A84) --------------------------------------------------------------------------


async def test_a84_strangers_and_voters_wait_alike(email_house: House) -> None:
    """Same status, same body, and medians within five milliseconds, for the first step and for a wrong code."""
    house = email_house
    people = {"voter": house.people[0], "stranger": Person(new_seed())}
    seconds: dict[tuple[str, str], list[float]] = {}
    bodies: dict[str, set[bytes]] = {"ask": set(), "guess": set()}
    for _ in range(CODES):
        for name, person in people.items():
            request = await house.login_request(person)
            for step, code in (("ask", None), ("guess", "000000"), ("guess", "000001"), ("guess", "000002")):
                begun = time.perf_counter()
                answer = await house.post("/login", {**request, "code": code})
                seconds.setdefault((name, step), []).append(time.perf_counter() - begun)
                bodies[step].add(await answer.read())
                assert answer.status == 401
    assert {step: len(found) for step, found in bodies.items()} == {"ask": 1, "guess": 1}
    for step in bodies:
        assert_alike(seconds["voter", step], seconds["stranger", step])


# ---- the clock jumps by a day (A98) ----------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [JUMP, -JUMP])
async def test_a98_after_a_jump_of_the_clock_voters_log_in_by_totp(totp_house: House, jump: int) -> None:
    """Back: the code accepted "tomorrow" does not lock today's; what was used stays used."""
    house, person = totp_house, totp_house.people[0]
    totp = await totp_of(house, person)
    code = totp.at(house.clock.now)
    old = await house.login_request(person, code)
    await house.log_in(person, code)
    house.clock.now += jump
    assert await code_of(await house.post("/login", old)) == "login-refused"
    assert await house.log_in(person, totp.at(house.clock.now))
    again = await house.login_request(person, totp.at(house.clock.now))
    assert await code_of(await house.post("/login", again)) == "code-expired"


@pytest.mark.parametrize("jump", [JUMP, -JUMP])
async def test_a98_a_jump_of_the_clock_lengthens_no_login(totp_house: House, jump: int) -> None:
    house, person = totp_house, totp_house.people[0]
    totp = await totp_of(house, person)
    await house.log_in(person, totp.at(house.clock.now))
    house.clock.now += jump
    assert await code_of(await house.get("/voter", person.bearer)) == "login-required"


async def test_a98_a_jump_back_gives_no_more_guesses_and_locks_for_no_more_than_a_day(totp_house: House) -> None:
    house, person = totp_house, totp_house.people[0]
    totp = await totp_of(house, person)
    for expected in ({"code-wrong": FAILURES, "too-many-codes": 5}, {"too-many-codes": FAILURES + 5}):
        requests = await signed(house, person, wrong_code(totp, house.clock.now), FAILURES + 5)
        answers = Counter([await code_of(answer) for answer in await all_at_once(house, requests)])
        assert answers == expected
        house.clock.now -= JUMP
    house.clock.now += DAY  # where it was when it refused everything
    assert await code_of(await house.post("/login", await house.login_request(person, "123456"))) == "too-many-codes"
    house.clock.now += DAY
    assert await house.log_in(person, totp.at(house.clock.now))
