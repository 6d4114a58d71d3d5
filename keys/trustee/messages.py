"""Wire data of the ceremony, and the signature on each step (docs/protocol.md §3, §9).

Keys, points, scalars, hashes and signatures are base64url; the functions that use them decode them. Trustees count
from 1, coefficients from 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta

from keys import schnorr
from keys.canonical import Positive, Wire, b64, encode, unb64
from keys.errors import SignatureError
from keys.transcript import Tag, digest, u64
from keys.trustee.errors import CeremonyError
from keys.trustee.session import MAX_TRUSTEES, TrusteeSession

AUXILIARY_SIZE: Final = 32

TrusteeNumber = Annotated[int, Meta(ge=1, le=MAX_TRUSTEES)]


class Commitment(Wire, frozen=True, kw_only=True):
    """C_ij with its proof of knowledge: point and r 33 bytes, z 32."""

    point: str
    r: str
    z: str


class TrusteeMessage(Wire, frozen=True, kw_only=True):
    """What trustee i commits to; its hash is published before it."""

    v: Literal["es1"]
    session: str
    i: TrusteeNumber
    hpke: str
    commitments: tuple[Commitment, ...]


class HashedData(Wire, frozen=True, kw_only=True):
    """Data of ``trustee.hashed``."""

    session: str
    i: TrusteeNumber
    hash: str
    signature: str


class CommittedData(Wire, frozen=True, kw_only=True):
    """Data of ``trustee.committed``."""

    message: TrusteeMessage
    signature: str


class SealedShare(Wire, frozen=True, kw_only=True):
    """f_i(to), sealed to trustee ``to``: 80 bytes."""

    to: TrusteeNumber
    sealed: str


class SharedData(Wire, frozen=True, kw_only=True):
    """Data of ``trustee.shared``: one share for every other trustee, ascending."""

    session: str
    i: TrusteeNumber
    shares: tuple[SealedShare, ...]
    signature: str


class ConfirmedData(Wire, frozen=True, kw_only=True):
    """Data of ``trustee.confirmed``."""

    session: str
    i: TrusteeNumber
    transcript: str
    signature: str


class ComplainedData(Wire, frozen=True, kw_only=True):
    """Data of ``trustee.complained``: ``secret`` is the complainant's HPKE secret of this session, 32 bytes."""

    session: str
    i: TrusteeNumber
    against: TrusteeNumber
    secret: str
    signature: str


class CanaryData(Wire, frozen=True, kw_only=True):
    """Data of ``trustee.canary``: d, a, b are points, z a scalar; needs no signature, being a proof."""

    poll: Positive
    i: TrusteeNumber
    d: str
    a: str
    b: str
    z: str


StepData = HashedData | CommittedData | SharedData | ConfirmedData | ComplainedData
Step = TypeVar("Step", HashedData, CommittedData, SharedData, ConfirmedData, ComplainedData)

_TAGS: Final[dict[type[StepData], Tag]] = {
    HashedData: Tag.TRUSTEE_HASHED,
    CommittedData: Tag.TRUSTEE_COMMITTED,
    SharedData: Tag.TRUSTEE_SHARED,
    ConfirmedData: Tag.TRUSTEE_CONFIRMED,
    ComplainedData: Tag.TRUSTEE_COMPLAINED,
}


def sender(data: StepData) -> int:
    """The number of the trustee whose step this is."""
    return data.message.i if isinstance(data, CommittedData) else data.i


def session_of(data: StepData) -> str:
    """The session that a step claims to belong to, base64url."""
    return data.message.session if isinstance(data, CommittedData) else data.session


def sign_step(session: TrusteeSession, data: Step, identity_secret: bytes, random: Callable[[int], bytes]) -> Step:
    """The same data, signed with the identity key over H(tag of the step, session, i, JCS(data without signature))."""
    signature = schnorr.sign(identity_secret, _signed_digest(session, data), random(AUXILIARY_SIZE))
    return msgspec.structs.replace(data, signature=b64(signature))


def verify_step(session: TrusteeSession, data: StepData) -> None:
    """Refuse a step of another session, of an unknown trustee, or not signed by that trustee's identity key."""
    i, claimed = sender(data), unb64(session_of(data), 32, "session")
    if claimed != session.id:
        message = f"trustee {i}: wrong session: expected {b64(session.id)}, got {b64(claimed)}"
        raise CeremonyError(message)
    identity = session.identity(i)
    signature = unb64(data.signature, schnorr.SIGNATURE_SIZE, f"trustee {i}: signature")
    try:
        schnorr.verify(identity, _signed_digest(session, data), signature)
    except SignatureError:
        message = f"trustee {i}: signature: does not verify under the identity key of trustee {i}"
        raise SignatureError(message) from None


def _signed_digest(session: TrusteeSession, data: StepData) -> bytes:
    document = msgspec.structs.asdict(data)
    del document["signature"]
    return digest(_TAGS[type(data)], session.id, u64(sender(data)), encode(document))
