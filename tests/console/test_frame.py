"""What is around every page of the console: who may read it, in whose election, what it says once."""

from __future__ import annotations

from election_service.console.roles import Role
from tests.console.desk import Desk
from tests.service.house import ELECTION, House


async def test_home_lists_the_elections_with_a_role_of_ones_own(open_sqlite_house: House) -> None:
    chair = await Desk.open(open_sqlite_house, "ana", Role.CHAIR)
    page = await chair.read("/committee")
    assert "Ana" in page.text
    assert "chair" in page.text
    assert f"/committee/{ELECTION}" in page.attributes("href")


async def test_signing_out_ends_the_session_and_clears_the_browser(open_sqlite_house: House) -> None:
    chair = await Desk.open(open_sqlite_house, "ana", Role.CHAIR)
    cookie = chair.cookie
    answer = await chair.send("/committee/sign-out", {})
    assert answer.status == 303
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    chair.cookie = cookie
    answer = await chair.get("/committee")
    assert (answer.status, answer.headers["Location"]) == (303, "/committee/sign-in?next=/committee")


async def test_the_menu_shows_what_one_may_see_and_opens_the_group_of_the_page(open_sqlite_house: House) -> None:
    observer = await Desk.open(open_sqlite_house, "gio", Role.OBSERVER)
    page = await observer.read(f"/committee/{ELECTION}/people")
    links = [link.removeprefix(f"/committee/{ELECTION}") for link in page.attributes("href")]
    assert {"", "/acts", "/people", "/results", "/log"} <= set(links)
    assert not {"/roll", "/messages", "/mail", "/links", "/setup", "/key"} & set(links)
    assert [group for group in page.all("details") if group.get("name") == "menu" and "open" in group]
    current = [found for found in page.all("a") if found.get("aria-current") == "page"]
    assert [found["href"] for found in current] == [f"/committee/{ELECTION}/people"]


async def test_every_page_of_the_menu_is_there(open_sqlite_house: House) -> None:
    everybody = await Desk.open(open_sqlite_house, "ana", *Role)
    page = await everybody.read(f"/committee/{ELECTION}")
    links = {link for link in page.attributes("href") if link.startswith(f"/committee/{ELECTION}/")}
    for link in sorted(links):
        assert (await everybody.get(link)).status == 200, link
