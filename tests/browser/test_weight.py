"""What a phone has to fetch before the first contest is on the screen: page, program, texts, proofs, statements.

Photos come after it, one small file each.
"""

from __future__ import annotations

from typing import Any, Final

import pytest
from playwright.async_api import Browser, expect

from tests.browser.house import House
from tests.browser.visitor import PHONE, SLOW, visiting

pytestmark = pytest.mark.browser

_MOST: Final = 60 << 10  # bytes over the wire, headers and bodies
_PHOTO: Final = 9 << 10


@pytest.mark.parametrize("language", ["en-GB", "ka-GE", "az-AZ", "ru-RU"])
async def test_the_first_ballot_page_is_at_most_60_kb_over_the_wire(
    browser: Browser, house: House, link: str, language: str
) -> None:
    async with visiting(browser, link, width=PHONE, locale=language) as visitor:
        tools = await visitor.page.context.new_cdp_session(visitor.page)
        fetched: dict[str, int] = {}
        addresses: dict[str, str] = {}

        def note_answer(event: dict[str, Any]) -> None:
            addresses[event["requestId"]] = event["response"]["url"]

        def note_end(event: dict[str, Any]) -> None:
            fetched[event["requestId"]] = event["encodedDataLength"]

        tools.on("Network.responseReceived", note_answer)
        tools.on("Network.loadingFinished", note_end)
        await tools.send("Network.enable")
        await visitor.open()
        await expect(visitor.page.locator("html")).to_have_attribute("lang", language[:2])
        await visitor.page.click("#start")
        await expect(visitor.page.locator("form[data-contest]")).to_be_visible(timeout=SLOW)
        await expect(visitor.page.locator("form[data-contest] img").first).to_be_visible(timeout=SLOW)
        await visitor.page.evaluate("Promise.all([...document.images].map((image) => image.decode()))")
        await visitor.page.wait_for_load_state("networkidle")
        listed = {addresses[name].removeprefix(house.address): size for name, size in fetched.items()}
        photos = {address: size for address, size in listed.items() if address.startswith("/photos/")}
        assert photos, "the candidates have photos"
        assert max(photos.values()) <= _PHOTO, photos
        assert any(address.endswith("/voter") for address in listed)
        shown = "\n".join(f"{size:6} {address}" for address, size in listed.items())
        assert sum(listed.values()) - sum(photos.values()) <= _MOST, shown
