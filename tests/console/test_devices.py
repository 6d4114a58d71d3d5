"""Guessing at passwords: counted where the owner is not, so that it ends and keeps nobody out (A74, A77, A84, A93)."""

from __future__ import annotations

import asyncio
import threading
from http.cookies import SimpleCookie

import pytest
from sqlalchemy import select

from election_service import schema_console
from election_service.console import passwords
from election_service.console.devices import AGE, HOUR, MOST_WRONG, find_guesser, forget_tries, make_device
from election_service.console.passwords import MOST_WAITING, PasswordDesk
from election_service.console.roles import Role
from election_service.console_routes import DEVICE
from election_service.errors import BusyError
from tests.console.newcomer import PASSWORD, Newcomer
from tests.service.house import House

WRONG = "not the password"
MANY = 10  # more than are looked at


async def enrolled(house: House, name: str = "ana") -> Newcomer:
    """In the browser in which the invitation was followed."""
    return await (await Newcomer.invited(house, name, Role.CHAIR)).enrol()


async def guess(person: Newcomer, times: int, password: str = WRONG) -> list[int]:
    """Statuses of guesses from as many unknown browsers at a time."""
    browsers = [person.another_browser() for _ in range(times)]
    return [
        answer.status for answer in await asyncio.gather(*(browser.give_password(password) for browser in browsers))
    ]


async def test_a74_guesses_from_many_browsers_are_counted_exactly_and_end(open_house: House) -> None:
    ana = await enrolled(open_house)
    told = await guess(ana, MOST_WRONG + MANY)
    assert (told.count(401), told.count(429)) == (MOST_WRONG, MANY)
    assert await guess(ana, MANY, PASSWORD) == [429] * MANY, "a right one is not looked at either"
    open_house.clock.now += HOUR
    assert (await ana.another_browser().give_password()).status == 303


async def test_a74_a_right_password_among_the_last_guesses_is_taken_only_within_the_count(open_house: House) -> None:
    """Each of these is checked before the others are counted; the verdict is given in the order of the count."""
    ana = await enrolled(open_house)
    await guess(ana, MOST_WRONG - 1)
    browsers = [ana.another_browser() for _ in range(MANY)]
    tries = [browser.give_password(WRONG if number % 2 else PASSWORD) for number, browser in enumerate(browsers)]
    told = [answer.status for answer in await asyncio.gather(*tries)]
    assert told.count(401) <= 1
    assert set(told) <= {303, 401, 429}
    assert await guess(ana, 1) in ([401], [429])
    assert await guess(ana, 1, PASSWORD) == [429]


async def test_a77_no_guessing_keeps_the_owner_out_of_a_browser_of_hers(open_house: House) -> None:
    ana = await enrolled(open_house)
    await guess(ana, MOST_WRONG + MANY)
    assert (await ana.another_browser().give_password()).status == 429
    await ana.sign_in()
    await ana.send("/committee/sign-out", {})
    await guess(ana, MANY)
    await ana.sign_in()


async def test_a84_an_address_of_nobody_is_counted_alike(open_sqlite_house: House) -> None:
    ana = await enrolled(open_sqlite_house)
    pages = []
    for email in ("ana@example.edu", "eve@example.edu"):
        stranger = ana.another_browser()
        stranger.email = email
        assert await guess(stranger, MOST_WRONG) == [401] * MOST_WRONG
        answer = await stranger.give_password()
        pages.append((answer.status, (await answer.text()).count("Too many wrong passwords were given")))
    assert pages == [(429, 1), (429, 1)]


async def test_who_mistypes_in_a_browser_of_hers_waits_there_alone(open_sqlite_house: House) -> None:
    ana = await enrolled(open_sqlite_house)
    other = ana.another_browser()
    await other.sign_in()
    for _ in range(MOST_WRONG - 1):
        assert (await ana.give_password(WRONG)).status == 401
    await ana.sign_in()  # a right one ends the count
    for _ in range(MOST_WRONG):
        assert (await ana.give_password(WRONG)).status == 401
    assert (await ana.give_password()).status == 429
    await other.sign_in()
    assert (await ana.another_browser().give_password()).status == 303


async def test_a_browser_is_known_for_its_own_account_and_not_for_ever(open_sqlite_house: House) -> None:
    service, clock = open_sqlite_house.service, open_sqlite_house.clock
    email, cookie = "ana@example.edu", make_device(service, "a-00000001")
    known = find_guesser(service, email, "a-00000001", cookie)
    assert known.known
    again = make_device(service, "a-00000001")
    assert find_guesser(service, email, "a-00000001", again).whose != known.whose, "each browser has its own count"
    unknown = find_guesser(service, email, "a-00000001", "")
    for account, held in (
        ("a-00000002", cookie),
        ("a-00000001", f"A{cookie[1:]}"),
        ("a-00000001", "x"),
        (None, cookie),
    ):
        assert find_guesser(service, email, account, held) == unknown
    assert find_guesser(service, "ANA@Example.edu", None, "") == unknown
    clock.now += AGE
    assert find_guesser(service, email, "a-00000001", cookie) == unknown


async def test_the_cookie_opens_nothing_and_outlives_the_session(open_sqlite_house: House) -> None:
    ana = await enrolled(open_sqlite_house)
    ana.cookie = ""
    assert (await ana.get("/committee")).status == 303, "not signed in"
    answer = await ana.give_password()
    assert DEVICE not in answer.cookies, "the first factor alone makes no browser known"
    answer = await ana.give_code()
    found = next(cookie for cookie in answer.headers.getall("Set-Cookie") if cookie.startswith(DEVICE))
    written = SimpleCookie(found)[DEVICE]
    assert (written["secure"], written["httponly"], written["samesite"], written["path"]) == (True, True, "Strict", "/")
    assert int(written["max-age"]) == AGE
    answer = await ana.send("/committee/sign-out", {})
    assert "cookies" not in answer.headers["Clear-Site-Data"]
    assert DEVICE not in answer.cookies


async def test_counts_of_other_hours_are_deleted(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    ana = await enrolled(house)
    await guess(ana, 1)
    table = schema_console.wrong_passwords
    async with house.service.database.transaction() as connection:
        await forget_tries(connection, house.clock.now)
        assert (await connection.execute(select(table.c.tries))).scalars().all() == [1]
        await forget_tries(connection, house.clock.now + HOUR)
        assert (await connection.execute(select(table))).all() == []


async def test_two_who_sign_in_at_the_same_moment_are_both_let_in() -> None:
    """OpenSSL's threads for Argon2id serve one call at a time: of two in parallel one failed, or both hung."""
    desk = PasswordDesk()
    right = await desk.hash(PASSWORD, bytes)
    checks = [desk.matches(PASSWORD, right, known=number % 2 == 0) for number in range(MOST_WAITING)]
    assert all(await asyncio.wait_for(asyncio.gather(*checks), 60))


async def test_a93_who_fills_the_line_of_strangers_does_not_stand_before_known_browsers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk, going = PasswordDesk(), threading.Event()
    right = await desk.hash(PASSWORD, bytes)
    matches = passwords._matches

    def slow(password: str, phc: str) -> bool:
        if password == WRONG:
            going.wait(30)
        return matches(password, phc)

    monkeypatch.setattr(passwords, "_matches", slow)
    waiting = [asyncio.create_task(desk.matches(WRONG, right, known=False)) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError, match="too many at once"):
        await desk.matches(PASSWORD, right, known=False)
    assert await desk.matches(PASSWORD, right, known=True)
    going.set()
    assert not any(await asyncio.gather(*waiting))
