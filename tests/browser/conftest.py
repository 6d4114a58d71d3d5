"""One served election and one Chromium for all tests here; every test takes links of its own."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, Playwright, async_playwright

from tests.booth.harness import node
from tests.browser.house import House, served_house
from tests.browser.visitor import FLAGS

CHROMIUM: Final = Path(shutil.which("chromium") or "/usr/bin/chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The poll is closed by the last test that needs the election."""
    items.sort(key=lambda item: item.path.name == "test_to_the_result.py")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Where Chromium is."""
    if not CHROMIUM.exists():
        pytest.skip("needs Chromium (tools/ensure_chromium)")
    return CHROMIUM


@pytest.fixture(scope="session")
async def playwright(chromium: Path) -> AsyncIterator[Playwright]:
    async with async_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
async def browser(playwright: Playwright, chromium: Path) -> AsyncIterator[Browser]:
    browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
    yield browser
    await browser.close()


@pytest.fixture(scope="session")
async def house(chromium: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """An election whose poll stays open."""
    node()  # builds the booth's bundle where it is not current
    async with served_house(tmp_path_factory.mktemp("browser") / "open") as house:
        yield house


@pytest.fixture
def link(house: House) -> str:
    """A ballot link that nobody has used."""
    return next(house.links)
