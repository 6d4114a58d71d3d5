"""Pages with a complaint that waits or is answered, in Chromium: axe-core finds nothing, nothing scrolls sideways. All
other pages are looked at in tests/gallery.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright
from sqlalchemy import insert

from election_service import schema_mail
from election_service.console.incidents import record_incident
from election_service.console.roles import Role
from election_service.console_routes import COOKIE
from election_service.messages_desk import take_message
from election_service.voices import complain
from election_service.workers import Workers
from tally.complaint import make_complaint
from tests.browser.conftest import CHROMIUM
from tests.browser.visitor import FLAGS, PHONE
from tests.console.desk import Desk
from tests.console.test_progress import mail
from tests.gallery.axe import findings
from tests.service.house import ELECTION, HOUR, House, built
from tests.service.pages_reader import LANGUAGES, play_to_the_result

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AFTERWARDS: Final = ("progress", "results/1", "seats", "retention")
LONG: Final = "Nobodyhaseverheardofsuchanunbelievablylongwordwithoutanyspace" * 2


@pytest.fixture
async def sqlite_declared_house(tmp_path: Path, workers: Workers) -> AsyncIterator[House]:
    """A declared result, with an hour for complaints."""
    async with built(f"sqlite:///{tmp_path / 'election.db'}", tmp_path, workers) as house:
        await house.open(complaints=HOUR)
        await play_to_the_result(house)
        yield house


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("needs Chromium (tools/ensure_chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        await browser.close()


async def furnish(house: House) -> Desk:
    """Mails in trouble, a request, a message and incidents, all with long words; a chair who looks at them."""
    await house.list_people()
    await mail(house, "invite", 1, "sent")
    await mail(house, "invite", 2, "bounced", f"550 5.1.1 {LONG}")
    await mail(house, "reissue", 3, "refused", "550 no such mailbox")
    async with house.service.database.transaction() as connection:
        row = {"election": ELECTION, "student_id": "p3", "requested": house.clock.now, "state": "open"}
        await connection.execute(insert(schema_mail.link_requests).values(row))
    await take_message(
        house.service, ELECTION, text=f"Where is it?\n\n{LONG}", contact="p4@example.edu", kind="question"
    )
    desk = await Desk.open(house, "chair", Role.CHAIR, Role.REGISTRAR)
    await record_incident(house.service, ELECTION, desk.account, f"At ten the network was away. {LONG}")
    return desk


async def context_of(browser: Browser, desk: Desk, width: int = PHONE) -> tuple[BrowserContext, str]:
    """A browser that is signed in, and the address of the service."""
    assert desk.house.http is not None
    address = f"http://localhost:{desk.house.http.port}"
    context = await browser.new_context(viewport={"width": width, "height": 640}, reduced_motion="reduce")
    cookie = {"name": COOKIE, "value": desk.cookie, "url": address.replace("http:", "https:"), "secure": True}
    await context.add_cookies([{**cookie, "httpOnly": True, "sameSite": "Strict"}])  # type: ignore[typeddict-item]
    return context, address


async def faults(browser: Browser, desk: Desk, tails: tuple[str, ...]) -> list[str]:
    """What is wrong with these pages, in any language, light and dark."""
    found: list[str] = []
    context, address = await context_of(browser, desk)
    try:
        page = await context.new_page()
        for tail in tails:
            for language in LANGUAGES:
                answer = await page.goto(f"{address}/committee/{ELECTION}/{tail}?lang={language}")
                assert answer is not None
                assert (answer.status, tail in page.url) == (200, True)
                for scheme in ("light", "dark"):
                    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                    found += [f"{tail}, {language}, {scheme}: {line}" for line in await findings(page)]
                if not await page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
                    found.append(f"{tail}, {language}: the page scrolls sideways")
    finally:
        await context.close()
    return found


async def test_pages_after_the_close(chromium: Browser, sqlite_declared_house: House) -> None:
    house = sqlite_declared_house
    desk = await furnish(house)
    person = house.people[0]
    complaint = make_complaint(house.log_id, 1, f"My name was missing. {LONG}", person.secret, os.urandom)
    await complain(house.service, ELECTION, complaint)
    assert await faults(chromium, desk, AFTERWARDS) == []
    (seq,) = (await house.service.facts(ELECTION)).record.state.complaints
    await house.record("complaint", number=seq, ground="rejected")
    house.clock.now += HOUR
    await house.conclude()
    desk = await Desk.open(house, "later", Role.CHAIR)
    assert await faults(chromium, desk, AFTERWARDS) == []
