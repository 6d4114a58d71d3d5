"""One's own account: sessions, password, recovery codes, authenticator, language, tokens for programs."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from election_service import schema_console
from election_service.console.accounts import INVITED, LOCKED
from election_service.console.browsers import browser_name
from election_service.console.roles import Role
from tests.console.desk import Desk
from tests.console.newcomer import PASSWORD, Newcomer
from tests.service.house import ELECTION, House

ACCOUNT = "/committee/account"
TOKENS = f"/committee/{ELECTION}/tokens"


async def ana_of(house: House) -> Newcomer:
    return await (await Newcomer.invited(house, "ana", Role.CHAIR)).enrol()


async def test_signing_out_everywhere_ends_every_session(open_house: House) -> None:
    ana = await ana_of(open_house)
    elsewhere = await ana.another_browser().sign_in()
    page = await ana.read(ACCOUNT)
    assert page.text.count("last seen") == 2
    assert (await ana.send(f"{ACCOUNT}/sign-out", {})).status == 303
    assert (await ana.get(ACCOUNT)).status == 303
    assert (await elsewhere.get(ACCOUNT)).status == 303


async def test_one_session_of_the_list_is_ended_and_none_of_anybody_else(open_sqlite_house: House) -> None:
    ana = await ana_of(open_sqlite_house)
    elsewhere = await ana.another_browser().sign_in()
    beka = await (await Newcomer.invited(open_sqlite_house, "beka", Role.MEMBER)).enrol()
    page = await ana.read(ACCOUNT)
    name = next(found["value"] for found in page.all("input") if found.get("name") == "session")
    page = await beka.do(f"{ACCOUNT}/session", {"session": name})
    assert "had ended already" in page.text
    assert (await elsewhere.get(ACCOUNT)).status == 200
    await ana.do(f"{ACCOUNT}/session", {"session": name})
    assert (await elsewhere.get(ACCOUNT)).status == 303
    assert (await ana.get(ACCOUNT)).status == 200


@pytest.mark.parametrize("state", [INVITED, LOCKED])
async def test_a_session_of_an_account_that_cannot_sign_in_opens_nothing(open_sqlite_house: House, state: str) -> None:
    """Whoever locks or resets an account ends its sessions; one that was forgotten opens nothing all the same."""
    house = open_sqlite_house
    ana = await Desk.open(house, "ana", Role.CHAIR)
    assert (await ana.get(ACCOUNT)).status == 200
    async with house.service.database.transaction() as connection:
        table = schema_console.accounts
        await connection.execute(update(table).where(table.c.account == ana.account).values(state=state))
    assert (await ana.get(ACCOUNT)).status == 303
    assert (await ana.get(f"/api/committee/elections/{ELECTION}/people")).status == 401


async def test_a_new_password_ends_every_other_session(open_house: House) -> None:
    ana = await ana_of(open_house)
    elsewhere = await ana.another_browser().sign_in()
    new = "four blue tricycles"
    wrong = await ana.send(f"{ACCOUNT}/password", {"password": "not this", "new": new, "again": new})
    assert wrong.status == 401
    weak = await ana.send(f"{ACCOUNT}/password", {"password": PASSWORD, "new": "short", "again": "short"})
    assert weak.status == 400
    await ana.do(f"{ACCOUNT}/password", {"password": PASSWORD, "new": new, "again": new})
    assert (await elsewhere.get(ACCOUNT)).status == 303
    elsewhere.cookie = ""
    assert (await elsewhere.give_password()).status == 401
    elsewhere.password = new
    await elsewhere.sign_in()


async def test_new_recovery_codes_void_the_old_ones_and_are_shown_once(open_house: House) -> None:
    ana = await ana_of(open_house)
    assert (await ana.send(f"{ACCOUNT}/recovery-codes", {"password": "not this"})).status == 401
    page = await ana.do(f"{ACCOUNT}/recovery-codes", {"password": PASSWORD})
    fresh = re.findall(r"\b[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}\b", page.text)
    assert len(set(fresh)) == 10
    again = await ana.read("/committee/recovery-codes")
    assert fresh[0] not in again.text
    browser = ana.another_browser()
    await browser.give_password()
    assert (await browser.give_code(ana.codes[0])).status == 401
    assert (await browser.give_code(fresh[0])).status == 303


async def test_another_authenticator_counts_from_its_first_right_code_on(open_house: House) -> None:
    ana = await ana_of(open_house)
    old = ana.secret
    answer = await ana.send(f"{ACCOUNT}/authenticator", {"password": PASSWORD})
    text = await answer.text()
    found = re.search(r"data-secret>([A-Z2-7 ]{39})<", text)
    sealed = re.search(r'name="key" value="([A-Za-z0-9_-]+)"', text)
    assert found is not None
    assert sealed is not None
    new = found[1].replace(" ", "")
    wrong = await ana.send(f"{ACCOUNT}/authenticator/code", {"key": sealed[1], "code": "000000"})
    assert wrong.status == 401
    assert found[1] in await wrong.text()
    browser = await ana.another_browser().sign_in()  # the old one still counts
    ana.secret = new
    await ana.do(f"{ACCOUNT}/authenticator/code", {"key": sealed[1], "code": ana.code()})
    assert (await browser.get(ACCOUNT)).status == 303
    ana.later()
    again = ana.another_browser()
    again.secret = old
    await again.give_password()
    assert (await again.give_code()).status == 401
    again.secret = new
    assert (await again.give_code()).status == 303


async def test_the_key_of_an_authenticator_is_of_one_session(open_sqlite_house: House) -> None:
    """Nobody slips another's key under a form."""
    ana, eve = await ana_of(open_sqlite_house), await Newcomer.invited(open_sqlite_house, "eve", Role.MEMBER)
    await eve.enrol()
    text = await (await eve.send(f"{ACCOUNT}/authenticator", {"password": PASSWORD})).text()
    sealed = re.search(r'name="key" value="([A-Za-z0-9_-]+)"', text)
    assert sealed is not None
    for key in (sealed[1], "", "A" * 80, "!"):
        assert (await ana.send(f"{ACCOUNT}/authenticator/code", {"key": key, "code": "000000"})).status == 401, key


