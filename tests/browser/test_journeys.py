"""Whole ways of a student through the booth, with everything that can happen between two lectures.

The service is killed (kill -9) before each step and started again; links are opened on two devices; fingers tap twice;
the poll closes while a ballot is being sealed. Whatever happens, one ballot in each contest, or none and a clear word.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, Page, Route, expect

from ballot.receipt import load_receipt
from keys.canonical import unb64
from keys.ids import short_code
from tests.booth.harness import node
from tests.browser.house import CONTESTS, House, served_house
from tests.browser.visitor import PHONE, SLOW, Visitor, visiting

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_STEPS: Final = ("start", "seal", "cast")  # what a voter presses that needs the service


@pytest.fixture(scope="module")
async def mortal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """An election of this file's own: its service dies, and its poll closes at the end."""
    node()
    async with served_house(tmp_path_factory.mktemp("journeys") / "mortal") as house:
        yield house


async def _language(page: Page, language: str) -> None:
    await page.locator("#language").select_option(language)
    await expect(page.locator("html")).to_have_attribute("lang", language)


async def _ballots(house: House, before: dict[str, int]) -> dict[str, int]:
    after = house.rows()
    return {table: after[table] - before[table] for table in ("issued", "spent", "receipts")}


ONE_EACH: Final = {"issued": CONTESTS, "spent": CONTESTS, "receipts": CONTESTS}
# The focused element, or the card around it, has an outline.
_IS_SEEN: Final = """() => [document.activeElement, document.activeElement.closest(".card")]
  .some((element) => element && getComputedStyle(element).outlineStyle !== "none")"""


async def test_four_contests_on_a_narrow_phone_in_georgian(browser: Browser, mortal: House, tmp_path: Path) -> None:
    before = mortal.rows()
    async with visiting(browser, next(mortal.links), width=PHONE) as visitor:
        page = visitor.page
        await visitor.open()
        await _language(page, "ka")
        assert await visitor.fits()
        await page.click("#start")
        for step in range(1, CONTESTS + 1):
            await expect(page.locator(".progress")).to_contain_text(str(step), timeout=SLOW)
            await expect(page.locator("form[data-contest]")).to_have_count(1)
            assert await visitor.fits()
            await page.locator("label.option").first.click()
            await page.click("#next, #review")
        for button, ready in (("#seal", "#cast"), ("#cast", "#receipt")):
            assert await visitor.fits()
            await page.click(button)
            await expect(page.locator(ready)).to_be_visible(timeout=SLOW)
        assert await visitor.fits()
        codes = await visitor.trackers()
        heading = await page.locator("h1").inner_text()
        assert any("\u10d0" <= letter <= "\u10ff" for letter in heading), heading
        buttons = page.locator("[id^=download-]")
        found = []
        for number in range(await buttons.count()):
            await visitor.download(f"#receipt li:nth-of-type({number + 1}) [id^=download-]", tmp_path / str(number))
            receipt = load_receipt((tmp_path / str(number)).read_bytes())
            found.append(short_code(unb64(receipt.tracker, 32, "tracker")))
    assert sorted(found) == sorted(codes)
    assert await _ballots(mortal, before) == ONE_EACH


async def test_the_language_changes_at_any_moment_and_nothing_is_lost(browser: Browser, mortal: House) -> None:
    async with visiting(browser, next(mortal.links), width=PHONE) as visitor:
        await visitor.start()
        await visitor.choose(1)
        checked = await visitor.page.locator("label.option:has(input:checked) input").get_attribute("value")
        for language in ("ka", "az", "ru", "en"):
            await _language(visitor.page, language)
            still = visitor.page.locator("label.option:has(input:checked) input")
            assert await still.get_attribute("value") == checked
        await visitor.page.click("#next")
        await visitor.at(2)


