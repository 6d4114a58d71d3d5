"""One process of the booth and one Chromium for all tests of a run."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.booth.harness import Booth
from tests.booth.page_visit import CHROMIUM, FLAGS


@pytest.fixture(scope="session")
def booth() -> Iterator[Booth]:
    with Booth() as process:
        yield process


@pytest.fixture(scope="module")  # its event loop must not stay for tests that have one of their own
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip("needs Chromium (tools/ensure_chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
