"""Acts in words: what a member is about to sign, and what follows from it in the log and on the agenda."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from ballot.contest import Contest
from election_service.law_view import agenda_of, names_of
from keys.canonical import unb64
from keys.ids import fingerprint
from tally.constitution import Constitution
from tally.decision import Decision
from tally.errors import OutcomeError
from tally.record import Event, Record
from tally.wire import SeatTakenData, SeatVacatedData, Task

Words = Callable[[str], str]
"""A person's option id → name and id, for people."""

_DECISIONS: Final[dict[str, str]] = {
    "vacancy": "{person} leaves {seat}{ground}{motion}",
    "bar": "{person} can be elected no more{in_seat}{ground}",
    "withdrawal": "{person} withdraws as a candidate of {seat}",
    "approval": "the board approves that {person} takes {seat}",
    "refusal": "the board refuses that {person} takes {seat}",
    "appointment": "{person} is appointed to {seat}",
    "attendance": "{number} persons attend the meeting that votes on {seat}",
    "notice": "the meeting that votes on {seat} is announced to its members with this entry",
    "suspension": "the self-governance is at a standstill from this entry on",
    "resumption": "the standstill of the self-governance ends with this entry",
    "permission": "the administration permits the election",
    "paper": "the vote on paper about {seat} elected {person}",
    "honorary": "{person} is given an honorary title, without a vote",
    "complaint": "the complaint of entry {number} is {code}",
    "petition": "petition {seat} under the rule {code} is open to {electorate}{until}{nominee}",
    "petition-result": "petition {seat} is closed with {number} supporters: {code}",
    "board-vote": "the open vote {seat} of {electorate} begins{until}",
    "board-result": "the open vote {seat} ends with {number} votes for: {code}",
}


def speaker(documents: Sequence[Contest], language: str = "en") -> Words:
    """How persons are called: "Ana Beridze (c12)"; who never stood has the id alone."""
    names = names_of(documents)

    def say(person: str) -> str:
        called = names.get(person, {})
        name = called.get(language) or next(iter(called.values()), "")
        return f"{name} ({person})" if name else person

    return say


def decision_words(decision: Decision, rules: Constitution, say: Words) -> str:
    """A decision as a sentence."""
    clauses = {ground.id: ground.clause for ground in rules.grounds}
    ground = f", on the ground {decision.ground} ({clauses.get(decision.ground, 'unknown')})"
    nominee = f", and nominates {say(decision.person)} for {decision.motion}" if decision.person else ""
    text = _DECISIONS[decision.what].format(
        seat=decision.seat,
        person=say(decision.person),
        ground=ground,
        code=decision.ground,
        motion=f", by the motion {decision.motion}" if decision.motion else "",
        in_seat=f" in {decision.seat}" if decision.seat else "",
        number=decision.number,
        electorate=decision.electorate,
        until=f" until {decision.until}" if decision.until else "",
        nominee=nominee,
    )
    return f"{text}. {decision.text}" if decision.text else text


def event_words(kind: str, data: Any, say: Words) -> str:
    """A derived entry as a sentence."""
    if isinstance(data, SeatTakenData):
        verb = "takes" if kind == "seat.taken" else "succeeds in"
        until = f", until {data.until}" if data.until else ""
        skipped = "; ".join(f"{say(item.person)}: {item.reason}{_of(item.seat)}" for item in data.skipped)
        passed = f"; passed over: {skipped}" if skipped else ""
        return f"{say(data.person)} {verb} {data.seat} ({data.clause}){until}{passed}"
    if isinstance(data, SeatVacatedData):
        acting = f"; {say(data.acting)} does the work meanwhile" if data.acting else ""
        return f"{say(data.person)} leaves {data.seat}: {data.ground} ({data.clause}){acting}"
    return kind


def _of(seat: str) -> str:
    return f" {seat}" if seat else ""


def task_words(task: Task, due: str | None, say: Words) -> str:
    """A task: what, between whom, by whom, by which clause, by when."""
    names = ", ".join(map(say, task.options))
    between = f" of {names}" if task.kind == "approval" else f" between {names}"
    if not names:
        between = ", with new nominations"
    barred = f", without {', '.join(map(say, task.barred))}" if task.barred else ""
    voters = f", by the members{barred}" if task.voters == "members" else ""
    return f"{task.seat}: {task.kind}{between}{voters} ({task.clause}){f', by {due}' if due else ''}"


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows from an act: derived entries and new tasks, in words; ``refusal``: why the rules refuse it now."""

    lines: tuple[str, ...]
    refusal: str = ""


def try_act(record: Record, documents: Sequence[Contest], act: Callable[[Record], Sequence[Event]]) -> Consequences:
    """Try something on a copy of the record."""
    say, tried = speaker(documents), record.copy()
    try:
        events = act(tried)
    except OutcomeError as error:
        return Consequences((), str(error))
    before = record.agenda
    lines = [f"{kind}: {event_words(kind, data, say)}" for kind, data in events]
    lines += [
        f"agenda: {task_words(item.task, item.due, say)}"
        for item in agenda_of(tried, documents).tasks
        if before.get(item.task.seat) != item.task
    ]
    lines += [f"agenda: {seat}: nothing more has to happen" for seat in before if seat not in tried.agenda]
    return Consequences(tuple(lines))


def try_decision(record: Record, documents: Sequence[Contest], act: str, decision: Decision, now: int) -> Consequences:
    """What a decision would lead to."""
    return try_act(record, documents, lambda tried: tried.decide(act, decision, now))


def read_decision(data: Mapping[str, Any]) -> Decision:
    """The decision in the data of an act; msgspec.ValidationError for none."""
    return msgspec.convert(data["decision"], Decision)


def committee_words(data: Mapping[str, Any]) -> list[str]:
    """The committee that a `members` act makes."""
    lines = [f"from here on {data['threshold']} of these members are needed:"]
    lines += [f"  {item['id']}: {fingerprint(unb64(item['key'], 32, 'member: key'))}" for item in data["members"]]
    return lines
