"""A86: who comes to the computer next sees nothing: Back after the cast, after Finish, after another page, with and
without the browser's memory of whole pages (bfcache).

No answer tells the browser to clear its data (Clear-Site-Data): the booth keeps none, which test_privacy.py shows.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, Dialog, Playwright, expect

from election_service.demo.preparation import ELECTION
from tests.browser.house import CONTESTS, House
from tests.browser.visitor import FLAGS, SLOW, Visitor, visiting

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_KEEPS_PAGES = (
    "--disable-back-forward-cache",
)  # Playwright switches the browser's memory off; people's browsers have it


@pytest.fixture(params=["with bfcache", "without bfcache"])
async def any_browser(request: pytest.FixtureRequest, playwright: Playwright, chromium: Path) -> AsyncIterator[Browser]:
    left_out = list(_KEEPS_PAGES) if request.param == "with bfcache" else []
    browser = await playwright.chromium.launch(
        executable_path=chromium, args=list(FLAGS), ignore_default_args=left_out or None
    )
    yield browser
    await browser.close()


async def sees_nothing(visitor: Visitor, names: list[str], codes: list[str]) -> None:
    """Neither who was voted for, nor a tracking code, nor a way to vote."""
    await expect(visitor.page.locator("body")).not_to_contain_text(names[0], timeout=SLOW)
    text = await visitor.page.content()
    assert [found for found in (*names, *codes, visitor.secret[:16]) if found in text] == []
    assert await visitor.page.locator("#receipt, .chosen, #seal, #cast, form[data-contest]").count() == 0


async def go_back(visitor: Visitor) -> bool:
    """One step back; False where there is nothing before."""
    history = await (await visitor.page.context.new_cdp_session(visitor.page)).send("Page.getNavigationHistory")
    if history["currentIndex"] == 0:
        return False
    await visitor.page.evaluate("setTimeout(() => history.back())")
    await visitor.page.wait_for_timeout(700)
    await visitor.page.wait_for_load_state()
    return True


async def test_a86_after_finish_back_leads_to_nothing(any_browser: Browser, link: str) -> None:
    async with visiting(any_browser, link) as visitor:
        await visitor.start()
        names = await visitor.fill_in(*[0] * CONTESTS)
        codes = await visitor.cast()
        await visitor.page.click("#finish")
        await visitor.page.wait_for_url(f"**/elections/{ELECTION}*")
        assert await visitor.page.evaluate("document.referrer") == ""
        # the public page names all candidates; in what comes before it there must be none
        for _ in range(CONTESTS + 3):  # one entry for each screen that there was
            if not await go_back(visitor) or visitor.page.url == "about:blank":
                break
            assert visitor.page.url == link.partition("#")[0]
            await expect(visitor.page.get_by_role("alert")).to_contain_text("needs your personal link", timeout=SLOW)
            await sees_nothing(visitor, names, codes)


async def test_a86_back_from_another_page_brings_no_choice_back(any_browser: Browser, house: House, link: str) -> None:
    """Somebody leaves in the middle, by the address bar; the warning is clicked away."""
    async with visiting(any_browser, link) as visitor:

        async def leave(dialog: Dialog) -> None:
            await dialog.accept()

        visitor.page.on("dialog", leave)
        await visitor.start()
        names = await visitor.fill_in(*[0] * CONTESTS)
        codes = await visitor.seal()
        await visitor.page.goto(f"{house.address}/elections/{ELECTION}/help")
        assert await go_back(visitor)
        await expect(visitor.page.get_by_role("alert")).to_contain_text("needs your personal link", timeout=SLOW)
        await sees_nothing(visitor, names, codes)


async def test_a86_no_page_with_a_voter_s_part_may_be_kept_or_framed(house: House) -> None:
    """Of the pages, only those that are the same for everybody may be kept, for a minute."""
    base = f"/elections/{ELECTION}"
    booth = f"/vote/{ELECTION}"
    checks = [f"/check/{ELECTION}", f"/audit/{ELECTION}"]
    personal = [booth, f"{booth}/complaint", *checks, f"/api{base}", f"/api{base}/voter"]
    public = ["/", base, f"{base}/help", f"{base}/link", f"{base}/log", f"{base}/results", f"{base}/verify"]
    async with aiohttp.ClientSession() as session:
        for path in [*personal, *public]:
            async with session.get(house.address + path) as answer:
                kept = "public, max-age=60" if path in public else "no-store"
                assert answer.headers["Cache-Control"] == kept, path
                assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], path
        for path in (f"{base}/help", f"{base}/link"):
            async with session.post(house.address + path, data={"text": "", "address": "", "kind": "x"}) as answer:
                assert answer.headers["Cache-Control"] == "no-store", path
