"""The check of an audited ballot (docs/protocol.md §8): recompute the body from what the booth revealed and compare."""

from typing import Annotated

from msgspec import Meta

from ballot.ballot import tracker_of
from ballot.contest import ContestRules
from ballot.encryption import make_body
from ballot.errors import ContextError, ProofError
from keys.canonical import Wire, unb64

Mark = Annotated[int, Meta(ge=0, le=1)]


class AuditedBallot(Wire, frozen=True):
    """What a booth reveals of a ballot that will never be cast; never the token key, never t."""

    context: str
    owner: str
    vote: list[Mark]
    seed: str


def verify_audited(contest: ContestRules, audited: AuditedBallot, tracker: bytes) -> None:
    """Whether the booth encrypted this vote in the ballot whose tracker it showed first; ProofError if it did not.

    ``contest`` comes from the log, never from the booth; ``tracker`` is all 256 bits of what was shown before.
    """
    if unb64(audited.context, 32, "audited ballot: context") != contest.context:
        message = "audited ballot: wrong context: it belongs to another contest"
        raise ContextError(message)
    owner = unb64(audited.owner, 32, "audited ballot: owner")
    seed = unb64(audited.seed, 32, "audited ballot: seed")
    if tracker_of(make_body(contest, owner, audited.vote, seed)) != tracker:
        message = "audited ballot: the ballot shown does not encrypt this vote"
        raise ProofError(message)