async def test_a_second_device_goes_on_between_token_and_ballot(browser: Browser, mortal: House) -> None:
    before, link = mortal.rows(), next(mortal.links)
    async with visiting(browser, link) as lost:
        await lost.start()
        await lost.fill_in(*[0] * CONTESTS)
        await lost.seal()
    assert await _ballots(mortal, before) == {"issued": CONTESTS, "spent": 0, "receipts": 0}
    async with visiting(browser, link, width=PHONE) as second:
        await second.start()
        await second.fill_in(*[1] * CONTESTS)
        assert len(set(await second.cast())) == CONTESTS
    assert await _ballots(mortal, before) == ONE_EACH


async def test_two_devices_at_once_make_one_ballot_each_contest(browser: Browser, mortal: House) -> None:
    """Both seal; the first to cast counts, the other one is told so."""
    before, link = mortal.rows(), next(mortal.links)
    async with visiting(browser, link) as first, visiting(browser, link) as second:
        for visitor in (first, second):
            await visitor.start()
            await visitor.fill_in(*[0] * CONTESTS)
            await visitor.seal()
        await first.page.click("#cast")
        await first.trackers()
        await second.page.click("#cast")
        await expect(second.page.locator("#receipt [role=alert]")).to_have_count(CONTESTS, timeout=SLOW)
        await expect(second.page.locator("#receipt [role=alert]").first).to_contain_text("already cast")
    assert await _ballots(mortal, before) == ONE_EACH


async def test_every_button_may_be_tapped_twice(browser: Browser, mortal: House) -> None:
    before = mortal.rows()
    async with visiting(browser, next(mortal.links)) as visitor:
        await visitor.open()
        await visitor.page.dblclick("#start")
        for step in range(1, CONTESTS + 1):
            await visitor.at(step)
            await visitor.page.locator("label.option").first.dblclick()
            await visitor.page.click("#next, #review")
        await visitor.page.dblclick("#seal")
        await expect(visitor.page.locator("#cast")).to_be_visible(timeout=SLOW)
        await visitor.page.dblclick("#cast")
        assert len(set(await visitor.trackers())) == CONTESTS
        assert len(visitor.sent("/ballots")) == CONTESTS
    assert await _ballots(mortal, before) == ONE_EACH


@pytest.mark.parametrize("step", _STEPS)
async def test_the_service_dies_before_a_step_and_the_voter_goes_on(browser: Browser, mortal: House, step: str) -> None:
    """kill -9, the voter presses on, sees that it did not work, and tries again once the service is back."""
    before = mortal.rows()
    async with visiting(browser, next(mortal.links)) as visitor:
        await visitor.open()
        for now in _STEPS:
            if now == step:
                await mortal.kill()
            await visitor.page.click(f"#{now}")
            if now == step:
                await expect(visitor.page.locator("#retry")).to_be_visible(timeout=SLOW)
                await expect(visitor.page.locator("[role=alert]").first).to_be_visible()
                await mortal.serve()
                await mortal.wait_for("open")
                await visitor.page.click("#retry")
            if now == "start":
                await visitor.fill_in(*[0] * CONTESTS)
            elif now == "seal":
                await expect(visitor.page.locator("#cast")).to_be_visible(timeout=SLOW)
        assert len(set(await visitor.trackers())) == CONTESTS
    assert await _ballots(mortal, before) == ONE_EACH


async def test_the_reply_to_a_cast_is_lost_and_the_service_dies(browser: Browser, mortal: House) -> None:
    """The ballots are stored, the receipts never arrive: the same ballots get their receipts afterwards."""
    before = mortal.rows()
    async with visiting(browser, next(mortal.links)) as visitor:
        await visitor.start()
        await visitor.fill_in(*[0] * CONTESTS)
        await visitor.seal()

        async def lose(route: Route) -> None:
            await route.fetch()
            await route.abort()

        await visitor.page.route("**/ballots", lose)
        await visitor.page.click("#cast")
        await expect(visitor.page.locator("#retry")).to_be_visible(timeout=2 * SLOW)
        await mortal.kill()
        await mortal.serve()
        await mortal.wait_for("open")
        await visitor.page.unroute("**/ballots")
        await visitor.page.click("#retry")
        await visitor.trackers()
    assert await _ballots(mortal, before) == ONE_EACH


