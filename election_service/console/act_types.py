"""What travels over the committee's HTTP API about acts and signing keys, as strict structs."""

from typing import Annotated, Any

from msgspec import Meta

from election_service.api_types import Act
from keys.canonical import Id, Natural, Time, Wire

MOST_FIELDS = 20
MOST_VALUES = 100

Values = Annotated[list[Annotated[str, Meta(max_length=4000)]], Meta(max_length=MOST_VALUES)]


class Preparation(Wire, frozen=True):
    """`fields`: what the form of this kind of act asks, by the names of its fields (console/act_kinds.py)."""

    kind: Annotated[str, Meta(max_length=64)]
    fields: Annotated[dict[Annotated[str, Meta(max_length=64)], Values], Meta(max_length=MOST_FIELDS)]


class PreparedAct(Wire, frozen=True):
    """An act that nobody has signed: `data` without `act` and `approvals`; `refusal`: why it would be refused now, ""
    for nothing against it.
    """

    kind: str
    data: dict[str, Any]
    not_before: Time | None
    refusal: str


class PreparedList(Wire, frozen=True):
    """Acts that are ready to be proposed, in the order in which they are to be done."""

    acts: list[PreparedAct]


class ReissueRequest(Wire, frozen=True):
    """A new ballot link for a student; `reason` is published."""

    student: Annotated[str, Meta(min_length=1, max_length=64)]
    reason: Annotated[str, Meta(min_length=1, max_length=2000)]


class ActDetail(Wire, frozen=True):
    """`code`: of the message that members sign, for comparing by voice; `refusal` as of a prepared act."""

    act: Act
    code: str
    refusal: str


class OwnKey(Wire, frozen=True):
    """One's signing key: `key` 32 bytes, base64url; `key_file`: the sealed file as text, null where it is kept
    elsewhere.
    """

    member: Id
    key: str
    fingerprint: str
    key_file: str | None
    revision: Natural


class OwnKeyChange(Wire, frozen=True):
    """`key_file`: as `election-service member new` makes it; `keep_file` false: only its public part is stored;
    `replace`: the key that was here is lost.
    """

    key_file: Annotated[str, Meta(max_length=262_144)]
    keep_file: bool
    replace: bool
