"""Logging in: a signed nonce, once, for minutes; the signature before everything else (A74, A75, A77, A79, A84)."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import func, select

from election_service import schema
from election_service.errors import InputError
from election_service.login import BEARER_SECONDS, NONCE_SECONDS
from election_service.login_windows import DAY, FAILURES
from election_service.setup import ElectionPlan, create_election
from election_service.totp import TOTP_PERIOD, enrol_totp
from election_service.workers import Workers
from keys.canonical import b64, unb64
from tests.service.house import ELECTION, House, Person, built, code_of, new_seed


async def rows(house: House, table: object) -> int:
    async with house.service.database.snapshot() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()  # type: ignore[arg-type]


async def test_a_signed_nonce_gives_a_bearer_that_ends(open_sqlite_house: House) -> None:
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    await house.log_in(person)
    assert (await house.get("/voter", person.bearer)).status == 200
    house.clock.now += BEARER_SECONDS
    answer = await house.get("/voter", person.bearer)
    assert (answer.status, await code_of(answer)) == (401, "login-required")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_nonce_serves_once_even_in_parallel(open_house: House) -> None:
    """A79: two parallel uses, one winner."""
    request = await open_house.login_request(open_house.people[0])
    answers = await asyncio.gather(*(open_house.post("/login", request) for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [200] + [401] * 19
    assert await rows(open_house, schema.bearers) == 1


async def test_a77_whoever_is_no_voter_makes_the_service_write_nothing(open_house: House) -> None:
    """Anybody can make keys and sign with them; a write for each would stand in the way of the voters' own."""
    house, stranger = open_house, Person(new_seed())
    for _ in range(3):
        assert await code_of(await house.post("/login", await house.login_request(stranger))) == "login-refused"
    assert await rows(house, schema.login_nonces) == 0
    await house.log_in(house.people[0])
    assert await rows(house, schema.login_nonces) == 1


async def test_a_nonce_ends_after_minutes(open_sqlite_house: House) -> None:
    request = await open_sqlite_house.login_request(open_sqlite_house.people[0])
    open_sqlite_house.clock.now += NONCE_SECONDS
    assert await code_of(await open_sqlite_house.post("/login", request)) == "login-refused"


@pytest.mark.parametrize(
    "origin", ["evil.example/house-2026", "localhost:8080/other", "LOCALHOST:8080/house-2026", "localhost:8080"]
)
async def test_a_login_signed_for_another_origin_is_refused(open_sqlite_house: House, origin: str) -> None:
    """A79: relayed from another site."""
    person = open_sqlite_house.people[0]
    answer = await open_sqlite_house.post("/login/nonce", {"credential": b64(person.credential)})
    nonce = unb64((await answer.json())["nonce"], 32, "nonce")
    request = open_sqlite_house.signed_login(person, nonce, origin=origin)
    assert await code_of(await open_sqlite_house.post("/login", request)) == "login-refused"


async def test_a_nonce_of_another_credential_is_refused(open_sqlite_house: House) -> None:
    first, second = open_sqlite_house.people[:2]
    answer = await open_sqlite_house.post("/login/nonce", {"credential": b64(first.credential)})
    nonce = unb64((await answer.json())["nonce"], 32, "nonce")
    assert (
        await code_of(await open_sqlite_house.post("/login", open_sqlite_house.signed_login(second, nonce)))
        == "login-refused"
    )


async def test_a_made_up_nonce_is_refused(open_sqlite_house: House) -> None:
    request = open_sqlite_house.signed_login(open_sqlite_house.people[0], os.urandom(32))
    assert await code_of(await open_sqlite_house.post("/login", request)) == "login-refused"


async def test_nobody_learns_which_credentials_exist(open_sqlite_house: House) -> None:
    """A84: same status, same body, for a stranger with a good signature and for a voter with a bad one."""
    stranger, voter = Person(new_seed()), open_sqlite_house.people[0]
    nonces = [
        await open_sqlite_house.post("/login/nonce", {"credential": b64(p.credential)}) for p in (stranger, voter)
    ]
    assert [answer.status for answer in nonces] == [200, 200]
    bodies = [await answer.json() for answer in nonces]
    assert [sorted(body) for body in bodies] == [["expires_in", "nonce"]] * 2
    assert len({len(body["nonce"]) for body in bodies}) == 1
    good = open_sqlite_house.signed_login(stranger, unb64(bodies[0]["nonce"], 32, ""))
    bad = {**open_sqlite_house.signed_login(voter, unb64(bodies[1]["nonce"], 32, "")), "signature": b64(bytes(64))}
    answers = [await open_sqlite_house.post("/login", request) for request in (good, bad)]
    texts = [await answer.read() for answer in answers]
    assert texts[0] == texts[1]
    assert [answer.status for answer in answers] == [401, 401]


async def test_asking_for_nonces_stores_nothing(open_sqlite_house: House) -> None:
    """Nobody fills the database without a signature (A77)."""
    for _ in range(5):
        await open_sqlite_house.post("/login/nonce", {"credential": b64(open_sqlite_house.people[0].credential)})
    request = await open_sqlite_house.login_request(open_sqlite_house.people[0])
    await open_sqlite_house.post("/login", {**request, "signature": b64(bytes(64))})
    assert await rows(open_sqlite_house, schema.login_nonces) == 0


async def test_bearers_are_stored_as_hashes(open_sqlite_house: House) -> None:
    bearer = unb64(await open_sqlite_house.log_in(open_sqlite_house.people[0]), 32, "")
    async with open_sqlite_house.service.database.snapshot() as connection:
        stored = (await connection.execute(select(schema.bearers.c.token_hash))).scalar_one()
    assert stored != bearer


