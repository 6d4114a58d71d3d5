"""What travels over the committee's HTTP API, as strict structs; ``revision`` is the number that `If-Match` names."""

from keys.canonical import Natural, Time, Wire


class Person(Wire, frozen=True):
    """Somebody with a role: `roles` of chair, member, observer, registrar, trustee; `state`: invited, active, locked.

    `member`: the id in the log, null for who has no signing key; `fingerprint`: of that key.
    """

    account: str
    name: str
    email: str
    state: str
    roles: list[str]
    member: str | None
    fingerprint: str | None


class PersonList(Wire, frozen=True):
    """Everybody with a role in an election, by name."""

    people: list[Person]
    revision: Natural


class InvitationRequest(Wire, frozen=True):
    """`role`: chair, member, observer, registrar or trustee."""

    email: str
    name: str
    role: str


class RoleRequest(Wire, frozen=True):
    """`role`: chair, member, observer, registrar or trustee."""

    role: str


class Invitation(Wire, frozen=True):
    """`link`: to be handed over, good once within a week; null for who can sign in already."""

    account: str
    link: str | None
    revision: Natural


class Me(Wire, frozen=True):
    """Who asks; `capabilities`: by election, "" for the service itself; `via`: session or token."""

    account: str
    name: str
    via: str
    capabilities: dict[str, list[str]]


class EventItem(Wire, frozen=True):
    """`account`: who did it; `what`: a word such as `signed-in`; `subject`: of what."""

    number: Natural
    at: Time
    account: str
    what: str
    subject: str


class EventList(Wire, frozen=True):
    """The newest events, the newest first."""

    events: list[EventItem]
