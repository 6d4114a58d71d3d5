"""What a member looks at before signing: which log it is for, and what stands behind the hashes in an act.

The service prepares most acts; here they are held against a log that this computer verified itself, and what follows
from them is computed from that log.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from audit.entries import parse_time
from audit.facts import ContestFigures, Facts
from audit.source import open_log
from audit.verify import verify_log
from ballot.contest import Contest
from election_service.act_words import (
    Consequences,
    committee_words,
    decision_words,
    read_decision,
    speaker,
    try_act,
    try_decision,
)
from election_service.client import ServiceClient
from election_service.commands.booth import booth_words
from election_service.commands.terminal import fail, out
from election_service.committee import pinned_log_id
from keys.canonical import b64
from keys.errors import DataError
from keys.ids import fingerprint
from keys.text import printable
from tally.constitution import load_constitution
from tally.errors import OutcomeError
from tally.plain import make_notice
from tally.record import Record

LOOKED_AT: Final = frozenset(
    {
        "constitution",
        "resolution",
        "electorate",
        "booth",
        "members",
        "poll.opened",
        "result.certified",
        "result.annulled",
        "decision",
    }
)
UNSIGNED: Final = "nothing was signed; show this to the committee"


@dataclass(frozen=True, slots=True)
class VerifiedLog:
    """A log that this computer verified: its figures, and the address it came from."""

    facts: Facts
    url: str

    @property
    def documents(self) -> list[Contest]:
        """Every contest document, in the order of the log."""
        return [item.document for item in self.facts.contests if item.document is not None]

    def record(self) -> Record:
        """What the rules know at its end; leaves where it has no constitution."""
        if self.facts.record is None:
            fail("the log has no constitution yet", "nothing was signed")
        return self.facts.record


async def log_to_sign_for(client: ServiceClient, key: Path) -> bytes:
    """The log id beside the key; the first time it is shown, to be compared with the committee's own note."""
    log_id, first = await pinned_log_id(client, key)
    if first:
        out.print(f"log {b64(log_id)}, fingerprint {fingerprint(log_id)}", markup=False)
        out.print("signing for this log for the first time: is it the one in the committee's own note?", markup=False)
    return log_id


async def verified_log(client: ServiceClient, log_id: bytes | None) -> VerifiedLog:
    """Download and verify the log; leaves where it does not verify. ``log_id``: which one it must be."""
    with open_log(client.log_url) as source:
        report = await asyncio.to_thread(verify_log, source, log_id=log_id)
    if not report.ok:
        fail(f"the log does not verify: {report.failures[0]}", UNSIGNED)
    return VerifiedLog(report.facts, client.log_url)


async def look_at_opening(client: ServiceClient, log_id: bytes, data: Mapping[str, Any], at: str | None = None) -> None:
    """Verify the log and show what `poll.opened` opens, as `look_at`."""
    look_at(await verified_log(client, log_id), "poll.opened", data, at)


def look_at(log: VerifiedLog, kind: str, data: Mapping[str, Any], at: str | None = None) -> None:
    """Say in words what an act is, and what follows from it; leaves where it is not what the log says.

    ``at``: when a scheduled act is done, YYYY-MM-DDTHH:MM:SSZ.
    """
    now = int(time.time()) if at is None else parse_time(at)
    match kind:
        case "constitution":
            _look_at_constitution(log, str(data["blob"]))
        case "resolution":
            _say(f"the committee reads {data['clause']} as: {data['reading']}")
        case "electorate":
            _say(f"the electorate {data['id']} has {data['size']} voters; the registrar signed it")
        case "booth":
            _say(booth_words(str(data["bundle"])))
        case "members":
            for line in committee_words(data):
                _say(line)
        case "poll.opened":
            _look_at_contests(log, data, now)
        case "result.certified" | "result.annulled":
            _look_at_verdict(log, kind, int(data["poll"]), now)
        case "decision":
            decision = read_decision(data)
            _say(decision_words(decision, log.record().rules, speaker(log.documents)))
            _show(try_decision(log.record(), log.documents, str(data.get("act", "")), decision, now))


def _look_at_constitution(log: VerifiedLog, blob: str) -> None:
    """The rules themselves, not the name of a file."""
    with open_log(log.url) as source:
        try:
            rules = load_constitution(source.blob(blob))
        except DataError as error:
            fail(f"constitution: {error}", UNSIGNED)
    _say(f"rules {blob}:")
    for line in make_notice(rules, []).splitlines():
        _say(line)


def _look_at_contests(log: VerifiedLog, data: Mapping[str, Any], now: int) -> None:
    """Every contest behind the contexts; who signs contexts that nobody looked up would sign for any candidates
    (A53).
    """
    logged = {b64(item.context): item for item in log.facts.contests if item.poll == data.get("poll")}
    contexts = list(data.get("contexts", ()))
    if sorted(contexts) != sorted(logged):
        fail("poll.opened: its contexts are not the contests in the log", "nothing was signed; ask the operator")
    for context in contexts:
        _say(_contest_line(logged[context]))
    documents = [item.document for item in logged.values() if item.document is not None]
    try:
        notices = log.record().check_poll(int(data["poll"]), documents, now, parse_time(str(data["closes"])))
    except OutcomeError as error:
        _say(f"as things stand the rules refuse this: {error}")
        return
    for notice in notices:
        _say(f"warning: {notice.text} (clause {notice.clause})")


def _look_at_verdict(log: VerifiedLog, kind: str, poll: int, now: int) -> None:
    """Who takes which seat, and what has to happen next."""
    if kind == "result.certified":
        _say(f"the result of poll {poll} is certified; what follows:")
        _show(try_act(log.record(), log.documents, lambda record: record.certify(poll, now)))
        return
    _say(f"the result of poll {poll} is annulled; what follows:")

    def annul(record: Record) -> list[Any]:
        record.annul(poll, now)
        return []

    _show(try_act(log.record(), log.documents, annul))


def _show(consequences: Consequences) -> None:
    if consequences.refusal:
        _say(f"as things stand the rules refuse this: {consequences.refusal}")
    for line in consequences.lines:
        _say(f"then {line}")


def _say(line: str) -> None:
    out.print(printable(f"  {line}"), markup=False)


def _contest_line(contest: ContestFigures) -> str:
    options = contest.document.options if contest.document is not None else []
    names = [option.name.get("en") or next(iter(option.name.values())) for option in options]
    rules = "" if contest.document is None else f", choose {contest.document.min} to {contest.document.max}"
    return f"{contest.contest}: {contest.size} voters of {contest.electorate}{rules}: {', '.join(names)}"
