"""Step 2, share: every trustee seals f_i(l) to every other (docs/protocol.md §3.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from keys import hpke
from keys.canonical import b64, unb64
from keys.curve import SCALAR_SIZE, Point, Scalar, base_multiply
from keys.errors import DataError
from keys.shares import Polynomial, committed_at
from keys.transcript import Tag, digest, u64
from keys.trustee.errors import CeremonyError, TrusteeProofError
from keys.trustee.messages import SealedShare, SharedData, TrusteeMessage, sign_step, verify_step
from keys.trustee.session import TrusteeSession

SEALED_SIZE: Final = SCALAR_SIZE + hpke.OVERHEAD  # 80 bytes


def make_shared(
    session: TrusteeSession,
    i: int,
    polynomial: Polynomial,
    messages: Sequence[TrusteeMessage],
    identity_secret: bytes,
    random: Callable[[int], bytes],
) -> SharedData:
    """The data of ``trustee.shared`` of trustee i; ``messages`` are those of all n trustees, in order."""
    shares = [
        SealedShare(to=message.i, sealed=b64(seal_share(session, i, message, polynomial.at(message.i))))
        for message in messages
        if message.i != i
    ]
    data = SharedData(session=b64(session.id), i=i, shares=tuple(shares), signature="")
    return sign_step(session, data, identity_secret, random)


def verify_shared(session: TrusteeSession, data: SharedData) -> None:
    """Check sender, signature and form. Whether a share is right only its recipient sees (``verify_share``)."""
    expected = [l for l in range(1, session.n + 1) if l != data.i]
    recipients = [share.to for share in data.shares]
    if recipients != expected:
        message = f"trustee {data.i}: shares: expected one for each of {expected} in this order, got {recipients}"
        raise CeremonyError(message)
    for share in data.shares:
        unb64(share.sealed, SEALED_SIZE, f"trustee {data.i}: share for trustee {share.to}")
    verify_step(session, data)


def seal_share(session: TrusteeSession, i: int, recipient: TrusteeMessage, share: Scalar) -> bytes:
    """Seal trustee i's share to the HPKE key in the recipient's message; 80 bytes."""
    public = unb64(recipient.hpke, hpke.KEY_SIZE, f"trustee {recipient.i}: sealing key")
    return hpke.seal(public, _info(session, i, recipient.i), share.to_bytes())


def open_share(session: TrusteeSession, data: SharedData, l: int, hpke_secret: bytes) -> Scalar:
    """Open the share for trustee l; TrusteeProofError names the dealer where it does not open or is no scalar."""
    sealed = next((share.sealed for share in data.shares if share.to == l), None)
    if sealed is None:
        message = f"trustee {data.i}: no share for trustee {l}"
        raise TrusteeProofError(message)
    try:
        raw = hpke.open_sealed(hpke_secret, _info(session, data.i, l), unb64(sealed, SEALED_SIZE, "sealed"))
        return Scalar.from_bytes(raw)
    except DataError as error:
        message = f"trustee {data.i}: share for trustee {l}: {error}"
        raise TrusteeProofError(message) from error


def verify_share(i: int, points: Sequence[Point], l: int, share: Scalar) -> None:
    """Check f_i(l)·G against the commitments of trustee i; TrusteeProofError names i."""
    if base_multiply(share) != committed_at(points, l):
        message = f"trustee {i}: share for trustee {l}: does not match the commitments of trustee {i}"
        raise TrusteeProofError(message)


def _info(session: TrusteeSession, i: int, l: int) -> bytes:
    return digest(Tag.SHARE, session.id, u64(i), u64(l))
