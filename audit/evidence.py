"""What a voter's program checks before it asks for a token (docs/protocol.md §5): some entries with their proofs.

The booth does the same in TypeScript. Nothing in the view is believed: entry 0 must be the log that the ballot link
pins, every entry must be included under one signed checkpoint, the joint key is recomputed from the trustees' own
messages, and the contest must be one that the committee opened for an electorate in which the voter's credential
stands. A service that shows one voter another issuer key, other names or another joint key fails here (A24, A32, A53).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final

from audit.approvals import verify_approvals
from audit.checkpoint import Witness, WitnessPolicy, parse_checkpoint, verify_checkpoint, verify_cosignatures
from audit.entries import (
    KINDS,
    ConstitutionData,
    CredentialReplacedData,
    ElectorateData,
    Entry,
    LogOpenedData,
    MembersData,
    decode_entry,
)
from audit.errors import LogError
from audit.merkle import leaf_hash, verify_inclusion_proof
from ballot.contest import ContestRules, load_contest
from keys import schnorr
from keys.canonical import b64, unb64
from keys.transcript import Tag, digest, u64
from keys.trustee import Ceremony, JointKey, TrusteeSession

_CEREMONY_KINDS: Final = ("trustee.hashed", "trustee.committed", "trustee.shared", "trustee.confirmed")


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """An entry's exact bytes, where it stands, and its inclusion proof."""

    seq: int
    raw: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Membership:
    """A contest of the voter: where it and its electorate stand, and the Merkle path of the credential's first key."""

    seq: int
    electorate_seq: int
    leaf: bytes
    index: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was established: the log, its opening entry, the joint key, and the voter's contests by their seq."""

    log_id: bytes
    opened: LogOpenedData
    joint: JointKey
    constitution: str  # SHA-256 of its file, in hex
    contests: Mapping[int, ContestRules]
    closes: Mapping[tuple[int, bytes], str]  # (poll, context) → closing time as of the opening

    @property
    def receipt_key(self) -> bytes:
        """The x-only key that signs receipts and refusals."""
        return unb64(self.opened.receipt_key, 32, "log.opened: receipt_key")


def verify_evidence(
    checkpoint: bytes,
    proven: Sequence[ProvenEntry],
    memberships: Sequence[Membership],
    *,
    log_prefix: bytes,
    credential: bytes,
) -> Evidence:
    """Check everything; DataError names what does not hold. ``log_prefix``: first bytes of the log id, as pinned."""
    by_seq = {item.seq: item for item in proven}
    if 0 not in by_seq:
        raise LogError("evidence: entry 0 is missing")
    log_id = sha256(by_seq[0].raw).digest()
    if not log_id.startswith(log_prefix):
        raise LogError(f"evidence: wrong log: the ballot link is for {log_prefix.hex()}…, this is {log_id.hex()}")
    entries = {item.seq: decode_entry(item.raw) for item in proven}
    opened = _log_opened(entries[0])
    _verify_inclusion(checkpoint, opened, proven)
    _verify_acts(log_id, opened, entries)
    joint = _joint_key(log_id, tuple(by_seq[seq].raw for seq in sorted(entries) if _of_session(entries[seq])))
    closes = _opened_contexts(entries.values())
    contests = {}
    for item in memberships:
        rules = load_contest(entries[item.seq].data_bytes, rehearsal=opened.rehearsal)
        _verify_contest(log_id, opened, joint, rules, closes)
        _verify_membership(log_id, opened, entries, item, rules, credential)
        contests[item.seq] = rules
    return Evidence(log_id, opened, joint, _constitution(entries.values()), contests, closes)


def _log_opened(entry: Entry) -> LogOpenedData:
    if entry.seq != 0 or not isinstance(entry.data, LogOpenedData):
        raise LogError(f"evidence: entry 0: expected log.opened, got {entry.kind}")
    return entry.data


def _verify_inclusion(raw: bytes, opened: LogOpenedData, proven: Sequence[ProvenEntry]) -> None:
    """One checkpoint, signed by the log and by enough witnesses, includes every entry at its place."""
    checkpoint = parse_checkpoint(raw)
    verify_checkpoint(checkpoint, opened.origin, unb64(opened.log_key, 32, "log.opened: log_key"))
    witnesses = tuple(Witness(item.name, unb64(item.key, 32, "witness: key")) for item in opened.witnesses)
    verify_cosignatures(checkpoint, WitnessPolicy(witnesses, opened.quorum))
    for item in proven:
        verify_inclusion_proof(item.seq, checkpoint.size, leaf_hash(item.raw), item.proof, checkpoint.root)
        if decode_entry(item.raw).seq != item.seq:
            raise LogError(f"evidence: entry {item.seq}: the entry says another seq")


