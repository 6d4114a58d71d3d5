"""One process of the booth for all tests of a run."""

from collections.abc import Iterator

import pytest

from tests.booth.harness import Booth


@pytest.fixture(scope="session")
def booth() -> Iterator[Booth]:
    with Booth() as process:
        yield process
