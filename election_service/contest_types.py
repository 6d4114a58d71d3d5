"""What travels over HTTP about contests: what is on the ballot, proofs for it, who the candidates are, and how many
have voted (docs/protocol.md §A). The same for everybody.
"""

from ballot.contest import Option
from election_service.api_types import PollState, ProvenEntry
from keys.canonical import Id, Natural, Positive, Time, Wire


class ContestInfo(Wire, frozen=True):
    """A contest of the log: `context` 32 bytes, `size` of its electorate, `state` of its poll."""

    context: str
    poll: Positive
    contest: Id
    position: Id | None
    electorate: Id
    size: Positive
    options: list[Option]
    min: Natural
    max: Positive
    state: PollState


class ContestList(Wire, frozen=True):
    """Every contest, in the order of the log."""

    contests: list[ContestInfo]


class ContestEvidence(Wire, frozen=True):
    """What proves a contest, under `checkpoint`: the entries of the voter's view, without a voter.

    `seq`, `electorate_seq`: where the contest and its electorate stand in the log.
    """

    checkpoint: str
    entries: list[ProvenEntry]
    seq: Natural
    electorate_seq: Natural


class Profile(Wire, frozen=True):
    """What a candidate says, by language, and the path of the photo (null: none)."""

    statements: dict[str, str]
    photo: str | None


class ContestProfiles(Wire, frozen=True):
    """The candidates of a contest that have a profile, by option id: all at once, asking tells nothing (A66)."""

    profiles: dict[str, Profile]


class ContestTurnout(Wire, frozen=True):
    """Ballots of a contest; null for an open one whose block is too small to be told of (A69)."""

    context: str
    contest: Id
    size: Positive
    ballots: Natural | None


class PollTurnout(Wire, frozen=True):
    """A poll that was opened. `exact`: closed, the numbers are the log's; otherwise coarse, and as of `at`."""

    poll: Positive
    exact: bool
    at: Time | None
    contests: list[ContestTurnout]


class TurnoutList(Wire, frozen=True):
    """How many have voted, poll by poll; never for what."""

    polls: list[PollTurnout]
