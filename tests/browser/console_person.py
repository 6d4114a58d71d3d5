"""Somebody at the committee's pages in Chromium, who finds everything by the words that stand there."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyotp
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.visitor import SLOW

PASSWORD: Final = "three green bicycles"
PASSPHRASE: Final = "four random words here"
STEP: Final = 30  # seconds of a code
PATIENCE: Final = 120_000  # milliseconds for what takes long: Argon2id in the browser, keys of many contests


@dataclass(slots=True, eq=False)
class Person:
    """A browser of their own. ``secret``: of the authenticator; ``election``: the one that they work on."""

    page: Page
    name: str
    election: str
    secret: str = ""
    recovery: list[str] = field(default_factory=list)

    @property
    def email(self) -> str:
        return email_of(self.name)

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    # ---- finding the way -----------------------------------------------------------------------------------------

    async def at(self, tail: str = "") -> None:
        """Open a page of the election."""
        answer = await self.page.goto(f"/committee/{self.election}{tail}")
        assert answer is not None
        assert answer.ok, (tail, answer.status, await self.main.inner_text())

    async def see(self, *words: str, patience: int = SLOW) -> None:
        """Wait until these stand on the page."""
        for text in words:
            await expect(self.main).to_contain_text(text, timeout=patience)

    async def press(self, name: str, *, patience: int = SLOW) -> None:
        """Press a button, and see the page that comes."""
        await self.main.get_by_role("button", name=name, exact=True).first.click(timeout=patience)
        await self.page.wait_for_load_state(timeout=patience)

    async def follow(self, name: str) -> None:
        """Follow a link."""
        await self.main.get_by_role("link", name=name, exact=True).first.click()
        await self.page.wait_for_load_state()

    async def write(self, label: str, text: str) -> None:
        """Fill in the field with this label."""
        await self.main.get_by_label(label, exact=True).first.fill(text)

    async def save(self, target: Path, name: str, role: str = "link") -> Path:
        """Press what downloads a file."""
        found = self.main.locator(f"{'a' if role == 'link' else 'button'}:visible", has_text=name).first
        async with self.page.expect_download(timeout=PATIENCE) as started:
            await found.click()
        await (await started.value).save_as(target)
        return target

    # ---- account and key -----------------------------------------------------------------------------------------

    async def enrol(self, link: str) -> None:
        """Follow an invitation to the end: password, authenticator, recovery codes."""
        await self.page.goto(link)
        await self.press("Begin")
        await self.write("Password", PASSWORD)
        await self.write("The same password once more", PASSWORD)
        await self.press("Go on")
        self.secret = (await self.page.locator("[data-secret]").inner_text()).replace(" ", "")
        await self.write("Six digits", str(pyotp.TOTP(self.secret).now()))
        await self.press("Finish")
        self.recovery = await self.page.locator("[data-recovery]").all_inner_texts()
        assert len(self.recovery) == 10
        await self.follow("I have kept them")
        await self.see("Your elections")

    async def sign_in(self) -> None:
        """Sign out, and in again with password and code."""
        await self.page.get_by_role("button", name="Sign out").click()
        await self.page.goto("/committee/sign-in")
        await self.write("Mail address", self.email)
        await self.write("Password", PASSWORD)
        await self.press("Go on")
        # the code of the enrolment works once; a clock may be ahead by one step
        await self.page.fill("#code", str(pyotp.TOTP(self.secret).at(int(time.time()) + STEP)))
        await self.press("Sign in")
        await self.see("Your elections")

    async def make_key(self) -> None:
        """A signing key, made in the browser."""
        await self.at("/key")
        await self.page.fill("#new-passphrase", PASSPHRASE)
        await self.page.fill("#again", PASSPHRASE)
        await self.press("Make my key")
        await expect(self.page.locator("#fingerprint")).to_be_visible(timeout=PATIENCE)

    async def invite(self, name: str, role: str) -> str:
        """Invite somebody; the link that is shown once."""
        await self.at("/people")
        await self.write("Name", name)
        await self.write("Mail address", email_of(name))
        await self.main.get_by_label("Role", exact=True).select_option(role)
        await self.press("Invite")
        link = await self.page.locator("[data-invitation] code").inner_text()
        assert re.match(r"http://localhost:\d+/committee/welcome#", link)
        return link

    # ---- acts ----------------------------------------------------------------------------------------------------

    async def sign(self) -> None:
        """Sign everything on the page, and see that each of it was taken."""
        await expect(self.page.locator("#sign-form")).to_be_visible()
        if await self.page.locator("#first-log").is_visible():
            await self.page.check("#same-log")
        await self.page.fill("#passphrase", PASSPHRASE)
        await self.page.click("#sign")
        acts = await self.page.locator("article.act").count()
        await expect(self.page.locator("#sign-after, #sign-problem:visible")).to_be_visible(timeout=PATIENCE)
        outcomes = await self.page.locator("article [data-outcome]:visible").all_inner_texts()
        good = [text for text in outcomes if re.match(r"Signed|Done|Approved", text)]
        assert len(good) == acts, (outcomes, await self.page.locator("#sign-problem").inner_text())

    async def approve(self) -> None:
        """Look at what waits, and sign all of it."""
        await self.at("/acts/waiting")
        await self.sign()


def email_of(name: str) -> str:
    """Their address, of the first name."""
    return f"{name.partition(' ')[0].lower()}@example.edu"


@asynccontextmanager
async def somebody(browser: Browser, address: str, name: str, election: str) -> AsyncIterator[Person]:
    """A fresh browser profile; a program error of a page fails the test."""
    context = await browser.new_context(
        base_url=address, viewport={"width": 1280, "height": 800}, accept_downloads=True, locale="en-GB"
    )
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        yield Person(page, name, election)
        assert errors == []
    finally:
        await context.close()
