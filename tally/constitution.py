"""The rules of one election as data: clause -> parameter -> value or readings (docs/rules.md, docs/protocol.md §9).

The blob that the `constitution` entry names is canonical JSON of `Constitution`. People write it as TOML
(tally/constitution_toml.py). `min_ballots`, `review_window` and `max_slack` are the protocol's own parameters (§10) and
stand as plain numbers.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from keys import canonical
from keys.canonical import Id, Natural, Positive, Wire
from keys.ids import ID_PATTERN
from tally.constitution_faults import Fault, describe, find_schema_faults
from tally.contradictions import find_contradictions
from tally.errors import ConstitutionError
from tally.parameter import Parameter, Text
from tally.threshold import PATTERN, ThresholdText

Voters = Literal["block", "members"]
Nomination = Literal["self", "committee", "petition"]
Base = Literal["ballots", "valid", "listed", "attending"]
TieRule = Literal["members-vote", "lot", "re-election", "second-tour"]
Date = Annotated[str, Meta(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?\Z")]  # or ""
NoneOrId = Annotated[str, Meta(pattern=f"^\\Z|{ID_PATTERN}")]  # or ""
NoneOrThreshold = Annotated[str, Meta(pattern=f"^\\Z|{PATTERN}")]  # or ""


class TurnoutRule(Wire, frozen=True):
    """When a poll counts at all (IBSU 6.12.4).

    share        of the entitled who must take part, ">= 1/2"; the constitution `body` is the whole body
    scope        which bodies are tested (tally/turnout.py)
    second_tour  "same": second tours are tested too; "waived": they are not
    failure      what follows where the test fails: "repeat" the contest, or leave the seat "vacant"
    repeat_days  days until the repetition
    """

    share: Parameter[ThresholdText]
    scope: Parameter[Literal["university", "block", "both", "both-enforced", "none"]]
    second_tour: Parameter[Literal["same", "waived"]]
    failure: Parameter[Literal["repeat", "vacant"]]
    repeat_days: Parameter[Natural]


class OnePosition(Wire, frozen=True):
    """One duty for one person (IBSU 6.12.5).

    applies      whether the rule is in force
    ex_position  who gets the position that is left: the "next-by-votes", or whoever wins a "by-election"
    """

    applies: Parameter[bool]
    ex_position: Parameter[Literal["next-by-votes", "by-election"]]


class CalendarRule(Wire, frozen=True):
    """Dates and deadlines; days are calendar days, dates "YYYY-MM-DD", "" where the institution has none.

    semester_begins         first day of the fall semester
    first_poll_days         the first poll happens within so many days after it (6.1.5); 0: no limit
    first_poll_measure      what must lie within: that the poll "closes" or that it "opens"
    first_poll_late         what happens otherwise: "warn" or "refuse"
    term_ends               last day of the term (6.1.5(1))
    after_term              "none": seats are empty then; "until-successor": the holder stays as caretaker
    suspension_stops_clock  whether deadlines move by the time of a suspension (6.1.3)
    utc_offset              minutes that the institution's clocks are ahead of UTC: 240 in Georgia and Azerbaijan
    """

    semester_begins: Parameter[Date]
    first_poll_days: Parameter[Natural]
    first_poll_measure: Parameter[Literal["closes", "opens"]]
    first_poll_late: Parameter[Literal["warn", "refuse"]]
    term_ends: Parameter[Date]
    after_term: Parameter[Literal["none", "until-successor"]]
    suspension_stops_clock: Parameter[bool]
    utc_offset: Annotated[int, Meta(ge=-720, le=840)]


class Ground(Wire, frozen=True):
    """A ground on which a mandate ends early (6.5.3, 6.9.6).

    bars    whether the person can hold no other seat either
    motion  id of the position (a motion) that must have been adopted and certified first; "" where none is needed
    """

    id: Id
    clause: Text
    bars: bool
    motion: NoneOrId


class PetitionRule(Wire, frozen=True):
    """Support that is collected from a roll (6.8.4e, 6.9.3; ATU 3.1).

    share    of the roll, ">= 1/5"; minimum: a number of supporters that is needed besides, 0 for none
    support  who supports: the credentials of the electorate that the petition names
    """

    id: Id
    clause: Text
    share: Parameter[ThresholdText] | None
    minimum: Parameter[Natural]


class BoardRule(Wire, frozen=True):
    """Open votes of a board (6.10.4): quorum of the listed, majority of the attending, casting vote.

    casting  the position whose holder has two votes where votes are divided equally; "" for none
    """

    quorum: Parameter[ThresholdText]
    threshold: Parameter[ThresholdText]
    casting: Parameter[NoneOrId]


class Plurality(Wire, frozen=True, tag_field="method", tag="plurality"):
    """Most votes wins.

    voters      "block": the contest's own block; "members": those who hold seats
    nomination  who names candidates: they themselves, the committee, or a supported "petition" under the rule of
                petitions that is called "nomination" (6.9.3); the first two are for people to see to
    single      where there is one candidate: elected with a "majority" of the ballots cast (a yes-or-no ballot), or
                with any vote at all ("plurality")
    tie         what equal leaders lead to
    again_days  days until a re-election where nobody is elected
    """

    id: Id
    clause: Text
    voters: Parameter[Voters]
    nomination: Parameter[Nomination]
    single: Parameter[Literal["majority", "plurality"]]
    tie: Parameter[TieRule]
    again_days: Parameter[Natural]


class Majority(Wire, frozen=True, tag_field="method", tag="majority"):
    """Enough votes are needed; otherwise a second tour of the top two, and then a re-election (6.9.2, 6.9.4).

    voters          as for a plurality; so is nomination
    threshold       "> 1/2"
    base            of what: "ballots" cast, blank ones included; "valid" ballots, blank and void ones not; all who are
                    "listed" on the roll; those "attending" the meeting
    second_tour     "top-two", or "none": straight to the re-election
    tie_for_second  "all-advance": as many as are tied; "lot"; "members-vote": the members choose who advances
    again_days      days until the re-election
    """

    id: Id
    clause: Text
    voters: Parameter[Voters]
    nomination: Parameter[Nomination]
    threshold: Parameter[ThresholdText]
    base: Parameter[Base]
    second_tour: Parameter[Literal["top-two", "none"]]
    tie_for_second: Parameter[Literal["all-advance", "lot", "members-vote"]]
    again_days: Parameter[Natural]


class Motion(Wire, frozen=True, tag_field="method", tag="motion"):
    """A question that is adopted or rejected: options `for`, `against` and, if there is one, the blank option.

    quorum       share of the listed who must attend, ">= 7/10"; "" for none; the number who attend is a decision
    notice_days  days between the notice of the meeting and the vote (6.8.2); 0 for none
    """

    id: Id
    clause: Text
    voters: Parameter[Voters]
    threshold: Parameter[ThresholdText]
    base: Parameter[Base]
    quorum: Parameter[NoneOrThreshold]
    notice_days: Parameter[Natural]


class Survey(Wire, frozen=True, tag_field="method", tag="survey"):
    """Votes are counted and published; nothing follows from them."""

    id: Id
    clause: Text
    voters: Parameter[Voters]


Procedure = Plurality | Majority | Motion | Survey


class SeatRule(Wire, frozen=True):
    """What a position means once somebody is elected to it.

    approval          "faculty-board": the elected takes the seat when the board has approved (6.4.1b); "none"
    refused           who comes instead of a person whom the board refuses
    succession        who fills an early vacancy: the "runner-up" (6.5.5), or whoever wins a "by-election" (6.9.7)
    successor_tie     what equal next-in-line lead to
    min_votes         votes that a successor needs, at least 1
    by_election       id of the procedure of by-elections
    by_election_days  days until the by-election
    acting            who does the work meanwhile: a position (elected or appointed) whose holder acts; "" for nobody
    """

    approval: Parameter[Literal["none", "faculty-board"]]
    refused: Parameter[Literal["runner-up", "by-election"]]
    succession: Parameter[Literal["runner-up", "by-election"]]
    successor_tie: Parameter[Literal["members-vote", "lot", "by-election"]]
    min_votes: Parameter[Positive]
    by_election: Parameter[Id]
    by_election_days: Parameter[Natural]
    acting: Parameter[NoneOrId]


class Position(Wire, frozen=True):
    """What contests are about: an office (with a seat), a motion or a survey (without).

    name       in the languages of the institution, "en" at least
    rank       1 is the highest; offices of one rank never have a candidate in common
    block      the kind of block whose head it is: "university", "faculty", "department", "class"; "" otherwise
    procedure  id of the procedure of ordinary elections
    bars       who cannot be a candidate besides the rules of the roll: "first-year", "fourth-year-not-graduated",
               "not-a-member"
    """

    id: Id
    clause: Text
    name: dict[str, Text]
    rank: Positive
    block: Literal["university", "faculty", "department", "class", ""]
    procedure: Parameter[Id]
    bars: Parameter[list[Literal["first-year", "fourth-year-not-graduated", "not-a-member"]]]
    seat: SeatRule | None


class Constitution(Wire, frozen=True):
    """The rule set.

    schema         of this document, 2
    version        of the rule set, as its institution counts (6.1.4); approved_by: who set it in force
    min_ballots    contests with fewer ballots (but not none) are not decrypted; at least 2
    review_window  seconds from the publication of all tokens until shares may be made
    max_slack      percent: certification is barred unless 100 * (tokens - ballots) <= max_slack * tokens
    body           id of the electorate that is the whole body
    body_minimum   persons without whom no poll opens (ATU 3.1); 0 for no limit
    permission     whether a recorded permission is needed before the first poll opens (ATU 3.3, 6)
    small_contest  what follows where a contest is withheld: "repeat", "paper" or "merge" into a larger electorate
    discipline     which disciplinary penalties bar: "any-record" or "active-only" (6.1.5(8))
    complaints     seconds from the declaration in which complaints are heard; nothing is certified before
    members_vote   id of the procedure by which members decide ties (6.5.5)
    notes          readings that need no parameter, one text per clause: kept for the notice board
    """

    v: Literal["es1"]
    schema: Literal[2]
    name: Text
    regulation: Text
    version: Text
    approved_by: Text
    min_ballots: Annotated[int, Meta(ge=2, le=canonical.MAX_INTEGER)]
    review_window: Natural
    max_slack: Annotated[int, Meta(ge=0, le=100)]
    body: Id
    body_minimum: Parameter[Natural]
    permission: Parameter[Literal["none", "required"]]
    small_contest: Parameter[Literal["repeat", "paper", "merge"]]
    discipline: Parameter[Literal["any-record", "active-only"]]
    complaints: Parameter[Natural]
    members_vote: Parameter[Id]
    turnout: TurnoutRule
    one_position: OnePosition
    calendar: CalendarRule
    board: BoardRule | None
    grounds: list[Ground]
    petitions: list[PetitionRule]
    procedures: Annotated[list[Procedure], Meta(min_length=1)]
    positions: Annotated[list[Position], Meta(min_length=1)]
    notes: dict[str, Text]

    def procedure(self, identity: str) -> Procedure:
        """The procedure of that id; a loaded constitution has all that it names."""
        return next(procedure for procedure in self.procedures if procedure.id == identity)


@dataclass(frozen=True, slots=True)
class Resolution:
    """The committee's signed reading of one ambiguous clause, as logged before the first poll opened.

    clause   "<clause> <path>" as `ambiguities` (tally/resolutions.py) names it: "6.12.4 turnout.scope"
    reading  one of its readings: text as it is, numbers in decimal, true and false
    """

    clause: str
    reading: str


def load_constitution(raw: bytes) -> Constitution:
    """Read a constitution blob.

    Raises FormatError for bytes that are not canonical JSON, ConstitutionError with every fault otherwise.
    """
    document = canonical.decode(raw, Any)  # the faults are found below
    faults = find_faults(document)
    if faults:
        raise ConstitutionError(tuple(describe(document, fault) for fault in faults))
    return msgspec.convert(document, Constitution)


def dump_constitution(constitution: Constitution) -> bytes:
    """Return the blob; raises ConstitutionError where it could not be loaded again."""
    raw = canonical.encode(constitution)
    load_constitution(raw)
    return raw


def find_faults(document: Any) -> list[Fault]:
    """Every fault of a constitution as plain data: of the schema first, then the contradictions."""
    faults = find_schema_faults(document, Constitution)
    return [*faults, *find_contradictions(document, faults)]
