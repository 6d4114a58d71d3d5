"""Who may do what in the console: roles are of one election, and one table says what each of them can.

Nobody can do alone what the log records: acts need signatures of members (act_rules.py), which no role replaces.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from election_service.errors import NotPermittedError, UnknownElectionError
from election_service.languages import translatable

SERVICE: Final = ""  # in the place of an election: the service itself


class Role(StrEnum):
    """What somebody is in an election; a chair of the service (``SERVICE``) may make elections."""

    CHAIR = "chair"
    MEMBER = "member"
    OBSERVER = "observer"
    REGISTRAR = "registrar"
    TRUSTEE = "trustee"


ROLE_NAMES: Final[Mapping[Role, str]] = {  # as people are told them; translated where they are shown
    Role.CHAIR: translatable("chair"),
    Role.MEMBER: translatable("member"),
    Role.OBSERVER: translatable("observer"),
    Role.REGISTRAR: translatable("registrar"),
    Role.TRUSTEE: translatable("trustee"),
}


class Capability(StrEnum):
    """What a page or an endpoint needs; the scopes of API tokens are the same words."""

    SEE = "see"  # checklist, rules, acts, results, events: no name of a voter
    SEE_VOTERS = "see-voters"  # names and addresses of those on the roll
    CREATE = "create"  # a new election (a role of the service)
    SET_UP = "set-up"  # title, texts, contests, candidates, schedule
    INVITE = "invite"  # people of the console and their roles
    UPLOAD_ROLL = "upload-roll"
    PROPOSE = "propose"  # acts
    APPROVE = "approve"  # acts; needs a signing key as well
    SEND_MAIL = "send-mail"  # links, reminders, tests
    MESSAGE = "message"  # what people write to the committee
    INCIDENT = "incident"  # incidents and complaints
    TRUSTEE = "trustee"  # a trustee's own steps
    TOKENS = "tokens"  # tokens for programs


ROLES: Final[Mapping[Role, frozenset[Capability]]] = {
    Role.CHAIR: frozenset(Capability) - {Capability.TRUSTEE, Capability.CREATE},
    Role.MEMBER: frozenset(
        {
            Capability.SEE,
            Capability.SEE_VOTERS,
            Capability.SET_UP,
            Capability.PROPOSE,
            Capability.APPROVE,
            Capability.MESSAGE,
            Capability.INCIDENT,
            Capability.TOKENS,
        }
    ),
    Role.OBSERVER: frozenset({Capability.SEE, Capability.TOKENS}),
    Role.REGISTRAR: frozenset(
        {
            Capability.SEE,
            Capability.SEE_VOTERS,
            Capability.UPLOAD_ROLL,
            Capability.PROPOSE,
            Capability.SEND_MAIL,
            Capability.TOKENS,
        }
    ),
    Role.TRUSTEE: frozenset({Capability.SEE, Capability.TRUSTEE}),
}
_SERVICE_ROLES: Final[Mapping[Role, frozenset[Capability]]] = {
    Role.CHAIR: frozenset({Capability.CREATE, Capability.TOKENS})
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks. ``roles``: election → roles, ``SERVICE`` for the service itself; ``scopes``: what a token is good for,
    which never is more than its account's roles allow; None for a session.
    """

    account: str
    name: str
    email: str
    language: str
    roles: Mapping[str, frozenset[Role]] = field(default_factory=dict)
    via: Literal["session", "token"] = "session"
    scopes: frozenset[Capability] | None = None

    def capabilities(self, election: str) -> frozenset[Capability]:
        """What the account may do in an election (``SERVICE``: in the service)."""
        table = ROLES if election != SERVICE else _SERVICE_ROLES
        granted = frozenset[Capability]().union(
            *(table.get(role, frozenset()) for role in self.roles.get(election, frozenset()))
        )
        return granted if self.scopes is None else granted & self.scopes

    def may(self, election: str, capability: Capability) -> bool:
        """Whether it may do this."""
        return capability in self.capabilities(election)


def require(identity: Identity, election: str, capability: Capability) -> None:
    """NotPermittedError unless this person may do this here.

    UnknownElectionError in an election where the person has no role: it looks as if there were none.
    """
    if not identity.may(election, capability):
        if election != SERVICE and not identity.roles.get(election):
            raise UnknownElectionError(f"election: none here is called {election[:64]!r}")
        raise NotPermittedError(f"{capability}: expected a role that may do this, got one that may not")
