"""The ordered reasoning that a result is returned with: every rule that was applied, with its clause and its numbers.

Texts are codes, so that a verifier compares them byte for byte and `election-audit explain` says them in the reader's
language (audit/explain.py).
"""

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from typing import Literal

from keys import canonical
from keys.canonical import Natural, SafeInt, Wire
from tally.wire import SeatResult, Task


class Rule(StrEnum):
    """Which rule a step applies."""

    RESOLUTION = "resolution"
    TURNOUT = "turnout"
    VOID = "void"
    WITHHELD = "withheld"
    PLURALITY = "plurality"
    MAJORITY = "majority"
    SECOND_TOUR = "second-tour"
    LOT = "lot"
    MOTION = "motion"
    SURVEY = "survey"
    ONE_POSITION = "one-position"
    AGENDA = "agenda"
    PETITION = "petition"
    OPEN_VOTE = "open-vote"


class Conclusion(StrEnum):
    """What follows from a step. `names` in brackets: the ids that `Step.names` holds, in this order."""

    READ_AS = "read-as"  # [the reading]
    TURNOUT_VALID = "turnout-valid"  # [electorate]
    TURNOUT_INVALID = "turnout-invalid"  # [electorate]
    TURNOUT_WAIVED = "turnout-waived"  # [electorate]
    RESULT_VOID = "result-void"  # [] the turnout that decides for this contest is invalid
    VOTES_VOID = "votes-void"  # [person] barred or withdrawn after the opening
    NOTHING_DECRYPTED = "nothing-decrypted"  # []
    SOMEBODY_HAS_VOTES = "somebody-has-votes"  # []
    NOBODY_HAS_VOTES = "nobody-has-votes"  # []
    LEADS = "leads"  # [person]
    EQUAL_LEADERS = "equal-leaders"  # [persons]
    ENOUGH = "enough"  # [person, or all equal ones]
    NOT_ENOUGH = "not-enough"  # [person who came nearest, or all equal ones]
    ADVANCE = "advance"  # [persons] into the second tour
    TIE_FOR_SECOND = "tie-for-second"  # [persons]
    SECOND_TOUR_IMPOSSIBLE = "second-tour-impossible"  # []
    DRAWN = "drawn"  # [persons in the order of the lot]
    QUORATE = "quorate"  # []
    NOT_QUORATE = "not-quorate"  # []
    ADOPTED = "adopted"  # []
    REJECTED = "rejected"  # []
    COUNTED = "counted"  # []
    TAKES = "takes"  # [person]
    HOLDS_HIGHER = "holds-higher"  # [person, seat]
    PASSED_OVER = "passed-over"  # [person, reason]
    PROVISIONAL = "provisional"  # [person as things stand, then everybody who may still get the seat]
    WAITS = "waits"  # [everybody who may still get the seat]
    EQUAL_NEXT = "equal-next"  # [persons]
    LIST_EXHAUSTED = "list-exhausted"  # []
    MOOT = "moot"  # [] nothing had to be voted on any more when the poll opened
    FOLLOWS = "follows"  # [kind of the task, then its options]
    SUPPORTED = "supported"  # []
    NOT_SUPPORTED = "not-supported"  # []
    CASTING_VOTE = "casting-vote"  # [the choice that counts twice, or nothing where its holder made none]


class Step(Wire, frozen=True):
    """One step of the reasoning.

    contest     id of the contest or seat that it is about; null: the whole poll
    rule        which rule was applied (`Rule`)
    clause      the clause that says so
    inputs      the numbers that went in, by name (`ballots`, `size`, `votes.OPTION`, `days`; `ticket.OPTION`: 48 bits)
    comparison  what was compared, in integers, as written out ("2 * 500 >= 1 * 1001"); "" where nothing was
    holds       whether the comparison holds; true where nothing was compared
    conclusion  what follows (`Conclusion`)
    names       the ids that the conclusion is about
    grounds     where the inputs come from: "count:POLL/CONTEST", "resolution:CLAUSE", "decision:ACT", "poll:NUMBER"
                (an earlier result), "seat:SEAT" (a mandate in the register), "petition:ID" (its logged support),
                "vote:ID" (the logged votes of an open vote), "step:NUMBER" (an earlier step of this reasoning, from 0),
                "constitution"; never empty
    """

    contest: str | None
    rule: Rule
    clause: str
    inputs: dict[str, SafeInt]
    comparison: str
    holds: bool
    conclusion: Conclusion
    names: list[str]
    grounds: list[str]


class Reasoning(Wire, frozen=True):
    """The reasoning blob of one poll: its canonical JSON is what the log names.

    It is a file, since an entry has no room for a large university (docs/protocol.md §1). `seats`: every seat of the
    log up to this poll, ascending by (rank, seat); `agenda`: every open task, ascending by seat.
    """

    v: Literal["es1"]
    poll: Natural
    steps: list[Step]
    seats: list[SeatResult]
    agenda: list[Task]


def make_blob(poll: int, steps: Sequence[Step], seats: Sequence[SeatResult], agenda: Sequence[Task]) -> bytes:
    """Return the canonical JSON of the reasoning of `poll`, with the seats and tasks that it comes to."""
    return canonical.encode(Reasoning(v="es1", poll=poll, steps=list(steps), seats=list(seats), agenda=list(agenda)))


def blob_name(blob: bytes) -> str:
    """Return the name of a blob: lower-case hex SHA-256 of its bytes."""
    return hashlib.sha256(blob).hexdigest()
