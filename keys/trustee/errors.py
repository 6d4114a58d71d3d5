"""What can be wrong with a trustee's message; every text names the trustee."""

from typing import ClassVar

from keys.errors import DataError


class CeremonyError(DataError):
    """A message that does not belong into this session, at this stage, from this trustee."""

    code: ClassVar[str] = "act-refused"


class TrusteeProofError(CeremonyError):
    """A commitment, share or canary whose equation does not hold."""

    code: ClassVar[str] = "proof-invalid"
