"""What travels over the API of the set-up, as strict structs; ``revision`` is the number that `If-Match` names."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from election_service.api_types import ElectionTexts, SecondFactor
from election_service.proposals import PlannedAct
from keys.canonical import Natural, Time, Wire

StepState = Literal["done", "waiting", "blocked", "optional"]
Small = Annotated[int, Meta(ge=0, le=999)]


class ElectionStart(Wire, frozen=True):
    """A new election: an id, a title in English, an IANA time zone."""

    election: str
    title: str
    zone: str
    rehearsal: bool


class ElectionClone(Wire, frozen=True):
    """A new election with the set-up of this one."""

    election: str
    rehearsal: bool


class Started(Wire, frozen=True):
    """The election that was begun."""

    election: str


class StepItem(Wire, frozen=True):
    """A line of the checklist; `page`: behind /committee/{e}; `blocked_by`: keys of the steps that come first."""

    key: str
    state: StepState
    missing: str
    who: str
    page: str
    blocked_by: list[str]
    advised: bool


class ChecklistView(Wire, frozen=True):
    """What is missing before the poll can open; `ready`: nothing."""

    poll: Natural
    ready: bool
    steps: list[StepItem]


class SetupValues(Wire, frozen=True):
    """What entry 0 fixes; `waiver`: empty, or who decided to do with less than two ways to a voter, when and why."""

    second_factor: SecondFactor
    waiver: str
    threshold: Small
    trustees_k: Small
    trustees_n: Small


class SetupView(SetupValues, frozen=True):
    """`log`: the log id once it is made."""

    revision: Natural
    rehearsal: bool
    log: str | None


class TextsValues(Wire, frozen=True):
    """What is shown: by language, "en" at least; contact and zone."""

    texts: dict[str, ElectionTexts]
    contact: str
    zone: str


class TextsView(TextsValues, frozen=True):
    """As it is in force."""

    revision: Natural


class ScheduleValues(Wire, frozen=True):
    """`opens` null: when the last member approves."""

    opens: Time | None
    closes: Time


class NoticeItem(Wire, frozen=True):
    """What the calendar of the rules says; `due`: until when it would be in time."""

    severity: Literal["warn", "refuse"]
    clause: str
    text: str
    due: Time | None


class ScheduleView(Wire, frozen=True):
    """As it is set for the next poll."""

    revision: Natural
    opens: Time | None
    closes: Time | None
    notices: list[NoticeItem]


class WaiverValues(Wire, frozen=True):
    """Why no rehearsal is held: who decided so; empty takes it back."""

    waiver: str


class RehearsalItem(Wire, frozen=True):
    """A test election with this set-up; `held`: it came to a result."""

    election: str
    held: bool


class RehearsalView(WaiverValues, frozen=True):
    """The rehearsals of an election, and the waiver."""

    revision: Natural
    rehearsals: list[RehearsalItem]


class RulesValues(Wire, frozen=True):
    """The rules as a file: TOML, or the canonical JSON that the log holds."""

    rules: str


class RuleFaultItem(Wire, frozen=True):
    """A fault of the rules in the making."""

    path: str
    clause: str
    text: str


class ReadingsValues(Wire, frozen=True):
    """Clause → reading, of ambiguous clauses; the others keep what was chosen, or the default."""

    readings: dict[str, str]


class RulesView(Wire, frozen=True):
    """`logged`: they stand in the log. `rules`: as JSON, with faults or without; null before there are any. `unread`:
    clauses without a signed reading; `readings`: what is meant to be signed.
    """

    revision: Natural
    logged: bool
    rules: dict[str, Any] | None
    faults: list[RuleFaultItem]
    unread: list[str]
    readings: dict[str, str]


class PreparedActs(Wire, frozen=True):
    """Acts without number and approvals that the set-up has ready, in the order in which they are to be done."""

    acts: list[PlannedAct]


class RollPart(Wire, frozen=True):
    """A part of a CSV or XLSX file, base64url: the first one begins the upload anew, the others go behind it."""

    name: str
    part: str
    first: bool


class RollMapping(Wire, frozen=True):
    """`columns`: field → name of its column, empty for none; `levels`, `statuses`: of those who may vote."""

    columns: dict[str, str]
    levels: list[str]
    statuses: list[str]


class RollFault(Wire, frozen=True):
    """What is wrong in a row; the header is row 1."""

    row: Natural
    field: str
    reason: str


class UploadView(RollMapping, frozen=True):
    """A file that waits. `trouble`: why it cannot be read as it is; empty for none. With one fault nothing is imported.
    `added`, `removed`, `changed`: students, against the roll that is imported.
    """

    name: str
    header: list[str]
    trouble: str
    total: Natural
    eligible: Natural
    faults: list[RollFault]
    added: Natural
    removed: Natural
    changed: Natural


class RollView(Wire, frozen=True):
    """The roll as it is imported, and the file that waits, if any."""

    revision: Natural
    students: Natural
    eligible: Natural
    frozen: bool
    upload: UploadView | None


class CandidateValues(Wire, frozen=True):
    """A candidacy; `block` empty for the whole body."""

    student_id: str
    position: str
    block: str


class CandidateItem(CandidateValues, frozen=True):
    """`person`: the option id; `statements`: by language; `photo`: its address, null for none."""

    full_name: str
    person: str
    statements: dict[str, str]
    photo: str | None


class CandidateList(Wire, frozen=True):
    """Everybody who stands in the next poll whose contests are not made."""

    revision: Natural
    poll: Natural
    candidates: list[CandidateItem]


class CandidateListValues(Wire, frozen=True):
    """The whole list, in the order of the ballots."""

    candidates: list[CandidateValues]


class ProfileValues(Wire, frozen=True):
    """`photo`: a JPEG, PNG or WebP file, base64url; null keeps the one there is, empty removes it."""

    statements: dict[str, str]
    photo: str | None


class ProfileView(Wire, frozen=True):
    """What a candidate says; `photo`: its address."""

    revision: Natural
    statements: dict[str, str]
    photo: str | None


class ContestsMade(Wire, frozen=True):
    """How many contests the next poll has in the log."""

    revision: Natural
    contests: Natural


class LinksView(Wire, frozen=True):
    """`mails`: how many mails with a link are in which state."""

    revision: Natural
    voters: Natural
    credentials: Natural
    electorates: Natural
    mails: dict[str, Natural]


class DocumentValues(Wire, frozen=True):
    """The document of an offline registrar: the canonical JSON that `registrar make-offline` wrote, as text."""

    document: str


class MailTestView(Wire, frozen=True):
    """The last test mail; `words`: of the mail server, where it did not take it."""

    revision: Natural
    state: Literal["untested", "passed", "failed"]
    words: str
