"""The published facts of one contest after the count, as the rules read them: nothing here that is not in the log."""

from dataclasses import dataclass

from tally.errors import OutcomeError


@dataclass(frozen=True, slots=True)
class OptionFacts:
    """One option of a contest: its id and whether it is the blank one."""

    id: str
    blank: bool


@dataclass(frozen=True, slots=True)
class ContestFacts:
    """One contest after the count.

    contest, position, electorate are ids; `size` = credentials in the electorate; `ballots` = logged ballots, blank
    ones included; `counts` = votes per option in the document's order, or None where they are withheld.
    `void`: candidates barred or withdrawn after the opening, whose votes do not count (6.1.5(8)). `attended`: how many
    attended the meeting, where that was recorded (6.8.3). `tickets`: one 32-byte value per option, fixed by the ballots
    at the close, by which lots are drawn (tally/lot.py); empty where there are no sums.
    """

    contest: str
    position: str | None
    electorate: str
    size: int
    options: tuple[OptionFacts, ...]
    ballots: int
    counts: tuple[int, ...] | None
    void: frozenset[str] = frozenset()
    attended: int | None = None
    tickets: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse facts that no log can hold; raises OutcomeError."""
        if not 0 <= self.ballots <= self.size:
            raise OutcomeError(f"contest {self.contest}: ballots: expected 0 to {self.size}, got {self.ballots}")
        if self.counts is None:
            return
        if len(self.counts) != len(self.options):
            raise OutcomeError(
                f"contest {self.contest}: counts: expected {len(self.options)} options, got {len(self.counts)}"
            )
        for option, count in zip(self.options, self.counts, strict=True):
            if not 0 <= count <= self.ballots:
                raise OutcomeError(
                    f"contest {self.contest}: votes for {option.id}: expected 0 to {self.ballots}, got {count}"
                )

    def candidate_votes(self) -> list[tuple[str, int]]:
        """Return (option id, votes) of every candidate whose votes count, in the document's order.

        Raises OutcomeError where the counts are withheld.
        """
        if self.counts is None:
            raise OutcomeError(f"contest {self.contest}: counts are withheld")
        pairs = zip(self.options, self.counts, strict=True)
        return [(option.id, count) for option, count in pairs if not option.blank and option.id not in self.void]
