"""Proofs as files, c2sp.org/tlog-proof@v1: an entry is in the log, checked with nothing but the file and the log's id.

    c2sp.org/tlog-proof@v1
    extra <base64>
    index <n>
    <one hash of the inclusion proof a line, base64>

    <the checkpoint, verbatim>

`extra` is what leads from the log id to the entry (docs/protocol.md §7): the texts of entry 0 and of the ballot, and
the receipt if there was one. None of it is believed: entry 0 hashes to the log id, and its keys check the rest.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from audit.checkpoint import Witness, WitnessPolicy, parse_checkpoint, verify_checkpoint, verify_cosignatures
from audit.errors import AuditError
from audit.merkle import (
    HASH_SIZE,
    MAX_PROOF,
    Frontier,
    leaf_hash,
    leaf_reader,
    make_inclusion_proof,
    verify_inclusion_proof,
)
from audit.note import MAX_NOTE
from audit.receipt_search import read_ballot
from audit.signed_entries import open_entry, signed_entries
from audit.source import LogSource
from ballot.receipt import Receipt, verify_receipt
from keys.canonical import Wire, decode, encode, unb64
from keys.errors import FormatError

HEADER: Final = "c2sp.org/tlog-proof@v1"
SUFFIX: Final = ".tlog-proof"
EXTRA_VERSION: Final = "es1"
MAX_FILE: Final = MAX_NOTE + (1 << 18)  # bytes: a checkpoint, and two entries in base64
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class TlogProof:
    """A parsed file, nothing of it checked. ``checkpoint``: the note's bytes; ``extra``: b"" where there is none."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes


class BallotExtra(Wire, frozen=True):
    """`extra` of a ballot's proof: the exact texts of entry 0 and of the ballot's entry; the receipt, or null."""

    v: str
    opened: str
    entry: str
    receipt: Receipt | None


@dataclass(frozen=True, slots=True)
class ProvenBallot:
    """What a proof shows: entry ``seq`` of ``size`` is the ballot with this tracker; whether a receipt is with it."""

    seq: int
    size: int
    root: bytes
    context: bytes
    tracker: bytes
    receipt: bool


def is_tlog_proof(raw: bytes) -> bool:
    """Whether a file claims to be such a proof."""
    return raw.startswith(HEADER.encode() + b"\n")


def encode_tlog_proof(proof: TlogProof) -> bytes:
    """The bytes of the file."""
    lines = [HEADER, *([f"extra {_base64(proof.extra)}"] if proof.extra else []), f"index {proof.index}"]
    lines += [_base64(item) for item in proof.hashes]
    return "\n".join([*lines, "", ""]).encode() + proof.checkpoint


def parse_tlog_proof(raw: bytes) -> TlogProof:
    """Read the file strictly; AuditError for anything that the specification does not allow."""
    if len(raw) > MAX_FILE:
        raise AuditError(f"proof: expected at most {MAX_FILE} bytes, got {len(raw)}")
    head, blank, checkpoint = raw.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise AuditError("proof: expected ASCII before the checkpoint") from error
    if lines[0] != HEADER or not blank:
        raise AuditError(f"proof: expected {HEADER}, an index, hashes, an empty line and a checkpoint")
    extra, rest = b"", lines[1:]
    if rest and rest[0].startswith("extra "):
        extra, rest = _unbase64(rest[0].removeprefix("extra "), "extra"), rest[1:]
    index = _INDEX.fullmatch(rest[0]) if rest else None
    if index is None:
        raise AuditError("proof: expected `index` and a number without leading zeros")
    hashes = tuple(_unbase64(line, "hash") for line in rest[1:])
    if len(hashes) > MAX_PROOF or any(len(item) != HASH_SIZE for item in hashes):
        raise AuditError(f"proof: expected at most {MAX_PROOF} hashes of {HASH_SIZE} bytes")
    return TlogProof(int(index[1]), hashes, checkpoint, extra)


def make_ballot_proof(source: LogSource, seq: int, receipt: Receipt | None) -> TlogProof:
    """The proof of ballot ``seq`` under the newest checkpoint of a copy; DataError where the copy does not hold."""
    checkpoint = source.checkpoint()
    leaves, texts = [], {}
    for number, raw in signed_entries(source):
        leaves.append(leaf_hash(raw))
        if number in (0, seq):
            texts[number] = raw.decode()
    if seq not in texts:
        raise AuditError(f"proof: expected an entry below {len(leaves)}, got {seq}")
    read_ballot(texts[seq].encode(), seq)
    extra = BallotExtra(v=EXTRA_VERSION, opened=texts[0], entry=texts[seq], receipt=receipt)
    path = make_inclusion_proof(seq, len(leaves), leaf_reader(leaves))
    return TlogProof(seq, tuple(path), checkpoint, encode(extra))


def verify_ballot_proof(proof: TlogProof, log_id: bytes) -> ProvenBallot:
    """Check a ballot's proof against the log id alone, off line; DataError where any link of the chain breaks."""
    try:
        extra = decode(proof.extra, BallotExtra)
    except FormatError as error:
        raise AuditError(f"proof: extra: {error}") from error
    if extra.v != EXTRA_VERSION:
        raise AuditError(f"proof: extra: expected version {EXTRA_VERSION!r}, got {extra.v!r}")
    opened_raw, entry = extra.opened.encode(), extra.entry.encode()
    opened = open_entry(opened_raw, log_id)
    checkpoint = parse_checkpoint(proof.checkpoint)
    verify_checkpoint(checkpoint, opened.origin, unb64(opened.log_key, 32, "log_key"))
    witnesses = tuple(Witness(item.name, unb64(item.key, 32, "witness")) for item in opened.witnesses)
    verify_cosignatures(checkpoint, WitnessPolicy(witnesses, opened.quorum))
    verify_inclusion_proof(proof.index, checkpoint.size, leaf_hash(entry), proof.hashes, checkpoint.root)
    context, tracker = read_ballot(entry, proof.index)
    if extra.receipt is not None:
        receipt_key = unb64(opened.receipt_key, 32, "receipt_key")
        if verify_receipt(extra.receipt, receipt_key, sha256(opened_raw).digest()) != (context, tracker):
            raise AuditError("proof: its receipt is for another ballot")
    return ProvenBallot(proof.index, checkpoint.size, checkpoint.root, context, tracker, extra.receipt is not None)


def copy_goes_on(proven: ProvenBallot, source: LogSource, log_id: bytes) -> bool:
    """Whether a copy goes on from the proof's checkpoint; False: it is too short to tell. AuditError where it forks."""
    tree, reached = Frontier(), False
    for _, raw in signed_entries(source, log_id):
        tree.append(leaf_hash(raw))
        if tree.size == proven.size:
            reached = True
            if tree.root() != proven.root:
                raise AuditError(f"two histories: the copy's first {proven.size} entries are not those of the proof")
    return reached


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _unbase64(text: str, what: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise AuditError(f"proof: {what}: not base64") from error
    if _base64(raw) != text or not raw:
        raise AuditError(f"proof: {what}: expected canonical base64")
    return raw
