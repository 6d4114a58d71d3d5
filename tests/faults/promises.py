"""The one function that judges every log after every fault (ATTACKS "acked-ballot invariant").

It reads the published entries by itself, with code that the service does not use to write them, and then asks the
verifier as well.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from audit.checkpoint import parse_checkpoint
from audit.source import LogSource
from audit.verify import verify_log
from ballot.receipt import Receipt, verify_receipt
from keys.canonical import encode, unb64
from keys.transcript import Tag, digest


@dataclass(frozen=True, slots=True)
class Counted:
    """What a log held: ballots and tokens over all contests, its entries, and the receipts that were honoured."""

    entries: int
    ballots: int
    tokens: int
    honoured: int


def check_promises(source: LogSource, receipts: Sequence[Receipt], *, finished: bool = True) -> Counted:
    """AssertionError unless: acknowledged ⊆ log, no token twice, ballots ≤ tokens in each contest, every ballot before
    its poll's close, every receipt verifies, and the verifier finds nothing with all receipts in hand.

    ``finished``: the result must be declared. While a poll is open, receipts are not due, and tokens not logged.
    """
    raw = _entries(source)
    entries = [decode_json(item) for item in raw]
    opened = entries[0]["data"]
    log_id, receipt_key = sha256(raw[0]).digest(), unb64(opened["receipt_key"], 32, "receipt_key")
    ballots = [entry["data"] for entry in entries if entry["kind"] == "ballot"]
    closes = [entry["seq"] for entry in entries if entry["kind"] == "poll.closed"]

    trackers = Counter((data["context"], _tracker(data["body"])) for data in ballots)
    assert max(trackers.values(), default=1) == 1, "a ballot is in the log twice"
    spent = Counter((data["context"], data["token"]["key"]) for data in ballots)
    assert max(spent.values(), default=1) == 1, "a token was spent twice"

    for receipt in receipts:
        context, tracker = verify_receipt(receipt, receipt_key, log_id)
        assert not closes or (receipt.context, tracker) in trackers, f"lost: {context.hex()[:8]} {tracker.hex()[:16]}"

    if closes:
        late = [entry["seq"] for entry in entries if entry["kind"] == "ballot" and entry["seq"] > closes[0]]
        assert not late, f"ballots after the close: {late}"
        _check_quantities(entries, ballots)
    if finished:
        assert [entry["kind"] for entry in entries].count("result.declared") == 1
    report = verify_log(source, log_id=log_id, receipts=receipts if closes else ())
    assert report.ok, "\n".join(f"{failure.check}: {failure}" for failure in report.failures)
    tokens = sum(entry["kind"] == "token" for entry in entries)
    return Counted(len(entries), len(ballots), tokens, len(receipts))


def decode_json(raw: bytes) -> dict[str, Any]:
    """An entry as plain JSON."""
    entry: dict[str, Any] = json.loads(raw)
    return entry


def _entries(source: LogSource) -> list[bytes]:
    return list(source.entries(parse_checkpoint(source.checkpoint()).size))


def _tracker(body: dict[str, Any]) -> bytes:
    return digest(Tag.TRACKER, encode(body))


def _check_quantities(entries: Sequence[dict[str, Any]], ballots: Sequence[dict[str, Any]]) -> None:
    """Ballots ≤ tokens per contest, one token for each credential, and the numbers of `poll.closed` are true."""
    cast = Counter(data["context"] for data in ballots)
    requests = [entry["data"] for entry in entries if entry["kind"] == "token"]
    tokens = Counter(data["context"] for data in requests)
    holders = Counter((data["context"], data["credential"]) for data in requests)
    assert max(holders.values(), default=1) == 1, "a credential has two tokens in one contest"
    for context, number in cast.items():
        assert number <= tokens[context], f"{context}: {number} ballots, {tokens[context]} tokens"
    announced = next(entry["data"]["contests"] for entry in entries if entry["kind"] == "poll.closed")
    for item in announced:
        numbers = (cast[item["context"]], tokens[item["context"]])
        assert numbers == (item["ballots"], item["tokens"]), f"announced {item}, logged {numbers}"
