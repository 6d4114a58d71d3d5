"""Step 1, commit: a polynomial's commitments with a proof of knowledge each, hashed first (docs/protocol.md §3.1).

The proofs stop a trustee who would build its commitment from those of others (A20); the hash published first by all
stops the one who moves last from choosing after seeing the others (A21); exactly k points stop one who would raise the
threshold (A22).
"""

from __future__ import annotations

from collections.abc import Callable

from keys import canonical, hpke
from keys.canonical import b64, unb64
from keys.curve import POINT_SIZE, SCALAR_SIZE, Point, Scalar, base_multiply
from keys.errors import DataError
from keys.shares import Polynomial, draw_scalar
from keys.transcript import Tag, challenge, digest, u64
from keys.trustee.errors import CeremonyError, TrusteeProofError
from keys.trustee.messages import (
    Commitment,
    CommittedData,
    HashedData,
    TrusteeMessage,
    sign_step,
    verify_step,
)
from keys.trustee.session import HASH_SIZE, TrusteeSession


def make_commitment(
    session: TrusteeSession, i: int, j: int, coefficient: Scalar, random: Callable[[int], bytes]
) -> Commitment:
    """C_ij = a_ij·G with the proof that trustee i knows a_ij; draws again where c or z is zero."""
    point = base_multiply(coefficient)
    while True:
        nonce = draw_scalar(random)
        commitment = base_multiply(nonce)
        c = _challenge(session, i, j, point, commitment)
        z = nonce + c * coefficient
        if c and z:
            return Commitment(point=b64(point.to_bytes()), r=b64(commitment.to_bytes()), z=b64(z.to_bytes()))


def verify_commitment(session: TrusteeSession, i: int, j: int, commitment: Commitment) -> None:
    """Check z·G = R + c·C_ij, c and z not zero; TrusteeProofError names trustee and coefficient."""
    try:
        point = _point(commitment.point)
        r = _point(commitment.r)
        z = Scalar.from_bytes(unb64(commitment.z, SCALAR_SIZE, "z"))
    except DataError as error:
        message = f"trustee {i}: commitment {j}: {error}"
        raise TrusteeProofError(message) from error
    c = _challenge(session, i, j, point, r)
    if not c or not z:
        message = f"trustee {i}: commitment {j}: expected a challenge and a response other than zero"
        raise TrusteeProofError(message)
    if base_multiply(z) != r + point * c:
        message = f"trustee {i}: commitment {j}: the proof of knowledge does not hold"
        raise TrusteeProofError(message)


def make_message(
    session: TrusteeSession, i: int, hpke_secret: bytes, polynomial: Polynomial, random: Callable[[int], bytes]
) -> TrusteeMessage:
    """Message i: the HPKE key of this session and the k commitments."""
    commitments = [make_commitment(session, i, j, a, random) for j, a in enumerate(polynomial.coefficients)]
    return TrusteeMessage(
        v="es1", session=b64(session.id), i=i, hpke=b64(hpke.public_key(hpke_secret)), commitments=tuple(commitments)
    )


def verify_message(session: TrusteeSession, message: TrusteeMessage) -> None:
    """Refuse a message of another session, with a bad HPKE key, with other than k commitments, or with a bad proof."""
    i = message.i
    if unb64(message.session, HASH_SIZE, f"trustee {i}: session") != session.id:
        text = f"trustee {i}: wrong session: expected {b64(session.id)}, got {message.session}"
        raise CeremonyError(text)
    try:
        hpke.check_public_key(unb64(message.hpke, hpke.KEY_SIZE, "sealing key"))
    except DataError as error:
        text = f"trustee {i}: {error}"
        raise CeremonyError(text) from error
    if len(message.commitments) != session.k:
        text = f"trustee {i}: expected exactly {session.k} commitments, got {len(message.commitments)}"
        raise CeremonyError(text)
    for j, commitment in enumerate(message.commitments):
        verify_commitment(session, i, j, commitment)


def commitment_points(message: TrusteeMessage) -> tuple[Point, ...]:
    """C_i0 … C_i,k-1 of a message."""
    return tuple(_point(commitment.point) for commitment in message.commitments)


def message_hash(message: TrusteeMessage) -> bytes:
    """What is published before the message itself."""
    return digest(Tag.TRUSTEE_MESSAGE, canonical.encode(message))


def make_hashed(
    session: TrusteeSession, message: TrusteeMessage, identity_secret: bytes, random: Callable[[int], bytes]
) -> HashedData:
    """The data of ``trustee.hashed`` for one's own message."""
    data = HashedData(session=b64(session.id), i=message.i, hash=b64(message_hash(message)), signature="")
    return sign_step(session, data, identity_secret, random)


def verify_hashed(session: TrusteeSession, data: HashedData) -> None:
    """Check session, sender, form and signature."""
    unb64(data.hash, HASH_SIZE, f"trustee {data.i}: hash")
    verify_step(session, data)


def make_committed(
    session: TrusteeSession, message: TrusteeMessage, identity_secret: bytes, random: Callable[[int], bytes]
) -> CommittedData:
    """The data of ``trustee.committed``; to be published when all hashes are."""
    return sign_step(session, CommittedData(message=message, signature=""), identity_secret, random)


def verify_committed(session: TrusteeSession, data: CommittedData, hashed: HashedData) -> None:
    """Check the signature, that the message is the one hashed before (A21), and the message itself."""
    verify_step(session, data)
    i = data.message.i
    if hashed.i != i or unb64(hashed.hash, HASH_SIZE, "hash") != message_hash(data.message):
        text = f"trustee {i}: the message differs from the one hashed: expected {hashed.hash} of trustee {hashed.i}"
        raise CeremonyError(f"{text}, got {b64(message_hash(data.message))}")
    verify_message(session, data.message)


def _challenge(session: TrusteeSession, i: int, j: int, point: Point, r: Point) -> Scalar:
    parts = (session.id, u64(i), u64(j), session.identity(i), point.to_bytes(), r.to_bytes())
    return challenge(Tag.TRUSTEE_POK, *parts)


def _point(text: str) -> Point:
    return Point.from_bytes(unb64(text, POINT_SIZE, "point"))
