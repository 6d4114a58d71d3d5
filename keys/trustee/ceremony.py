"""The ceremony as anybody follows it: message by message, up to the joint key (docs/protocol.md §3).

    hashed × n  →  committed × n  →  shared × n  →  confirmed × n  →  the joint key
                                                └→  one complaint: void, the next attempt begins

A ``Ceremony`` is a value: ``add`` checks one message and returns the next state. The service uses it before it logs a
message, the verifier for every logged one, the trustee's tool to know what is due.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, TypeVar

from keys.canonical import b64
from keys.curve import Point, point_sum
from keys.shares import verification_share
from keys.trustee.commitment import commitment_points, verify_committed, verify_hashed
from keys.trustee.complaint import judge_complaint, verify_complained
from keys.trustee.confirmation import transcript_hash, verify_confirmed
from keys.trustee.errors import CeremonyError
from keys.trustee.messages import (
    CommittedData,
    ComplainedData,
    ConfirmedData,
    HashedData,
    SharedData,
    StepData,
    TrusteeMessage,
    sender,
)
from keys.trustee.session import TrusteeSession
from keys.trustee.share import verify_shared

Item = TypeVar("Item", HashedData, CommittedData, SharedData, ConfirmedData)


class Stage(StrEnum):
    """What the ceremony waits for."""

    HASHED = "hashed"
    COMMITTED = "committed"
    SHARED = "shared"
    CONFIRMED = "confirmed"
    DONE = "done"
    VOID = "void"


_WAITS_FOR: Final[dict[type[StepData], Stage]] = {
    HashedData: Stage.HASHED,
    CommittedData: Stage.COMMITTED,
    SharedData: Stage.SHARED,
    ConfirmedData: Stage.CONFIRMED,
    ComplainedData: Stage.CONFIRMED,
}


@dataclass(frozen=True, slots=True)
class JointKey:
    """What a confirmed session made: Y, and Y_1 … Y_n recomputed from the commitments."""

    session: bytes
    k: int
    n: int
    point: Point
    verification_shares: tuple[Point, ...]

    def verification_share(self, l: int) -> Point:
        """Y_l of trustee l, 1 … n (CeremonyError otherwise)."""
        if not 1 <= l <= self.n:
            message = f"trustee {l}: expected a number from 1 to {self.n}"
            raise CeremonyError(message)
        return self.verification_shares[l - 1]


@dataclass(frozen=True, slots=True)
class Ceremony:
    """One session and the messages accepted so far, by trustee number."""

    session: TrusteeSession
    hashed: Mapping[int, HashedData] = field(default_factory=dict)
    committed: Mapping[int, CommittedData] = field(default_factory=dict)
    shared: Mapping[int, SharedData] = field(default_factory=dict)
    confirmed: Mapping[int, ConfirmedData] = field(default_factory=dict)
    complained: ComplainedData | None = None

    @property
    def stage(self) -> Stage:
        """What is due next."""
        if self.complained is not None:
            return Stage.VOID
        rounds = ((self.hashed, Stage.HASHED), (self.committed, Stage.COMMITTED), (self.shared, Stage.SHARED))
        for messages, stage in (*rounds, (self.confirmed, Stage.CONFIRMED)):
            if len(messages) < self.session.n:
                return stage
        return Stage.DONE

    def add(self, data: StepData) -> Ceremony:
        """Check one message and return the ceremony with it; CeremonyError or another DataError names the trustee."""
        due = _WAITS_FOR[type(data)]
        if self.stage is not due:
            text = f"trustee {sender(data)}: {type(data).__name__} out of turn: expected {self.stage}, got {due}"
            raise CeremonyError(text)
        match data:
            case HashedData():
                verify_hashed(self.session, data)
                return replace(self, hashed=_with(self.hashed, data))
            case CommittedData():
                self.session.identity(sender(data))
                verify_committed(self.session, data, self.hashed[sender(data)])
                return replace(self, committed=_with(self.committed, data))
            case SharedData():
                verify_shared(self.session, data)
                return replace(self, shared=_with(self.shared, data))
            case ConfirmedData():
                verify_confirmed(self.session, data, self.transcript)
                joint_key_of(self.session, self.messages)
                return replace(self, confirmed=_with(self.confirmed, data))
            case ComplainedData():
                return self._void_by(data)

    def _void_by(self, data: ComplainedData) -> Ceremony:
        verify_complained(self.session, data)
        if data.i in self.confirmed:
            message = f"trustee {data.i}: complains after it confirmed"
            raise CeremonyError(message)
        return replace(self, complained=data)

    @property
    def messages(self) -> tuple[TrusteeMessage, ...]:
        """The committed messages in order of i."""
        return tuple(self.committed[i].message for i in sorted(self.committed))

    @property
    def transcript(self) -> bytes:
        """What the trustees sign at the end; CeremonyError before all shares are there."""
        if len(self.shared) < self.session.n:
            n = self.session.n
            message = f"session {b64(self.session.id)}: expected shares of {n} trustees, got {len(self.shared)}"
            raise CeremonyError(message)
        return transcript_hash(self.session, self.hashed.values(), self.committed.values(), self.shared.values())

    @property
    def guilty(self) -> int | None:
        """Where the session is void by a complaint: the number of the trustee at fault."""
        if self.complained is None:
            return None
        data, against = self.complained, self.complained.against
        complainant, dealer = self.committed[data.i].message, self.committed[against].message
        return judge_complaint(self.session, complainant, dealer, self.shared[against], data)

    @property
    def joint_key(self) -> JointKey:
        """The joint key; CeremonyError unless all n trustees confirmed."""
        if self.stage is not Stage.DONE:
            message = f"session {b64(self.session.id)}: expected confirmations of all trustees, stands at {self.stage}"
            raise CeremonyError(message)
        return joint_key_of(self.session, self.messages)


def joint_key_of(session: TrusteeSession, messages: Iterable[TrusteeMessage]) -> JointKey:
    """Y = Σ C_i0 and all Y_l, recomputed from the messages of all n trustees; the identity is refused."""
    commitments = [commitment_points(message) for message in messages]
    point = point_sum(points[0] for points in commitments)
    shares = tuple(verification_share(commitments, l) for l in range(1, session.n + 1))
    if point.is_identity or any(share.is_identity for share in shares):
        message = f"session {b64(session.id)}: the joint key or a verification share is the identity"
        raise CeremonyError(message)
    return JointKey(session=session.id, k=session.k, n=session.n, point=point, verification_shares=shares)


def verify_ceremony(
    session: TrusteeSession,
    hashed: Iterable[HashedData],
    committed: Iterable[CommittedData],
    shared: Iterable[SharedData],
    confirmed: Iterable[ConfirmedData],
) -> JointKey:
    """Follow a whole session given round by round; the joint key, or the error of the first message that is wrong."""
    ceremony = Ceremony(session)
    for messages in (hashed, committed, shared, confirmed):
        for data in messages:
            ceremony = ceremony.add(data)
    return ceremony.joint_key


def _with(messages: Mapping[int, Item], data: Item) -> dict[int, Item]:
    i = sender(data)
    if i in messages:
        message = f"trustee {i}: {type(data).__name__} given twice"
        raise CeremonyError(message)
    return {**messages, i: data}
