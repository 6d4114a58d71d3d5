"""What travels over the committee's API while a poll runs and after it, as strict structs."""

from typing import Annotated, Literal

from msgspec import Meta

from election_service.api_types import PollState
from keys.canonical import Id, Natural, Positive, SafeInt, Time, Wire


class RunningContest(Wire, frozen=True):
    """`ballots`: accepted so far, down to the next ten; null for a block that is too small to be told of (A69)."""

    context: str
    contest: Id
    size: Natural
    ballots: Natural | None


class RunningPoll(Wire, frozen=True):
    """A poll that was opened and is not closed; `left`: seconds to its closing time, `counted`: when ballots were."""

    poll: Positive
    state: PollState
    closes: Time | None
    left: Natural
    counted: Time | None
    contests: list[RunningContest]


class MailCount(Wire, frozen=True):
    """How many mails of a kind are in a state. Kinds that would tell who has a ballot are never named."""

    kind: str
    state: str
    mails: Natural


class ComplaintItem(Wire, frozen=True):
    """A complaint in the log; `until`: when complaints about its poll cease to be heard; `answer`: "upheld" or
    "rejected", empty while it waits for one.
    """

    seq: Natural
    poll: Positive
    text: str
    time: Time
    until: Time
    answer: str


class ProgressView(Wire, frozen=True):
    """What the committee sees while polls run; `requests`, `messages`: how many wait."""

    now: Time
    polls: list[RunningPoll]
    mails: list[MailCount]
    complaints: list[ComplaintItem]
    requests: Natural
    messages: Natural


class Reminded(Wire, frozen=True):
    """Reminders are queued for whoever has no token yet, once a day. How many they are is told to nobody."""

    poll: Positive


class RetryRequest(Wire, frozen=True):
    """`student`: whose ballot link is to be sent again; null: everybody's that was refused or put off."""

    student: str | None


class Retried(Wire, frozen=True):
    """How many ballot links wait to be sent."""

    links: Natural


class IncidentText(Wire, frozen=True):
    """What happened, in plain text."""

    text: Annotated[str, Meta(min_length=1, max_length=4000)]


class IncidentItem(Wire, frozen=True):
    """A note; `at`: when it was written down, `account`: by whom."""

    number: Positive
    at: Time
    account: str
    text: str
    state: Literal["open", "closed"]


class IncidentList(Wire, frozen=True):
    """All notes, the newest first."""

    incidents: list[IncidentItem]


class MessageItem(Wire, frozen=True):
    """What somebody wrote by the help page; who it was, was not checked. `contact` may be empty."""

    number: str
    received: Time
    state: str
    kind: str
    text: str
    contact: str
    language: str


class MessageList(Wire, frozen=True):
    """All messages, the oldest first."""

    messages: list[MessageItem]


class MessageNumber(Wire, frozen=True):
    """The number of a message, XXXXX-XXXXX."""

    number: Annotated[str, Meta(max_length=11)]


class RequestItem(Wire, frozen=True):
    """Somebody who asked for the ballot link again; `state`: open, done, refused."""

    student_id: str
    full_name: str
    email: str
    requested: Time
    state: str


class RequestList(Wire, frozen=True):
    """All requests, the oldest first."""

    requests: list[RequestItem]


class StudentRequest(Wire, frozen=True):
    """Whose request is settled without a new link."""

    student: str


class ContestReviewItem(Wire, frozen=True):
    """Receipts and requests of a contest against the log; `slack`: tokens without a ballot, `allowed` at most."""

    context: str
    contest: Id
    receipts: Natural
    missing: Natural
    unknown: Natural
    requests: bool
    slack: SafeInt
    allowed: Natural


class TrusteeSharesItem(Wire, frozen=True):
    """In how many contests a trustee gave a share, and a good one."""

    trustee: Positive
    given: Natural
    good: Natural


class ReviewView(Wire, frozen=True):
    """A closed poll on its way to the certification; times are null before. `bars`: what keeps it from being certified:
    "complaint-window", "complaints", "slack". `wanted`: contests to be decrypted by `k` of `n` trustees.
    """

    poll: Positive
    closed: Time
    review_ends: Time | None
    declared: Time | None
    complaints_end: Time | None
    contests: list[ContestReviewItem]
    k: Natural
    n: Natural
    wanted: Natural
    counted: Natural
    shares: list[TrusteeSharesItem]
    complaints: list[ComplaintItem]
    bars: list[str]


class RetentionDays(Wire, frozen=True):
    """How many days after the last poll what is personal is deleted."""

    days: Annotated[int, Meta(ge=30, le=3650)]


class RetentionView(Wire, frozen=True):
    """`due`: null while it waits for what `waits` names: "no-poll", "poll", "agenda"; `done`: when it was deleted;
    `personal`: what will be deleted, or was. How much it is, is not told: some of it grows with every voter (A69).
    """

    revision: Natural
    days: Natural
    due: Time | None
    waits: list[str]
    done: Time | None
    personal: list[str]


class NextPollRequest(Wire, frozen=True):
    """`poll`: the number that it would have; `motions`: contest id → position of a motion to be put to the vote too."""

    poll: Positive
    motions: dict[Id, Id]


class NextPollAnswer(Wire, frozen=True):
    """`contexts`: of the contests that were logged; or `electorates`: that the committee approves first."""

    poll: Positive
    contexts: list[str]
    electorates: list[Id]
