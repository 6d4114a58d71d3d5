"""Members at the console in Chromium: a key that is made there, an act that one proposes and another approves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright._impl._api_structures import SetCookieParam
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from election_service.acts import list_acts
from election_service.console.roles import Role
from election_service.console.signing_keys import read_signing_key
from election_service.console_routes import COOKIE
from keys import schnorr
from keys.keyfile import open_key_file
from tests.booth.harness import node
from tests.browser.visitor import PHONE, SLOW
from tests.console.desk import Desk
from tests.console.signatures import PASSPHRASE, give_key, key_file
from tests.service.house import ELECTION, House

_WATCH = """
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.effectiveDirective));
"""
ACTS = f"/committee/{ELECTION}/acts"


@pytest.fixture(autouse=True, scope="module")
def built() -> None:
    node()  # builds the bundle where it is not current


@asynccontextmanager
async def at_the_console(
    browser: Browser, desk: Desk, *, width: int = 1280, script: bool = True
) -> AsyncIterator[Page]:
    """A tab of somebody who is signed in."""
    assert desk.house.http is not None
    base = f"http://localhost:{desk.house.http.port}"
    context: BrowserContext = await browser.new_context(
        base_url=base, viewport={"width": width, "height": 800}, java_script_enabled=script, accept_downloads=True
    )
    # as if it had come over TLS: Chromium takes no __Host- cookie for http from outside, and sends it to localhost
    secure = base.replace("http:", "https:")
    cookie = SetCookieParam(name=COOKIE, value=desk.cookie, url=secure, secure=True, httpOnly=True, sameSite="Strict")
    await context.add_cookies([cookie])
    try:
        page = await context.new_page()
        if script:
            await page.add_init_script(_WATCH)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        assert errors == []
        if script:
            assert await page.evaluate("window.violations") == []
    finally:
        await context.close()


async def fits(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def sign(page: Page, passphrase: str = PASSPHRASE) -> None:
    """Compare the log if it is the first time, give the passphrase, press the button."""
    await expect(page.locator("#sign-form")).to_be_visible()
    if await page.locator("#first-log").is_visible():
        await page.check("#same-log")
    await page.fill("#passphrase", passphrase)
    await page.click("#sign")


async def test_a_key_is_made_in_the_browser_and_its_file_opens_everywhere(
    browser: Browser, open_sqlite_house: House, tmp_path: Path
) -> None:
    house, words = open_sqlite_house, "four words for a test"
    vera = await Desk.open(house, "vera", Role.MEMBER)
    async with at_the_console(browser, vera, width=PHONE) as page:
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.post_data or ""))
        await page.goto(f"/committee/{ELECTION}/key")
        assert await fits(page)
        await expect(page.locator("#member")).to_have_value("vera")
        await page.fill("#new-passphrase", "short")
        await page.fill("#again", "short")
        await page.click("#make-key button.primary")
        await expect(page.locator("#make-key [data-outcome]")).to_contain_text("too short")
        await page.fill("#new-passphrase", words)
        await page.fill("#again", words)
        await page.click("#make-key button.primary")
        await expect(page.locator("#fingerprint")).to_be_visible(timeout=SLOW)
        assert await fits(page)
        async with page.expect_download() as waiting:
            await page.click("text=Download the key file")
        await (await waiting.value).save_as(tmp_path / "vera.key")
        assert not [body for body in sent if words.replace(" ", "+") in body or words in body]
    async with house.service.database.snapshot() as connection:
        key = await read_signing_key(connection, ELECTION, vera.account)
    assert key is not None
    raw = (tmp_path / "vera.key").read_bytes()
    assert (key.member, key.key_file) == ("vera", raw)
    assert schnorr.public_key(open_key_file(raw, "member", words)) == key.public_key


async def test_one_proposes_and_another_approves(browser: Browser, open_sqlite_house: House, tmp_path: Path) -> None:
    house = open_sqlite_house
    ana, beka = await Desk.open(house, "ana", Role.CHAIR), await Desk.open(house, "beka", Role.MEMBER)
    file = tmp_path / "ana.key"
    file.write_bytes(key_file(house, "ana"))
    await give_key(beka, "beka")
    async with at_the_console(browser, ana) as page:
        await page.goto(f"/committee/{ELECTION}/key")
        await page.set_input_files("#file", file)
        await page.fill("#file-passphrase", "not the passphrase")
        await page.click("#use-key button")
        await expect(page.locator("#use-key [data-outcome]")).to_contain_text("not the passphrase", timeout=SLOW)
        await page.fill("#file-passphrase", PASSPHRASE)
        await page.click("#use-key button")
        await expect(page.locator("#fingerprint")).to_be_visible(timeout=SLOW)

        await page.goto(f"{ACTS}/new/poll.paused")
        await page.fill("#field-reason", "the power is out")
        await page.click("main button.primary")
        shown = await page.locator("pre.bytes").inner_text()
        code = await page.locator("code.code").inner_text()
        assert '"act":' in shown  # the script drew the number
        await page.fill("#passphrase", PASSPHRASE)
        await page.click("#sign")
        await expect(page.locator("#sign-problem")).to_contain_text("Compare the log first")
        await sign(page)
        await expect(page.locator("article [data-outcome]")).to_contain_text(
            "waits for more approvals: 1 of 2", timeout=SLOW
        )
        await expect(page.locator("#sign-form")).to_be_hidden()
    (act,) = [item for item in (await list_acts(house.service, ELECTION)).acts if item.state == "waiting"]
    async with at_the_console(browser, beka, width=PHONE) as page:
        await page.goto(f"{ACTS}/{act.act}")
        assert await fits(page)
        assert await page.locator("pre.bytes").inner_text() == shown
        assert await page.locator("code.code").inner_text() == code
        await sign(page, "not the passphrase")
        await expect(page.locator("#sign-problem")).to_contain_text("not the passphrase", timeout=SLOW)
        assert len((await list_acts(house.service, ELECTION)).acts) == len(await act_list(house))
        await page.fill("#passphrase", PASSPHRASE)
        await page.dblclick("#sign")
        await expect(page.locator("article [data-outcome]")).to_contain_text("Done: entry", timeout=SLOW)
        await page.goto(f"{ACTS}/waiting")
        await expect(page.locator("main")).to_contain_text("Nothing waits for your signature")
    assert len(await house.entries("poll.paused")) == 1
    await house.verify()


async def act_list(house: House) -> list[str]:
    return [item.act for item in (await list_acts(house.service, ELECTION)).acts]


async def test_many_are_signed_with_one_passphrase(browser: Browser, open_sqlite_house: House) -> None:
    house = open_sqlite_house
    beka = await Desk.open(house, "beka", Role.MEMBER)
    await give_key(beka, "beka")
    for number in range(3):
        await house.decide("booth", {"bundle": f"{number}" * 64}, by=("ana",))
    async with at_the_console(browser, beka) as page:
        await page.goto(f"{ACTS}/waiting")
        await page.locator("input.chosen").nth(1).uncheck()
        await sign(page)
        outcomes = page.locator("article [data-outcome]:visible")
        await expect(outcomes).to_have_count(2, timeout=SLOW)
        await expect(outcomes.nth(1)).to_contain_text("Done: entry")
    assert len(await house.entries("booth")) == 2


_COUNTS = """
  window.counts = [];
  const place = document.getElementById("sign-count");
  new MutationObserver(() => window.counts.push(place.textContent)).observe(place, { childList: true });
