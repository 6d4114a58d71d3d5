"""A person at the booth in Chromium, and a witness of all that the browser says, sends and keeps meanwhile."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, Page, Request, Route, expect

from tests.browser.house import CONTESTS

FLAGS: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
)
PHONE: Final = 320  # CSS pixels
SLOW: Final = 30_000  # milliseconds for a step that waits for the service or for cryptography
# Runs before the page's own program: what the policy refuses is written down.
_WATCH: Final = """
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) =>
    window.violations.push(`${event.effectiveDirective} ${event.blockedURI}`));
"""

Change = Callable[[Any], None]


@dataclass(slots=True, eq=False)
class Visitor:
    """One tab with one ballot link. ``requests``: everything that left the tab; ``console``: everything it said."""

    page: Page
    link: str
    requests: list[Request] = field(default_factory=list)
    console: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # a lambda, because Playwright keeps a mark on the function, which list.append cannot carry
        self.page.on("request", lambda request: self.requests.append(request))  # noqa: PLW0108
        self.page.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.console.append(f"exception: {error}"))

    @property
    def secret(self) -> str:
        """What stands after # in the link."""
        return self.link.partition("#")[2]

    async def open(self) -> None:
        """Open the link, and see the first screen."""
        await self.page.goto(self.link)
        await expect(self.page.locator("#start")).to_be_visible()

    async def start(self) -> None:
        """Open the link, press Start, and see the first contest."""
        await self.open()
        await self.page.click("#start")
        await self.at(1)

    async def at(self, step: int) -> None:
        """See contest ``step`` of all."""
        await expect(self.page.locator(".progress")).to_contain_text(f"{step} of {CONTESTS}", timeout=SLOW)

    async def choose(self, number: int) -> str:
        """Choose option ``number`` of the contest that is shown; its name."""
        option = self.page.locator("label.option").nth(number)
        await option.click()
        await expect(option.locator("input")).to_be_checked()
        return (await option.inner_text()).strip()

    async def fill_in(self, *numbers: int) -> list[str]:
        """Choose in every contest, from the first to the review; the names chosen."""
        names = []
        for step, number in enumerate(numbers, 1):
            await self.at(step)
            names.append(await self.choose(number))
            await self.page.click("#next, #review")
        await expect(self.page.locator("#seal")).to_be_visible()
        return names

    async def seal(self) -> list[str]:
        """Press Seal on the review, and see a tracking code for every contest; nothing is cast yet."""
        await self.page.click("#seal")
        await expect(self.page.locator("#cast")).to_be_visible(timeout=SLOW)
        return await self.page.locator("[data-sealed] .tracker").all_inner_texts()

    async def cast(self) -> list[str]:
        """Seal, press Cast, and see the tracking codes again."""
        sealed = await self.seal()
        await self.page.click("#cast")
        codes = await self.trackers()
        assert codes == sealed
        return codes

    async def trackers(self) -> list[str]:
        """The tracking codes of all contests, in the order of the page."""
        codes = self.page.locator("#receipt .tracker")
        await expect(codes).to_have_count(CONTESTS, timeout=SLOW)
        return await codes.all_inner_texts()

    async def vote(self) -> list[str]:
        """All of it; the tracking codes."""
        await self.start()
        await self.fill_in(*[0] * CONTESTS)
        return await self.cast()

    async def download(self, selector: str, path: Path) -> None:
        """Press a button that saves a file."""
        async with self.page.expect_download() as waiting:
            await self.page.click(selector)
        await (await waiting.value).save_as(path)

    async def lie(self, pattern: str, change: Change) -> None:
        """From now on answers to ``pattern`` come back changed: the service as a liar."""

        async def handler(route: Route) -> None:
            answer = await route.fetch()
            document = await answer.json()
            change(document)
            await route.fulfill(response=answer, body=json.dumps(document))

        await self.page.route(pattern, handler)

    def sent(self, ending: str) -> list[Request]:
        """The requests to addresses with this ending."""
        return [request for request in self.requests if request.url.endswith(ending)]

    async def violations(self) -> list[str]:
        """What the page's policy refused."""
        found: list[str] = await self.page.evaluate("window.violations")
        return found

    async def fits(self) -> bool:
        """Nothing to scroll sideways."""
        return bool(await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@asynccontextmanager
async def visiting(browser: Browser, link: str, *, width: int = 1280, locale: str = "en-GB") -> AsyncIterator[Visitor]:
    """A fresh browser profile with one tab."""
    context = await browser.new_context(viewport={"width": width, "height": 800}, accept_downloads=True, locale=locale)
    try:
        async with new_tab(context, link) as visitor:
            yield visitor
    finally:
        await context.close()


@asynccontextmanager
async def new_tab(context: BrowserContext, link: str) -> AsyncIterator[Visitor]:
    """One more tab of a profile; a program error of the page fails the test."""
    page = await context.new_page()
    await page.add_init_script(_WATCH)
    visitor = Visitor(page, link)
    try:
        yield visitor
        assert [line for line in visitor.console if line.startswith("exception")] == []
    finally:
        await page.close()
