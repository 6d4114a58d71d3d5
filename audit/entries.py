"""Log entries: the envelope, and which data every kind has (docs/protocol.md §9). An entry *is* its canonical bytes."""

from __future__ import annotations

import binascii
import re
from calendar import timegm
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from audit.entry_data import (
    AnnulledData,
    Approval,
    ApprovedData,
    BoothData,
    CertifiedData,
    ClosedContest,
    ConstitutionData,
    CredentialReplacedData,
    DecisionData,
    ElectorateData,
    IssuerDestroyedData,
    LogOpenedData,
    Member,
    MembersData,
    PollChangedData,
    PollClosedData,
    PollOpenedData,
    Registrar,
    ResolutionData,
    SealedData,
    TokenData,
    TrusteeOpenedData,
    WitnessKey,
)
from audit.errors import EntryError
from ballot.ballot import BallotData
from ballot.contest import Contest
from keys.canonical import Natural, Wire, b64, decode, encode, unb64
from keys.errors import FormatError
from keys.trustee.messages import (
    CanaryData,
    CommittedData,
    ComplainedData,
    ConfirmedData,
    HashedData,
    SharedData,
)
from tally.complaint import ComplaintData
from tally.open_vote import OpenVoteData
from tally.petition import PetitionData
from tally.wire import (
    CountsData,
    DeclaredData,
    SeatTakenData,
    SeatVacatedData,
    ShareData,
    SumsData,
    WithheldData,
)

__all__ = [
    "ACT_SIZE",
    "HASH_SIZE",
    "KINDS",
    "MAX_ENTRY",
    "NO_ENTRY",
    "AnnulledData",
    "Approval",
    "ApprovedData",
    "BoothData",
    "CertifiedData",
    "ClosedContest",
    "ConstitutionData",
    "CredentialReplacedData",
    "DecisionData",
    "ElectorateData",
    "Entry",
    "Envelope",
    "IssuerDestroyedData",
    "Kind",
    "LogOpenedData",
    "Member",
    "MembersData",
    "PollChangedData",
    "PollClosedData",
    "PollOpenedData",
    "Registrar",
    "ResolutionData",
    "SealedData",
    "TokenData",
    "TrusteeOpenedData",
    "WitnessKey",
    "decode_act",
    "decode_data",
    "decode_entry",
    "decode_envelope",
    "decode_unsigned",
    "decode_unsigned_as",
    "encode_entry",
    "encode_unsigned",
    "format_time",
    "parse_time",
]

MAX_ENTRY: Final = 65_535  # bytes; a tile bundle counts an entry's length in 16 bits (A61)
HASH_SIZE: Final = 32
ACT_SIZE: Final = 16
NO_ENTRY: Final = bytes(HASH_SIZE)  # `prev` of the first entry


@dataclass(frozen=True, slots=True)
class Kind:
    """What an entry of a kind holds.

    `approved`: it is an act of the committee; `timed`: it says when; `derived`: it follows from the entry before it,
    and nobody decides on it.
    """

    data: type[Wire]
    approved: bool = False
    timed: bool = True
    derived: bool = False


KINDS: Final[dict[str, Kind]] = {
    "log.opened": Kind(LogOpenedData),
    "constitution": Kind(ConstitutionData, approved=True),
    "resolution": Kind(ResolutionData, approved=True),
    "booth": Kind(BoothData, approved=True),
    "trustee.opened": Kind(TrusteeOpenedData, approved=True),
    "trustee.hashed": Kind(HashedData),
    "trustee.committed": Kind(CommittedData),
    "trustee.shared": Kind(SharedData),
    "trustee.confirmed": Kind(ConfirmedData),
    "trustee.complained": Kind(ComplainedData),
    "trustee.canary": Kind(CanaryData),
    "electorate": Kind(ElectorateData, approved=True),
    "credential.replaced": Kind(CredentialReplacedData, approved=True),
    "contest": Kind(Contest),
    "poll.opened": Kind(PollOpenedData, approved=True),
    "poll.extended": Kind(PollChangedData, approved=True),
    "poll.paused": Kind(PollChangedData, approved=True),
    "poll.resumed": Kind(PollChangedData, approved=True),
    "ballot": Kind(BallotData, timed=False),
    "sealed": Kind(SealedData, timed=False),
    "poll.closed": Kind(PollClosedData, approved=True),
    "token": Kind(TokenData, timed=False),
    "issuer.destroyed": Kind(IssuerDestroyedData),
    "tally.sums": Kind(SumsData),
    "tally.share": Kind(ShareData),
    "tally.counts": Kind(CountsData),
    "tally.withheld": Kind(WithheldData),
    "result.declared": Kind(DeclaredData),
    "result.certified": Kind(CertifiedData, approved=True),
    "result.annulled": Kind(AnnulledData, approved=True),
    "decision": Kind(DecisionData, approved=True),
    "complaint": Kind(ComplaintData),
    "petition": Kind(PetitionData),
    "vote.open": Kind(OpenVoteData),
    "seat.taken": Kind(SeatTakenData, derived=True),
    "seat.vacated": Kind(SeatVacatedData, derived=True),
    "seat.filled": Kind(SeatTakenData, derived=True),
    "members": Kind(MembersData, approved=True),
}


