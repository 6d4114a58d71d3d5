"""Why a ballot or a request for a token is refused; each error has its own problem type (docs/protocol.md §7)."""

from typing import ClassVar

from keys.errors import DataError


class ContestError(DataError):
    """A contest document that the protocol does not allow."""

    code: ClassVar[str] = "malformed"


class ContextError(DataError):
    """A ballot, token or request for another contest than the one it came to (A12)."""

    code: ClassVar[str] = "wrong-context"


class TokenError(DataError):
    """A token that this contest's issuer key did not sign, or one in another form."""

    code: ClassVar[str] = "token-invalid"


class OwnerError(DataError):
    """A ballot body whose owner is not the token's key."""

    code: ClassVar[str] = "owner-mismatch"


class ProofError(DataError):
    """An equation of a proof that does not hold."""

    code: ClassVar[str] = "proof-invalid"


class RefusedBallotError(DataError):
    """A degenerate ballot, refused before any equation (docs/protocol.md §6)."""

    code: ClassVar[str] = "ballot-refused"


class BallotFormatError(DataError):
    """A ballot whose parts are not those of its contest: number of options, branches, challenges or responses."""

    code: ClassVar[str] = "malformed"


class VoteError(DataError):
    """A choice that the contest does not allow; said to the voter before anything is encrypted."""

    code: ClassVar[str] = "malformed"
