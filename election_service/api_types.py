"""What travels over HTTP: requests and answers as strict structs (docs/protocol.md §A).

Keys, hashes, signatures and RSA values are base64url; the use cases decode them. The cast request is
`ballot.ballot.BallotData`, the same bytes that go into the log; the token request is `ballot.token.TokenRequest`.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta

from audit.entries import Approval
from keys.canonical import Id, Natural, Positive, Time, Wire

PollState = Literal["planned", "open", "paused", "closed", "tallied", "declared"]
ActState = Literal["waiting", "scheduled", "done", "refused"]
SecondFactor = Literal["none", "totp", "email"]
OneTimeCode = Annotated[str, Meta(pattern=r"^[0-9]{6}\Z")]


class PollInfo(Wire, frozen=True):
    """A poll as everybody may see it; `opens` and `closes` null until they are known."""

    poll: Positive
    state: PollState
    opens: Time | None
    closes: Time | None


class ElectionInfo(Wire, frozen=True):
    """`log`: the log id, 32 bytes."""

    election: Id
    origin: str
    log: str
    title: str
    second_factor: SecondFactor
    polls: list[PollInfo]


class NonceRequest(Wire, frozen=True):
    """`credential`: 32 bytes, x-only."""

    credential: str


class NonceAnswer(Wire, frozen=True):
    """`nonce`: 32 bytes; `expires_in`: seconds."""

    nonce: str
    expires_in: Natural


class LoginRequest(Wire, frozen=True):
    """`signature` over H("es1/login", log id, origin, credential, nonce); `code` is the second factor."""

    credential: str
    nonce: str
    signature: str
    code: OneTimeCode | None


class BearerAnswer(Wire, frozen=True):
    """`bearer`: 32 random bytes; `expires_in`: seconds."""

    bearer: str
    expires_in: Natural


class ProvenEntry(Wire, frozen=True):
    """The exact text of a log entry with its inclusion proof (hashes of 32 bytes) under the view's checkpoint."""

    seq: Natural
    entry: str
    proof: list[str]


class IssuedInfo(Wire, frozen=True):
    """The token request that is stored for this voter in this contest, and its blind signature."""

    blinded: str
    recovery: str | None
    blind_signature: str


class VoterContest(Wire, frozen=True):
    """One contest of the voter: where it and its electorate stand in the log, and the voter's place in the electorate.

    `leaf` is the credential key that stands in the electorate (the first of the chain), `membership` its Merkle path.
    """

    seq: Natural
    electorate_seq: Natural
    leaf: str
    index: Natural
    membership: list[str]
    issued: IssuedInfo | None


class VoterView(Wire, frozen=True):
    """All that the booth needs, provable under `checkpoint` (the text of a signed note)."""

    checkpoint: str
    entries: list[ProvenEntry]
    contests: list[VoterContest]


class TokenAnswer(Wire, frozen=True):
    """`blind_signature`: as long as the modulus."""

    blind_signature: str


class CastAnswer(Wire, frozen=True):
    """A receipt: `signature` by the receipt key over H("es1/receipt", log id, context, tracker)."""

    tracker: str
    signature: str


class SealedBallot(Wire, frozen=True):
    """A sealed ballot of a contest: its token key, its tracker, and its place in the log."""

    key: str
    tracker: str
    seq: Natural


class ContestBallots(Wire, frozen=True):
    """The sealed ballots of a contest, all of them, in the order of the log."""

    ballots: list[SealedBallot]


class ActProposal(Wire, frozen=True):
    """An act as a member proposes it: `data` without `approvals`, with a fresh `act`; `not_before` schedules it."""

    kind: str
    data: dict[str, Any]
    not_before: Time | None
    approval: Approval


class Act(Wire, frozen=True):
    """An act and how far it is; `seq` once it stands in the log, `refusal` where it could not be done any more."""

    act: str
    kind: str
    data: dict[str, Any]
    not_before: Time | None
    state: ActState
    approvals: list[Approval]
    seq: Natural | None


class ActList(Wire, frozen=True):
    """All acts of the election, oldest proposal first as far as the log tells, waiting ones last."""

    acts: list[Act]


class TrusteeMessageRequest(Wire, frozen=True):
    """A trustee's entry: `kind` as in the log, `data` whole."""

    kind: str
    data: dict[str, Any]


class EntryAnswer(Wire, frozen=True):
    """Where the entry stands in the log."""

    seq: Natural
