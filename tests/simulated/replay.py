"""What a malicious service with willing members makes of a log: results computed anew, everything signed again."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import msgspec

from audit.entries import AnnulledData, CertifiedData, parse_time
from ballot.ballot import BallotData
from ballot.contest import Contest, context_of
from keys.canonical import b64, decode, encode
from tally.complaint import ComplaintData
from tally.constitution import Resolution, load_constitution
from tally.decision import Decision
from tally.declared import make_declared
from tally.lot import make_tickets
from tally.open_vote import OpenVoteData
from tally.petition import PetitionData
from tally.record import Counted, Record
from tally.sums import sum_bodies
from tests.simulated.builders import approve
from tests.simulated.malice import Copy, Json, rechain
from tests.simulator import Election


def declared_again(copy: Copy, entries: list[Json], counts: dict[str, list[int]]) -> dict[str, bytes]:
    """The last entry, which declares poll 1, made to fit other counts or entries; returns the new blob."""
    record = replayed(copy, entries[:-1])
    outcome = record.declare(1, _counted(copy, entries, counts))
    entries[-1]["data"] = msgspec.to_builtins(make_declared(outcome))
    return {sha256(outcome.reasoning).hexdigest(): outcome.reasoning}


def logged_counts(entries: list[Json]) -> dict[str, list[int]]:
    return {e["data"]["context"]: e["data"]["counts"] for e in entries if e["kind"] == "tally.counts"}


def replayed(copy: Copy, entries: list[Json]) -> Record:
    """What the rules know after these entries, of which none declares a result; new links are not looked at."""
    record = Record(load_constitution(copy.blobs[entries[1]["data"]["blob"]]))
    documents = dict(_documents(entries))
    for seq, entry in enumerate(entries):
        data, time = entry["data"], parse_time(entry["time"]) if "time" in entry else 0
        match entry["kind"]:
            case "resolution":
                record.resolve(Resolution(data["clause"], data["reading"]))
            case "electorate":
                record.add_electorate(data["id"], data["size"])
            case "contest":
                record.add_contest(_as(data, Contest))
            case "poll.opened":
                opened = [documents[context] for context in data["contexts"]]
                record.open_poll(data["poll"], opened, time, parse_time(data["closes"]))
            case "decision":
                record.decide(data["act"], _as(data["decision"], Decision), time)
            case "complaint":
                record.complain(seq, _as(data, ComplaintData), time)
            case "petition":
                record.support(_as(data, PetitionData), time, listed=data["credential"])
            case "vote.open":
                record.vote_openly(_as(data, OpenVoteData), time, listed=data["credential"])
    return record


def _as(data: Json, type_: Any) -> Any:
    return decode(encode(data), type_)


def _documents(entries: list[Json]) -> list[tuple[str, Contest]]:
    found = [_as(e["data"], Contest) for e in entries if e["kind"] == "contest"]
    return [(b64(context_of(encode(document))), document) for document in found]


def _counted(copy: Copy, entries: list[Json], counts: dict[str, list[int]]) -> list[Counted]:
    counted = []
    for context, document in _documents(entries):
        bodies = [
            _as(e["data"], BallotData).body
            for e in entries
            if e["kind"] == "ballot" and e["data"]["context"] == context
        ]
        found = counts.get(context)
        sums = sum_bodies(context_of(encode(document)), len(document.options), bodies)
        tickets = () if found is None else make_tickets(copy.log_id, sums, found)
        counted.append(Counted(document.contest, len(bodies), None if found is None else tuple(found), tickets))
    return counted


# ---- everybody signs again -------------------------------------------------------------------------------------------


def with_other_step(
    election: Election, poll: int, change: Callable[[list[Json]], int | None]
) -> tuple[dict[str, bytes], int]:
    """The log with one declared step changed, and the declaration certified and chained anew; also the step's number.

    `change` alters the steps in place and returns the number of the one that it has changed.
    """
    copy = Copy.of(election)
    entries = copy.plain()
    at = copy.first("result.declared", lambda data: data["poll"] == poll)
    reasoning = json.loads(copy.blobs[entries[at]["data"]["reasoning"]])
    number = change(reasoning["steps"])
    assert number is not None
    blob = encode(reasoning)
    entries[at]["data"]["reasoning"] = sha256(blob).hexdigest()
    certify_again(election, entries)
    return copy.rewritten(entries, {sha256(blob).hexdigest(): blob}), number


def certify_again(election: Election, entries: list[Json]) -> None:
    """Certifications and annulments name the declarations as they are now, and the members sign them again."""
    members = dict(list(election.members.items())[:2])
    declared: dict[int, str] = {}
    for seq, entry in enumerate(entries):
        if entry["kind"] == "result.declared":
            raw = rechain(entries[: seq + 1])[seq]
            declared[entry["data"]["poll"]] = b64(sha256(raw).digest())
        elif entry["kind"] in ("result.certified", "result.annulled"):
            data = entry["data"]
            data["declared"] = declared[data["poll"]]
            unsigned = encode({name: value for name, value in data.items() if name != "approvals"})
            approvals = approve(election.log_id, entry["kind"], unsigned, members)
            data["approvals"] = msgspec.to_builtins(approvals)
            decode(encode(data), CertifiedData if entry["kind"] == "result.certified" else AnnulledData)