# ---- the second factor ---------------------------------------------------------------------------------------------


@pytest.fixture
async def totp_house(database_url: str, tmp_path: Path, workers: Workers) -> AsyncIterator[House]:
    async with built(database_url, tmp_path, workers, people=2, second_factor="totp") as house:
        await house.open()
        yield house


async def test_a_totp_code_is_needed_and_serves_once(totp_house: House) -> None:
    """A75: the same code again, and an older one, are refused."""
    house, person = totp_house, totp_house.people[0]
    totp = pyotp.TOTP(await enrol_totp(house.service, ELECTION, person.credential))
    older, code = totp.at(house.clock.now - TOTP_PERIOD), totp.at(house.clock.now)
    assert await code_of(await house.post("/login", await house.login_request(person))) == "code-wrong"
    assert await house.log_in(person, code)
    for again in (code, older):
        assert await code_of(await house.post("/login", await house.login_request(person, again))) == "code-expired"
    house.clock.now += TOTP_PERIOD
    assert await house.log_in(person, totp.at(house.clock.now))


async def test_a_wrong_totp_code_leaves_the_nonce_usable(totp_house: House) -> None:
    house, person = totp_house, totp_house.people[0]
    totp = pyotp.TOTP(await enrol_totp(house.service, ELECTION, person.credential))
    request = await house.login_request(person, wrong_code(totp, house.clock.now))
    assert await code_of(await house.post("/login", request)) == "code-wrong"
    right = {**request, "code": totp.at(house.clock.now)}
    assert (await house.post("/login", right)).status == 200
    assert await code_of(await house.post("/login", right)) == "login-refused"


async def test_one_totp_code_in_parallel_logs_in_once(totp_house: House) -> None:
    """A75."""
    house, person = totp_house, totp_house.people[0]
    code = pyotp.TOTP(await enrol_totp(house.service, ELECTION, person.credential)).at(house.clock.now)
    requests = [await house.login_request(person, code) for _ in range(10)]
    answers = await asyncio.gather(*(house.post("/login", request) for request in requests))
    assert sorted(answer.status for answer in answers) == [200] + [401] * 9


def wrong_code(totp: pyotp.TOTP, now: int) -> str:
    """A code that is none of those around this moment."""
    near = {totp.at(now + step * TOTP_PERIOD) for step in (-1, 0, 1)}
    return next(code for code in ("000000", "000001", "000002", "000003") if code not in near)


async def test_wrong_codes_lock_for_a_day_and_only_after_a_signature(totp_house: House) -> None:
    """A74, A77: unsigned guesses move no counter; signed ones end; a login between them gives no more."""
    house, person = totp_house, totp_house.people[0]
    totp = pyotp.TOTP(await enrol_totp(house.service, ELECTION, person.credential))
    table = schema.second_factors

    async def failures() -> int:
        async with house.service.database.snapshot() as connection:
            return int((await connection.execute(select(table.c.failures))).scalar_one())

    for _ in range(3):
        request = await house.login_request(person, "000000")
        await house.post("/login", {**request, "signature": b64(bytes(64))})
    assert await failures() == 0
    wrong = wrong_code(totp, house.clock.now)
    await house.post("/login", await house.login_request(person, wrong))
    await house.log_in(person, totp.at(house.clock.now))
    assert await failures() == 1
    requests = [await house.login_request(person, wrong) for _ in range(FAILURES)]
    answers = await asyncio.gather(*(house.post("/login", request) for request in requests))
    assert sorted([await code_of(answer) for answer in answers]) == ["code-wrong"] * 19 + ["too-many-codes"]
    assert await failures() == FAILURES
    right = await house.login_request(person, totp.at(house.clock.now))
    answer = await house.post("/login", right)
    assert (answer.status, await code_of(answer)) == (429, "too-many-codes")
    assert answer.headers["Retry-After"] == str(DAY)
    house.clock.now += DAY
    assert await house.log_in(person, totp.at(house.clock.now))


async def test_a_stranger_is_told_what_a_voter_with_a_wrong_totp_code_is(totp_house: House) -> None:
    """A84."""
    house, voter, stranger = totp_house, totp_house.people[0], Person(new_seed())
    totp = pyotp.TOTP(await enrol_totp(house.service, ELECTION, voter.credential))
    code = wrong_code(totp, house.clock.now)
    answers = [await house.post("/login", await house.login_request(person, code)) for person in (voter, stranger)]
    assert [answer.status for answer in answers] == [401, 401]
    assert await answers[0].read() == await answers[1].read()


@pytest.mark.parametrize(
    ("second_factor", "waiver", "match"),
    [
        ("none", None, "needs a waiver"),
        ("none", "  ", "needs a waiver"),
        ("email", None, "one mailbox.*needs a waiver"),
        ("email", "   ", "one mailbox.*needs a waiver"),
        ("email", "the committee, on the first of May", "no mail server is configured"),
    ],
)
async def test_weak_second_factors_are_refused_at_the_set_up(
    house: House, second_factor: str, waiver: str | None, match: str
) -> None:
    """A78: where link and code may reach one mailbox, somebody has said in writing that this is wanted."""
    members = [(name, signer.public) for name, signer in house.members.items()]
    plan = ElectionPlan("other", "Other", members, second_factor=second_factor, waiver=waiver)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=match):
        await create_election(house.service, plan)
