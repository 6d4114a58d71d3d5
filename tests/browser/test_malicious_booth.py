"""Cast or audit with two devices and the real service: an honest booth passes, one that swaps the choice is caught.

The malicious booth is the booth's own source with one line changed, built and served with a policy and an integrity
that fit it: what a service could do that wants to change votes (A54). Nothing on the voter's own screen tells the two
apart.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, Page, Route, expect

from election_service.demo.preparation import ELECTION
from election_service.pages.headers import page_headers
from election_service.seal import seal_waiting
from election_service.service import open_service
from hatch_build import FOLDERS, SINGLE_INPUTS
from keys.canonical import unb64
from keys.ids import short_code
from tests.booth.harness import BOOTH, node
from tests.browser.house import CONTESTS, House
from tests.browser.visitor import SLOW, Visitor, visiting

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SOURCES: Final = ("tsconfig.json", *SINGLE_INPUTS)
HONEST: Final = "  checkVote(contest, vote);\n"
MALICIOUS: Final = HONEST + "  vote = [...vote.slice(1), vote[0]!];\n"  # the neighbour gets the vote


@pytest.fixture(scope="module")
def malicious(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """dist of a booth that encrypts another choice than the one that was made."""
    return build_with(tmp_path_factory.mktemp("malicious"), "encryption.ts", HONEST, MALICIOUS)


def build_with(folder: Path, name: str, honest: str, malicious: str) -> Path:
    """dist of a booth with one place of one source changed."""
    command = node()
    for part, _ in FOLDERS:
        shutil.copytree(BOOTH / part, folder / part)
    for part in SOURCES:
        shutil.copy(BOOTH / part, folder / part)
    (folder / "node_modules").symlink_to(BOOTH / "node_modules")
    source = folder / "src" / name
    text = source.read_text()
    assert text.count(honest) == 1
    source.write_text(text.replace(honest, malicious))
    subprocess.run([command, "build.mjs"], cwd=folder, check=True)
    return folder / "dist"


async def serve_instead(visitor: Visitor, dist: Path) -> None:
    """This visitor gets another booth, with everything that lets a browser run it."""
    manifest = json.loads((dist / "manifest.json").read_bytes())
    page = (dist / "booth.html").read_text()
    for name, value in manifest.items():
        page = page.replace("{{ " + name + " }}", str(value))

    async def html(route: Route) -> None:
        await route.fulfill(
            body=page, content_type="text/html; charset=utf-8", headers=page_headers(manifest["js_sri"])
        )

    async def asset(route: Route) -> None:
        await route.fulfill(path=dist / route.request.url.rpartition("/")[2])

    await visitor.page.route("**/vote/*", html)
    await visitor.page.route("**/static/*", asset)


@asynccontextmanager
async def second_device(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 320, "height": 700})
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def verdict_of(browser: Browser, house: House, booth: Page) -> tuple[str, str, str]:
    """The test of the first contest, as a voter does it: verdict, the choice that is named, the tracking code taken."""
    await booth.locator("#audit").evaluate("details => { details.open = true; }")
    code = (await booth.locator("#audit .full").first.inner_text()).strip().split()[-1]
    async with second_device(browser) as first:
        await first.goto(f"{house.address}/audit/{ELECTION}#t={code}")
        await expect(first.locator("#next")).to_contain_text(short_code(unb64(code, 32, "code")))
        await booth.locator("[id^=audit-]").first.click()
        link = booth.locator("#audit a[href*='/audit/']")
        await expect(link).to_have_count(1)
        second = await first.context.new_page()
        await second.goto(str(await link.get_attribute("href")))
        result = second.locator("#result section")
        await result.wait_for(timeout=SLOW)
        return str(await result.get_attribute("data-verdict")), await second.locator("#choice").inner_text(), code


async def sealed(visitor: Visitor) -> list[str]:
    """Every contest chosen and sealed; the names chosen."""
    await visitor.start()
    names = await visitor.fill_in(*[0] * CONTESTS)
    await visitor.seal()
    return names


async def test_a49_an_honest_booth_passes_and_votes_on(browser: Browser, house: House, link: str) -> None:
    """The test is nobody's business but the voter's, costs no token, and the tested ballot is never cast."""
    async with visiting(browser, link) as visitor:
        names = await sealed(visitor)
        rows, heard = house.rows(), len(visitor.requests)
        verdict, choice, code = await verdict_of(browser, house, visitor.page)
        assert verdict == "same"
        assert choice.strip() in names[0]
        assert house.rows() == rows
        assert len(visitor.requests) == heard, "the service is told nothing of a test"
        await visitor.page.click("#seal")  # seal again
        await expect(visitor.page.locator("#cast")).to_be_visible(timeout=SLOW)
        await visitor.page.click("#cast")
        codes = await visitor.trackers()
        assert short_code(unb64(code, 32, "code")) not in codes
        assert house.rows()["spent"] == rows["spent"] + CONTESTS


async def test_a54_a_booth_that_swaps_the_choice_is_caught(
    browser: Browser, house: House, link: str, malicious: Path
) -> None:
    async with visiting(browser, link) as visitor:
        await serve_instead(visitor, malicious)
        names = await sealed(visitor)
        assert await visitor.violations() == []
        verdict, choice, _ = await verdict_of(browser, house, visitor.page)
        assert verdict == "differs"
        assert choice.strip() in names[0], "the booth claims what the voter chose"


async def test_a83_strangers_are_served_the_booth_that_the_log_names(house: House) -> None:
    code, printed = await house.command("election-audit", "booth", f"{house.address}/vote/{ELECTION}")
    assert code == 0, printed
    assert "visits as different browsers got the same" in printed


async def test_a46_a_second_device_shows_the_voter_s_own_codes_and_no_stranger_s(
    browser: Browser, house: House
) -> None:
    """Clash: a booth shows two voters one tracker, casts one ballot for both, and uses the other token for itself.

    Whoever opens the same link elsewhere sees the ballots of the own token keys, computed from the link.
    """
    stranger, own = next(house.links), next(house.links)
    async with visiting(browser, stranger) as visitor:
        theirs = await visitor.vote()
    async with visiting(browser, own) as visitor:
        await visitor.vote()
        shown = visitor.page.locator("#receipt .tracker")
        await shown.evaluate_all(
            "(places, codes) => places.forEach((place, i) => { place.textContent = codes[i]; })", theirs
        )
        assert await visitor.trackers() == theirs, "what a malicious booth shows"
    async with open_service(house.config) as service:
        await seal_waiting(service, ELECTION, 1)
    async with visiting(browser, own) as visitor:
        await visitor.open()
        await visitor.page.click("#start")
        assert set(await visitor.trackers()).isdisjoint(theirs)


async def test_the_receipt_s_page_finds_the_promise(browser: Browser, house: House, link: str, tmp_path: Path) -> None:
    """The real service: before the close a ballot is due, and the receipt is signed."""
    async with visiting(browser, link) as visitor:
        await visitor.vote()
        button = str(await visitor.page.locator("[id^=download-]").first.get_attribute("id"))
        await visitor.download(f"[id='{button}']", tmp_path / "receipt.json")
    async with second_device(browser) as page:
        await page.goto(f"{house.address}/check/{ELECTION}")
        await page.set_input_files("#file", tmp_path / "receipt.json")
        result = page.locator("#result [data-outcome]")
        await expect(result).to_have_attribute("data-outcome", "waiting", timeout=SLOW)
        await expect(result).to_contain_text("Your receipt is genuine")
