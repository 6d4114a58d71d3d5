"""The result of a poll for programs: a table as CSV, everything as JSON (docs/committee.md, Documents).

A spreadsheet that opens the CSV must not compute what a name says (A85): text that could begin a formula, at the start
of a cell or after anything that a spreadsheet may take for the end of one, gets an apostrophe. The JSON has the names
as they are.
"""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from audit.entries import format_time
from ballot.contest import Option
from election_service.documents.record import ContestRecord, PollRecord
from keys.canonical import b64
from keys.ids import fingerprint
from tally.wire import SeatResult

FORMAT: Final = "es1-result-1"
LANGUAGES: Final = ("en", "ka", "az", "ru")
COLUMNS: Final = (
    *("election", "log", "entries", "poll", "standing", "contest", "position", "electorate", "vote", "tour"),
    *("procedure", "entitled", "ballots", "tokens", "slack", "turnout", "outcome", "option"),
    *(f"name_{language}" for language in LANGUAGES),
    *("blank", "votes", "elected", "seat_status", "seat_person"),
)
_BOM: Final = "\ufeff"  # without it spreadsheets take UTF-8 for something else
_FORMULA: Final = re.compile(r"(^|[;,\t\r\n|])(\s*)([=+\-@\uff1d\uff0b\uff0d\uff20])")


def cell(text: str) -> str:
    """Text for a cell of a spreadsheet: nothing in it begins a formula."""
    return _FORMULA.sub(r"\1\2'\3", text)


def make_csv(record: PollRecord) -> bytes:
    """One row for each option of each contest, under COLUMNS; UTF-8 with a byte order mark, lines end in CR LF.

    What is not there (counts that are withheld, a name in a language) is an empty cell.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for item in record.contests:
        for row in _rows(record, item):
            writer.writerow([cell(value) if isinstance(value, str) else value for value in row])
    return (_BOM + target.getvalue()).encode()


def _rows(record: PollRecord, item: ContestRecord) -> Iterator[list[str | int | None]]:
    result, figures = item.result, item.figures
    seat = next((seat for seat in record.outcome.seats if seat.seat == result.contest), None)
    common: list[str | int | None] = [
        *(record.facts.election, b64(record.facts.log_id), record.facts.entries, record.number, record.standing),
        *(result.contest, result.position, result.electorate, result.vote, result.tour, result.procedure),
        *(result.size, result.ballots, figures.tokens, figures.slack, result.turnout, result.outcome),
    ]
    for option, votes in _options(item):
        yield [
            *common,
            option.id,
            *(option.name.get(language) for language in LANGUAGES),
            int(option.blank),
            votes,
            int(option.id in result.elected),
            "" if seat is None else seat.status,
            "" if seat is None else seat.person,
        ]


def _options(item: ContestRecord) -> Iterator[tuple[Option, int | None]]:
    """The options of a contest with their votes; None where they are withheld."""
    options = [] if item.figures.document is None else item.figures.document.options
    counts = item.result.counts
    for number, option in enumerate(options):
        yield option, None if counts is None else counts[number]


# ---- JSON ------------------------------------------------------------------------------------------------------------


def make_json(record: PollRecord) -> bytes:
    """Everything that the protocol says, as data: indented, members in order, times as the log writes them."""
    facts, rules = record.facts, record.rules
    document = {
        "format": FORMAT,
        "election": facts.election,
        "origin": facts.origin,
        "log": b64(facts.log_id),
        "entries": facts.entries,
        "root": b64(facts.root),
        "rehearsal": facts.rehearsal,
        "rules": {"name": rules.name, "regulation": rules.regulation, "version": rules.version},
        "poll": record.number,
        "standing": record.standing,
        "reason": record.reason,
        "opened": format_time(record.opens),
        "closed": _time(record.poll.closed),
        "declared": format_time(record.declared),
        "concluded": _time(record.concluded),
        "contests": [_contest(item) for item in record.contests],
        "seats": [_seat(seat) for seat in record.outcome.seats],
        "agenda": [
            {**msgspec.to_builtins(item.task), "due": None if item.due is None else format_time(item.due)}
            for item in facts.agenda
        ],
        "complaints": [
            {
                "entry": item.seq,
                "time": format_time(item.time),
                "text": item.text,
                "ruling": item.ruling,
                "answer": item.answer,
                "answered": item.answered,
            }
            for item in record.complaints
        ],
        "acts": [
            {"entry": act.seq, "kind": act.kind, "time": format_time(act.time), "members": list(act.members)}
            for act in record.acts
        ],
        "members": [{"id": member.id, "key": member.key} for member in record.members],
        "threshold": record.threshold,
        "log_key": b64(record.log_key),
        "log_key_fingerprint": fingerprint(record.log_key),
    }
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=2) + b"\n"


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else format_time(seconds)


def _contest(item: ContestRecord) -> dict[str, Any]:
    result = item.result
    return {
        **msgspec.to_builtins(result),
        "context": b64(item.figures.context),
        "tokens": item.figures.tokens,
        "slack": item.figures.slack,
        "trustees": list(item.trustees),
        "options": [
            {
                "id": option.id,
                "name": option.name,
                "blank": option.blank,
                "votes": votes,
                "elected": option.id in result.elected,
            }
            for option, votes in _options(item)
        ],
    }


def _seat(seat: SeatResult) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(seat)
    return found
