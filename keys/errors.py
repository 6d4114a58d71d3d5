"""The three families of errors; every package derives its own from these (docs/architecture.md, "Errors")."""

from typing import ClassVar


class ElectionError(Exception):
    """Base of all errors of the project. ``code`` is the stable problem type (RFC 9457), in kebab-case ASCII."""

    code: ClassVar[str] = "internal"


class DataError(ElectionError):
    """Hostile or broken data: what came is not what the protocol allows."""

    code: ClassVar[str] = "malformed"


class PeerError(ElectionError):
    """A peer, the network or a remote service did not do its part."""

    code: ClassVar[str] = "peer"


class InternalError(ElectionError):
    """A mistake of our own or a broken installation; never caused by input alone."""

    code: ClassVar[str] = "internal"


class FormatError(DataError):
    """Bytes that are not the one canonical form of the document they claim to be (docs/protocol.md §1)."""

    code: ClassVar[str] = "malformed"


class PointError(DataError):
    """An encoding that is no point of the group (docs/protocol.md §1)."""

    code: ClassVar[str] = "point-invalid"


class ScalarError(DataError):
    """An encoding that is no scalar below the group order (docs/protocol.md §1)."""

    code: ClassVar[str] = "malformed"


class SignatureError(DataError):
    """A signature that does not verify."""

    code: ClassVar[str] = "signature-invalid"
