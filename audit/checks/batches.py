"""What runs in worker processes: batches of ballots or token requests are judged. Bytes in, verdicts out."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from audit.entries import TokenData
from audit.merkle import leaf_hash
from ballot.ballot import BallotData, tracker
from ballot.contest import ContestRules, load_contest
from ballot.errors import ContextError
from ballot.token import issue_message
from ballot.verification import judge_ballots
from keys import schnorr
from keys.canonical import decode, unb64
from keys.errors import DataError, FormatError
from tally.sums import Accumulator, ContestSums

_CONTESTS_KEPT = 512
_ALLOCATIONS = 100_000  # between two searches for cycles; a batch of ballots makes that many objects and no cycle


def prepare_worker() -> None:
    """In a worker process, first of all: search for reference cycles rarely; it saves a tenth of a batch's time."""
    gc.set_threshold(_ALLOCATIONS, 20, 20)


class Row(NamedTuple):
    """One entry to judge: its number, and the bytes of its data."""

    seq: int
    data: bytes


class BallotVerdict(NamedTuple):
    """A good ballot: where it belongs, tracker, token key, and its A_i as base64url. A bad one: the check and why."""

    seq: int
    context: bytes = b""
    tracker: bytes = b""
    token_key: bytes = b""
    firsts: tuple[bytes, ...] = ()
    failed: str | None = None
    reason: str = ""


class TokenVerdict(NamedTuple):
    """A token request: where it belongs, the credential, its leaf hash; and why it is bad, if it is."""

    seq: int
    context: bytes = b""
    credential: bytes = b""
    leaf: bytes = b""
    failed: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BallotBatch:
    """The verdicts in order, and the sums over the good ballots by contest."""

    verdicts: tuple[BallotVerdict, ...]
    sums: tuple[ContestSums, ...]


class _UnknownContestError(ContextError):
    """A context that the open poll does not have."""


@lru_cache(maxsize=_CONTESTS_KEPT)
def _contest(document: bytes) -> ContestRules:
    return load_contest(document, rehearsal=True)  # the lengths of issuer keys were judged with the documents


def judge_ballot_batch(
    documents: dict[bytes, bytes], rows: tuple[Row, ...], random: Callable[[int], bytes]
) -> BallotBatch:
    """Judge ballots of any contests of the open poll; `documents`: context → contest document."""
    verdicts: dict[int, BallotVerdict] = {}
    items: list[tuple[Row, ContestRules, BallotData]] = []
    for row in rows:
        try:
            data = decode(row.data, BallotData)
            items.append((row, _contest(_document(documents, data.context)), data))
        except _UnknownContestError as error:
            verdicts[row.seq] = BallotVerdict(row.seq, failed="phases", reason=str(error))
        except FormatError as error:
            verdicts[row.seq] = BallotVerdict(row.seq, failed="entries", reason=f"ballot: {error}")
        except DataError as error:
            verdicts[row.seq] = BallotVerdict(row.seq, failed="ballots", reason=str(error))
    sums: dict[bytes, Accumulator] = {}
    judged = judge_ballots([(contest, data) for _, contest, data in items], random)
    for (row, contest, data), verdict in zip(items, judged, strict=True):
        if isinstance(verdict, DataError):
            verdicts[row.seq] = BallotVerdict(row.seq, contest.context, failed="ballots", reason=str(verdict))
            continue
        if contest.context not in sums:
            sums[contest.context] = Accumulator(contest.context, contest.options)
        sums[contest.context].add(verdict.pairs)
        verdicts[row.seq] = BallotVerdict(
            row.seq,
            contest.context,
            tracker(data.body),
            unb64(data.token.key, schnorr.KEY_SIZE, "token: key"),
            tuple(choice.a.encode() for choice in data.body.choices),
        )
    return BallotBatch(tuple(verdicts[row.seq] for row in rows), tuple(total.sums() for total in sums.values()))


def judge_token_batch(documents: dict[bytes, bytes], rows: tuple[Row, ...]) -> tuple[TokenVerdict, ...]:
    """Judge token requests: form, range of the blinded value, the credential's signature."""
    return tuple(_judge_token(documents, row) for row in rows)


def _judge_token(documents: dict[bytes, bytes], row: Row) -> TokenVerdict:
    context = credential = b""
    try:
        data = decode(row.data, TokenData)
        contest = _contest(_document(documents, data.context))
        context, credential = contest.context, unb64(data.credential, schnorr.KEY_SIZE, "token: credential")
        blinded = unb64(data.blinded, len(contest.modulus), "token: blinded")
        signature = unb64(data.signature, schnorr.SIGNATURE_SIZE, "token: signature")
        verify_blinded(contest, blinded)
        schnorr.verify(credential, issue_message(context, blinded), signature)
    except FormatError as error:
        return TokenVerdict(row.seq, context, credential, leaf_hash(row.data), "entries", f"token: {error}")
    except DataError as error:
        return TokenVerdict(row.seq, context, credential, leaf_hash(row.data), "tokens", str(error))
    return TokenVerdict(row.seq, context, credential, leaf_hash(row.data))


def verify_blinded(contest: ContestRules, blinded: bytes) -> None:
    """A blinded message is as long as the modulus and in 1 … n-1 (docs/protocol.md §5)."""
    if not any(blinded) or blinded >= contest.modulus:  # of one length: bytes are ordered as numbers are
        raise ContextError("token: blinded: expected a number from 1 to the modulus less 1")


def _document(documents: dict[bytes, bytes], context: str) -> bytes:
    raw = documents.get(unb64(context, 32, "context"))
    if raw is None:
        raise _UnknownContestError(f"the open poll has no contest with context {context}")
    return raw
