"""The page of complaints: reached from the booth or with the link pasted, a program of its own, signed by the voter."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from keys.canonical import b64
from tally.complaint import ComplaintData, verify_complaint
from tests.booth.harness import Answer
from tests.booth.page_server import page_server
from tests.booth.page_visit import fits, visit
from tests.booth.service import PlayedService, problem, two_contests

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEXT = "The list on the door was another one."
UNTIL = "2026-10-02T05:30:00Z"
WORDS = "Poll 1: complaints are heard until Friday, 2 October 2026, 09:30 (Tbilisi time)."


def declared(
    complaints: str | None = UNTIL, change: Callable[[dict[str, Any]], object] = lambda _about: None
) -> PlayedService:
    """A service whose first poll is declared; what it says of itself goes through ``change``."""
    service = two_contests()

    def declare(answer: Answer) -> Answer:
        answer.document["polls"][0] |= {"state": "declared", "complaints": complaints}
        change(answer.document)
        return answer

    service.misbehaves("", *[declare] * 9)
    return service


def pasted(browser: Browser, origin: str) -> Page:
    """The page opened without a link."""
    page: Page = browser.new_page(viewport={"width": 320, "height": 640})
    page.goto(f"{origin}/vote/sim-2026/complaint")
    return page


def test_from_the_booth_to_the_entry_of_the_log(browser: Browser) -> None:
    """A70: the link goes along behind the # and leaves the address at once; nothing asks for a login."""
    service = declared()
    with visit(browser, service) as page:
        expect(page.locator("main")).to_contain_text(WORDS)
        page.click("#complain")
        expect(page.locator("main")).to_contain_text(WORDS, timeout=30_000)
        assert page.url == f"{service.host}/vote/sim-2026/complaint"
        assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie, history.state]") == [
            0,
            0,
            "",
            None,
        ]
        assert page.locator("#link").count() == 0
        page.click("#send")
        expect(page.get_by_role("alert")).to_contain_text("Write your complaint first")
        page.fill("#complaint", TEXT)
        page.select_option("#language", "ka")
        expect(page.locator("html")).to_have_attribute("lang", "ka")
        assert page.input_value("#complaint") == TEXT
        assert fits(page)
        page.select_option("#language", "en")
        page.click("#send")
        expect(page.locator("main")).to_contain_text("It is entry 41 of the public log.", timeout=30_000)
        page.click("#back")
        expect(page.locator("#complain")).to_be_visible(timeout=30_000)
        assert page.url == f"{service.host}/vote/sim-2026"
    (request,) = service.of("/complaints")
    data = msgspec.json.decode(str(request.body), type=ComplaintData)
    verify_complaint(service.election.log_id, data)
    assert (data.poll, data.text, data.credential) == (1, TEXT, b64(service.voter.credential))
    assert service.of("/login") == []


def test_with_the_link_pasted(browser: Browser) -> None:
    service = declared()
    with page_server(service) as origin:
        service.host = origin
        page = pasted(browser, origin)
        page.fill("#complaint", TEXT)
        for typed, words in (
            ("", "This page needs your personal link"),
            (service.link[:-4], "This link is incomplete"),
            (service.link[:-32] + "A" * 32, "This link is for another election"),
        ):
            page.fill("#link", typed)
            page.click("#send")
            expect(page.get_by_role("alert")).to_contain_text(words)
            assert (page.input_value("#link"), page.input_value("#complaint")) == (typed, TEXT)
        assert service.of("/complaints") == []
        page.fill("#link", f" {service.link}\n")
        page.click("#send")
        expect(page.locator("main")).to_contain_text("It is entry 41 of the public log.", timeout=30_000)
        assert page.locator("#back").count() == 0
        assert service.link.partition("#")[2] not in json.dumps([request.body for request in service.requests])
        page.close()


def test_after_the_time_for_complaints_none_is_offered(browser: Browser) -> None:
    service = declared(None)
    with visit(browser, service) as page:
        expect(page.get_by_role("link", name="The result")).to_have_attribute(
            "href", "/elections/sim-2026/results?lang=en"
        )
        assert page.locator("#complain").count() == 0
        page.goto(f"{service.host}/vote/sim-2026/complaint")
        expect(page.locator("h1")).to_have_text("No complaints are heard now")
        assert page.locator("textarea").count() == 0


def test_a_late_complaint_is_refused_in_words_and_what_was_written_stays(browser: Browser) -> None:
    service = declared()
    service.misbehaves("/complaints", lambda _: problem(409, "act-refused"))
    with visit(browser, service) as page:
        page.click("#complain")
        page.fill("#complaint", "Too late.", timeout=30_000)
        page.click("#send")
        expect(page.get_by_role("alert")).to_contain_text("The time for complaints is over")
        expect(page.get_by_role("alert")).not_to_contain_text("409")
        assert page.input_value("#complaint") == "Too late."
        assert fits(page)


def test_of_several_results_one_is_chosen(browser: Browser) -> None:
    later = {"poll": 2, "state": "declared", "opens": None, "closes": None, "complaints": "2026-10-03T05:30:00Z"}
    service = declared(change=lambda about: about["polls"].append(later))
    with visit(browser, service) as page:
        page.click("#complain")
        page.select_option("#poll", "2", timeout=30_000)
        page.fill("#complaint", TEXT)
        page.select_option("#language", "ru")
        assert page.input_value("#poll") == "2"
        assert fits(page)
        page.click("#send")
        expect(page.locator("[data-screen=complained]")).to_be_visible(timeout=30_000)
    assert json.loads(str(service.of("/complaints")[0].body))["poll"] == 2


def test_a_service_with_another_log_gets_no_signature(browser: Browser) -> None:
    """The link names the log: the id that is signed is the hash of its entry 0, not what the service says."""
    service = declared()
    good = b64(service.election.log_id)
    forged = declared(change=lambda about: about.update(log=good[:30] + "A" * 13))
    for wrong in (forged, declared()):
        if wrong is not forged:
            files = dict(wrong.election.log.files())
            bundle = next(path for path in files if path.startswith("tile/entries/000"))
            files[bundle] = files[bundle].replace(b"sim-2026", b"sim-2027")
            wrong.files = files
        with visit(browser, wrong) as page:
            page.click("#complain")
            expect(page.get_by_role("alert")).to_contain_text("another election", timeout=30_000)
            assert page.locator("textarea").count() == 0
        assert wrong.of("/complaints") == []


def test_the_page_waits_for_a_service_that_is_away(browser: Browser) -> None:
    service = declared()
    with page_server(service) as origin:
        service.host = origin
        page: Page = browser.new_page()
        page.route("**/api/**", lambda route: route.fulfill(status=409, json={"code": "busy"}))
        page.goto(f"{origin}/vote/sim-2026/complaint#{service.link.partition('#')[2]}")
        expect(page.locator("#retry")).to_be_visible(timeout=30_000)
        page.unroute("**/api/**")
        page.click("#retry")
        expect(page.locator("#complaint")).to_be_visible(timeout=30_000)
        page.close()