class Envelope(Wire, frozen=True):
    """The outside of an entry; `data` is left as the bytes it is."""

    data: msgspec.Raw
    kind: str
    prev: str
    seq: Natural
    time: str | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Entry:
    """A decoded entry: prev 32 bytes, time as text or None, data by its kind, and the canonical bytes of the data."""

    seq: int
    prev: bytes
    kind: str
    time: str | None
    data: Any
    data_bytes: bytes


_ENVELOPE: Final = msgspec.json.Decoder(Envelope)


def encode_entry(seq: int, prev: bytes, kind: str, time: str | None, data: Wire | msgspec.Raw) -> bytes:
    """The bytes of an entry; EntryError unless `decode_entry` reads them. `time` is None exactly for untimed kinds."""
    stamp: str | UnsetType = UNSET if time is None else time
    content = msgspec.Raw(encode(data))
    raw = encode(Envelope(data=content, kind=kind, prev=b64(prev), seq=seq, time=stamp))
    decode_entry(raw)
    return raw


def decode_envelope(raw: bytes) -> Envelope:
    """Read the outside of an entry strictly; EntryError. The data is not looked into."""
    if len(raw) > MAX_ENTRY:
        raise EntryError(f"entry: expected at most {MAX_ENTRY} bytes, got {len(raw)}")
    try:
        envelope = _ENVELOPE.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EntryError(f"entry: {error}") from error
    if envelope.kind not in KINDS:
        raise EntryError(f"entry {envelope.seq}: unknown kind {envelope.kind[:40]!r}")
    if encode(envelope) != raw:
        raise EntryError(f"entry {envelope.seq}: expected canonical JSON, got other bytes for the same content")
    if KINDS[envelope.kind].timed == (envelope.time is UNSET):
        expected = "a time" if KINDS[envelope.kind].timed else "no time"
        raise EntryError(f"entry {envelope.seq}: {envelope.kind}: expected {expected}")
    return envelope


def decode_data(envelope: Envelope) -> Entry:
    """Read the data of an entry strictly, by its kind; EntryError."""
    try:
        prev = unb64(envelope.prev, HASH_SIZE, "prev")
        content = bytes(envelope.data)
        data = decode(content, KINDS[envelope.kind].data)
    except FormatError as error:
        raise EntryError(f"entry {envelope.seq}: {envelope.kind}: {error}") from error
    time = None
    if envelope.time is not UNSET:
        time = envelope.time
        parse_time(time)
    return Entry(envelope.seq, prev, envelope.kind, time, data, content)


def decode_entry(raw: bytes) -> Entry:
    """Read an entry strictly: canonical, of a known kind, every member there and no other; else EntryError."""
    return decode_data(decode_envelope(raw))


def decode_unsigned(kind: str, raw: bytes) -> Any:
    """Read the data of an act from its canonical bytes without `approvals`, as members sign it; EntryError.

    Returns the data of that kind with no approvals.
    """
    if kind not in KINDS or not KINDS[kind].approved:
        raise EntryError(f"act: expected a kind that needs approvals, got {kind[:40]!r}")
    return decode_unsigned_as(kind, KINDS[kind].data, raw)


def decode_unsigned_as(kind: str, shape: type[Wire], raw: bytes) -> Any:
    """`decode_unsigned` for data of this shape: acts that stand in no log have the same form."""
    try:
        document = decode(raw, dict)
        if "approvals" in document:
            raise EntryError(f"act: {kind}: expected the data without approvals")
        return decode(encode({**document, "approvals": []}), shape)
    except FormatError as error:
        raise EntryError(f"act: {kind}: {error}") from error


def encode_unsigned(data: ApprovedData) -> bytes:
    """The canonical bytes of an act's data without `approvals`: what members sign."""
    document = msgspec.structs.asdict(data)
    del document["approvals"]
    return encode(document)


_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)


def parse_time(text: str) -> int:
    """POSIX seconds of `YYYY-MM-DDTHH:MM:SSZ`; EntryError for any other spelling and for days there are none of."""
    try:
        if not _TIME.fullmatch(text):
            raise ValueError(text)  # noqa: TRY301 -- one refusal for both
        return timegm(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).utctimetuple())
    except ValueError as error:
        raise EntryError(f"time: expected YYYY-MM-DDTHH:MM:SSZ, got {text[:40]!r}") from error


def format_time(seconds: int) -> str:
    """POSIX seconds as `YYYY-MM-DDTHH:MM:SSZ`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def decode_act(text: str) -> bytes:
    """The 16 bytes of an act's number; EntryError."""
    try:
        return unb64(text, ACT_SIZE, "act")
    except (FormatError, binascii.Error) as error:
        raise EntryError(str(error)) from error
