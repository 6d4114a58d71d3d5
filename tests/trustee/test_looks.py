"""The tool's screens: axe-core finds nothing, four languages, light and dark, 320 px; the language changes in place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from election_service.workers import Workers
from tests.browser.visitor import FLAGS
from tests.gallery.axe import findings
from tests.gallery.tool import TOOL_LANGUAGES, tool_context, walk_through_tool
from tests.service.house import House, built
from tests.trustee.person import SLOW

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest.fixture
async def house(tmp_path: Path, workers: Workers) -> AsyncIterator[House]:
    """An election of which only entry 0 exists."""
    async with built(f"sqlite:///{tmp_path / 'election.db'}", tmp_path, workers) as house:
        yield house


async def test_every_screen_up_to_the_first_message(
    browser: Browser, page_file: Path, house: House, tmp_path: Path
) -> None:
    found: list[str] = []
    seen: list[str] = []

    async def look(page: Page, name: str) -> None:
        """What is wrong with this screen, in every language, light and dark; of a refusal, in the one that it has."""
        screen, _, code = name.partition(" ")
        await expect(page.locator("body")).to_have_attribute("data-screen", screen, timeout=SLOW)
        seen.append(name)
        for language in () if code else TOOL_LANGUAGES:
            await page.select_option("#language", language)
            await expect(page.locator("html")).to_have_attribute("lang", language)
            found.extend(f"{name}, {language}, {line}" for line in await _faults(page))
        if code:
            found.extend(f"{name}, {line}" for line in await _faults(page))

    context = await tool_context(browser)
    await walk_through_tool(await context.new_page(), page_file, house, tmp_path, look)
    await context.close()
    assert found == []
    assert {"start", "save", "home", "backup", "log", "checked", "message"} <= set(seen)


async def _faults(page: Page) -> list[str]:
    found = []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{scheme}: {line}" for line in await findings(page)]
    if not await page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        found.append("scrolls sideways")
    return found
