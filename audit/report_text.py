"""A report as people read it."""

from collections.abc import Iterator

from audit.book import Report
from audit.entries import format_time, parse_time
from audit.facts import ContestFigures, Facts, PollFigures, TaskFigures
from keys.canonical import b64
from keys.ids import short_code
from keys.text import printable
from tally.register import Term
from tally.wire import ContestResult, SeatResult

_LINE = 118
_LAST_SECOND = parse_time("9999-12-31T23:59:59Z")


def report_text(report: Report) -> str:
    """The whole report; the last line is the verdict."""
    figures = [*_figures(report), *_offices(report.facts)]
    lines = [*_header(report), "", *_checks(report), *figures, *_remarks(report), verdict(report)]
    return "\n".join(map(printable, lines))


def verdict(report: Report) -> str:
    """`verify: ok`, or which checks failed."""
    failed = [check.name for check in report.checks if check.status == "failed"]
    return f"verify: failed: {', '.join(failed)}" if failed else "verify: ok"


def _header(report: Report) -> Iterator[str]:
    facts = report.facts
    yield f"election  {facts.election}{'  (rehearsal)' if facts.rehearsal else ''}"
    yield f"log       {facts.origin}  {b64(facts.log_id)}"
    yield f"entries   {facts.entries}, root {b64(facts.root)}"


def _checks(report: Report) -> Iterator[str]:
    for check in report.checks:
        yield f"{check.name:<18}{check.items or '-':>9}  {check.status}"
        for failure in check.failures:
            yield f"    {failure}"[:_LINE]
        if check.more:
            yield f"    and {check.more} more"


def _figures(report: Report) -> Iterator[str]:
    for poll in report.facts.polls:
        yield ""
        yield _poll_line(poll)
        results = {result.contest: result for result in poll.results}
        for contest in report.facts.contests:
            if contest.poll == poll.poll:
                yield from _contest_lines(contest, results.get(contest.contest))
        yield from (line for seat in poll.seats for line in _seat_lines(seat))


def _seat_lines(seat: SeatResult) -> Iterator[str]:
    """As it was declared; filled seats are among the mandates once the result is certified."""
    who = seat.person or "nobody"
    others = f" (possible: {', '.join(seat.possible)})" if seat.possible else ""
    yield f"  seat {seat.seat}: {seat.status}: {who}{others}"[:_LINE]
    for branch in seat.branches:
        yield f"      if {branch.higher} goes to {branch.holder or 'nobody'}: {branch.person or 'nobody'}"[:_LINE]


def _offices(facts: Facts) -> Iterator[str]:
    """The register of mandates, and what has to happen next."""
    if facts.terms:
        yield ""
        yield "mandates"
        yield from (f"    {_term_line(term)}"[:_LINE] for term in facts.terms)
    if facts.agenda:
        yield ""
        yield "what has to happen next"
        yield from (f"    {_task_line(item)}"[:_LINE] for item in facts.agenda)


def _term_line(term: Term) -> str:
    mandate = term.mandate
    if term.end is not None:
        end = f"ended {_time(term.end.at)}, {term.end.ground}"
    else:
        end = f"until {mandate.until}" if mandate.until else "without an end"
    return f"{mandate.seat}: {mandate.person} since {_time(mandate.since)}, by {mandate.by} ({mandate.cause}); {end}"


def _task_line(item: TaskFigures) -> str:
    task = item.task
    options = f" of {', '.join(task.options)}" if task.options else ""
    due = "" if item.due is None else f", due {_time(item.due)}"
    return f"{task.seat}: {task.kind}{options} (clause {task.clause}){due}"


def _poll_line(poll: PollFigures) -> str:
    times = [
        f"{name} {_time(at)}"
        for name, at in (("closes", poll.closes), ("closed", poll.closed), ("review until", poll.review_ends))
        if at is not None and not (name == "closes" and poll.closed is not None)
    ]
    return ", ".join([f"poll {poll.poll}: {poll.state}", *times])


def _time(seconds: int) -> str:
    """A time that a log may put as far away as it likes."""
    return format_time(seconds) if seconds <= _LAST_SECOND else "after the year 9999"


def _contest_lines(contest: ContestFigures, result: ContestResult | None) -> Iterator[str]:
    share = f"{100 * contest.ballots / contest.size:.1f} %"
    slack = "" if contest.slack is None else f", slack {contest.slack}"
    outcome = contest.stage
    if result is not None:
        outcome = f"{result.outcome} {', '.join(result.elected)}".rstrip()
    yield f"  {contest.contest}: {contest.ballots} of {contest.size} ({share}){slack}: {outcome}"
    if contest.counts is not None:
        yield "      " + ", ".join(f"{option} {count}" for option, count in contest.counts.items())
    for share_error in contest.bad_shares:
        yield f"      passed over: {share_error}"[:_LINE]


def _remarks(report: Report) -> Iterator[str]:
    if report.notes:
        yield ""
        yield "notes"
        yield from (f"    {note}"[:_LINE] for note in report.notes)
    yield ""
    yield "what nobody can see from a log alone"
    yield from (f"    {reminder}" for reminder in report.reminders)
    yield ""


def tracker_text(tracker: bytes) -> str:
    """A tracker for finding and for comparing: short code and all 256 bits."""
    return f"{short_code(tracker)} ({b64(tracker)})"
