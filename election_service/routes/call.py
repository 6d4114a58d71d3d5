"""What a handler gets and gives: a checked request, never aiohttp's."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from election_service.console.roles import Capability, Identity
from election_service.errors import NotFoundError, SignInRequiredError
from election_service.service import Service
from keys.canonical import Wire

Role = Literal["anyone", "bearer", "member", "trustee", "credential", "committee"]
"""Who may ask: everybody; whoever logged in; whoever signs the body as a member, a trustee or with a credential;
whoever has a session of the console, or a token.
"""


@dataclass(frozen=True, slots=True)
class Call:
    """One request: path parts and query as text, ``body`` the bytes, ``request`` the decoded struct or None.

    ``credential``: who logged in, for the role "bearer" alone; ``identity``: for the role "committee" alone;
    ``revision``: which state of a resource is changed, where the endpoint is ``revised``.
    """

    service: Service
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    request: Any
    credential: bytes
    identity: Identity | None = None
    revision: int = 0

    @property
    def who(self) -> Identity:
        """Who asks an endpoint of the committee."""
        if self.identity is None:
            raise SignInRequiredError("console: expected somebody who is signed in")
        return self.identity

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
    may keep the answer; 0 for none. ``needs``: of the role "committee": what one must be able to do in the election of
    the path (or in the service), None: whoever is signed in. ``revised``: it changes a resource with a revision, which
    `If-Match` has to name; an answer with a member `revision` carries it as its ETag as well.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    role: Role
    request: type[Wire] | None
    response: type[Wire] | None
    handle: Handler
    summary: str
    signed: bool = False
    query: Mapping[str, str] | None = None
    max_age: int = 0
    needs: Capability | None = None
    revised: bool = False
