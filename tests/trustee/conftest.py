"""One process of the trustees' tool, and one build of its page, for all tests of a run."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.booth.harness import BOOTH, Booth, node


@pytest.fixture(scope="session")
def tool() -> Iterator[Booth]:
    with Booth("trustee_harness.mjs") as process:
        yield process


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Where Chromium is."""
    found = Path(shutil.which("chromium") or "/usr/bin/chromium")
    if not found.exists():
        pytest.skip("needs Chromium (tools/ensure_chromium)")
    return found


@pytest.fixture(scope="session")
def page_file() -> Path:
    """The built tool."""
    node()  # builds it where it is not current
    return BOOTH / "dist" / "trustee.html"
