"""What the service refuses, and what keeps it from starting; ``problems`` turns the families into answers.

``code`` is the stable problem type. Errors meant for the operator carry a ``hint``: what to do about it; the command
line prints ``error:`` and ``hint:``.
"""

from typing import ClassVar

from keys.errors import DataError, InternalError, PeerError


class ServiceError(DataError):
    """Base of every refusal of a request."""


class TooLargeError(ServiceError):
    """A body over the protocol's limit (docs/protocol.md §1)."""

    code: ClassVar[str] = "too-large"


class NotFoundError(ServiceError):
    """Nothing has this address."""

    code: ClassVar[str] = "not-found"


class UnknownElectionError(ServiceError):
    """The service holds no such election."""

    code: ClassVar[str] = "unknown-election"


class WrongContextError(ServiceError):
    """No contest of this election has that context."""

    code: ClassVar[str] = "wrong-context"


class PollNotOpenError(ServiceError):
    """The poll is planned, paused or closed: nothing is issued or accepted now."""

    code: ClassVar[str] = "poll-not-open"


class NotEligibleError(ServiceError):
    """The credential is not in the contest's electorate."""

    code: ClassVar[str] = "not-eligible"


class LoginRefusedError(ServiceError):
    """Wrong signature or nonce, or a credential without a vote; one text for all of them."""

    code: ClassVar[str] = "login-refused"


class CodeSentError(ServiceError):
    """The election asks for a code, and one is on its way by mail; log in with it, and with the same nonce."""

    code: ClassVar[str] = "code-sent"


class CodeWrongError(ServiceError):
    """Not the code; the same nonce may be used for another try."""

    code: ClassVar[str] = "code-wrong"


class CodeExpiredError(ServiceError):
    """No code is good for this login any more: used, tried too often, too old, or of another login."""

    code: ClassVar[str] = "code-expired"


class TooManyCodesError(ServiceError):
    """Too many codes or wrong tries for this credential; ``retry_after``: seconds."""

    code: ClassVar[str] = "too-many-codes"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TooManyPasswordsError(TooManyCodesError):
    """Too many wrong passwords for this address, or from this browser; ``retry_after``: seconds."""


class LoginRequiredError(ServiceError):
    """No bearer token, or one that has expired."""

    code: ClassVar[str] = "login-required"


class TokenAlreadyIssuedError(ServiceError):
    """Another blinded value was signed for this credential; carries what was stored (docs/protocol.md §5)."""

    code: ClassVar[str] = "token-already-issued"

    def __init__(self, message: str, blinded: str, recovery: str | None, blind_signature: str) -> None:
        super().__init__(message)
        self.blinded = blinded
        self.recovery = recovery
        self.blind_signature = blind_signature


class TokenSpentError(ServiceError):
    """The token has cast another ballot."""

    code: ClassVar[str] = "token-spent"


class ApprovalRefusedError(ServiceError):
    """An approval that is not a member's signature on this act."""

    code: ClassVar[str] = "approval-refused"


class ActRefusedError(ServiceError):
    """An act that may not be done now, or not at all."""

    code: ClassVar[str] = "act-refused"


class NotPermittedError(ServiceError):
    """Who asks has a role here, but none that may do this."""

    code: ClassVar[str] = "not-permitted"


class SignInRequiredError(ServiceError):
    """No session of the console, one that has ended, or no good API token."""

    code: ClassVar[str] = "sign-in-required"


class SignInRefusedError(ServiceError):
    """Wrong address, password, code or passkey; one text for all of them (A84)."""

    code: ClassVar[str] = "sign-in-refused"


class InvitationRefusedError(ServiceError):
    """A link to the console that was used, withdrawn, replaced, or is too old; one text for all of them."""

    code: ClassVar[str] = "invitation-refused"


class FormStaleError(ServiceError):
    """A form that was opened in another session; nothing was done."""

    code: ClassVar[str] = "form-stale"


class RevisionStaleError(ServiceError):
    """Somebody changed this since it was looked at; nothing was changed now."""

    code: ClassVar[str] = "revision-stale"


class RevisionRequiredError(ServiceError):
    """A change that does not say which state it changes (If-Match)."""

    code: ClassVar[str] = "revision-required"


class ActExpiredError(ServiceError):
    """An act that found too few approvals in its time: it can be proposed anew, with a fresh number."""

    code: ClassVar[str] = "act-expired"


class BusyError(PeerError):
    """More work waits than can be done in time; ask again."""

    code: ClassVar[str] = "busy"


# ---- the operator's mistakes and the installation's faults ---------------------------------------------------------


class InputError(ServiceError):
    """A file or setting that the operator gave and that cannot be used; ``hint`` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigError(InputError):
    """A configuration that is unreadable, incomplete or unknown to the service."""


class RollError(InputError):
    """A roll or a list of candidates that does not hold together; see ``faults`` of the subclass."""

    code: ClassVar[str] = "roll-refused"


class RollFrozenError(InputError):
    """The roll is frozen: nobody is added, removed or altered (A45)."""

    code: ClassVar[str] = "roll-frozen"


class RegistrarError(InputError):
    """Credentials or electorates that the registrar's document may not contain (A15)."""

    code: ClassVar[str] = "registrar-refused"


class InstallationError(InternalError):
    """The installation is not fit to run; ``hint`` says what to mend."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class StorageError(InstallationError):
    """The database does not hold what it promises: settings, revision, rows."""


class NotDurableError(InstallationError):
    """A commit that the database reported as not safely replicated: no receipt may follow from it."""


class WriterConflictError(InstallationError):
    """Another writer appended to the log first; this transaction is void (A57)."""


class ClockError(InstallationError):
    """The clock stands before the log's last entry."""


class LogRollbackError(InstallationError):
    """The database is older than the last signed tree head (A56)."""


class LogDamagedError(InstallationError):
    """The stored log contradicts itself or the last signed tree head; the text names the entry (A58)."""


class SecretError(InstallationError):
    """A key file or a stored secret that cannot be opened with the master key."""