async def test_the_console_speaks_the_language_that_one_has_chosen(open_sqlite_house: House) -> None:
    ana = await ana_of(open_sqlite_house)
    await ana.do(f"{ACCOUNT}/language", {"language": "ka"})
    assert (await ana.read("/committee")).all("html")[0]["lang"] == "ka"
    assert (await ana.read("/committee?lang=az")).all("html")[0]["lang"] == "az"
    assert (await ana.send(f"{ACCOUNT}/language", {"language": "tlh"})).status == 400


# ---- tokens ----------------------------------------------------------------------------------------------------------


async def make_token(desk: Desk, **fields: str | list[str]) -> str:
    page = await desk.do(TOKENS, {"name": "backup", "scopes": "see", "days": "30", "password": PASSWORD, **fields})
    found = re.search(r"es1_[A-Za-z0-9_-]{43}", page.text)
    assert found is not None
    return found[0]


async def test_a_token_is_shown_once_listed_and_deleted(open_house: House) -> None:
    ana = await ana_of(open_house)
    token = await make_token(ana)
    page = await ana.read(TOKENS)
    assert token not in page.text
    assert "backup" in page.text
    assert open_house.http is not None
    people, headers = f"/api/committee/elections/{ELECTION}/people", {"Authorization": f"Bearer {token}"}
    assert (await open_house.http.get(people, headers=headers)).status == 200
    name = next(found["value"] for found in page.all("input") if found.get("name") == "id")
    await ana.do(f"{TOKENS}/delete", {"id": name})
    assert (await open_house.http.get(people, headers=headers)).status == 401


async def test_a_token_opens_no_page_and_makes_no_token(open_sqlite_house: House) -> None:
    ana = await ana_of(open_sqlite_house)
    token = await make_token(ana)
    nobody = Desk(open_sqlite_house)
    assert (await nobody.get("/committee", {"Authorization": f"Bearer {token}"})).status == 303


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"scopes": "invite"}, 400),
        ({"scopes": "approve"}, 400),
        ({"scopes": "trustee"}, 403),
        ({"scopes": "create"}, 403),
        ({"scopes": "everything"}, 400),
        ({"scopes": []}, 400),
        ({"days": "366"}, 400),
        ({"days": "0"}, 400),
        ({"days": "-1"}, 400),
        ({"days": "１２"}, 400),
        ({"name": ""}, 400),
        ({"password": "not this"}, 401),
    ],
)
async def test_a_token_never_reaches_beyond_its_owner(
    open_sqlite_house: House, fields: dict[str, str | list[str]], status: int
) -> None:
    ana = await ana_of(open_sqlite_house)
    good = {"name": "backup", "scopes": "see", "days": "30", "password": PASSWORD}
    assert (await ana.send(TOKENS, {**good, **fields})).status == status


async def test_a_token_loses_what_its_owner_loses(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    ana = await ana_of(house)
    await Desk.open(house, "beka", Role.CHAIR)
    token = await make_token(ana)
    assert house.http is not None
    people, headers = f"/api/committee/elections/{ELECTION}/people", {"Authorization": f"Bearer {token}"}
    page = await ana.read(f"/committee/{ELECTION}/people")
    revision = next(found["value"] for found in page.all("input") if found.get("name") == "revision")
    fields = {"account": ana.account, "role": "chair", "revision": revision}
    await ana.send(f"/committee/{ELECTION}/people/role/remove", fields)
    assert (await house.http.get(people, headers=headers)).status == 404


async def test_a_token_of_an_account_that_was_locked_is_worth_nothing(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    ana = await ana_of(house)
    token = await make_token(ana)
    assert house.http is not None
    asked = {"Authorization": f"Bearer {token}"}
    assert (await house.http.get("/api/committee/me", headers=asked)).status == 200
    async with house.service.database.transaction() as connection:
        table = schema_console.accounts
        await connection.execute(update(table).where(table.c.account == ana.account).values(state=LOCKED))
    assert (await house.http.get("/api/committee/me", headers=asked)).status == 401


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Safari/604.1", "Safari, iOS"),
        ("Mozilla/5.0 (Android 16; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox, Android"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_of_a_browser_only_its_kind_is_kept(agent: str, name: str) -> None:
    assert browser_name(agent) == name
