"""A student votes in Chromium, and whatever happens on the way leads to one ballot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Route, expect

from ballot.receipt import load_receipt
from election_service.demo.preparation import ELECTION
from election_service.seal import seal_waiting
from election_service.service import open_service
from keys.canonical import unb64
from keys.ids import short_code
from tests.browser.house import CONTESTS, House
from tests.browser.visitor import PHONE, SLOW, new_tab, visiting

pytestmark = pytest.mark.browser


async def test_a_student_votes_in_every_contest_and_gets_a_receipt_for_each(
    browser: Browser, house: House, link: str, tmp_path: Path
) -> None:
    before = house.rows()
    async with visiting(browser, link) as visitor:
        await visitor.start()
        chosen = await visitor.fill_in(0, 1, 0, 1)
        assert await visitor.page.locator(".chosen").all_inner_texts() == chosen
        assert house.rows()["issued"] == before["issued"], "the review says that nothing was sent"
        codes = await visitor.cast()
        buttons = visitor.page.locator("[id^=download-]")
        names = [str(await buttons.nth(number).get_attribute("id")) for number in range(await buttons.count())]
        for name in names:
            await visitor.download(f"[id='{name}']", tmp_path / name)
    receipts = [load_receipt((tmp_path / name).read_bytes()) for name in names]
    assert [short_code(unb64(receipt.tracker, 32, "tracker")) for receipt in receipts] == codes
    assert len({receipt.context for receipt in receipts}) == CONTESTS
    after = house.rows()
    for table in ("issued", "spent", "unsealed_ballots", "receipts"):
        assert after[table] - before[table] == CONTESTS


async def test_back_and_change_keep_every_choice(browser: Browser, link: str) -> None:
    async with visiting(browser, link) as visitor:
        await visitor.start()
        chosen = await visitor.fill_in(1, 0, 1, 0)
        for step in range(CONTESTS, 0, -1):
            await visitor.page.click("#back")
            await visitor.at(step)
            checked = visitor.page.locator("label.option:has(input:checked)")
            assert (await checked.inner_text()).strip() == chosen[step - 1]
        await visitor.page.click("#review")  # once it was seen, the review is one step away
        assert await visitor.page.locator(".chosen").all_inner_texts() == chosen
        await visitor.page.locator("[id^=change-]").nth(2).click()
        await visitor.at(3)
        chosen[2] = await visitor.choose(0)
        await visitor.page.click("#review")
        assert await visitor.page.locator(".chosen").all_inner_texts() == chosen


async def test_nobody_goes_on_without_a_choice(browser: Browser, link: str) -> None:
    async with visiting(browser, link) as visitor:
        await visitor.start()
        await visitor.page.click("#next")
        await expect(visitor.page.get_by_role("alert")).to_contain_text("Make a choice")
        await visitor.at(1)


async def test_a_reload_in_the_middle_begins_again_from_the_link_and_casts_once(
    browser: Browser, house: House, link: str
) -> None:
    before = house.rows()
    async with visiting(browser, link) as visitor:
        await visitor.start()
        await visitor.fill_in(0, 0, 0, 0)
        await visitor.page.reload()
        # the address has lost its secret, and the page kept nothing: only the link itself resumes
        await expect(visitor.page.get_by_role("alert")).to_contain_text("needs your personal link")
        await visitor.vote()  # in the same tab, for which the browser by itself loads nothing anew
        assert visitor.page.url == link.partition("#")[0]
    after = house.rows()
    assert after["spent"] - before["spent"] == CONTESTS


async def test_a_visit_that_ended_before_casting_is_resumed_with_the_same_tokens(
    browser: Browser, house: House, link: str
) -> None:
    before = house.rows()
    async with visiting(browser, link) as visitor:
        await visitor.page.route("**/ballots", lambda route: route.abort())
        await visitor.start()
        await visitor.fill_in(0, 0, 0, 0)
        await visitor.seal()
        async with visitor.page.expect_request("**/ballots", timeout=SLOW):
            await visitor.page.click("#cast")
        await visitor.page.context.set_offline(offline=True)  # while the tab closes its routes are gone already
    assert house.rows()["issued"] - before["issued"] == CONTESTS
    async with visiting(browser, link) as visitor:
        await visitor.vote()
        assert visitor.sent("/tokens") == []
    after = house.rows()
    assert after["issued"] - before["issued"] == CONTESTS
    assert after["spent"] - before["spent"] == CONTESTS


async def test_a_second_visit_says_that_a_ballot_was_cast(browser: Browser, house: House, link: str) -> None:
    async with visiting(browser, link) as visitor:
        codes = await visitor.vote()
    async with open_service(house.config) as service:
        assert await seal_waiting(service, ELECTION, 1) >= CONTESTS
    before = house.rows()
    async with visiting(browser, link) as visitor:
        await visitor.open()
        await visitor.page.click("#start")
        assert await visitor.trackers() == codes
        await expect(visitor.page.get_by_text("A ballot was cast with this link earlier.")).to_have_count(CONTESTS)
        assert await visitor.page.locator("form, #cast").count() == 0
    assert house.rows()["spent"] == before["spent"]


async def test_a_second_vote_before_the_ballots_are_public_is_refused_and_said_so(
    browser: Browser, house: House, link: str
) -> None:
    """Until the sealing nobody can look the own ballot up; the spent token alone stops the second one."""
    async with visiting(browser, link) as visitor:
        await visitor.vote()
    before = house.rows()
    async with visiting(browser, link) as visitor:
        await visitor.start()
        await visitor.fill_in(1, 1, 1, 1)
        await visitor.seal()
        await visitor.page.click("#cast")
        refused = visitor.page.locator("#receipt").get_by_role("alert")
        await expect(refused).to_have_count(CONTESTS, timeout=SLOW)
        await expect(refused.first).to_contain_text("A ballot was already cast with this link.")
        assert await visitor.page.locator(".tracker").count() == 0
    after = house.rows()
    for table in ("issued", "spent", "unsealed_ballots", "receipts", "log_entries"):
        assert after[table] == before[table]


async def test_two_tabs_with_one_link_cast_one_ballot_in_each_contest(
    browser: Browser, house: House, link: str
) -> None:
    before = house.rows()
    async with visiting(browser, link) as one, new_tab(one.page.context, link) as other:
        for visitor, number in ((one, 0), (other, 1)):
            await visitor.page.bring_to_front()
            await visitor.start()
            await visitor.fill_in(*[number] * CONTESTS)
            await visitor.seal()
        for visitor in (one, other):
            await visitor.page.evaluate("document.getElementById('cast').click()")
        cards = 0
        for visitor in (one, other):
            await expect(visitor.page.locator("#receipt")).to_be_visible(timeout=SLOW)
            got = await visitor.page.locator("[id^=download-]").count()
            refused = visitor.page.locator("#receipt .alert")
            await expect(refused).to_have_count(CONTESTS - got)
            for text in await refused.all_inner_texts():
                assert "A ballot was already cast with this link." in text
            cards += got
    assert cards == CONTESTS
    after = house.rows()
    assert after["issued"] - before["issued"] == CONTESTS
    assert after["spent"] - before["spent"] == CONTESTS


async def test_a42_a_cast_whose_replies_are_lost_is_sent_again_and_gets_its_one_receipt(
    browser: Browser, house: House, link: str
) -> None:
    """The ballots reach the service and their replies do not; pressing Try again gives the same receipts."""
    before = house.rows()
    replies: list[tuple[str | None, dict[str, Any]]] = []
    lost = True

    async def lose(route: Route) -> None:
        answer = await route.fetch()
        replies.append((route.request.post_data, await answer.json()))
        await (route.abort() if lost else route.fulfill(response=answer))

    async with visiting(browser, link) as visitor:
        await visitor.page.clock.install()
        await visitor.page.route(f"**/api/elections/{ELECTION}/ballots", lose)
        await visitor.start()
        await visitor.fill_in(0, 1, 0, 1)
        await visitor.seal()
        await visitor.page.click("#cast")
        retry = visitor.page.locator("#retry")
        for _ in range(300):
            if await retry.count():
                break
            await visitor.page.clock.run_for(1_000)
        await expect(visitor.page.get_by_text("Your sealed ballot is kept on this page.")).to_be_visible()
        spent = house.rows()["spent"]
        lost = False
        await retry.click()
        for _ in range(300):
            if await visitor.page.locator("#receipt .tracker").count() == CONTESTS:
                break
            await visitor.page.clock.run_for(1_000)
        codes = await visitor.trackers()
    assert spent - before["spent"] == CONTESTS, "the service had them all before the second try"
    assert house.rows()["spent"] == spent
    bodies = {body for body, _ in replies}
    assert len(bodies) == CONTESTS
    assert len(replies) > CONTESTS
    for body in bodies:
        assert len({json.dumps(reply, sort_keys=True) for sent, reply in replies if sent == body}) == 1
    assert {short_code(unb64(reply["tracker"], 32, "tracker")) for _, reply in replies} == set(codes)


async def test_the_page_fits_a_phone_and_needs_no_mouse(browser: Browser, link: str) -> None:
    """320 CSS pixels, keyboard only, from the link to the receipts."""
    async with visiting(browser, link, width=PHONE) as visitor:
        press = visitor.page.keyboard.press
        await visitor.open()
        assert await visitor.fits()
        await press("Tab")
        await press("Enter")
        for step in range(1, CONTESTS + 1):
            await visitor.at(step)
            await expect(visitor.page.locator("h1")).to_be_focused()
            assert await visitor.fits()
            await press("Tab")
            await press("Space")
            await press("ArrowDown")
            await expect(visitor.page.locator("label.option").nth(1).locator("input")).to_be_checked()
            await press("Enter")
        await expect(visitor.page.locator("#seal")).to_be_visible()
        assert await visitor.fits()
        for _ in range(CONTESTS + 1):
            await press("Tab")
        await expect(visitor.page.locator("#seal")).to_be_focused()
        await press("Enter")
        await expect(visitor.page.locator("h1")).to_be_focused()
        await expect(visitor.page.locator("#cast")).to_be_visible(timeout=SLOW)
        assert await visitor.fits()
        await press("Tab")
        await expect(visitor.page.locator("#cast")).to_be_focused()
        await press("Enter")
        await visitor.trackers()
        assert await visitor.fits()
        await visitor.page.locator("summary").first.focus()
        await press("Enter")
        await expect(visitor.page.locator("details code").first).to_be_visible()
        assert await visitor.fits()
