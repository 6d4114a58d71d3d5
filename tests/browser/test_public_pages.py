"""The public pages in Chromium: whole without JavaScript, on a telephone, in the dark, by keyboard, with enlarged text;
nothing is loaded from elsewhere and nothing is refused by their policy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from playwright.async_api import Browser, Page

from election_service.demo.preparation import ELECTION
from tests.browser.house import House
from tests.browser.visitor import PHONE

HOME = f"/elections/{ELECTION}"
PATHS = ("/", HOME, f"{HOME}/results", f"{HOME}/results/1", f"{HOME}/log", f"{HOME}/log/0", f"{HOME}/verify")
FORMS = (f"{HOME}/help", f"{HOME}/link")
LANGUAGES = ("en", "ka", "az", "ru")
SMALLEST_TARGET = 24  # CSS pixels (WCAG 2.2, 2.5.8)


@asynccontextmanager
async def reading(browser: Browser, *, width: int = PHONE, dark: bool = False) -> AsyncIterator[tuple[Page, list[str]]]:
    """A tab without JavaScript; with it, what it asked for from elsewhere and what it said."""
    context = await browser.new_context(
        java_script_enabled=False,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
    )
    page, said = await context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("requestfailed", lambda request: said.append(f"failed: {request.url}"))
    try:
        yield page, said
    finally:
        await context.close()


async def contest_path(house: House) -> str:
    """The page of a contest."""
    url = f"{house.address}/api/elections/{ELECTION}/contests"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        context = (await answer.json())["contests"][0]["context"]
    return f"{HOME}/contests/{context}"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_fits_a_telephone_and_a_desk_in_light_and_dark(
    browser: Browser, house: House, language: str
) -> None:
    paths = [*PATHS, *FORMS, await contest_path(house), "/nowhere"]
    for width, dark in ((PHONE, False), (1280, True)):
        async with reading(browser, width=width, dark=dark) as (page, said):
            for path in paths:
                await page.goto(f"{house.address}{path}?lang={language}")
                assert await page.locator("html").get_attribute("lang") == language
                for closed in await page.locator("summary").all():
                    if await closed.is_visible():
                        await closed.click()
                assert await fits(page), (path, width)
            assert [line for line in said if "404" not in line] == []


async def fits(page: Page) -> bool:
    """Nothing to scroll sideways."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def test_a82_a_page_asks_for_nothing_but_its_style(browser: Browser, house: House) -> None:
    async with reading(browser) as (page, _said):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for path in [*PATHS, *FORMS]:
            await page.goto(f"{house.address}{path}")
        assert all(url.startswith((f"{house.address}/", "data:,")) for url in asked)
        assert not [url for url in asked if url.endswith((".js", ".woff2"))]


@pytest.mark.parametrize("path", [HOME, f"{HOME}/log", f"{HOME}/help"])
async def test_targets_are_large_enough_for_a_thumb(browser: Browser, house: House, path: str) -> None:
    """Links of navigation, summaries, fields and buttons; links inside a sentence are as high as its line."""
    async with reading(browser) as (page, _said):
        await page.goto(house.address + path)
        found = page.locator("nav a:visible, summary:visible, button:visible, input:visible, select:visible, .brand")
        for target in await found.all():
            box = await target.bounding_box()
            assert box is not None
            assert box["height"] >= SMALLEST_TARGET, await target.inner_text()


async def test_a_page_is_read_by_keyboard_alone(browser: Browser, house: House) -> None:
    """The first stop leads past the navigation; every stop can be seen; a rule is opened with Enter."""
    async with reading(browser, width=1280) as (page, _said):
        await page.goto(house.address + HOME)
        await page.keyboard.press("Tab")
        skip = page.locator(".skip:focus")
        assert await skip.count() == 1
        box = await skip.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        await page.keyboard.press("Enter")
        assert page.url.endswith("#content")
        for _ in range(60):
            await page.keyboard.press("Tab")
            focused = page.locator("summary:focus")
            if await focused.count():
                break
        before = await page.locator("details[open]").count()
        await page.keyboard.press("Enter")
        assert await page.locator("details[open]").count() == before + 1


async def test_the_language_is_switched_on_the_page_and_kept_while_reading(browser: Browser, house: House) -> None:
    async with reading(browser) as (page, _said):
        await page.goto(house.address + HOME)
        await page.click("a[hreflang=ka]")
        assert await page.locator("html").get_attribute("lang") == "ka"
        for _ in range(4):
            await page.locator("nav .sections a:not([aria-current])").last.click()
            assert await page.locator("html").get_attribute("lang") == "ka"


async def test_a_form_is_sent_without_a_script(browser: Browser, house: House) -> None:
    """From the page itself, with the headers that a browser sends under our referrer policy."""
    async with reading(browser) as (page, _said):
        await page.goto(f"{house.address}{HOME}/help?lang=en")
        await page.fill("#text", "Where is the polling office?")
        await page.click("form button")
        assert await page.locator("[role=status]").count() == 1
        await page.goto(f"{house.address}{HOME}/link?lang=en")
        await page.fill("#address", "nobody@example.edu")
        await page.click("form button")
        assert await page.locator("[role=status]").count() == 1


async def test_a_browser_gets_a_page_where_nothing_is(browser: Browser, house: House) -> None:
    async with reading(browser) as (page, _said):
        answer = await page.goto(f"{house.address}/elections/nobody?lang=ru")
        assert answer is not None
        assert answer.status == 404
        assert await page.locator("h1").count() == 1
        assert await page.locator("html").get_attribute("lang") == "ru"
