"""The tally's data as it stands in the log (docs/protocol.md §9, §10).

Everywhere below: points are base64url of 33 bytes, scalars of 32, signatures of 64; `context` is base64url of 32
bytes; options come in the order of the contest document. `null` stands for the identity, which has no encoding.
"""

from typing import Literal

from keys.canonical import Id, Natural, Wire


class SumsData(Wire, frozen=True):
    """`tally.sums`: the sums over a contest's logged ballots, `null` where the contest has none.

    `sums` holds one pair [A*, B*] per option, A* = sum of the ballots' A_i, B* = sum of their B_i.
    """

    context: str
    ballots: Natural
    sums: list[tuple[str | None, str | None]] | None


class PartialDecryption(Wire, frozen=True):
    """One option's decryption by one trustee: D = x·A* and the proof (a, b, z) that it is."""

    d: str
    a: str
    b: str
    z: str


class ShareData(Wire, frozen=True):
    """`tally.share`: one trustee's decryptions of a contest, `null` where A* is `null`.

    `i` is the trustee's number from 1; `signature` by the identity key over
    H("es1/trustee-tally", session, i, JCS(data without signature)).
    """

    context: str
    i: Natural
    shares: list[PartialDecryption | None]
    signature: str


class CountsData(Wire, frozen=True):
    """`tally.counts`: votes per option, and the trustees whose shares gave them (ascending; none for zero ballots)."""

    context: str
    trustees: list[Natural]
    counts: list[Natural]


class WithheldData(Wire, frozen=True):
    """`tally.withheld`: a contest with at least one ballot and fewer than the constitution's `min_ballots`."""

    context: str
    ballots: Natural


Turnout = Literal["valid", "invalid", "waived"]
Tour = Literal["first", "second"]
VoteKind = Literal[
    "election",
    "second-tour",
    "re-election",
    "repeat",
    "merge",
    "members-vote",
    "advance-vote",
    "by-election",
    "moot",
]
TaskKind = Literal[
    "second-tour", "re-election", "repeat", "merge", "members-vote", "advance-vote", "by-election", "paper", "approval"
]
OutcomeKind = Literal[
    "elected",
    "tie",
    "not-enough",
    "tie-for-second",
    "nobody",
    "invalid-turnout",
    "withheld",
    "adopted",
    "rejected",
    "no-quorum",
    "counted",
]


class Task(Wire, frozen=True):
    """What has to happen next about a seat or motion, computed from the outcome; the next polls are made from it.

    seat       id of the contest
    kind       "approval": a board has to approve; "paper": a vote on paper, outside the service; all others are votes
    tour       of the vote
    options    ids of the candidates, in the order of the contest that they come from; empty: new nominations
    voters     the seat's own block, or the members
    barred     persons who have no vote in it (6.5.5)
    procedure  id of the procedure by which it is judged
    clause     that asks for it
    days       within which it has to happen, counted from the entry that asks for it; 0: no limit
    """

    seat: Id
    kind: TaskKind
    tour: Tour
    options: list[str]
    voters: Literal["block", "members"]
    barred: list[str]
    procedure: Id
    clause: str
    days: Natural


class ContestResult(Wire, frozen=True):
    """One contest in `result.declared.results`, which is ascending by `contest` (as ASCII).

    contest     id of the contest within its poll; it is also the id of the seat
    position    id of the position in the constitution
    electorate  id of the electorate
    vote        what kind of vote it was: "election", the task that it answers, or "moot": nothing had to be voted on
                any more when it opened, and nothing follows
    tour        of the vote
    procedure   id of the procedure that judged it
    size        credentials in the electorate
    ballots     logged ballots, blank ones included: the participants of this body
    turnout     the turnout test's answer for this contest (see tally/turnout.py for what each scope tests)
    counts      votes per option in the document's order; null where they are withheld
    outcome     "elected": one person has won; "tie": equal leaders; "not-enough": no one has the majority;
                "tie-for-second": the members have to say who goes into the second tour; "nobody": nobody has a vote;
                "invalid-turnout": the binding test failed, whatever the counts say; "withheld": too few ballots to
                be opened; "adopted", "rejected", "no-quorum": of a motion; "counted": a survey, or moot
    elected     ids of the elected by this contest alone; one position for one person is in `seats`
    """

    contest: Id
    position: Id
    electorate: Id
    vote: VoteKind
    tour: Tour
    procedure: Id
    size: Natural
    ballots: Natural
    turnout: Turnout
    counts: list[Natural] | None
    outcome: OutcomeKind
    elected: list[str]


class Branch(Wire, frozen=True):
    """Who gets a provisional seat if a higher seat, still open, goes to `holder` (null: to nobody named)."""

    higher: Id
    holder: str | None
    person: str | None


class SeatResult(Wire, frozen=True):
    """One seat in the reasoning of a `result.declared` (tally/reasoning.py).

    status    "filled": `person` has it for good, or holds it already; "provisional": it depends on a higher seat that
              is open; "open": a task has to be done first; "vacant": nobody, and nothing follows by itself
    person    who has it, as things stand
    possible  who may still get it, where that is not settled
    branches  for a provisional seat, one for each way the higher seats may go
    """

    seat: Id
    position: Id
    status: Literal["filled", "provisional", "open", "vacant"]
    person: str | None
    possible: list[str]
    branches: list[Branch]


class DeclaredData(Wire, frozen=True):
    """`result.declared`: the results of a poll; `reasoning` = lower-case hex SHA-256 of the reasoning blob."""

    poll: Natural
    results: list[ContestResult]
    reasoning: str


class Skipped(Wire, frozen=True):
    """Somebody with more votes who does not get a seat.

    reason  "holds-higher", "barred", "withdrawn", "left", "refused", "moved-up",
            "too-few-votes"; `seat`: the higher seat, else ""
    """

    person: str
    reason: str
    seat: str


class SeatTakenData(Wire, frozen=True):
    """`seat.taken` (by election) and `seat.filled` (by succession): a mandate begins with this entry.

    until    last day of the term, "YYYY-MM-DD"; "" where the constitution has none
    cause    "poll:NUMBER" or "decision:ACT": the poll, certified or annulled, or the decision that it follows from
    skipped  those before this person, in the order of the list
    """

    seat: Id
    position: Id
    person: str
    until: str
    clause: str
    cause: str
    skipped: list[Skipped]


class SeatVacatedData(Wire, frozen=True):
    """`seat.vacated`: a mandate ends with this entry.

    ground  id of the constitution's ground, or "higher-position" (6.12.5)
    acting  who does the work meanwhile; "" for nobody
    next    what has to happen; null where a `seat.filled` follows, or nothing
    """

    seat: Id
    position: Id
    person: str
    ground: str
    clause: str
    cause: str
    acting: str
    next: Task | None
