"""Acts of the committee: the signatures of its members on what is to be logged (docs/protocol.md §9).

The service can propose an act and never approve one. `act` is unique over the log, so no approval serves twice.
"""

from collections.abc import Callable, Mapping
from typing import Final

from audit.entries import Approval, ApprovedData, encode_unsigned
from audit.errors import ApprovalError
from keys import schnorr
from keys.canonical import b64, unb64
from keys.errors import DataError
from keys.transcript import Tag, digest

_AUXILIARY_SIZE: Final = 32


def approval_message(log_id: bytes, kind: str, unsigned: bytes) -> bytes:
    """What a member signs: H("es1/approve", log id, kind, JCS(data without approvals)), 32 bytes."""
    return digest(Tag.APPROVE, log_id, kind.encode(), unsigned)


def make_approval(
    log_id: bytes, kind: str, unsigned: bytes, member: str, secret: bytes, random: Callable[[int], bytes]
) -> Approval:
    """A member's approval of an act; `unsigned` = canonical bytes of its data without approvals."""
    signature = schnorr.sign(secret, approval_message(log_id, kind, unsigned), random(_AUXILIARY_SIZE))
    return Approval(member=member, signature=b64(signature))


def verify_approval(
    log_id: bytes, kind: str, unsigned: bytes, approval: Approval, members: Mapping[str, bytes]
) -> None:
    """One member of the committee signed this act; ApprovalError. `members`: id → 32-byte x-only key."""
    key = members.get(approval.member)
    if key is None:
        raise ApprovalError(f"{kind}: approval by {approval.member}: no member of the committee")
    try:
        signature = unb64(approval.signature, schnorr.SIGNATURE_SIZE, "signature")
        schnorr.verify(key, approval_message(log_id, kind, unsigned), signature)
    except DataError as error:
        raise ApprovalError(f"{kind}: approval by {approval.member}: {error}") from error


def verify_approvals(
    log_id: bytes, kind: str, data: ApprovedData, members: Mapping[str, bytes], threshold: int
) -> None:
    """At least `threshold` distinct members approved, in ascending order of their ids, and every signature holds."""
    names = [approval.member for approval in data.approvals]
    if names != sorted(set(names)):
        raise ApprovalError(f"{kind}: approvals: expected distinct members in ascending order, got {', '.join(names)}")
    unsigned = encode_unsigned(data)
    for approval in data.approvals:
        verify_approval(log_id, kind, unsigned, approval, members)
    if len(names) < threshold:
        raise ApprovalError(f"{kind}: approvals: expected {threshold}, got {len(names)}")
