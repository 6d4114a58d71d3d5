"""Passwords cost little in these tests, but where a test asks for `strong_passwords`: what they cost in a service."""

from __future__ import annotations

import pytest

from election_service.console import passwords

LITTLE = 32  # KiB
NOBODY = "$argon2id$v=19$m=32,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$qxepleYwh6A1iEQAIRDm+2kT8eDSFWcQxqQ2eJMQelg"


@pytest.fixture
def strong_passwords() -> None:
    """The real parameters of Argon2id."""


@pytest.fixture(autouse=True)
def quick_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "strong_passwords" not in request.fixturenames:
        monkeypatch.setattr(passwords, "_MEMORY", LITTLE)
        monkeypatch.setattr(passwords, "_NOBODY", NOBODY)
