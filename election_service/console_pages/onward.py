"""Where a sign-in goes on to: the page that was asked for, never anywhere else (A85)."""

import re
from typing import Final

from election_service.console_pages.visit import ConsoleVisit

HOME: Final = "/committee"
MAX_PATH: Final = 200
_PATH: Final = re.compile(r"/committee(/[A-Za-z0-9][A-Za-z0-9._~-]*){0,6}\Z")


def is_onward(path: str) -> bool:
    """Whether it is the address of a page of the console, and nothing that leads elsewhere."""
    return len(path) <= MAX_PATH and _PATH.match(path) is not None


def onward(visit: ConsoleVisit) -> str:
    """The page that the form or the address names, else the list of elections."""
    asked = visit.form.get("next") or visit.query.get("next") or HOME
    return asked if is_onward(asked) else HOME
