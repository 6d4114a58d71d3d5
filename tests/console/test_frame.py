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
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    chair.cookie = cookie
    answer = await chair.get("/committee")
    assert (answer.status, answer.headers["Location"]) == (303, "/committee/sign-in?next=/committee")
