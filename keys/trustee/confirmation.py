"""Step 3, confirm: every trustee signs the transcript it saw (docs/protocol.md §3.3).

Two trustees who were shown different messages sign different transcripts, so that no complete set of signatures comes
together (A24).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from keys import canonical
from keys.canonical import b64, unb64
from keys.transcript import Tag, digest
from keys.trustee.errors import CeremonyError
from keys.trustee.messages import CommittedData, ConfirmedData, HashedData, SharedData, sender, sign_step, verify_step
from keys.trustee.session import HASH_SIZE, TrusteeSession


def transcript_hash(
    session: TrusteeSession,
    hashed: Iterable[HashedData],
    committed: Iterable[CommittedData],
    shared: Iterable[SharedData],
) -> bytes:
    """H("es1/transcript", session, JCS of every data with its signature, each kind in order of i); 32 bytes."""
    steps = [*sorted(hashed, key=sender), *sorted(committed, key=sender), *sorted(shared, key=sender)]
    return digest(Tag.TRANSCRIPT, session.id, *(canonical.encode(step) for step in steps))


def make_confirmed(
    session: TrusteeSession, i: int, transcript: bytes, identity_secret: bytes, random: Callable[[int], bytes]
) -> ConfirmedData:
    """The data of ``trustee.confirmed``; only after every share was opened and verified."""
    data = ConfirmedData(session=b64(session.id), i=i, transcript=b64(transcript), signature="")
    return sign_step(session, data, identity_secret, random)


def verify_confirmed(session: TrusteeSession, data: ConfirmedData, transcript: bytes) -> None:
    """Check the signature, and that it is on the transcript computed here."""
    verify_step(session, data)
    if unb64(data.transcript, HASH_SIZE, f"trustee {data.i}: transcript") != transcript:
        message = f"trustee {data.i}: wrong transcript: expected {b64(transcript)}, got {data.transcript}"
        raise CeremonyError(message)