def _verify_acts(log_id: bytes, opened: LogOpenedData, entries: Mapping[int, Entry]) -> None:
    """The committee in force approved what needs approval: that of entry 0, or of the last approved `members`."""
    committee: LogOpenedData | MembersData = opened
    for seq in sorted(entries):
        entry = entries[seq]
        if KINDS[entry.kind].approved:
            members = {member.id: unb64(member.key, 32, "member: key") for member in committee.members}
            verify_approvals(log_id, entry.kind, entry.data, members, committee.threshold)
        if isinstance(entry.data, MembersData):
            committee = entry.data


def _constitution(entries: Iterable[Entry]) -> str:
    """The file that the one constitution entry names; with it, positions have names."""
    blobs = [entry.data.blob for entry in entries if isinstance(entry.data, ConstitutionData)]
    if len(blobs) != 1:
        raise LogError(f"evidence: expected one constitution, got {len(blobs)}")
    return blobs[0]


def _of_session(entry: Entry) -> bool:
    return entry.kind == "trustee.opened" or entry.kind in _CEREMONY_KINDS


@lru_cache(maxsize=8)  # for programs that read many views of one log, such as the demo's voters
def _joint_key(log_id: bytes, raws: tuple[bytes, ...]) -> JointKey:
    """Y of the session in the view, recomputed: proofs, commitments before messages, all n signatures."""
    ceremony: Ceremony | None = None
    for entry in map(decode_entry, raws):
        seq = entry.seq
        if entry.kind == "trustee.opened":
            if ceremony is not None:
                raise LogError("evidence: expected one trustee session, got two")
            keys = tuple(unb64(key, 32, "trustee.opened: key") for key in entry.data.trustees)
            ceremony = Ceremony(TrusteeSession(log_id, entry.data.attempt, entry.data.k, keys))
        else:
            if ceremony is None:
                raise LogError(f"evidence: entry {seq}: {entry.kind} before trustee.opened")
            ceremony = ceremony.add(entry.data)
    if ceremony is None:
        raise LogError("evidence: no trustee session")
    return ceremony.joint_key


def _opened_contexts(entries: Iterable[Entry]) -> dict[tuple[int, bytes], str]:
    """(poll, context) of every contest that a poll.opened lists → its closing time."""
    contexts = {}
    for entry in entries:
        if entry.kind == "poll.opened":
            for context in entry.data.contexts:
                contexts[entry.data.poll, unb64(context, 32, "poll.opened: context")] = entry.data.closes
    return contexts


def _verify_contest(
    log_id: bytes, opened: LogOpenedData, joint: JointKey, rules: ContestRules, closes: Mapping[tuple[int, bytes], str]
) -> None:
    document = rules.document
    faults = (
        (rules.log_id != log_id, "wrong log"),
        (document.election != opened.election, "wrong election"),
        (rules.joint_key != joint.point, "the joint key is not the one that all trustees confirmed"),
        ((document.poll, rules.context) not in closes, "no poll.opened of its poll lists it"),
    )
    for wrong, text in faults:
        if wrong:
            raise LogError(f"evidence: contest {document.contest}: {text}")


def _verify_membership(
    log_id: bytes,
    opened: LogOpenedData,
    entries: Mapping[int, Entry],
    item: Membership,
    rules: ContestRules,
    credential: bytes,
) -> None:
    """The registrar signed the electorate, it is the contest's, and the voter's chain of credentials begins in it."""
    document, entry = rules.document, entries[item.electorate_seq]
    if not isinstance(entry.data, ElectorateData):
        raise LogError(f"evidence: entry {entry.seq}: expected an electorate, got {entry.kind}")
    electorate = entry.data
    if (electorate.id, electorate.size, electorate.root) != (document.electorate, document.size, document.root):
        raise LogError(f"evidence: contest {document.contest}: names another electorate than entry {entry.seq}")
    root = unb64(electorate.root, 32, "electorate: root")
    message = digest(Tag.ELECTORATE, log_id, electorate.id.encode(), u64(electorate.size), root)
    registrar = unb64(opened.registrar.key, 32, "registrar: key")
    schnorr.verify(registrar, message, unb64(electorate.signature, 64, "electorate: signature"))
    verify_inclusion_proof(item.index, electorate.size, leaf_hash(item.leaf), item.path, root)
    _verify_chain(log_id, registrar, entries, item.leaf, credential)


def _verify_chain(
    log_id: bytes, registrar: bytes, entries: Mapping[int, Entry], leaf: bytes, credential: bytes
) -> None:
    """The credential is the one in the electorate, or follows from it by the registrar's replacements."""
    current = leaf
    for seq in sorted(entries):
        data = entries[seq].data
        if isinstance(data, CredentialReplacedData) and unb64(data.old, 32, "replaced: old") == current:
            new = unb64(data.new, 32, "replaced: new")
            message = digest(Tag.CREDENTIAL_REPLACED, log_id, current, new, data.reason.encode())
            schnorr.verify(registrar, message, unb64(data.signature, 64, "replaced: signature"))
            current = new
    if current != credential:
        raise LogError(f"evidence: the credential {b64(credential)} does not stand in the electorate")
