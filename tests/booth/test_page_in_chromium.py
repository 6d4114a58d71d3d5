"""The page in a real browser, under its real policy: a person votes, whatever the service does."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from ballot.receipt import load_receipt, verify_receipt
from keys.canonical import b64, unb64
from keys.ids import short_code
from tests.booth.harness import Answer
from tests.booth.page_server import page_server
from tests.booth.page_visit import choose, fits, seal, visit, vote
from tests.booth.service import problem, two_contests

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_person_votes_and_keeps_a_receipt(browser: Browser, tmp_path: Path) -> None:
    service = two_contests()
    with visit(browser, service) as page:
        assert "#" not in page.url
        expect(page.locator("h1")).to_be_focused()
        vote(page)
        head, council = page.locator(".cards > li").all()
        expect(head.locator(".chosen")).to_have_text("Ana")
        assert set(council.locator(".chosen").all_text_contents()) == {"Ana", "Nino"}
        assert service.of("/tokens") == []
        sealed = seal(page)
        assert service.of("/ballots") == []
        page.click("#cast")
        expect(page.locator("#receipt .tracker")).to_have_text(sealed, timeout=60_000)
        shown = set(sealed)
        assert shown == {short_code(unb64(own, 32, "tracker")) for _, own in service.stored.values()}
        with page.expect_download() as waiting:
            page.click("#download-head")
        waiting.value.save_as(tmp_path / "receipt.json")
        verify_receipt(
            load_receipt((tmp_path / "receipt.json").read_bytes()),
            service.election.receipt.public,
            service.election.log_id,
        )
        assert fits(page)
        for request in service.of("/ballots"):
            assert not {"authorization", "cookie", "referer"} & set(request.headers)


def test_back_and_change_keep_the_choices_and_faults_are_told(browser: Browser) -> None:
    service = two_contests()
    with visit(browser, service) as page:
        page.click("#start")
        expect(page.locator(".progress")).to_have_text("Contest 1 of 2", timeout=30_000)
        page.click("#next")
        expect(page.get_by_role("alert")).to_contain_text("Make a choice")
        choose(page, "Beka")
        page.click("#next")
        expect(page.locator(".progress")).to_have_text("Contest 2 of 2")
        choose(page, "Ana", "Beka", "Gio")
        page.click("#review")
        expect(page.get_by_role("alert")).to_have_text("You chose 3. Choose at most 2.")
        assert fits(page)
        page.click("#back")
        expect(page.get_by_label("Beka", exact=True)).to_be_checked()
        page.click("#next")
        expect(page.get_by_label("Gio", exact=True)).to_be_checked()
        page.get_by_label("Gio", exact=True).uncheck()
        page.get_by_label("Beka", exact=True).uncheck()
        page.click("#review")
        expect(page.locator(".note")).to_have_text("You chose 1 of up to 2. You may choose more.")
        page.click("#change-head")
        expect(page.get_by_label("Beka", exact=True)).to_be_checked()
        assert service.stored == {}


def test_the_keyboard_is_enough(browser: Browser) -> None:
    service = two_contests()
    with visit(browser, service) as page:
        expect(page.locator("#start")).to_be_visible()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("[data-contest=head]")).to_be_visible(timeout=30_000)
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("[data-contest=council]")).to_be_visible()
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        expect(page.locator("#seal")).to_be_visible()
        expect(page.locator(".chosen")).to_have_count(2)


def test_opening_the_link_changes_nothing_and_leaves_no_trace_of_the_seed(browser: Browser) -> None:
    """A70, A73: before a person presses Start there is one public GET; afterwards no place holds the seed."""
    service = two_contests()
    seed = service.link.partition("#")[2]
    with visit(browser, service) as page:
        expect(page.locator("#start")).to_be_visible()
        assert [(request.method, request.path.count("/")) for request in service.requests] == [("GET", 3)]
        vote(page)
        assert seed not in page.content()
        places = (
            "location.href, {...localStorage}, {...sessionStorage}, document.cookie, document.referrer, history.state"
        )
        assert seed not in page.evaluate(f"JSON.stringify([{places}])")
        assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0
        assert all(
            seed not in request.path + str(request.body) + json.dumps(request.headers) for request in service.requests
        )


def test_a_lost_reply_ends_in_one_ballot(browser: Browser) -> None:
    """A42 in the browser: the voter presses Try again, the same bytes go out."""
    service = two_contests()
    service.misbehaves("/ballots", *[lambda _: problem(503, "busy")] * 3)
    with visit(browser, service) as page:
        vote(page)
        seal(page)
        page.click("#cast")
        expect(page.locator("#retry")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("alert")).to_contain_text("The service is busy.")
        page.click("#retry")
        expect(page.locator("#receipt .tracker")).to_have_count(2, timeout=60_000)
        assert len(service.stored) == 2
        assert len({request.body for request in service.of("/ballots")}) == 2


def test_a_false_receipt_is_shown_as_failure_with_the_evidence(browser: Browser, tmp_path: Path) -> None:
    """A47, A105."""
    service = two_contests()
    service.misbehaves("/ballots", lambda answer: Answer(200, answer.document | {"tracker": b64(bytes(32))}))
    with visit(browser, service) as page:
        vote(page)
        seal(page)
        page.click("#cast")
        expect(page.get_by_role("alert")).to_contain_text("receipt is wrong", timeout=60_000)
        expect(page.locator("#receipt .tracker")).to_have_count(1)
        with page.expect_download() as waiting:
            page.locator("[id^=evidence-]").click()
        waiting.value.save_as(tmp_path / "evidence.json")
        evidence: dict[str, Any] = json.loads((tmp_path / "evidence.json").read_text())
        assert evidence["request"] == service.of("/ballots")[0].body
        assert evidence["answer"]["tracker"] == b64(bytes(32))


def test_another_joint_key_is_an_alarm_and_nothing_is_sent(browser: Browser) -> None:
    service = two_contests()

    def lie(answer: Answer) -> Answer:
        answer.document["entries"][-1]["proof"] = answer.document["entries"][-1]["proof"][1:]
        return answer

    service.misbehaves("/voter", lie)
    with visit(browser, service) as page:
        page.click("#start")
        expect(page.locator("h1")).to_have_text("Something is wrong. Nothing was sent.", timeout=30_000)
        expect(page.locator("#evidence-log")).to_be_visible()
        assert service.of("/tokens") == []


def test_a_second_factor_is_asked_for_and_a_wrong_code_told(browser: Browser) -> None:
    service = two_contests()
    service.second_factor = "totp"
    service.misbehaves("/login", lambda _: problem(401, "code-wrong"))
    with visit(browser, service) as page:
        page.click("#start")
        page.fill("#code", "12345")
        page.click("#login")
        expect(page.get_by_role("alert")).to_have_text("Enter all six digits.")
        page.fill("#code", "123 456")
        page.click("#login")
        expect(page.get_by_role("alert")).to_contain_text("This code is not right.")
        page.fill("#code", "654321")
        page.click("#login")
        expect(page.locator("[data-contest=head]")).to_be_visible(timeout=30_000)
        assert [json.loads(str(request.body))["code"] for request in service.of("/login")] == ["123456", "654321"]


def test_a_code_by_mail_is_sent_by_the_signed_login_and_then_asked_for(browser: Browser) -> None:
    service = two_contests()
    service.second_factor = "email"
    code_sent = lambda _: problem(401, "code-sent")  # noqa: E731
    service.misbehaves("/login", code_sent, lambda _: problem(401, "code-expired"), code_sent)
    with visit(browser, service) as page:
        page.click("#start")
        expect(page.locator("main")).to_contain_text("sent a 6-digit code to your e-mail address")
        page.fill("#code", "111111")
        page.select_option("#language", "ru")
        expect(page.locator("html")).to_have_attribute("lang", "ru")
        assert page.input_value("#code") == "111111"
        page.select_option("#language", "en")
        page.click("#login")
        expect(page.get_by_role("alert")).to_contain_text("for 10 minutes and for five tries")
        page.click("#new-code")
        page.fill("#code", "654321")
        page.click("#login")
        expect(page.locator("[data-contest=head]")).to_be_visible(timeout=30_000)
        sent = [json.loads(str(request.body))["code"] for request in service.of("/login")]
        assert sent == [None, "111111", None, "654321"]


def test_names_are_shown_as_text_and_never_become_code(browser: Browser) -> None:
    """A81."""
    service = two_contests()
    service.title = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    with visit(browser, service) as page:
        expect(page.locator("main")).to_contain_text(service.title)
        assert page.locator("main img, main script").count() == 0


def test_a_link_without_its_end_says_so(browser: Browser) -> None:
    service = two_contests()
    with page_server(service) as origin:
        page = browser.new_page()
        page.goto(f"{origin}/vote/sim-2026#AAAA")
        expect(page.get_by_role("alert")).to_contain_text("This link is incomplete")
        page.close()
    assert service.requests == []
    with page_server(service) as origin:
        page = browser.new_page()
        page.goto(f"{origin}/vote/sim-2026")
        expect(page.get_by_role("alert")).to_contain_text("needs your personal link")
        page.close()
