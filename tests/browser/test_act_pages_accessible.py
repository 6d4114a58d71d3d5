"""The pages of acts and keys: axe finds nothing, on a phone and on a desk, and nothing has to be scrolled sideways."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.async_api import Browser

from election_service.console.roles import Role
from tests.browser.test_signing_acts import ACTS, at_the_console, fits
from tests.browser.visitor import PHONE
from tests.console.desk import Desk
from tests.console.signatures import give_key
from tests.gallery.axe import findings
from tests.service.house import ELECTION, House

PICTURES = os.environ.get("ACT_PICTURES")  # a folder: pictures of the pages, to be looked at


async def test_the_pages_of_acts_are_accessible(browser: Browser, open_sqlite_house: House) -> None:
    house = open_sqlite_house
    ana, beka = await Desk.open(house, "ana", Role.CHAIR), await Desk.open(house, "beka", Role.MEMBER)
    await give_key(ana, "ana")
    await give_key(beka, "beka")
    for number in range(2):
        await house.decide("booth", {"bundle": f"{number}" * 64}, by=("ana",))
    act = await house.change_poll("poll.paused")
    paths = {
        "list": ACTS,
        "done": f"{ACTS}/{act.act}",
        "waiting": f"{ACTS}/waiting",
        "prepared": f"{ACTS}/new/prepared",
        "decisions": f"{ACTS}/new/decision",
        "decision": f"{ACTS}/new/decision?what=vacancy",
        "members": f"{ACTS}/new/members",
        "opening": f"{ACTS}/new/poll.opened",
        "key": f"/committee/{ELECTION}/key",
    }
    faults: dict[str, list[str]] = {}
    for width in (PHONE, 1280):
        async with at_the_console(browser, beka, width=width) as page:
            for name, path in paths.items():
                await page.goto(path)
                assert await fits(page), (name, width)
                found = await findings(page)
                if found:
                    faults[f"{name} {width}"] = found
                if PICTURES:
                    await page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    assert faults == {}
