"""What a trustee does next, given its file and the ceremony so far (docs/protocol.md §3).

Each act returns the next file, to be stored first, and the data to publish: a crash between the two repeats the same
step with the same polynomial, and never publishes what it cannot stand by.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec

from keys.canonical import b64
from keys.curve import Scalar
from keys.trustee.canary import make_canary
from keys.trustee.ceremony import Ceremony, JointKey, Stage, joint_key_of
from keys.trustee.commitment import commitment_points, make_committed, make_hashed, message_hash
from keys.trustee.complaint import make_complained
from keys.trustee.confirmation import make_confirmed
from keys.trustee.errors import CeremonyError, TrusteeProofError
from keys.trustee.file import (
    ConfirmedSecrets,
    SessionSecrets,
    TrusteeFile,
    polynomial_of,
    start_session,
    verify_remembered,
)
from keys.trustee.messages import CanaryData, StepData
from keys.trustee.share import make_shared, open_share, verify_share


class BadShareError(TrusteeProofError):
    """A dealer's share that does not open or does not match its commitments."""

    def __init__(self, dealer: int, message: str) -> None:
        super().__init__(message)
        self.dealer = dealer


def next_step(
    file: TrusteeFile, ceremony: Ceremony, random: Callable[[int], bytes]
) -> tuple[TrusteeFile, StepData | None]:
    """The file to store and the message that this trustee owes now; None where others are due, or nothing is left.

    ``ceremony`` is what the tool itself verified from the log. Starts the session in the file where it is new.
    """
    session, stage = ceremony.session, ceremony.stage
    i = session.number_of(file.identity_key)
    if stage is Stage.VOID:
        return file, None
    file = start_session(file, session, random)
    secrets = file.secrets_of(session)
    _verify_own(secrets, ceremony)
    if stage is Stage.DONE:
        return _finish(file, secrets, ceremony.joint_key), None
    if i in _given(ceremony):
        return file, None
    if stage is Stage.CONFIRMED:
        return _confirm_or_complain(file, secrets, ceremony, random)
    return file, _round_message(file, secrets, ceremony, random)


def canary(file: TrusteeFile, log_id: bytes, joint: JointKey, poll: int, random: Callable[[int], bytes]) -> CanaryData:
    """Prove for one poll that this file works; CeremonyError for a joint key that this trustee did not confirm."""
    return make_canary(log_id, joint, poll, file.number, file.secret_share(joint), random)


def _given(ceremony: Ceremony) -> Collection[int]:
    """The trustees whose message of the present round is there."""
    rounds: dict[Stage, Collection[int]] = {
        Stage.HASHED: ceremony.hashed,
        Stage.COMMITTED: ceremony.committed,
        Stage.SHARED: ceremony.shared,
        Stage.CONFIRMED: ceremony.confirmed,
    }
    return rounds[ceremony.stage]


def _round_message(
    file: TrusteeFile, secrets: SessionSecrets, ceremony: Ceremony, random: Callable[[int], bytes]
) -> StepData:
    session, signer = ceremony.session, file.identity_secret
    if ceremony.stage is Stage.HASHED:
        return make_hashed(session, secrets.message, signer, random)
    if ceremony.stage is Stage.COMMITTED:
        return make_committed(session, secrets.message, signer, random)
    return make_shared(session, secrets.i, polynomial_of(secrets), ceremony.messages, signer, random)


def _confirm_or_complain(
    file: TrusteeFile, secrets: SessionSecrets, ceremony: Ceremony, random: Callable[[int], bytes]
) -> tuple[TrusteeFile, StepData]:
    """Open every share and check it; confirm, or complain against the first dealer whose share is bad.

    Never both in one session, and never for two transcripts: a service that shows different messages to one trustee
    gets neither a second signature nor, after a confirmation, the HPKE secret.
    """
    session, l, signer = ceremony.session, secrets.i, file.identity_secret
    try:
        share = _collect_shares(file, secrets, ceremony)
    except BadShareError as error:
        if secrets.confirmed is not None:
            raise
        secrets = msgspec.structs.replace(secrets, complained=secrets.complained or error.dealer)
    if secrets.complained is not None:
        file = msgspec.structs.replace(file, current=secrets)
        return file, make_complained(session, l, secrets.complained, file.hpke_secret(session), signer, random)
    joint = joint_key_of(session, ceremony.messages)
    confirmed = ConfirmedSecrets(
        transcript=b64(ceremony.transcript), secret_share=b64(share.to_bytes()), joint_key=b64(joint.point.to_bytes())
    )
    if secrets.confirmed not in (None, confirmed):
        message = f"trustee {l}: this file confirmed another transcript of this session"
        raise CeremonyError(message)
    file = msgspec.structs.replace(file, current=msgspec.structs.replace(secrets, confirmed=confirmed))
    return file, make_confirmed(session, l, ceremony.transcript, signer, random)


def _collect_shares(file: TrusteeFile, secrets: SessionSecrets, ceremony: Ceremony) -> Scalar:
    """x_l, the sum of the shares of all dealers, each checked; BadShareError names the first bad dealer."""
    session, l = ceremony.session, secrets.i
    total = polynomial_of(secrets).at(l)
    for message in ceremony.messages:
        if message.i == l:
            continue
        try:
            share = open_share(session, ceremony.shared[message.i], l, file.hpke_secret(session))
            verify_share(message.i, commitment_points(message), l, share)
        except TrusteeProofError as error:
            raise BadShareError(message.i, str(error)) from error
        total = total + share
    return total


def _verify_own(secrets: SessionSecrets, ceremony: Ceremony) -> None:
    """Refuse a ceremony in which this trustee appears with a message that is not its own (a lost or copied file)."""
    i = secrets.i
    if i in ceremony.hashed and ceremony.hashed[i].hash != b64(message_hash(secrets.message)):
        message = f"trustee {i}: the log holds a message that this file did not make"
        raise CeremonyError(message)


def _finish(file: TrusteeFile, secrets: SessionSecrets, joint: JointKey) -> TrusteeFile:
    """Note that all have confirmed: from now on no other session is started."""
    verify_remembered(file, joint)
    return msgspec.structs.replace(file, current=msgspec.structs.replace(secrets, done=True))
