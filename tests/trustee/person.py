"""A trustee at the stand-alone page in Chromium: opened from the disk, without a network, with files alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Page, Request, expect

PASSPHRASE: Final = "four random words here"
_CLOCK: Final = """
  const now = () => Math.floor(%d + performance.now());
  Date = class extends Date { constructor(...given) { super(...(given.length ? given : [now()])); } };
  Date.now = now;
"""
SLOW: Final = 180_000  # milliseconds: Argon2id at its real cost, several pages at once on two cores


@dataclass
class AtThePage:
    """One open page and the folder in which its owner keeps files."""

    page: Page
    folder: Path
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def file(self) -> Path:
        """The trustee's file as it was saved last."""
        return self.folder / "saved.key"

    async def arrive(self, page_file: Path, now: int) -> None:
        """Open the page, at a computer whose clock says `now` (POSIX seconds) and goes on."""
        await self.page.add_init_script(_CLOCK % (now * 1000))
        await self.page.goto(page_file.as_uri())

    async def make(self, election: str) -> str:
        """A new file, saved and proved; gives the identity key."""
        await self.page.fill("#election", election)
        await self.page.fill("#new-passphrase", PASSPHRASE)
        await self.page.fill("#again", PASSPHRASE)
        await self.page.click("#make")
        await self.save()
        return await self.page.locator("#identity").inner_text(timeout=SLOW)

    async def open(self) -> None:
        """The file that was saved last."""
        await self.page.set_input_files("#file", self.file)
        await self.page.fill("#passphrase", PASSPHRASE)
        await self.page.click("#open")
        await expect(self.page.locator("#to-log")).to_be_visible(timeout=SLOW)

    async def save(self) -> None:
        """Save the changed file, and show that it is saved."""
        await expect(self.page.locator("#save")).to_be_visible(timeout=SLOW)
        async with self.page.expect_download() as started:
            await self.page.click("#save")
        await (await started.value).save_as(self.file)
        await self.page.set_input_files("#proof", self.file)
        await self.page.click("#prove")
        await expect(self.page.locator("#save")).to_be_hidden(timeout=SLOW)

    async def check(self, archive: Path, log_id: str) -> None:
        """Check a copy of the log; afterwards the duties are shown, or a refusal."""
        if await self.page.locator("#home").count():
            await self.page.click("#home")
        await self.page.click("#to-log")
        await self.page.set_input_files("#archive", archive)
        if await self.page.locator("#log-id").count():
            await self.page.fill("#log-id", log_id)
        await self.page.click("#check")
        await expect(self.page.locator("#checked-log, [data-code]").first).to_be_visible(timeout=SLOW)

    async def act(self, duty: str) -> list[dict[str, Any]]:
        """Do what is due; the file is saved first, then the messages are."""
        await self.page.click(f"#{duty}")
        await self.save()
        async with self.page.expect_download() as started:
            await self.page.click("#message")
        target = self.folder / "message.json"
        await (await started.value).save_as(target)
        raw = await asyncio.to_thread(target.read_bytes)
        return [json.loads(line) for line in raw.splitlines()]

    async def duties(self) -> list[str]:
        """The ids of what can be done now."""
        found = self.page.locator("[data-duty] button")
        return [await button.get_attribute("id") or "" for button in await found.all()]

    async def refusal(self) -> str:
        """The code of what is refused."""
        return await self.page.locator("[data-code]").first.get_attribute("data-code", timeout=SLOW) or ""


@asynccontextmanager
async def at_the_page(browser: Browser, page_file: Path, folder: Path, now: int) -> AsyncIterator[AtThePage]:
    """The page opened from the disk, offline; it asks nobody for anything, and its console stays empty."""
    context = await browser.new_context(offline=True, accept_downloads=True, viewport={"width": 320, "height": 640})
    page = await context.new_page()
    person = AtThePage(page, folder)

    def note(request: Request) -> None:
        if not request.url.startswith(("file:", "blob:", "data:")):
            person.asked.append(request.url)

    page.on("request", note)
    page.on("console", lambda message: person.said.append(message.text))
    page.on("pageerror", lambda error: person.said.append(str(error)))
    await person.arrive(page_file, now)
    yield person
    assert person.asked == []
    assert person.said == []
    await context.close()
