"""A73: programs that open every mailed link, run its script and press its buttons use nothing up.

What stops them in the booth: a login that has to be begun by hand, a choice in every contest that no button makes, and
three presses one after the other (review, seal, cast). A program that plays all of that with a link alone votes with
it, as anybody does who has the link: that is what a second factor is for (docs/threat-model.md).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import pytest
from playwright.async_api import Browser, Error, Page

from election_service.api_types import ElectionTexts
from election_service.demo.preparation import ELECTION
from election_service.letters import LETTERS
from election_service.mail_text import LetterHead, make_letter
from tests.browser.house import CONTESTS, House
from tests.browser.visitor import visiting

pytestmark = pytest.mark.browser

_COUNTERS: Final = frozenset({"login_nonces", "bearers"})  # logins that were begun; they run out by themselves
_PRESSES: Final = 25  # of a scanner on one page
_PATIENCE: Final = 10  # looks at a page on which there is nothing (more) to press
_VISITS: Final = 3
# Every button and link of the page as it is now, pressed without asking whether a person could; False: none is left.
_PRESS: Final = """(pressed) => {
  const all = [...document.querySelectorAll("button, input[type=submit], summary, [role=button]")];
  const key = (element) => `${document.querySelector("h1")?.textContent} ${element.id} ${element.textContent}`;
  const next = all.find((element) => !pressed.includes(key(element)));
  if (!next) return null;
  const name = key(next);
  next.click();
  return name;
}"""


def letters(house: House, link: str) -> dict[str, Any]:
    """One mail of every kind, as this service would send it to the owner of the link."""
    texts = {"en": ElectionTexts(title="Student elections", intro="")}
    head = LetterHead(ELECTION, texts, "committee@example.edu", "Asia/Tbilisi", house.address, rehearsal=True)
    values: dict[str, dict[str, Any]] = {
        "invite": {"link": link},
        "reissue": {"link": link},
        "code": {"code": "123456", "minutes": 10},
        "issued": {"contests": ["President"]},
        "reminder": {"contests": ["President"], "closes": "tomorrow"},
        "call": {"contests": ["President"], "opens": "today", "closes": "tomorrow", "further": False},
        "result": {"standing": "declared", "poll": 1, "page": "results/1"},
        "message": {},
        "link-request": {"student": "26000001", "full_name": "Nino"},
        "mail-test": {"service": "vote@example.edu"},
    }
    return {
        kind: make_letter(kind, head, to="nino@example.edu", name="Nino", language="en", values=values[kind])
        for kind in LETTERS
    }


def links_of(house: House, link: str) -> set[str]:
    """Every address that stands in any mail, in its text or its HTML."""
    found: set[str] = set()
    for letter in letters(house, link).values():
        for body in (letter.text, letter.html.replace("&amp;", "&")):
            found.update(re.findall(r"https?://[^\s\"'<>]+", body))
    assert link in found
    assert len(found) >= 4
    assert all(address.startswith(f"{house.address}/") for address in found)
    return found


@asynccontextmanager
async def scanning(browser: Browser, address: str) -> AsyncIterator[Page]:
    """A mail gateway's browser: a fresh profile, every dialog agreed to, files and windows taken as they come."""
    context = await browser.new_context(accept_downloads=True)
    try:
        page = await context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        await page.goto(address)
        await page.wait_for_load_state("networkidle")
        yield page
    finally:
        await context.close()


async def press_everything(page: Page) -> list[str]:
    """Press what can be pressed, again on every screen that follows; what was pressed."""
    pressed: list[str] = []
    idle = 0
    while len(pressed) < _PRESSES:
        try:
            name = await page.evaluate(_PRESS, pressed)
        except Error:  # the page left for another one
            await page.wait_for_load_state()
            name = None
        if name is not None:
            pressed.append(str(name))
            idle = 0
        elif (idle := idle + 1) > _PATIENCE:
            break
        await page.wait_for_timeout(200)
    return pressed


def settled(rows: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in rows.items() if name not in _COUNTERS}


async def test_a73_every_link_of_every_mail_is_opened_three_times_and_everything_pressed(
    browser: Browser, house: House, link: str
) -> None:
    before = house.rows()
    asked: list[str] = []
    pressed: dict[str, list[str]] = {}
    for address in sorted(links_of(house, link)):
        for _ in range(_VISITS):
            async with scanning(browser, address) as page:
                page.context.on("request", lambda request: asked.append(request.url))
                pressed.setdefault(address, []).extend(await press_everything(page))
    assert any("start" in name for name in pressed[link]), "the scanner got into the booth"
    assert any("next" in name for name in pressed[link]), pressed[link]
    assert [url for url in asked if url.endswith(("/tokens", "/ballots", "/complaints"))] == []
    assert any(url.endswith("/voter") for url in asked), "and as far as the first contest"
    assert settled(house.rows()) == settled(before)
    async with visiting(browser, link) as student:
        await student.vote()
    assert house.rows()["spent"] - before["spent"] == CONTESTS


async def test_a73_a_hundred_gets_and_heads_of_every_mailed_link_change_nothing(house: House, link: str) -> None:
    before = house.rows()
    async with aiohttp.ClientSession() as session:
        for address in sorted(links_of(house, link)):
            for number in range(100):
                async with session.request(("GET", "HEAD")[number % 2], address) as answer:
                    assert answer.status in (200, 404), address  # 404: a result that is not there yet
    assert house.rows() == before


async def test_a73_buttons_alone_never_make_a_choice(browser: Browser, link: str) -> None:
    """What the booth demands, screen by screen: without a choice neither Next nor Review goes on, and nothing is
    sealed; Cast is not there before something is sealed."""
    async with visiting(browser, link) as scanner:
        await scanner.start()
        for step in range(1, CONTESTS + 1):
            assert await scanner.page.locator("label.option input:checked").count() == 0
            await scanner.page.click("#next, #review")
            await scanner.at(step)
            assert await scanner.page.locator("#problem").count() == 1
            await scanner.page.locator("[id^=later-]").click()
        assert await scanner.page.locator("#seal, #cast").count() == 0
        assert scanner.sent("/tokens") == scanner.sent("/ballots") == []
