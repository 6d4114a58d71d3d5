"""What is known about one seat before the seats are given, and how it was given (tally/one_position.py)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tally.constitution import TieRule
from tally.reasoning import Step
from tally.verdict import Rank
from tally.wire import Skipped

Status = Literal["filled", "provisional", "open", "tie", "exhausted", "undecided"]
NextTie = Literal["members-vote", "lot", "by-election"]
Refill = Literal["next-by-votes", "by-election"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What the contests and the register say about one seat.

    ranking    candidates by votes, most first; empty while the contest is undecided
    possible   undecided: who may still be elected, as far as names are known
    holder     has the seat now, and keeps it unless he or she gets a higher one
    passed     person -> why he or she cannot have this seat: "barred", "withdrawn", "left", "refused"
    min_votes  that everybody after the first rank needs
    tie        what equal votes in the first rank lead to; next_tie: in the ranks after it
    tickets    person -> ticket of the lot, of all who are ranked; needed where a tie rule is "lot"
    refill     who comes when the first rank, or the holder, has gone: the "next-by-votes", or nobody ("by-election")
    grounds    logged facts that all this follows from (see `Step.grounds`)
    """

    seat: str
    position: str
    clause: str
    rank: int
    ranking: tuple[Rank, ...]
    possible: tuple[str, ...]
    holder: str | None
    passed: Mapping[str, str]
    min_votes: int
    tie: TieRule
    next_tie: NextTie
    tickets: Mapping[str, bytes]
    refill: Refill
    grounds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Allocation:
    """Who gets one seat.

    status    "filled": `person` has it, whatever happens above. "provisional": `person` has it as things stand.
              "open": equals have it as things stand, and a higher seat may change who they are. "tie": equals have it,
              whatever happens above. "exhausted": nobody is left. "undecided": its own contest decides
    possible  everybody who may get it in any way: at least those, in the order of the line
    tied      "tie", "open": the equals, as things stand; tie_rule: what that leads to
    skipped   who stood before them and why not; a holder who moves up comes first
    """

    seat: str
    status: Status
    person: str | None
    possible: tuple[str, ...]
    tied: tuple[str, ...]
    tie_rule: str
    skipped: tuple[Skipped, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Equals in the line of a seat.

    kind   the "holder"; persons "ranked" with equal votes; or those whom an "undecided" contest may elect
    tie    what it leads to if they are several
    drawn  all who took part in the lot that put this person here
    """

    kind: Literal["holder", "ranked", "undecided"]
    persons: tuple[str, ...]
    tie: str = ""
    drawn: tuple[str, ...] = ()
