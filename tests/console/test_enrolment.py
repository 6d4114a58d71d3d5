"""From an invitation to an account: once, by a person who presses a button, with a password that is not everybody's."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import insert, select

from election_service import schema_console
from election_service.console.api_tokens import make_api_token
from election_service.console.enrolment import set_password
from election_service.console.invitations import VALID, invitation_link
from election_service.console.passwords import check_new_password
from election_service.console.people import invite_by_command
from election_service.console.roles import Capability, Role
from election_service.console.sessions import read_session
from election_service.errors import InputError, SignInRefusedError
from tests.console.newcomer import Newcomer
from tests.service.house import ELECTION, House

PARALLEL = 20


async def test_an_invitation_becomes_an_account(open_house: House) -> None:
    ana = await Newcomer.invited(open_house, "ana", Role.CHAIR)
    await ana.enrol()
    page = await ana.read("/committee")
    assert f"/committee/{ELECTION}" in page.attributes("href")
    assert (await ana.send("/committee/sign-out", {})).status == 303
    await ana.sign_in()
    await ana.read(f"/committee/{ELECTION}/people")


async def test_of_twenty_redemptions_at_a_time_one_opens_an_enrolment(open_house: House) -> None:
    ana = await Newcomer.invited(open_house, "ana", Role.CHAIR)
    answers = await asyncio.gather(*(ana.another_browser().redeem() for _ in range(PARALLEL)))
    assert sorted(answer.status for answer in answers) == [303, *[410] * (PARALLEL - 1)]


async def test_reading_the_page_redeems_nothing(open_sqlite_house: House) -> None:
    """A scanner of mails follows links; it presses no buttons."""
    ana = await Newcomer.invited(open_sqlite_house, "ana", Role.CHAIR)
    for _ in range(3):
        assert (await ana.get("/committee/welcome")).status == 200
    assert (await ana.redeem()).status == 303


@pytest.mark.parametrize("case", ["used", "old", "replaced", "mangled", "empty"])
async def test_an_invitation_that_is_not_good_says_so_and_opens_nothing(open_sqlite_house: House, case: str) -> None:
    house = open_sqlite_house
    ana = await Newcomer.invited(house, "ana", Role.CHAIR)
    if case == "used":
        assert (await ana.redeem()).status == 303
        ana.cookie = ""
    elif case == "old":
        house.clock.now += VALID
    elif case == "replaced":
        await Newcomer.invited(house, "ana", Role.CHAIR)
    else:
        ana.token = {"mangled": ana.token[:-2], "empty": " "}[case]
    answer = await ana.redeem()
    assert answer.status == 410
    assert "Ask for a new one" in await answer.text()
    assert ana.cookie == ""
    assert (await ana.get("/committee/enrol")).status == 303


async def test_the_pasted_link_is_as_good_as_its_end(open_sqlite_house: House) -> None:
    ana = await Newcomer.invited(open_sqlite_house, "ana", Role.CHAIR)
    ana.token = invitation_link("https://vote.example.edu", ana.token)
    assert (await ana.redeem()).status == 303


async def test_an_enrolment_is_no_sign_in(open_sqlite_house: House) -> None:
    """Before the first code was right, the session opens nothing but the enrolment."""
    ana = await Newcomer.invited(open_sqlite_house, "ana", Role.CHAIR)
    await ana.redeem()
    for path in ("/committee", "/committee/account", f"/committee/{ELECTION}/people", "/committee/code"):
        answer = await ana.get(path)
        assert (answer.status, answer.headers["Location"].partition("?")[0]) == (303, "/committee/sign-in"), path
    assert (await ana.get(f"/api/committee/elections/{ELECTION}/people")).status == 401
    await ana.choose_password()
    assert (await ana.send("/committee/enrol/code", {"code": "000000"})).status == 401
    assert (await ana.get("/committee")).status == 303


async def test_the_cookie_of_the_enrolment_dies_with_it(open_sqlite_house: House) -> None:
    """Session fixation: whoever planted or saw an earlier cookie has nothing."""
    ana = await Newcomer.invited(open_sqlite_house, "ana", Role.CHAIR)
    await ana.redeem()
    early = ana.another_browser()
    early.cookie = ana.cookie
    ana.token = (await Newcomer.invited(open_sqlite_house, "ana", Role.CHAIR)).token
    await ana.enrol()
    assert (await early.get("/committee")).status == 303
    assert (await early.get("/committee/enrol")).status == 303


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "aaaaaaaaaaaaaaaa",
        "abababababab",
        "password1234",
        "Password 1234",
        "123456789012",
        "qwertyuiop123",
        "ana@example.edu",
        "ana@example.edu1",
        "anabegashvili",
        "Ana Begashvili 1",
        "nul\0nul\0nul\0nul",
        "x" * 257,
    ],
)
def test_a_password_that_others_would_try_is_refused(password: str) -> None:
    with pytest.raises(InputError, match=r"^password: "):
        check_new_password(password, ("ana@example.edu", "Ana Begashvili"))


@pytest.mark.parametrize(
    "password",
    [
        "three green bicycles",
        "სამი მწვანე ველოსიპედი",
        "ana likes 7 old lamps",
        "x7!kQ0zz-91b",
        "🦊" * 3 + "fox in the snow",
    ],
)
def test_long_passwords_of_any_letters_are_fine(password: str) -> None:
    """NIST SP 800-63B: no rules about kinds of letters."""
    check_new_password(password, ("ana@example.edu", "Ana Begashvili"))


async def test_a_weak_password_is_explained_on_the_page(open_sqlite_house: House) -> None:
    ana = await Newcomer.invited(open_sqlite_house, "ana", Role.CHAIR)
    await ana.redeem()
    answer = await ana.choose_password("too short")
    assert answer.status == 400
    assert "too short" in await answer.text()
    answer = await ana.send("/committee/enrol/password", {"password": "one of these", "again": "one of those"})
    assert answer.status == 400
    assert "not the same" in await answer.text()


@pytest.mark.usefixtures("strong_passwords")
async def test_nothing_that_opens_the_account_is_stored_as_it_is(open_sqlite_house: House) -> None:
    """Password, codes, cookie, invitation and the key of the authenticator: hashed or sealed."""
    house = open_sqlite_house
    ana = await Newcomer.invited(house, "ana", Role.CHAIR)
    invitation = ana.token
    await ana.enrol()
    late = await Newcomer.invited(house, "beka", Role.MEMBER)
    stored = b"".join(path.read_bytes() for path in house.folder.rglob("election.db*"))
    for secret in (ana.password, ana.secret, ana.cookie, invitation, late.token, *ana.codes):
        assert secret.encode() not in stored
        assert secret.replace("-", "").encode() not in stored
    async with house.service.database.snapshot() as connection:
        table = schema_console.accounts
        phc = await connection.execute(select(table.c.password).where(table.c.account == ana.account))
        assert str(phc.scalar_one()).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_a_new_invitation_voids_every_way_in(open_house: House) -> None:
    """Lost telephone: password, codes, sessions, recovery codes of before are worth nothing."""
    ana = await (await Newcomer.invited(open_house, "ana", Role.CHAIR)).enrol()
    service = open_house.service
    made = await invite_by_command(service, ELECTION, email=ana.email, name="Ana", role=Role.CHAIR, reset=True)
    assert made.account.account == ana.account
    assert (await ana.get("/committee")).status == 303
    ana.cookie = ""
    assert (await ana.give_password()).status == 401
    assert made.token is not None
    ana.token, ana.password = made.token, "four blue tricycles"
    await ana.enrol()
    await ana.sign_in()


async def test_what_an_account_had_before_it_was_reset_never_comes_back(open_sqlite_house: House) -> None:
    """A passkey or a token of whoever had the account would be a way in again when its owner has enrolled anew."""
    house = open_sqlite_house
    ana = await (await Newcomer.invited(house, "ana", Role.CHAIR)).enrol()
    known = await read_session(house.service, ana.cookie)
    assert known is not None
    token = await make_api_token(house.service, known[1], ELECTION, "program", frozenset({Capability.SEE}), 30)
    ways = (schema_console.passkeys, schema_console.api_tokens, schema_console.recovery_codes, schema_console.sessions)
    async with house.service.database.transaction() as connection:
        row = {"credential_id": b"1", "account": ana.account, "public_key": b"1", "sign_count": 0, "name": "key"}
        await connection.execute(insert(schema_console.passkeys).values(**row, created=house.clock.now))
    made = await invite_by_command(house.service, ELECTION, email=ana.email, name="Ana", role=Role.CHAIR, reset=True)
    async with house.service.database.snapshot() as connection:
        for way in ways:
            assert (await connection.execute(select(way).where(way.c.account == ana.account))).all() == [], way.name
    assert made.token is not None
    ana.token = made.token
    await ana.enrol()
    assert house.http is not None
    asked = {"Authorization": f"Bearer {token}"}
    assert (await house.http.get("/api/committee/me", headers=asked)).status == 401


async def test_a_second_person_with_the_address_of_the_first_is_the_same_account(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    first = await invite_by_command(house.service, ELECTION, email="Ana@Example.edu", name="Ana", role=Role.CHAIR)
    again = await invite_by_command(house.service, ELECTION, email="ana@example.edu", name="Eve", role=Role.MEMBER)
    assert again.account.account == first.account.account
    assert again.account.name == "Ana"
    assert not await _rows(house, "eve")


async def _rows(house: House, name: str) -> list[str]:
    async with house.service.database.snapshot() as connection:
        table = schema_console.accounts
        return list((await connection.execute(select(table.c.name).where(table.c.name == name))).scalars())


async def test_a_page_of_an_enrolment_names_the_person(open_sqlite_house: House) -> None:
    ana = await Newcomer.invited(open_sqlite_house, "ana", Role.CHAIR)
    await ana.redeem()
    assert "Your account, Ana" in (await ana.read("/committee/enrol")).text


async def test_an_enrolment_that_was_ended_leaves_no_password_behind(open_house: House) -> None:
    """Whoever took the first link posts passwords until it is void; the last of them comes too late as well."""
    house = open_house
    eve = await Newcomer.invited(house, "ana", Role.CHAIR)
    await eve.redeem()
    known = await read_session(house.service, eve.cookie)
    assert known is not None, "the page has let it in, and the password is being hashed"
    ana = await invite_by_command(house.service, ELECTION, email=eve.email, name="Ana", role=Role.CHAIR, reset=True)
    with pytest.raises(SignInRefusedError, match="this one has ended"):
        await set_password(house.service, known[1], "a password of somebody else")
    async with house.service.database.snapshot() as connection:
        table = schema_console.accounts
        query = select(table.c.password, table.c.totp_sealed).where(table.c.account == ana.account.account)
        assert (await connection.execute(query)).one() == (None, None)
