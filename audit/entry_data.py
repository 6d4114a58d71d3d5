"""The data of the entries that are neither ballots, nor the trustees', nor the tally's (docs/protocol.md §9).

Keys, hashes and signatures are base64url, except `blob` and `bundle`, which name files and are lower-case hex. The
functions that use a value decode it.
"""

from typing import Literal

from keys.canonical import Hex32, Id, Natural, Positive, Time, Wire
from tally.decision import Decision


class Approval(Wire, frozen=True):
    """A member's signature (64 bytes) on an act of the committee."""

    member: Id
    signature: str


class ApprovedData(Wire, frozen=True):
    """What an act of the committee carries: `act` = 16 random bytes, unique over the log; approvals by member id."""

    act: str
    approvals: tuple[Approval, ...]


class Registrar(Wire, frozen=True):
    """Who makes the credentials: key 32 bytes, x-only."""

    mode: Literal["service", "offline"]
    key: str


class Member(Wire, frozen=True):
    """A member of the committee: key 32 bytes, x-only."""

    id: Id
    key: str


class WitnessKey(Wire, frozen=True):
    """A witness of the log: the name of its key in notes, and the Ed25519 key, 32 bytes."""

    name: str
    key: str


class LogOpenedData(Wire, frozen=True):
    """Data of `log.opened`, entry 0: log_key is Ed25519, receipt_key x-only, nonce 16 bytes."""

    v: Literal["es1"]
    election: Id
    origin: str
    log_key: str
    receipt_key: str
    registrar: Registrar
    members: tuple[Member, ...]
    threshold: Positive
    witnesses: tuple[WitnessKey, ...]
    quorum: Natural
    nonce: str
    rehearsal: bool


class ConstitutionData(ApprovedData, frozen=True):
    """Data of `constitution`: the blob is read by tally.constitution."""

    blob: Hex32


class ResolutionData(ApprovedData, frozen=True):
    """Data of `resolution`: the committee's reading of an ambiguous clause."""

    clause: str
    reading: str


class BoothData(ApprovedData, frozen=True):
    """Data of `booth`: the SHA-256 of the voter's client."""

    bundle: Hex32


class TrusteeOpenedData(ApprovedData, frozen=True):
    """Data of `trustee.opened`: identity keys (x-only) of trustees 1 … n in order."""

    attempt: Positive
    k: Positive
    trustees: tuple[str, ...]


class ElectorateData(ApprovedData, frozen=True):
    """Data of `electorate`: signature by the registrar over H("es1/electorate", log id, id, size, root)."""

    id: Id
    size: Positive
    root: str
    blob: Hex32
    signature: str


class CredentialReplacedData(ApprovedData, frozen=True):
    """Data of `credential.replaced`: signature by the registrar over old, new, reason."""

    old: str
    new: str
    reason: str
    signature: str


class PollOpenedData(ApprovedData, frozen=True):
    """Data of `poll.opened`: the contexts it opens, ascending by their bytes, and when it closes."""

    poll: Positive
    contexts: tuple[str, ...]
    closes: Time


class PollChangedData(PollOpenedData, frozen=True):
    """Data of `poll.extended`, `poll.paused`, `poll.resumed`: as opened, with the reason."""

    reason: str


class SealedData(Wire, frozen=True):
    """Data of `sealed`: how many ballot entries before it are sealed."""

    poll: Positive
    ballots: Positive


class ClosedContest(Wire, frozen=True):
    """A contest in `poll.closed`: token_root = RFC 9162 root over the data of its token entries."""

    context: str
    ballots: Natural
    tokens: Natural
    token_root: str


class PollClosedData(ApprovedData, frozen=True):
    """Data of `poll.closed`: contests ascending by context; approvals empty at or after the closing time."""

    poll: Positive
    contests: tuple[ClosedContest, ...]


class TokenData(Wire, frozen=True):
    """Data of `token`: a request for a token, by the credential over H("es1/issue", context, blinded)."""

    context: str
    credential: str
    blinded: str
    signature: str


class IssuerDestroyedData(Wire, frozen=True):
    """Data of `issuer.destroyed`: the contest's issuer key is gone."""

    context: str


class CertifiedData(ApprovedData, frozen=True):
    """Data of `result.certified`: declared = SHA-256 of the `result.declared` entry."""

    poll: Positive
    declared: str


class AnnulledData(CertifiedData, frozen=True):
    """Data of `result.annulled`."""

    reason: str


class MembersData(ApprovedData, frozen=True):
    """Data of `members`: the committee from here on, approved by the one before."""

    members: tuple[Member, ...]
    threshold: Positive


class DecisionData(ApprovedData, frozen=True):
    """Data of `decision`: a recorded human act that the rules read (tally/decision.py)."""

    decision: Decision
