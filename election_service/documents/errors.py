"""What can be wrong when a document is asked for."""

from typing import ClassVar

from election_service.errors import InputError


class NoRecordError(InputError):
    """There is nothing to make the document from: no such poll, or no declared result."""

    code: ClassVar[str] = "not-found"
