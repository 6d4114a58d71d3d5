"""A73: programs that open every mailed link, run its script and press its buttons use nothing up."""

from __future__ import annotations

import aiohttp
import pytest
from playwright.async_api import Browser

from tests.browser.house import CONTESTS, House
from tests.browser.visitor import Visitor, visiting

pytestmark = pytest.mark.browser

_COUNTERS = frozenset({"login_nonces", "bearers"})  # logins that were begun; they run out by themselves


async def _press_everything(visitor: Visitor) -> int:
    """Press each button of the screen as it is now; how many there were."""
    names = await visitor.page.locator("button").evaluate_all("(all) => all.map((button) => button.id)")
    for name in names:
        button = visitor.page.locator(f"[id='{name}']")
        if await button.count() and await button.is_visible():
            await button.click()
    return len(names)


async def test_a73_a_scanner_that_opens_links_and_presses_buttons_stops_nobody(
    browser: Browser, house: House, link: str
) -> None:
    before = house.rows()
    for _ in range(3):
        async with visiting(browser, link) as scanner:
            await scanner.open()
            assert await _press_everything(scanner) > 0
            await scanner.at(1)
            # Back, Next without a choice, Vote later, Change: whatever stands on the next ten screens
            for _ in range(10):
                await _press_everything(scanner)
            assert scanner.sent("/tokens") == scanner.sent("/ballots") == []
    async with aiohttp.ClientSession() as session:
        for number in range(100):
            async with session.request(("GET", "HEAD")[number % 2], link) as answer:
                assert answer.status == 200
    after = house.rows()
    assert {name: count for name, count in after.items() if name not in _COUNTERS} == {
        name: count for name, count in before.items() if name not in _COUNTERS
    }
    async with visiting(browser, link) as student:
        await student.vote()
    assert house.rows()["spent"] - before["spent"] == CONTESTS
