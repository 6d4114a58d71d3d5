"""What a page of the console knows of the request, what it may answer, and how it says who may ask; never aiohttp's."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from election_service.console.flash import Flash
from election_service.console.revisions import parse_revision
from election_service.console.roles import SERVICE, Capability, Identity
from election_service.console.sessions import Session
from election_service.errors import SignInRequiredError
from election_service.pages.shell import Pages
from election_service.pages.visit import Page, Visit


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a form: the name that it had on the sender's computer, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleVisit(Visit):
    """A request to the console. ``fields``: every value of every name of the form, in its order; ``form``: the first.

    ``identity``, ``session``: None on the pages that nobody has to be signed in for, and then only there. ``agent``:
    what the browser says it is; ``device``: its cookie of an earlier sign-in (console/devices.py), or empty.
    """

    identity: Identity | None = None
    session: Session | None = None
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)
    agent: str = ""
    device: str = ""

    @property
    def who(self) -> Identity:
        """Who is signed in."""
        if self.identity is None:
            raise SignInRequiredError("console: expected somebody who is signed in")
        return self.identity

    @property
    def here(self) -> Session:
        """The session of who is signed in."""
        if self.session is None:
            raise SignInRequiredError("console: expected a session")
        return self.session

    @property
    def place(self) -> str:
        """The election in the path; SERVICE on the pages of none."""
        return self.parts.get("e", SERVICE)

    @property
    def csrf(self) -> str:
        """What a form of this session carries; empty without a session."""
        return self.session.csrf if self.session is not None else ""

    @property
    def revision(self) -> int:
        """The hidden field `revision` of the form; RevisionRequiredError without one."""
        return parse_revision(self.form.get("revision"))

    def may(self, capability: Capability) -> bool:
        """Whether whoever is signed in may do this here."""
        return self.identity is not None and self.identity.may(self.place, capability)


@dataclass(frozen=True, slots=True)
class Redirect:
    """303 to another page of the console, which says ``flash`` once. ``cookie``: of a session that begins here."""

    to: str
    flash: Flash | None = None
    cookie: str | None = None
    sign_out: bool = False


@dataclass(frozen=True, slots=True)
class Download:
    """A file to keep: ``kind`` is its media type, ``name`` what it is to be called (letters, digits, ".-_").

    ``content``: its bytes, or where a file stands that nobody wants to hold in memory.
    """

    content: bytes | Path
    kind: str
    name: str


Answer = Page | Redirect | Download
Show = Callable[[Pages, ConsoleVisit], Awaitable[Answer]]
Access = Literal["anyone", "enrol", "code", "full"]


@dataclass(frozen=True, slots=True)
class Route:
    """What an address does, and who may ask. ``needs``: the capability, in the election of the path or in the service;
    None: whoever has a session of the stage ``access``.

    ``fields``: the names that its form may have besides `csrf` and `revision`; one that ends with "*" stands for all
    that begin so; any other is refused (A90). ``upload``: the form may carry files.
    """

    show: Show
    needs: Capability | None = None
    access: Access = "full"
    fields: tuple[str, ...] = ()
    upload: bool = False


Routes = Mapping[str, Route]
Values = dict[str, Any]
