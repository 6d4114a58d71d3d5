"""The parameters of a simulated election, and its ballot boxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ballot.ballot import BallotData
from ballot.contest import ContestRules
from ballot.token import TokenRequest
from tally.constitution import Constitution, Resolution
from tally.counts import Bounds
from tests.simulated.logbook import START
from tests.simulated.rules import Scope, SmallRules, default_resolutions


@dataclass(frozen=True)
class ContestPlan:
    """One contest: `votes[v]` is what voter v of the electorate does.

    A vote is the ids of the marked options, separated by spaces ("ana", "ana gio", "blank", "" for no mark);
    "token" takes a token and never casts; None does nothing. Voters beyond the list do nothing.
    """

    id: str
    votes: Sequence[str | None]
    options: str = "ana beka blank"
    electorate: str = "university"
    position: str = "president"
    minimum: int = 1
    maximum: int = 1


@dataclass(frozen=True)
class Plan:
    """The parameters of an election; `electorates` maps an id to its voters' numbers."""

    contests: Sequence[ContestPlan] = (ContestPlan("head", ("ana", "ana", "beka", "blank")),)
    voters: int = 6
    electorates: Mapping[str, Sequence[int]] = field(default_factory=dict)  # besides "university": all of them
    k: int = 2
    n: int = 3
    absent: frozenset[int] = frozenset()  # trustees who never come back for the tally
    rogue: frozenset[int] = frozenset()  # trustees whose shares are wrong, and signed
    rsa_bits: int = 1024
    min_ballots: int = 3
    review_window: int = 3600
    scope: Scope = "both"
    complaints: int = 0
    one_position: bool = True
    tie: str = "members-vote"
    rules: Constitution | None = None  # instead of the small constitution of tests/simulated/rules.py
    readings: Mapping[str, str] = field(default_factory=dict)  # end of a path -> reading, where not the default
    hours: int = 1  # how long polls are open
    start: int = START
    seed: str = "simulator"

    @property
    def rehearsal(self) -> bool:
        return self.rsa_bits < 3072

    @cached_property
    def constitution(self) -> Constitution:
        """As it is logged: with its open questions."""
        if self.rules is not None:
            return self.rules
        return SmallRules(
            self.min_ballots, self.review_window, self.scope, self.complaints, self.one_position, self.tie
        ).constitution()

    @property
    def resolutions(self) -> Sequence[Resolution]:
        """A reading for every open question."""
        return default_resolutions(self.constitution, self.readings)


@dataclass
class Box:
    """One open contest: its plan, its document, its issuer's requests, its ballots in the order of casting."""

    plan: ContestPlan
    rules: ContestRules
    requests: list[tuple[bytes, TokenRequest]] = field(default_factory=list)
    ballots: list[BallotData] = field(default_factory=list)
    sealed: int = 0

    def vote(self, marks: str) -> tuple[int, ...]:
        chosen = marks.split()
        return tuple(int(option in chosen) for option in self.plan.options.split())

    @property
    def bounds(self) -> Bounds:
        return Bounds(self.plan.minimum, self.plan.maximum, self.rules.weights)
