"""trustees: the ceremony up to the joint key, and the canaries before each poll (A20-A25)."""

from typing import Final

from audit.entries import Entry, TrusteeOpenedData
from audit.errors import LogError
from audit.state import LogState
from keys.canonical import unb64
from keys.trustee import (
    CanaryData,
    Ceremony,
    CommittedData,
    ComplainedData,
    ConfirmedData,
    HashedData,
    SharedData,
    TrusteeSession,
)
from keys.trustee import Stage as CeremonyStage
from keys.trustee.canary import verify_canary

CHECK: Final = "trustees"


def verify_trustees(log: LogState, entry: Entry) -> None:
    """Follow the ceremony message by message; the joint key is recomputed, never read (A24, A25)."""
    match entry.data:
        case TrusteeOpenedData():
            _open_session(log, entry.data)
        case HashedData() | CommittedData() | SharedData() | ConfirmedData() | ComplainedData():
            if log.ceremony is None:
                raise LogError(f"{entry.kind}: no session is open")
            log.ceremony = log.ceremony.add(entry.data)
            _settle(log, log.ceremony)
        case CanaryData():
            _verify_canary(log, entry.data)
        case _:
            return
    log.book.count(CHECK)


def _open_session(log: LogState, data: TrusteeOpenedData) -> None:
    """A stalled or void session ends by the next attempt; attempts are counted, so that none is hidden."""
    expected = log.ceremony.session.attempt + 1 if log.ceremony else 1
    identities = tuple(unb64(key, 32, "trustee.opened: identity key") for key in data.trustees)
    log.ceremony = Ceremony(TrusteeSession(log.log_id, data.attempt, data.k, identities))
    if data.attempt != expected:
        raise LogError(f"trustee.opened: expected attempt {expected}, got {data.attempt}")


def _settle(log: LogState, ceremony: Ceremony) -> None:
    if ceremony.stage is CeremonyStage.DONE:
        log.joint_key = ceremony.joint_key
    elif ceremony.stage is CeremonyStage.VOID:
        log.book.note(
            f"attempt {ceremony.session.attempt} of the trustees is void: trustee {ceremony.guilty} is at fault"
        )


def _verify_canary(log: LogState, data: CanaryData) -> None:
    if log.joint_key is None or log.poll is None:
        raise LogError("trustee.canary: no joint key yet")
    verify_canary(log.log_id, log.joint_key, data)
    if data.i in log.poll.canaries:
        raise LogError(f"trustee.canary: a second one of trustee {data.i} for poll {data.poll}")
    log.poll.canaries.add(data.i)


def verify_canaries(log: LogState, entry: Entry) -> None:
    """At the opening of a poll, at least k trustees have shown that their files work (A29)."""
    if entry.kind != "poll.opened" or log.joint_key is None or log.poll is None:
        return
    joint, shown = log.joint_key, log.poll.canaries
    if len(shown) < joint.k:
        raise LogError(f"poll.opened: expected canaries of {joint.k} trustees, got {len(shown)}")
    log.book.note(f"poll {log.poll.number}: decryptable by {len(shown)} of {joint.n} trustees when it opened")
