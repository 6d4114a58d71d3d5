"""Signing in: what is refused, what counts, what locks whom for how long (A74, A75, A77, A84, A98)."""

from __future__ import annotations

import asyncio
import time

import pytest
from sqlalchemy import select, update

from election_service import schema_console, schema_mail
from election_service.console.accounts import LOCKED
from election_service.console.events import read_events
from election_service.console.people import invite_by_command
from election_service.console.roles import SERVICE, Role
from election_service.console.signing_in import FREE_FAILURES, LONGEST_WAIT, wait_after
from tests.console.newcomer import PASSWORD, STEP, Newcomer
from tests.service.even_times import assert_alike
from tests.service.house import ELECTION, House
from tests.service.pages_reader import Parsed

PARALLEL = 20
DAY = 86_400


async def ana_of(house: House) -> Newcomer:
    ana = await (await Newcomer.invited(house, "ana", Role.CHAIR)).enrol()
    return ana.another_browser()


async def failures_of(house: House, account: str) -> int:
    async with house.service.database.snapshot() as connection:
        table = schema_console.accounts
        query = select(table.c.failures).where(table.c.account == account)
        return int((await connection.execute(query)).scalar_one())


# ---- A84: nobody learns whose account there is -----------------------------------------------------------------------

STRANGERS = {
    "unknown address": ("eve@example.edu", PASSWORD),
    "wrong password": ("ana@example.edu", "four green bicycles"),
    "empty password": ("ana@example.edu", ""),
    "no address": ("not an address", PASSWORD),
    "nothing": ("", ""),
    "very long": ("a" * 10_000 + "@example.edu", "x" * 10_000),
    "another spelling": ("ＡＮＡ@example.edu", PASSWORD),
    "sql": ("' OR 1=1 --", "' OR 1=1 --"),
}


async def test_a84_whatever_is_wrong_the_answer_is_the_same(open_sqlite_house: House) -> None:
    ana = await ana_of(open_sqlite_house)
    told = set()
    for email, password in STRANGERS.values():
        answer = await ana.send("/committee/sign-in", {"email": email, "password": password})
        assert answer.status == 401
        assert "Set-Cookie" not in answer.headers
        page = Parsed(await answer.text())
        for _, attributes in page.elements:
            for name in ("value", "data-options"):  # what was typed, and the challenge for a passkey
                attributes.pop(name, None)
        told.add((page.text, repr(page.elements)))
    assert len(told) == 1


