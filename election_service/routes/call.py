"""What a handler gets and gives: a checked request, never aiohttp's."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from election_service.errors import NotFoundError
from election_service.service import Service
from keys.canonical import Wire

Role = Literal["anyone", "bearer", "member", "trustee", "credential"]
"""Who may ask: everybody; whoever logged in; whoever signs the body as a member, a trustee or with a credential."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request: path parts and query as text, ``body`` the bytes, ``request`` the decoded struct or None.

    ``credential``: who logged in, for the role "bearer" alone.
    """

    service: Service
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    request: Any
    credential: bytes

    @property
    def election(self) -> str:
        """The id in the path."""
        return self.path["e"]

    @property
    def poll(self) -> int:
        """The poll number in the path: decimal without leading zeros; NotFoundError otherwise."""
        text = self.path["n"]
        if not (text.isascii() and text.isdecimal()) or text.startswith("0") or len(text) > 9:
            raise NotFoundError("poll: expected a number from 1")
        return int(text)


Handler = Callable[[Call], Awaitable[Wire | dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A row of the table: what routes the request, checks it, and describes it in OpenAPI.

    ``response`` None: an object whose members depend on the kind of act. ``signed``: refusals carry the signature of
    docs/protocol.md §7. ``query``: required query parameters with their meaning. ``max_age``: seconds for which anybody
    may keep the answer; 0 for none.
    """

    method: Literal["GET", "POST"]
    path: str
    role: Role
    request: type[Wire] | None
    response: type[Wire] | None
    handle: Handler
    summary: str
    signed: bool = False
    query: Mapping[str, str] | None = None
    max_age: int = 0
