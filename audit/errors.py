"""What can be wrong with a log or with a copy of one."""

from typing import ClassVar

from keys.errors import DataError, PeerError


class AuditError(DataError):
    """Base of every refusal of this package: the log's bytes are not what the protocol allows."""

    code: ClassVar[str] = "malformed"


class ProofError(AuditError):
    """An inclusion or consistency proof that does not hold."""

    code: ClassVar[str] = "proof-invalid"


class EntryError(AuditError):
    """Bytes that are no log entry (docs/protocol.md §9)."""


class TileError(AuditError):
    """A tile, an entry bundle or the path of one that is not as c2sp.org/tlog-tiles says."""


class NoteError(AuditError):
    """A signed note or checkpoint that is malformed, or not signed as it must be."""

    code: ClassVar[str] = "signature-invalid"


class ApprovalError(AuditError):
    """An act of the committee without the approvals that it needs (docs/protocol.md §9)."""

    code: ClassVar[str] = "approval-refused"


class LogError(AuditError):
    """A log whose entries are well formed one by one, but not true or not allowed together (docs/protocol.md §11)."""


class MissingError(AuditError):
    """A file that the copy of a log should hold and does not."""


class SourceError(PeerError):
    """A copy of a log that cannot be read at all: no such folder, no ZIP, no answer from the server."""

    code: ClassVar[str] = "unusable-copy"