async def test_a84_somebody_invited_or_locked_is_as_unknown_as_a_stranger(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    ana = await ana_of(house)
    await Newcomer.invited(house, "beka", Role.MEMBER)
    table = schema_console.accounts
    async with house.service.database.transaction() as connection:
        await connection.execute(update(table).where(table.c.account == ana.account).values(state=LOCKED))
    for email in ("ana@example.edu", "beka@example.edu", "eve@example.edu"):
        ana.email = email
        assert (await ana.give_password()).status == 401


@pytest.mark.slow
@pytest.mark.usefixtures("strong_passwords")
async def test_a84_known_and_unknown_addresses_take_equally_long(open_sqlite_house: House) -> None:
    ana = await ana_of(open_sqlite_house)
    times: dict[str, list[float]] = {"ana@example.edu": [], "eve@example.edu": []}
    for _ in range(15):
        for email, measured in times.items():
            ana.email = email
            began = time.perf_counter()
            assert (await ana.give_password("not the password")).status == 401
            measured.append(time.perf_counter() - began)
    assert_alike(*times.values())


# ---- A74, A75: guesses and replays -----------------------------------------------------------------------------------


async def test_a75_a_code_signs_in_once_even_in_parallel(open_house: House) -> None:
    ana = await ana_of(open_house)
    browsers = [ana.another_browser() for _ in range(PARALLEL)]
    for browser in browsers:
        assert (await browser.give_password()).status == 303
    code = ana.code()
    answers = await asyncio.gather(*(browser.give_code(code) for browser in browsers))
    assert min(answer.status for answer in answers) == 303
    assert [answer.status for answer in answers].count(303) == 1
    full = [browser for browser in browsers if (await browser.get("/committee")).status == 200]
    assert len(full) == 1


async def test_a75_an_older_code_is_refused_after_a_newer_one(open_sqlite_house: House) -> None:
    ana = await ana_of(open_sqlite_house)
    older = ana.code()
    ana.later()
    assert (await ana.give_password()).status == 303
    assert (await ana.give_code()).status == 303
    again = ana.another_browser()
    assert (await again.give_password()).status == 303
    assert (await again.give_code(older)).status == 401


async def test_a75_a_recovery_code_signs_in_once_even_in_parallel(open_house: House) -> None:
    ana = await ana_of(open_house)
    browsers = [ana.another_browser() for _ in range(PARALLEL)]
    for browser in browsers:
        assert (await browser.give_password()).status == 303
    code = ana.codes[3].lower().replace("-", " ")
    answers = await asyncio.gather(*(browser.give_code(code) for browser in browsers))
    assert [answer.status for answer in answers].count(303) == 1
    assert {answer.status for answer in answers} <= {303, 401, 429}
    page = await next(browser for browser, answer in zip(browsers, answers, strict=True) if answer.status == 303).read(
        "/committee/account"
    )
    assert "You have 9 codes left" in page.text


async def test_a74_wrong_codes_make_everybody_wait_longer_and_are_counted_exactly(open_house: House) -> None:
    ana = await ana_of(open_house)
    assert (await ana.give_password()).status == 303
    answers = await asyncio.gather(*(ana.give_code("000000") for _ in range(3 * PARALLEL)))
    assert [answer.status for answer in answers].count(401) == FREE_FAILURES
    assert [answer.status for answer in answers].count(429) == 3 * PARALLEL - FREE_FAILURES
    assert await failures_of(open_house, ana.account) == FREE_FAILURES
    assert (await ana.give_code()).status == 429
    open_house.clock.now += wait_after(FREE_FAILURES)
    assert (await ana.give_code()).status == 303
    assert await failures_of(open_house, ana.account) == 0


def test_a74_about_twenty_codes_a_day_can_be_tried() -> None:
    tried, now = 0, 0
    while now < DAY:
        tried += 1
        now += wait_after(tried)
    assert 15 <= tried <= 20


async def test_a77_without_the_password_nobody_makes_anybody_wait(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    ana = await ana_of(house)
    for _ in range(2 * FREE_FAILURES):
        assert (await ana.give_password("not the password")).status == 401
    stranger = ana.another_browser()
    for _ in range(2 * FREE_FAILURES):
        assert (await stranger.give_code("000000")).status == 401
    assert await failures_of(house, ana.account) == 0
    await ana.sign_in()


async def test_a77_who_knows_the_password_cannot_keep_the_owner_out(open_sqlite_house: House) -> None:
    """A recovery code waits for nothing."""
    ana = await ana_of(open_sqlite_house)
    thief = ana.another_browser()
    await thief.give_password()
    for _ in range(FREE_FAILURES + 1):
        await thief.give_code("000000")
    assert (await thief.give_code("AAAA-AAAA-AAAA-AAAA")).status == 429
    assert (await ana.give_password()).status == 303
    assert (await ana.give_code(ana.codes[0])).status == 303


async def test_a76_the_code_of_one_account_opens_no_other(open_sqlite_house: House) -> None:
    ana = await ana_of(open_sqlite_house)
    beka = (await (await Newcomer.invited(open_sqlite_house, "beka", Role.MEMBER)).enrol()).another_browser()
    assert (await beka.give_password()).status == 303
    assert (await beka.give_code(ana.code())).status == 401
    assert (await beka.give_code(ana.codes[0])).status == 401
    ana_again = ana.another_browser()
    assert (await ana_again.give_password()).status == 303
    assert (await ana_again.give_code(ana.codes[0])).status == 303


async def test_a76_a_sign_in_that_waits_for_its_code_lasts_ten_minutes(open_sqlite_house: House) -> None:
    ana = await ana_of(open_sqlite_house)
    assert (await ana.give_password()).status == 303
    open_sqlite_house.clock.now += 600
    assert (await ana.give_code()).status == 401
    assert (await ana.get("/committee/code")).headers["Location"].startswith("/committee/sign-in")


async def test_a78_nothing_that_opens_an_account_goes_by_mail(open_sqlite_house: House) -> None:
    """Invitations are handed over, codes come from an authenticator: a mailbox is no factor at all here."""
    ana = await ana_of(open_sqlite_house)
    await ana.sign_in()
    await ana.send("/committee/account/recovery-codes", {"password": ana.password})
    service = open_sqlite_house.service
    await invite_by_command(service, ELECTION, email=ana.email, name="Ana", role=Role.CHAIR, reset=True)
    async with service.database.snapshot() as connection:
        assert (await connection.execute(select(schema_mail.outbox.c.mail))).all() == []


# ---- A98: clocks that jump -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [-DAY, DAY, -366 * DAY])
async def test_a98_after_a_jump_of_the_clock_people_can_sign_in(open_sqlite_house: House, jump: int) -> None:
    house = open_sqlite_house
    ana = await ana_of(house)
    await ana.sign_in()
    house.clock.now += jump
    assert (await ana.get("/committee")).status == 303, "a session begun in the future, or long ago, has ended"
    await ana.sign_in()


async def test_a98_a_jump_back_gives_no_used_code_twice_in_its_window(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    ana = await ana_of(house)
    await ana.sign_in()
    house.clock.now -= STEP
    again = ana.another_browser()
    assert (await again.give_password()).status == 303
    assert (await again.give_code()).status == 401


async def test_a98_a_jump_back_makes_nobody_wait_for_longer_than_the_longest(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    ana = await ana_of(house)
    await ana.give_password()
    for _ in range(FREE_FAILURES):
        await ana.give_code("000000")
    house.clock.now -= 10 * DAY
    again = ana.another_browser()
    assert (await again.give_password()).status == 303
    answer = await again.give_code()
    assert answer.status == 429
    house.clock.now += LONGEST_WAIT
    assert (await again.give_password()).status in (303, 401)


# ---- what is written down --------------------------------------------------------------------------------------------


async def test_every_sign_in_and_failure_is_an_event_without_secrets_or_addresses(open_house: House) -> None:
    ana = await ana_of(open_house)
    await ana.give_password("a secret that is wrong")
    await ana.give_password()
    await ana.give_code("000000")
    await ana.give_code()
    async with open_house.service.database.snapshot() as connection:
        events = await read_events(connection, SERVICE)
    told = [(event.account, event.what, event.subject) for event in reversed(events)]
    assert told == [
        (ana.account, "invitation-redeemed", ""),
        (ana.account, "enrolled", ""),
        (ana.account, "password-wrong", ""),
        (ana.account, "code-wrong", "totp"),
        (ana.account, "signed-in", "totp"),
    ]
    text = repr(events)
    assert "@" not in text
    assert "secret" not in text


async def test_guessing_does_not_fill_the_disk(open_sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("election_service.console.passwords.MOST_NOTED", 3)
    ana = await ana_of(open_sqlite_house)
    for _ in range(6):
        await ana.give_password("wrong")
    async with open_sqlite_house.service.database.snapshot() as connection:
        events = await read_events(connection, SERVICE)
    assert [event.what for event in events].count("password-wrong") == 3
