"""The transcript hash and the registry of its tags (docs/protocol.md §1).

``H(tag, x1, …, xn) = SHA-256(L(tag) ‖ L(x1) ‖ … ‖ L(xn))`` with ``L(x)`` = 4-byte big-endian length ‖ x. The lengths
make it injective: no bytes can move from one field to another (A17). A tag is used for one purpose only (A19).
"""

from enum import StrEnum
from hashlib import sha256

from keys.curve import Scalar


class Tag(StrEnum):
    """Every tag of the protocol. Distinctness is asserted by a test."""

    FINGERPRINT = "es1/fingerprint"
    CONTEXT = "es1/context"
    ELECTORATE = "es1/electorate"
    CREDENTIAL_REPLACED = "es1/credential-replaced"
    APPROVE = "es1/approve"

    SESSION = "es1/session"
    TRUSTEE_POK = "es1/trustee-pok"
    TRUSTEE_MESSAGE = "es1/trustee-message"
    SHARE = "es1/share"
    TRANSCRIPT = "es1/transcript"
    TRUSTEE_HASHED = "es1/trustee-hashed"
    TRUSTEE_COMMITTED = "es1/trustee-committed"
    TRUSTEE_SHARED = "es1/trustee-shared"
    TRUSTEE_CONFIRMED = "es1/trustee-confirmed"
    TRUSTEE_COMPLAINED = "es1/trustee-complained"
    CANARY = "es1/canary"
    CANARY_PROOF = "es1/canary-proof"

    LOGIN = "es1/login"
    TOKEN = "es1/token"
    ISSUE = "es1/issue"
    RECOVERY = "es1/recovery"

    OWNER = "es1/owner"
    COIN = "es1/coin"
    BALLOT = "es1/ballot"
    TRACKER = "es1/tracker"
    CAST = "es1/cast"
    RECEIPT = "es1/receipt"
    REFUSAL = "es1/refusal"

    TRUSTEE_TALLY = "es1/trustee-tally"
    SHARE_PROOF = "es1/share-proof"
    LOT = "es1/lot"

    PETITION = "es1/petition"
    OPEN_VOTE = "es1/open-vote"
    COMPLAINT = "es1/complaint"


def length_prefixed(part: bytes) -> bytes:
    """``L(x)``: the 4-byte big-endian length, then the bytes."""
    return len(part).to_bytes(4, "big") + part


def u64(number: int) -> bytes:
    """A number as hashed: 8 bytes big-endian."""
    return number.to_bytes(8, "big")


def digest(tag: Tag, *parts: bytes) -> bytes:
    """``H(tag, …)``: 32 bytes."""
    pieces = [length_prefixed(tag.encode())]
    for part in parts:
        pieces.append(len(part).to_bytes(4, "big"))
        pieces.append(part)
    return sha256(b"".join(pieces)).digest()


def challenge(tag: Tag, *parts: bytes) -> Scalar:
    """``Hq(tag, …)``: the digest read big-endian, modulo q."""
    return Scalar.reduce(digest(tag, *parts))
