"""A person at the booth's page in Chromium, before a played service."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect

from tests.booth.page_server import page_server
from tests.booth.service import PlayedService

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@contextmanager
def visit(browser: Browser, service: PlayedService, *, width: int = 320) -> Iterator[Page]:
    """The link opened on a narrow phone; whatever the console says against the page fails the test."""
    complaints: list[str] = []
    with page_server(service) as origin:
        service.host = origin
        page = browser.new_page(viewport={"width": width, "height": 640}, accept_downloads=True)
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(service.link)
        yield page
        page.close()
    assert [text for text in complaints if "Failed to load resource" not in text] == []


def choose(page: Page, *labels: str) -> None:
    for label in labels:
        page.get_by_label(label, exact=True).check()


def vote(page: Page) -> None:
    """Both contests, up to the review."""
    page.click("#start")
    expect(page.locator("[data-contest=head]")).to_be_visible(timeout=30_000)
    choose(page, "Ana")
    page.click("#next")
    choose(page, "Ana", "Nino")
    page.click("#review")


def seal(page: Page) -> list[str]:
    """From the review to the sealed ballots; their tracking codes."""
    page.click("#seal")
    expect(page.locator("#cast")).to_be_visible(timeout=60_000)
    return page.locator("[data-sealed] .tracker").all_text_contents()


def fits(page: Page) -> bool:
    """No sideways scrolling at 320 CSS pixels."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
