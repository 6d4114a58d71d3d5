"""What can be wrong with tally data. All of it is hostile or broken data, never our own bug."""

from typing import ClassVar

from keys.errors import DataError


class TallyError(DataError):
    """Base of every refusal of this package."""

    code: ClassVar[str] = "malformed"


class SumsError(TallyError):
    """Sums that are not the sums of the contest's ballots."""


class ShareError(TallyError):
    """A trustee's share that does not hold; `trustee` is the trustee's number, from 1."""

    code: ClassVar[str] = "proof-invalid"

    def __init__(self, trustee: int, reason: str) -> None:
        """Name the trustee in front of the reason."""
        super().__init__(f"share {trustee}: {reason}")
        self.trustee = trustee


class ShareSignatureError(ShareError):
    """A share that its trustee did not sign: nobody's fault can be told from it, so it is never logged."""

    code: ClassVar[str] = "signature-invalid"


class CountsError(TallyError):
    """Counts that do not follow from the sums and the shares."""


class ConstitutionError(TallyError):
    """A constitution that cannot be used; `faults` holds every fault, in the order of the document."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        """Join the faults to one text."""
        super().__init__("; ".join(faults))
        self.faults = faults


class OutcomeError(TallyError):
    """Published facts to which the constitution has no rule, or a declared result that is not the one they give."""