async def test_a_ballot_is_opened_for_the_test_then_another_is_cast(browser: Browser, mortal: House) -> None:
    before = mortal.rows()
    async with visiting(browser, next(mortal.links)) as visitor:
        await visitor.start()
        await visitor.fill_in(*[0] * CONTESTS)
        sealed = await visitor.seal()
        sent = len(visitor.requests)
        await visitor.page.locator("details:has([id^=audit-]) > summary").first.click()
        await visitor.page.locator("[id^=audit-]").first.click()
        await expect(visitor.page.locator("a[href*='/audit/']").first).to_be_visible()
        assert len(visitor.requests) == sent, "the service hears nothing of a test"
        await visitor.page.click("#seal")
        await expect(visitor.page.locator("#cast")).to_be_visible(timeout=SLOW)
        codes = await visitor.page.locator("[data-sealed] .tracker").all_inner_texts()
        assert len(set(codes) & set(sealed)) == CONTESTS - 1, "the opened one is sealed anew, the others stay"
        await visitor.page.click("#cast")
        assert await visitor.trackers() == codes
    assert await _ballots(mortal, before) == ONE_EACH


async def test_a_keyboard_is_enough(browser: Browser, mortal: House) -> None:
    """From the link to the receipt with Tab, Space, arrows and Enter; the focus is always to be seen."""
    before = mortal.rows()
    async with visiting(browser, next(mortal.links)) as visitor:
        page = visitor.page
        await visitor.open()
        await _press(page, "#start")
        for step in range(1, CONTESTS + 1):
            await visitor.at(step)
            await _press(page, "label.option input", key="Space")
            await _press(page, "#next, #review")
        await _press(page, "#seal")
        await expect(page.locator("#cast")).to_be_visible(timeout=SLOW)
        await _press(page, "#cast")
        await visitor.trackers()
    assert await _ballots(mortal, before) == ONE_EACH


async def _press(page: Page, selector: str, *, key: str = "Enter") -> None:
    """Tab to the first element of the selector, and press the key on it."""
    await expect(page.locator(selector).first).to_be_visible(timeout=SLOW)
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            assert await page.evaluate(_IS_SEEN), f"{selector}: its focus is not to be seen"
            await page.keyboard.press(key)
            return
    raise AssertionError(f"{selector}: no Tab leads there")


async def test_the_poll_closes_while_a_ballot_is_being_sealed(browser: Browser, mortal: House) -> None:
    """Last here: nobody votes after it. What was sealed and not cast is not counted, and the page says so."""
    before = mortal.rows()
    links = [next(mortal.links) for _ in range(2)]
    async with visiting(browser, links[0]) as sealing, visiting(browser, links[1]) as casting:
        for visitor in (sealing, casting):
            await visitor.start()
            await visitor.fill_in(*[0] * CONTESTS)
        await casting.seal()
        held: asyncio.Event = asyncio.Event()

        async def hold(route: Route) -> None:
            await held.wait()
            await route.continue_()

        await sealing.page.route("**/tokens", hold)
        await sealing.page.click("#seal")
        await _close(mortal)
        held.set()
        await _says_closed(sealing)
        await casting.page.click("#cast")
        await _says_closed(casting)
    assert await _ballots(mortal, before) == {"issued": CONTESTS, "spent": 0, "receipts": 0}
    async with visiting(browser, next(mortal.links)) as late:
        await late.page.goto(late.link)
        await expect(late.page.locator("main")).to_contain_text("Voting has closed", timeout=SLOW)


async def _close(house: House) -> None:
    members = sorted(path.stem for path in (house.folder / "keys").glob("member-*.key"))
    for _ in range(2):
        await house.act("poll", "close", "--yes", key=members[0])
        await house.act("member", "approve", "--yes", key=members[1])
    await house.wait_for("closed")


async def _says_closed(visitor: Visitor) -> None:
    alert = visitor.page.locator("[role=alert]").first
    await expect(alert).to_be_visible(timeout=2 * SLOW)
    await expect(alert).to_contain_text("not open")