"""


async def test_many_are_counted_and_what_was_cut_off_goes_on(browser: Browser, open_sqlite_house: House) -> None:
    """The third request never arrives: two acts are done, the page stops and says so, and the reload has the rest."""
    house = open_sqlite_house
    beka = await Desk.open(house, "beka", Role.MEMBER)
    await give_key(beka, "beka")
    for number in range(4):
        await house.decide("booth", {"bundle": f"{number}" * 64}, by=("ana",))
    async with at_the_console(browser, beka, width=PHONE) as page:
        await page.goto(f"{ACTS}/waiting")
        await page.evaluate(_COUNTS)
        asked: list[str] = []

        async def cut(route: Route) -> None:
            asked.append(route.request.url)
            await (route.abort() if len(asked) == 3 else route.continue_())

        await page.route("**/approvals", cut)
        await sign(page)
        count = page.locator("#sign-count[role=status][aria-live=polite]")
        await expect(count).to_contain_text("Signed: 2 of 4. No answer came for the next one.", timeout=SLOW)
        assert len(asked) == len(set(asked)) == 3  # nothing is asked in vain when the line is cut
        assert [text.partition(".")[0] for text in await page.evaluate("window.counts")] == [
            *("Signed: 0 of 4", "Signed: 1 of 4", "Signed: 2 of 4", "Signed: 2 of 4")
        ]
        assert await fits(page)
        assert len(await house.entries("booth")) == 2
        await page.unroute("**/approvals")
        await page.reload()
        await expect(page.locator("article.act")).to_have_count(2)
        await sign(page)
        await expect(count).to_have_text("Signed: 2 of 2.", timeout=SLOW)
        await expect(page.locator("#sign-form")).to_be_hidden()
    assert len(await house.entries("booth")) == 4


async def test_another_log_than_before_gets_no_signature(browser: Browser, open_sqlite_house: House) -> None:
    """A55: the browser remembers for which log this key signs."""
    house = open_sqlite_house
    beka = await Desk.open(house, "beka", Role.MEMBER)
    await give_key(beka, "beka")
    for number in range(2):
        await house.decide("booth", {"bundle": f"{number}" * 64}, by=("ana",))
    first, second = [item.act for item in (await list_acts(house.service, ELECTION)).acts if item.state == "waiting"]
    async with at_the_console(browser, beka) as page:
        await page.goto(f"{ACTS}/{first}")
        await sign(page)
        await expect(page.locator("article [data-outcome]")).to_contain_text("Done: entry", timeout=SLOW)
        await page.evaluate("for (const name of Object.keys(localStorage)) localStorage.setItem(name, 'A'.repeat(43))")
        await page.goto(f"{ACTS}/{second}")
        await expect(page.locator("#other-log")).to_be_visible()
        await expect(page.locator("#sign-form")).to_be_hidden()


async def test_an_act_that_changes_under_the_reader_s_eyes_is_not_signed(
    browser: Browser, open_sqlite_house: House
) -> None:
    """The bytes on the page are not those of the code: a page that was tampered with, or a fault."""
    house = open_sqlite_house
    beka = await Desk.open(house, "beka", Role.MEMBER)
    await give_key(beka, "beka")
    act = await house.decide("booth", {"bundle": "0" * 64}, by=("ana",))
    async with at_the_console(browser, beka) as page:

        async def lie(route: object) -> None:
            answer = await route.fetch()  # type: ignore[attr-defined]
            html = (await answer.text()).replace("0" * 64, "1" * 64)
            await route.fulfill(response=answer, body=html)  # type: ignore[attr-defined]

        await page.route(f"**{ACTS}/{act.act}", lie)
        await page.goto(f"{ACTS}/{act.act}")
        await expect(page.locator("#sign-problem")).to_contain_text("does not show what is to be signed")
        await expect(page.locator("#sign-form")).to_be_hidden()


async def test_without_a_script_the_page_explains_the_command_line(browser: Browser, open_sqlite_house: House) -> None:
    house = open_sqlite_house
    beka = await Desk.open(house, "beka", Role.MEMBER)
    await give_key(beka, "beka")
    act = await house.decide("booth", {"bundle": "0" * 64}, by=("ana",))
    async with at_the_console(browser, beka, script=False) as page:
        await page.goto(f"{ACTS}/{act.act}")
        await expect(page.locator("#without-script")).to_contain_text("election-service member approve --key beka.key")
        await expect(page.locator("#signing")).to_be_hidden()
        await page.goto(f"/committee/{ELECTION}/key")
        await expect(page.locator("#key-page")).to_contain_text("election-service member new")
