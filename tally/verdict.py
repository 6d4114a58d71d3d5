"""What a procedure makes of the counts of one contest, before any seat is given to anybody."""

from dataclasses import dataclass

from tally.reasoning import Step
from tally.wire import OutcomeKind


@dataclass(frozen=True, slots=True)
class Rank:
    """Candidates with equal votes: option ids in the document's order."""

    votes: int
    persons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a procedure.

    outcome  see `OutcomeKind`; turnout and one position for one person are not its business
    ranking  candidates with at least one vote, most votes first; void votes do not count. Where the outcome is
             "elected", the first rank is the elected person alone
    advance  "not-enough": who goes into the second tour, empty where there is none. "tie-for-second": who goes
             into it for certain
    tied     "tie": the equal leaders. "tie-for-second": those of whom the members choose one
    steps    the reasoning
    """

    outcome: OutcomeKind
    ranking: tuple[Rank, ...]
    advance: tuple[str, ...]
    tied: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def elected(self) -> tuple[str, ...]:
        """The elected person, or nobody."""
        return self.ranking[0].persons if self.outcome == "elected" else ()
