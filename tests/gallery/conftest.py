"""One Chromium and two elections for the whole gallery."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from tests.booth.harness import node
from tests.browser.conftest import CHROMIUM
from tests.browser.house import served_house
from tests.browser.visitor import FLAGS
from tests.gallery.rooms import furnished_rooms
from tests.gallery.scenes import Stage
from tests.gallery.served import certified_election

LONG = "Nobodyhaseverheardofsuchanunbelievablylongwordwithoutanyspace" * 2


@pytest.fixture(scope="session")
async def gallery_browser() -> AsyncIterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("needs Chromium (tools/ensure_chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def stage(gallery_browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """An election that votes, and one that is certified."""
    node()  # builds the booth's bundle where it is not current
    folder = tmp_path_factory.mktemp("gallery")
    async with (
        certified_election(folder / "certified") as done_at,
        served_house(folder / "open") as house,
        furnished_rooms(house, folder / "certified", long=LONG) as rooms,
    ):
        yield Stage(house.address, done_at, lambda: next(house.links), rooms)
