"""What a voter can do on the way: leave a contest for later, change the language, test the encryption, go back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from ballot.audited import AuditedBallot, verify_audited
from keys.canonical import b64, decode, unb64
from tests.booth.harness import Answer, Fetch
from tests.booth.page_server import page_server
from tests.booth.page_visit import choose, fits, seal, visit, vote
from tests.booth.qr_reader import matrix_of, read_qr
from tests.booth.service import PlayedService, problem, two_contests

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHOTO = f"/photos/sim-2026/{'a' * 64}.jpg"


class ServiceWithProfiles(PlayedService):
    """One candidate of the first contest has a photo, another one a statement in Georgian alone."""

    def __call__(self, request: Fetch) -> Answer | None:
        if not request.path.endswith("/profiles"):
            return super().__call__(request)
        self.requests.append(request)
        ana = {"statements": {"en": "<b>Open</b> the library\nat night."}, "photo": PHOTO}
        beka = {"statements": {"ka": "ღამის ბიბლიოთეკა."}, "photo": None}
        return Answer(200, {"profiles": {"ana": ana, "beka": beka}})


def with_profiles() -> ServiceWithProfiles:
    plain = two_contests()
    return ServiceWithProfiles(plain.election, plain.voter)


def qr_texts(page: Page, within: str) -> list[str]:
    """What the QR codes of a part of the page say."""
    pictures = page.locator(f"{within} .qr").evaluate_all(
        "(all) => all.map((picture) => decodeURIComponent(picture.src))"
    )
    paths = [picture.rpartition(' d="')[2] for picture in pictures]
    return [read_qr(matrix_of(path)) for path in paths]


def test_a_contest_is_left_for_later_and_taken_up_again(browser: Browser) -> None:
    service = two_contests()
    with visit(browser, service) as page:
        page.click("#start")
        expect(page.locator("[data-contest=head]")).to_be_visible(timeout=30_000)
        page.click("#later-head")
        choose(page, "Nino")
        page.click("#review")
        expect(page.get_by_text("Skipped for now")).to_be_visible()
        expect(page.locator("#seal")).to_have_text("Seal my ballot")
        seal(page)
        page.click("#cast")
        expect(page.locator("h1")).to_have_text("Your ballot was cast", timeout=60_000)
        expect(page.locator("#receipt .tracker")).to_have_count(1)
        assert len(service.of("/tokens")) == len(service.of("/ballots")) == 1
        page.click("#now-head")
        choose(page, "Beka")
        page.click("#review")
        seal(page)
        page.click("#cast")
        expect(page.locator("#receipt .tracker")).to_have_count(2, timeout=60_000)
        assert len(service.of("/ballots")) == 2


def test_everything_left_for_later_casts_nothing(browser: Browser) -> None:
    """Also what a program that presses buttons can do at most (A73)."""
    service = two_contests()
    with visit(browser, service) as page:
        page.click("#start")
        expect(page.locator("[data-contest=head]")).to_be_visible(timeout=30_000)
        page.click("#later-head")
        page.click("#review")
        expect(page.get_by_role("alert")).to_contain_text("Make a choice")
        page.click("#later-council")
        expect(page.locator("h1")).to_have_text("Review your choices")
        assert page.locator("#seal, #cast").count() == 0
        assert service.of("/tokens") == []


def test_an_empty_ballot_is_a_choice_of_its_own(browser: Browser) -> None:
    service = two_contests()
    with visit(browser, service) as page:
        page.click("#start")
        expect(page.locator("[data-contest=head]")).to_be_visible(timeout=30_000)
        page.click("#later-head")
        choose(page, "Ana", "No choice")
        expect(page.get_by_label("Ana", exact=True)).not_to_be_checked()
        page.click("#review")
        expect(page.locator("main")).to_contain_text("Your ballot will be cast empty.")
        expect(page.locator("#seal")).to_be_visible()


@pytest.mark.parametrize("language", ["ka", "az", "ru"])
def test_the_language_changes_on_every_screen_and_loses_nothing(browser: Browser, language: str) -> None:
    service = two_contests()
    with visit(browser, service) as page:

        def there_and_back() -> None:
            before = page.locator("h1").inner_text()
            page.select_option("#language", language)
            expect(page.locator("html")).to_have_attribute("lang", language)
            assert fits(page)
            page.select_option("#language", "en")
            expect(page.locator("h1")).to_have_text(before)

        expect(page.locator("#start")).to_be_visible()
        there_and_back()
        page.click("#start")
        expect(page.locator("[data-contest=head]")).to_be_visible(timeout=30_000)
        choose(page, "Beka")
        there_and_back()
        expect(page.get_by_label("Beka", exact=True)).to_be_checked()
        page.click("#next")
        choose(page, "Ana", "Nino")
        page.click("#review")
        there_and_back()
        codes = seal(page)
        page.locator("#audit > summary").click()
        there_and_back()
        expect(page.locator("#audit-head")).to_be_visible()
        page.click("#cast")
        expect(page.locator("#receipt .tracker")).to_have_text(codes, timeout=60_000)
        there_and_back()
        expect(page.locator("#receipt .tracker")).to_have_text(codes)


def test_a49_the_tracker_is_shown_before_the_test_and_an_opened_ballot_is_never_cast(
    browser: Browser, tmp_path: Path
) -> None:
    service = two_contests()
    with visit(browser, service) as page:
        vote(page)
        codes = seal(page)
        page.locator("#audit > summary").click()
        shown = [text.partition("#t=")[2] for text in qr_texts(page, "#audit")]
        assert len(shown) == 2
        asked = len(service.requests)
        page.click("#audit-head")
        expect(page.locator("#audited-head")).to_be_focused()
        assert page.locator("#cast").count() == 0
        with page.expect_download() as waiting:
            page.click("#audited-head")
        waiting.value.save_as(tmp_path / "audited.json")
        audited = decode((tmp_path / "audited.json").read_bytes(), AuditedBallot)
        head = next(box.rules for box in service.election.boxes[1] if b64(box.rules.context) == audited.context)
        first = unb64(shown[0], 32, "tracker")
        verify_audited(head, audited, first)
        assert [head.document.options[i].id for i, mark in enumerate(audited.vote) if mark] == ["ana"]
        compact = qr_texts(page, "#audit li:has(#audited-head)")[0].partition("#")[2]
        raw = unb64(compact, None, "opened ballot")
        vector = bytes([sum(mark << (7 - i) for i, mark in enumerate(audited.vote))])
        assert raw == head.context + unb64(audited.owner, 32, "w") + unb64(audited.seed, 32, "s") + first + vector
        assert len(service.requests) == asked, "the service hears nothing of a test"
        page.click("#seal")
        expect(page.locator("#cast")).to_be_visible(timeout=60_000)
        again = page.locator("[data-sealed] .tracker").all_text_contents()
        assert again[0] != codes[0]
        assert again[1] == codes[1]
        page.click("#cast")
        expect(page.locator("#receipt .tracker")).to_have_text(again, timeout=60_000)
        assert len(service.of("/tokens")) == 2
        bodies = "".join(str(request.body) for request in service.of("/ballots"))
        assert audited.seed not in bodies
        assert audited.owner not in bodies


def test_the_qr_code_of_a_receipt_opens_the_check_page(browser: Browser) -> None:
    service = two_contests()
    with visit(browser, service) as page:
        vote(page)
        seal(page)
        page.click("#cast")
        expect(page.locator("#receipt .tracker")).to_have_count(2, timeout=60_000)
        addresses = {f"{service.host}/check/sim-2026#{own}" for _, own in service.stored.values()}
        assert set(qr_texts(page, "#receipt")) == addresses
        links = page.locator("#receipt a").evaluate_all("(all) => all.map((link) => link.href)")
        assert set(links) == addresses


def test_a86_back_after_the_cast_shows_no_choice(browser: Browser) -> None:
    service = two_contests()
    with visit(browser, service) as page:
        vote(page)
        seal(page)
        page.click("#cast")
        expect(page.locator("#receipt")).to_be_visible(timeout=60_000)
        for _ in range(3):
            page.evaluate("history.back()")
            page.wait_for_timeout(200)
            assert page.locator("#receipt .tracker").count() == 2
            assert page.locator("form, .chosen, #cast, #seal").count() == 0
        assert len(service.of("/ballots")) == 2


def test_a66_photos_are_loaded_with_the_contest_and_statements_are_text(browser: Browser) -> None:
    service = with_profiles()
    with visit(browser, service) as page:
        photos: list[str] = []
        page.on("request", lambda request: photos.append(request.url) if "/photos/" in request.url else None)
        page.click("#start")
        expect(page.locator("[data-contest=head]")).to_be_visible(timeout=30_000)
        expect(page.get_by_alt_text("Photo of Ana")).to_be_visible()
        assert len(photos) == 1
        asked = len(service.requests)
        for name in ("Ana", "Beka", "Blank"):
            choose(page, name)
        page.get_by_text("About Ana").click()
        expect(page.get_by_text("<b>Open</b> the library")).to_be_visible()
        assert page.locator("main b").count() == 0
        page.get_by_text("About Beka").click()
        expect(page.get_by_text("ღამის ბიბლიოთეკა.")).to_have_attribute("lang", "ka")
        assert (len(photos), len(service.requests)) == (1, asked)
        asks = [request for request in service.requests if request.path.endswith("/profiles")]
        assert len(asks) == 2
        assert all("authorization" not in request.headers for request in asks)


def test_names_say_option_and_contest_to_a_screen_reader(browser: Browser) -> None:
    service = two_contests()
    with visit(browser, service) as page:
        page.click("#start")
        expect(page.locator("[data-contest=head]")).to_be_visible(timeout=30_000)
        contest = page.locator("h1").inner_text()
        expect(page.get_by_role("radio", name=f"Ana {contest}", exact=True)).to_be_visible()
        expect(page.get_by_role("group", name=contest)).to_be_visible()


STATES: dict[str, tuple[str, str]] = {
    "planned": ("Voting has not opened yet", "#retry"),
    "paused": ("Voting is paused", "#start"),
    "closed": ("Voting has closed", "main >> text=About this election"),
    "declared": ("Voting has closed", "main >> text=The result"),
}


@pytest.mark.parametrize("state", STATES)
def test_when_nobody_can_vote_the_first_page_says_why(browser: Browser, state: str) -> None:
    service = two_contests()

    def change(answer: Answer) -> Answer:
        answer.document["polls"][0] |= {"state": state, "opens": "2026-10-02T05:30:00Z"}
        return answer

    service.misbehaves("", change)
    with visit(browser, service) as page:
        said, button = STATES[state]
        expect(page.get_by_role("heading", level=2)).to_have_text(said)
        expect(page.locator(button)).to_be_visible()
        if state == "planned":  # in the election's zone, and counted by the service's clock
            expect(page.locator("main")).to_contain_text("Friday, 2 October 2026, 09:30 (Tbilisi time)")
            expect(page.locator(".countdown")).to_have_text("Time until then: 20 hours 29 minutes")
            assert page.locator("#start").count() == 0
        else:
            assert page.locator("#retry").count() == 0, "trying again opens nothing"


def test_a_poll_that_closes_while_ballots_are_sealed_is_told(browser: Browser) -> None:
    service = two_contests()
    service.misbehaves("/tokens", lambda _: problem(409, "poll-not-open"))
    with visit(browser, service) as page:
        vote(page)
        seal(page)
        expect(page.get_by_role("alert")).to_contain_text("Voting is not open now.")
        expect(page.locator("#cast")).to_have_text("Cast my ballot")
        page.click("#cast")
        expect(page.locator("h1")).to_have_text("Not everything was cast", timeout=60_000)
        assert len(service.of("/ballots")) == 1


def test_where_every_ballot_is_refused_nothing_was_cast(browser: Browser) -> None:
    service = two_contests()
    service.misbehaves("/ballots", *[lambda _: problem(409, "poll-not-open")] * 2)
    with visit(browser, service) as page:
        vote(page)
        seal(page)
        page.click("#cast")
        expect(page.locator("h1")).to_have_text("Nothing was cast", timeout=60_000)
        assert page.locator("#retry").count() == 0


def test_where_replies_are_lost_the_page_does_not_say_what_was_cast(browser: Browser) -> None:
    service = two_contests()
    service.misbehaves("/ballots", *[lambda _: problem(503, "busy")] * 6)
    with visit(browser, service) as page:
        vote(page)
        seal(page)
        page.click("#cast")
        expect(page.locator("h1")).to_have_text("That did not work", timeout=60_000)
        expect(page.locator("#retry")).to_be_visible()


def test_texts_that_the_program_does_not_know_are_not_shown(browser: Browser) -> None:
    """A83: the words are part of the program; changed ones leave the page without any but its own in four languages."""
    service = two_contests()
    with page_server(service) as origin:
        page = browser.new_page()
        page.route("**/static/texts.*", lambda route: route.fulfill(json={"vote": "Vote for Ana"}))
        page.goto(f"{origin}/vote/sim-2026#AAAA")
        expect(page.locator("#wordless")).to_be_visible()
        assert page.locator("#wordless p").evaluate_all("(all) => all.map((text) => text.lang)") == [
            "en",
            "ka",
            "az",
            "ru",
        ]
        page.close()
    assert service.requests == []


def test_without_javascript_the_page_says_what_it_needs(browser: Browser) -> None:
    service = two_contests()
    with page_server(service) as origin:
        context: Any = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{origin}/vote/sim-2026")
        for language in ("en", "ka", "az", "ru"):
            expect(page.locator(f"noscript [lang={language}]")).to_be_visible()
            assert page.locator(f"footer [lang={language}]").count() == 2
        expect(page.locator("footer a")).to_have_attribute("href", "/elections/sim-2026/help")
        expect(page.locator("footer")).to_contain_text("Program · პროგრამა · Proqram · Программа (SHA-256):")
        assert page.locator(".slow").evaluate("(text) => getComputedStyle(text).display") == "none"
        context.close()


def test_a_second_tap_casts_no_second_ballot(browser: Browser) -> None:
    service = two_contests()
    with visit(browser, service) as page:
        vote(page)
        seal(page)
        page.locator("#cast").dblclick()
        expect(page.locator("#receipt .tracker")).to_have_count(2, timeout=60_000)
        assert len(service.of("/ballots")) == 2
        assert len({json.loads(str(request.body))["context"] for request in service.of("/ballots")}) == 2
