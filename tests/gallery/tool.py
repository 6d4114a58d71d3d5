"""The trustees' stand-alone tool, screen by screen: one walk, for axe-core and for the pictures in docs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, BrowserContext, Page, expect

from election_service.log_archive import write_archive
from keys.canonical import b64
from tests.browser.visitor import PHONE
from tests.service.house import ELECTION, House
from tests.trustee.person import PASSPHRASE, SLOW, AtThePage

Look = Callable[[Page, str], Awaitable[None]]
TOOL_LANGUAGES: Final = ("en", "ka", "az", "ru")


async def tool_context(browser: Browser) -> BrowserContext:
    """A browser without a network, narrow; the page's own policy would keep axe-core out."""
    return await browser.new_context(
        offline=True,
        bypass_csp=True,
        accept_downloads=True,
        viewport={"width": PHONE, "height": 640},
        reduced_motion="reduce",
    )


async def walk_through_tool(page: Page, page_file: Path, house: House, folder: Path, look: Look) -> None:
    """From the first screen to the first message of a ceremony; ``look`` is asked at each screen, with its name.

    ``house``: an election of which only entry 0 exists.
    """
    person = AtThePage(page, folder)
    await page.goto(page_file.as_uri())
    await page.fill("#election", ELECTION)
    await look(page, "start")
    assert await page.input_value("#election") == ELECTION, "what was typed is lost with the language"
    await page.fill("#new-passphrase", PASSPHRASE)
    await page.fill("#again", "something else")
    await page.click("#make")
    await _refused(page, "two-passphrases", look)
    await page.fill("#again", PASSPHRASE)
    await page.click("#make")
    await expect(page.locator("#save")).to_be_visible(timeout=SLOW)
    await look(page, "save")
    await _save_another_file(page, folder)
    await _refused(page, "not-saved", look)
    assert await page.locator("#to-log").count() == 0, "goes on without a saved file"
    await page.set_input_files("#proof", person.file)
    await page.click("#prove")
    await expect(page.locator("#identity")).to_be_visible(timeout=SLOW)
    await look(page, "home")
    identity = await page.locator("#identity").inner_text()
    await page.click("#to-backup")
    await look(page, "backup")
    await page.click("#home")
    await page.click("#to-log")
    await look(page, "log")
    await page.set_input_files("#archive", person.file)
    await page.fill("#log-id", "A" * 43)
    await page.click("#check")
    await _refused(page, "not-an-archive", look)
    await person.check(await _log_of_a_session(house, folder, identity), b64(house.log_id))
    await look(page, "checked")
    await page.click("#advance")
    await person.save()
    await look(page, "message")


async def _refused(page: Page, code: str, look: Look) -> None:
    await expect(page.locator(f"[data-code={code}]")).to_be_visible(timeout=SLOW)
    await look(page, f"{await page.locator('body').get_attribute('data-screen')} {code}")


async def _save_another_file(page: Page, folder: Path) -> None:
    async with page.expect_download() as started:
        await page.click("#save")
    await (await started.value).save_as(folder / "saved.key")
    (folder / "other.key").write_bytes(b"{}")
    await page.set_input_files("#proof", folder / "other.key")
    await page.click("#prove")


async def _log_of_a_session(house: House, folder: Path, identity: str) -> Path:
    """The log in which the committee names this trustee and two others."""
    await house.adopt()
    others = [b64(file.identity_key) for file in house.trustees[1:]]
    await house.decide("trustee.opened", {"attempt": 1, "k": 2, "trustees": [identity, *others]})
    target = folder / "log.zip"
    async with house.service.database.snapshot() as connection:
        with target.open("wb") as file:
            await write_archive(connection, ELECTION, file)
    return target
