"""The tool's screens: axe-core finds nothing, four languages, light and dark, 320 px; the language changes in place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.visitor import FLAGS, PHONE
from tests.gallery.axe import findings
from tests.trustee.person import PASSPHRASE, SLOW

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LANGUAGES = ("en", "ka", "az", "ru")


@pytest.fixture
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        await browser.close()


async def look(page: Page, screen: str) -> list[str]:
    """What is wrong with this screen, in every language, light and dark."""
    await expect(page.locator("body")).to_have_attribute("data-screen", screen, timeout=SLOW)
    found: list[str] = []
    for language in LANGUAGES:
        await page.select_option("#language", language)
        await expect(page.locator("html")).to_have_attribute("lang", language)
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += [f"{screen}, {language}, {scheme}: {line}" for line in await findings(page)]
        if not await page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            found.append(f"{screen}, {language}: scrolls sideways")
    return found


async def test_every_screen_up_to_the_log(browser: Browser, page_file: Path, tmp_path: Path) -> None:
    context = await browser.new_context(
        offline=True, bypass_csp=True, accept_downloads=True, viewport={"width": PHONE, "height": 640}
    )  # the page's own policy would keep axe-core out
    page = await context.new_page()
    await page.goto(page_file.as_uri())
    await page.fill("#election", "sg-2026")
    found = await look(page, "start")
    assert await page.input_value("#election") == "sg-2026", "what was typed is lost with the language"
    await page.fill("#new-passphrase", PASSPHRASE)
    await page.fill("#again", "something else")
    await page.click("#make")
    await expect(page.locator("[data-code=two-passphrases]")).to_be_visible()
    found += [f"refused: {line}" for line in await findings(page)]
    await page.fill("#again", PASSPHRASE)
    await page.click("#make")
    found += await look(page, "save")
    async with page.expect_download() as started:
        await page.click("#save")
    await (await started.value).save_as(tmp_path / "a.key")
    (tmp_path / "other.key").write_bytes(b"{}")
    await page.set_input_files("#proof", tmp_path / "other.key")
    await page.click("#prove")
    await expect(page.locator("[data-code=not-saved]")).to_be_visible(timeout=SLOW)
    assert await page.locator("#to-log").count() == 0, "goes on without a saved file"
    await page.set_input_files("#proof", tmp_path / "a.key")
    await page.click("#prove")
    found += await look(page, "home")
    await page.click("#to-backup")
    found += await look(page, "backup")
    await page.click("#home")
    await page.click("#to-log")
    found += await look(page, "log")
    await page.set_input_files("#archive", tmp_path / "a.key")
    await page.fill("#log-id", "A" * 43)
    await page.click("#check")
    await expect(page.locator("[data-code=not-an-archive]")).to_be_visible(timeout=SLOW)
    await context.close()
    assert found == []
