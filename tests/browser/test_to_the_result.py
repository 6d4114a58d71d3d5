"""From the printed link to the verified result: one student votes in Chromium, the others by program, and the
committee's, trustees' and auditors' own commands do the rest.

Runs last (conftest.py), on the election of all the other tests: what they did to it is verified, too.
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from election_service.demo.crowd import Crowd, vote_group
from election_service.demo.preparation import ELECTION
from tests.browser.house import CONTESTS, House
from tests.browser.visitor import SLOW, visiting

pytestmark = pytest.mark.browser

_OTHERS = 3  # so that there is something to count
_TWO_MEMBERS = ("member-giorgi", "member-nino")
_TWO_TRUSTEES = ("trustee-1", "trustee-3")


async def test_a47_the_receipts_of_a_student_in_the_browser_are_confirmed_after_the_close(
    browser: Browser, house: House, tmp_path: Path
) -> None:
    links = [next(house.links) for _ in range(_OTHERS + 1)]
    async with visiting(browser, links[0]) as visitor:
        codes = await visitor.vote()
        buttons = await visitor.page.locator("[id^=download-]").all()
        files = [tmp_path / f"{number}.json" for number in range(len(buttons))]
        for button, file in zip(buttons, files, strict=True):
            await visitor.download(f"[id='{await button.get_attribute('id')}']", file)
    assert len(files) == CONTESTS
    await asyncio.to_thread(vote_group, Crowd((house.address,), ELECTION, 1), links[1:], 0)

    code, printed = await house.command("election-audit", "receipt", str(files[0]), house.log_url)
    assert code == 1, f"nothing is sealed yet: {printed}"

    await _close(house)
    await asyncio.gather(*(house.act("trustee", "decrypt", key=trustee) for trustee in _TWO_TRUSTEES))
    await house.wait_for("declared")

    code, printed = await house.command("election-audit", "receipt", str(files[0]), house.log_url)
    assert code == 0, printed
    assert codes[0] in printed
    given = [argument for file in files for argument in ("--receipt", str(file))]
    code, printed = await house.command("election-audit", "verify", *given, "--jobs", "1", house.log_url)
    assert code == 0, printed
    assert "verify: ok" in printed

    async with visiting(browser, f"{house.address}/check/{ELECTION}") as visitor:
        await visitor.page.goto(visitor.link)
        await visitor.page.set_input_files("#file", files[0])
        answer = visitor.page.locator("#result [data-outcome]")
        await expect(answer).to_have_attribute("data-outcome", "recorded", timeout=SLOW)
        await expect(answer).to_contain_text(codes[0])
        await visitor.download("#proof", tmp_path / "ballot.tlog-proof")
    log_id = json.loads(files[0].read_text())["log"]
    code, printed = await house.command(
        "election-audit", "receipt", str(tmp_path / "ballot.tlog-proof"), "--log", log_id
    )
    assert code == 0, printed
    assert codes[0] in printed

    forged = json.loads(files[0].read_text()) | {"tracker": json.loads(files[1].read_text())["tracker"]}
    (tmp_path / "forged.json").write_text(json.dumps(forged, separators=(",", ":"), sort_keys=True))
    code, printed = await house.command("election-audit", "receipt", str(tmp_path / "forged.json"), house.log_url)
    assert code != 0, printed

    async with visiting(browser, links[0]) as visitor:
        await visitor.page.goto(links[0])
        await expect(visitor.page.get_by_text("Ballots that were cast are counted.")).to_be_visible()


async def _close(house: House) -> None:
    """Two members pause the poll, then close it; then the review window passes."""
    for state in ("paused", "closed"):
        await house.act("poll", "close", "--yes", key=_TWO_MEMBERS[0])
        await house.act("member", "approve", "--yes", key=_TWO_MEMBERS[1])
        await house.wait_for(state)
    await asyncio.sleep(house.prepared.review_window)


async def test_the_home_page_names_the_election_and_fits_a_phone(browser: Browser, house: House) -> None:
    async with visiting(browser, house.address, width=320) as visitor:
        await visitor.page.goto(house.address)
        await expect(visitor.page.get_by_role("heading", level=2)).to_have_text(house.prepared.title)
        assert await visitor.fits()
        assert visitor.console == []
        await visitor.page.get_by_role("link", name=house.prepared.title).click()
        await expect(visitor.page).to_have_url(re.compile(rf"/elections/{ELECTION}"))
        assert await visitor.fits()
