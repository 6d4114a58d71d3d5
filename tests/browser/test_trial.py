"""The test mode: anybody may try the encryption, without a link, and nothing is cast."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from election_service.demo.preparation import ELECTION
from tests.browser.house import House
from tests.browser.visitor import PHONE, SLOW, visiting

pytestmark = pytest.mark.browser


async def test_the_test_mode_seals_and_opens_but_never_logs_in_and_never_casts(browser: Browser, house: House) -> None:
    before = house.rows()
    async with visiting(browser, f"{house.address}/vote/{ELECTION}?lang=ru#test", width=PHONE) as visitor:
        page = visitor.page
        await visitor.open()
        await expect(page.locator("html")).to_have_attribute("lang", "ru")
        await page.select_option("#language", "en")
        for press in ("#start", "#review", "#seal"):
            await expect(page.locator(".test")).to_contain_text("TEST")
            if press == "#review":
                await visitor.choose(0)
            await page.click(press, timeout=SLOW)
        await expect(page.locator("h1")).to_have_text("Your ballot is sealed", timeout=SLOW)
        code = await page.locator("[data-sealed] .tracker").inner_text()
        await page.locator("[id^=audit-]").click()
        await expect(page.locator("[id^=audited-]")).to_be_focused()
        await page.click("#seal")
        await expect(page.locator("[data-sealed] .tracker")).not_to_have_text(code, timeout=SLOW)
        assert await page.locator("#cast").count() == 0
        assert await visitor.fits()
        sent = [request.url for request in visitor.requests if request.method == "POST"]
        assert sent == []
    assert house.rows() == before
