"""What travels over HTTP: requests and answers as strict structs (docs/protocol.md §A).

Keys, hashes, signatures and RSA values are base64url; the use cases decode them. The cast request is
`ballot.ballot.BallotData`, the same bytes that go into the log; the token request is `ballot.token.TokenRequest`.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta

from audit.entries import Approval
from keys.canonical import Id, Natural, Positive, Time, Wire
from tally.wire import Task

PollState = Literal["planned", "open", "paused", "closed", "tallied", "declared"]
ActState = Literal["waiting", "scheduled", "done", "refused", "expired"]
SecondFactor = Literal["none", "totp", "email"]
OneTimeCode = Annotated[str, Meta(pattern=r"^[0-9]{6}\Z")]


class PollInfo(Wire, frozen=True):
    """A poll as everybody may see it; `opens` and `closes` null until they are known; `complaints`: until when they are
    heard about its declared result, null before and after.
    """

    poll: Positive
    state: PollState
    opens: Time | None
    closes: Time | None
    complaints: Time | None


class ElectionTexts(Wire, frozen=True):
    """What the election is called in one language, and what the committee says about it (plain text; may be empty)."""

    title: str
    intro: str


class ElectionInfo(Wire, frozen=True):
    """`log`: the log id, 32 bytes. `texts`: by language, "en" always. `contact`: a mail or web address, or empty.
    `zone`: IANA time zone; `now`: the service's clock, for countdowns on devices whose clock is wrong.
    """

    election: Id
    origin: str
    log: str
    title: str
    texts: dict[str, ElectionTexts]
    contact: str
    zone: str
    now: Time
    rehearsal: bool
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
    """An act and how far it is; `seq` once it stands in the log; `expires`: until when it can be approved."""

    act: str
    kind: str
    data: dict[str, Any]
    not_before: Time | None
    expires: Time | None
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


# ---- the law -------------------------------------------------------------------------------------------------------

SeatState = Literal["held", "caretaker", "ended", "pending", "open", "vacant"]
Names = dict[str, str]


class AgendaTask(Wire, frozen=True):
    """What has to happen about a seat or motion, and by when; `names`: of its options, by language."""

    task: Task
    due: Time | None
    names: dict[str, Names]


class PetitionInfo(Wire, frozen=True):
    """A petition that was opened: how many places of its electorate support it, of how many."""

    petition: Id
    electorate: Id
    until: Time | None
    supporters: Natural
    size: Natural
    closed: bool


class OpenVoteInfo(Wire, frozen=True):
    """An open vote of a board: how many have voted, of how many."""

    vote: Id
    electorate: Id
    until: Time | None
    votes: Natural
    size: Natural
    closed: bool


class Agenda(Wire, frozen=True):
    """What the rules ask for. `missing`: ambiguous clauses without a signed reading; `complaints`: entries of those
    without an answer.
    """

    missing: list[str]
    tasks: list[AgendaTask]
    complaints: list[Natural]
    petitions: list[PetitionInfo]
    votes: list[OpenVoteInfo]


class SeatInfo(Wire, frozen=True):
    """A seat. `person`: who holds it, or waits for the board's approval (`state` "pending").

    `state`: "held"; "caretaker": the term is over and the holder stays until there is a successor; "ended": the term is
    over; "open": the agenda has a task about it; "vacant": nothing follows by itself. `until`: last day of the term;
    `by` "election", "succession" or "appointment", "" for nobody; `acting`: who does the work meanwhile.
    """

    seat: Id
    position: Id
    state: SeatState
    person: str | None
    name: Names
    since: Time | None
    until: str
    by: str
    cause: str
    acting: str | None
    acting_name: Names


class SeatRegister(Wire, frozen=True):
    """The register of seats, ascending by seat, and the ids of persons with an honorary title."""

    seats: list[SeatInfo]
    honorary: list[str]


class NoticeInfo(Wire, frozen=True):
    """What the calendar says about a plan: `severity` is "warn" where it may go on and has to be answered for."""

    severity: str
    clause: str
    text: str
    due: Time | None


class NoticeList(Wire, frozen=True):
    """The warnings for an opening that may go on."""

    notices: list[NoticeInfo]
