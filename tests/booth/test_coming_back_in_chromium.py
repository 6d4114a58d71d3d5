"""What a voter finds who comes back, comes late, or is refused: the words fit, and there is a way on."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, expect

from tests.booth.page_server import page_server
from tests.booth.page_visit import choose, seal, visit, vote
from tests.booth.service import problem, two_contests
from tests.booth.test_screens_in_chromium import qr_texts

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_coming_back_shows_contests_not_yet_begun_first(browser: Browser) -> None:
    service = two_contests()
    with visit(browser, service) as page:
        page.click("#start")
        expect(page.locator("[data-contest=head]")).to_be_visible(timeout=30_000)
        choose(page, "Ana")
        page.click("#next")
        page.click("#later-council")
        seal(page)
        expect(page.locator(".lead")).to_contain_text("It has not been sent yet.")
    with visit(browser, service) as page:
        page.click("#start")
        expect(page.locator("[data-contest=council]")).to_be_visible(timeout=30_000)
        assert page.get_by_text("was begun with this link before").count() == 0
        page.click("#later-council")
        expect(page.locator("[data-contest=head]")).to_contain_text("was begun with this link before")
        expect(page.locator("#later-head")).to_have_text("Skip this contest for now")
        page.click("#later-head")
        expect(page.locator("h1")).to_have_text("Review your choices")
        expect(page.locator("main")).to_contain_text("was begun with this link before")


def test_coming_back_when_all_is_in_the_list_shows_the_tracking_codes_at_once(browser: Browser) -> None:
    service = two_contests()
    with visit(browser, service) as page:
        vote(page)
        codes = seal(page)
        page.click("#cast")
        expect(page.locator("#receipt .tracker")).to_have_count(2, timeout=60_000)
    service.sealed = True
    with visit(browser, service) as page:
        page.click("#start")
        expect(page.locator("h1")).to_have_text("You have already voted", timeout=30_000)
        assert page.locator("#receipt .tracker").all_text_contents() == codes
        expect(page.locator("main")).to_contain_text("The receipt file is only on the device on which you voted.")
        assert page.locator("[id^=download-]").count() == 0
        addresses = {f"{service.host}/check/sim-2026#{own}" for _, own in service.stored.values()}
        assert set(qr_texts(page, "#receipt")) == addresses


def test_back_leads_out_of_the_page_that_needs_a_link(browser: Browser) -> None:
    service = two_contests()
    with page_server(service) as origin:
        page = browser.new_page()
        page.goto(f"{origin}/photos/before.jpg")
        page.goto(f"{origin}/vote/sim-2026")
        expect(page.get_by_role("alert")).to_contain_text("needs your personal link")
        page.evaluate("history.pushState(1, '')")
        for _ in range(2):
            page.evaluate("history.back()")
            page.wait_for_timeout(300)
        assert page.url == f"{origin}/photos/before.jpg"
        page.close()


def test_a_link_that_is_not_accepted_can_be_sent_again(browser: Browser) -> None:
    service = two_contests()
    service.misbehaves("/login", lambda _: problem(401, "login-refused"))
    with visit(browser, service) as page:
        page.click("#start")
        again = page.get_by_role("link", name="Send my link again")
        expect(again).to_have_attribute("href", "/elections/sim-2026/link?lang=en", timeout=30_000)


def test_when_no_more_codes_are_sent_the_last_one_can_still_be_entered(browser: Browser) -> None:
    service = two_contests()
    service.second_factor = "email"
    sent, refused = problem(401, "code-sent"), problem(429, "too-many-codes")
    service.misbehaves("/login", lambda _: sent, lambda _: sent, lambda _: refused)
    with visit(browser, service) as page:
        page.click("#start")
        page.fill("#code", "123")
        page.click("#login")
        expect(page.get_by_role("alert")).to_have_text("Enter all six digits.")
        assert page.input_value("#code") == "123"
        page.click("#new-code")
        expect(page.locator("#code-hint")).to_contain_text("We have sent a new 6-digit code")
        page.click("#new-code")
        expect(page.get_by_role("alert")).to_contain_text("too many codes")
        page.fill("#code", "654321")
        page.click("#login")
        expect(page.locator("[data-contest=head]")).to_be_visible(timeout=30_000)
        bodies = [json.loads(str(request.body)) for request in service.of("/login")]
        assert [body["code"] for body in bodies] == [None, None, None, "654321"]
