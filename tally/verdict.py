"""What a method of electing answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tally.facts import ContestFacts
from tally.reasoning import Step


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who is elected in one contest: option ids in the document's order, empty unless the outcome is "elected"."""

    outcome: Literal["elected", "tie", "nobody"]
    elected: tuple[str, ...]
    steps: tuple[Step, ...]


Method: TypeAlias = Callable[[str, ContestFacts], Verdict]
"""(clause, contest with its counts) -> verdict; pure, raises OutcomeError."""
