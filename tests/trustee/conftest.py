"""One process of the trustees' tool for all tests of a run."""

from collections.abc import Iterator

import pytest

from tests.booth.harness import Booth


@pytest.fixture(scope="session")
def tool() -> Iterator[Booth]:
    with Booth("trustee_harness.mjs") as process:
        yield process
