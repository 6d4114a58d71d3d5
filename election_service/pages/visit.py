"""What a page knows of the request that it answers, and what it answers with; never aiohttp's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlencode

from election_service.errors import NotFoundError
from election_service.languages import translatable
from election_service.service import Service

MOST_DIGITS: Final = 12
_SECTIONS: Final = (
    ("election", "", translatable("Overview")),
    ("results", "/results", translatable("Results")),
    ("log", "/log", translatable("Log")),
    ("verify", "/verify", translatable("Verify it yourself")),
    ("help", "/help", translatable("Help")),
)


@dataclass(frozen=True, slots=True)
class Visit:
    """``chosen``: the language stands in the address, so links keep it. ``parts``: of the path; ``form``: of a POST.

    ``address``: where the request came from, as far as it is known; no page shows or keeps it.
    """

    service: Service
    language: str
    chosen: bool
    parts: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str] = field(default_factory=dict)
    address: str | None = None

    @property
    def election(self) -> str:
        """The id in the path."""
        return self.parts["e"]

    @property
    def sections(self) -> list[tuple[str, str, str]]:
        """The pages of this election: name, path, and the text to be translated."""
        return [(name, f"/elections/{self.election}{path}", text) for name, path, text in _SECTIONS]

    def link(self, path: str, **query: str | int) -> str:
        """An address of this service with its query, in the language that the reader chose."""
        chosen = {"lang": self.language} if self.chosen else {}
        values = {name: str(value) for name, value in {**query, **chosen}.items()}
        return quote(path) + (f"?{urlencode(values)}" if values else "")

    def switch(self, language: str, kept: Mapping[str, str | int]) -> str:
        """This page in another language: relative, so that no path that was typed is ever repeated (A85)."""
        return "?" + urlencode({**{name: str(value) for name, value in kept.items()}, "lang": language})

    def number(self, text: str, what: str) -> int:
        """A number of a path or query: decimal, without leading zeros; NotFoundError otherwise."""
        if not (text.isascii() and text.isdecimal()) or (text != "0" and text[0] == "0") or len(text) > MOST_DIGITS:
            raise NotFoundError(f"{what}: expected a number")
        return int(text)


@dataclass(frozen=True, slots=True)
class Page:
    """An answer. ``script``: integrity of the one script that may run; ``max_age``: seconds to keep it."""

    html: str
    script: str | None = None
    max_age: int = 0
    status: int = 200
