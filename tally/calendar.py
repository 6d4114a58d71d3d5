"""Dates and deadlines (IBSU 6.1.3, 6.1.5, 6.8.2, 6.9.4, 6.9.7): what is late, by which clause, and when it was due.

Times are POSIX seconds, days 86,400 of them. A local day is a day of the institution's clocks, which are `utc_offset`
minutes ahead of UTC all year. A standstill of the self-governance may stop the clock: then a deadline moves by exactly
the time of the standstill that fell before it.
"""

from calendar import timegm
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Literal

from tally.constitution import CalendarRule, Motion
from tally.errors import OutcomeError
from tally.wire import Task

DAY: Final = 86_400
_EPOCH: Final = date(1970, 1, 1).toordinal()
_FIRST: Final = (date.min.toordinal() - _EPOCH) * DAY
_LAST: Final = (date.max.toordinal() - _EPOCH + 1) * DAY - 1


@dataclass(frozen=True, slots=True)
class Suspension:
    """A standstill from `start` up to `end`, which is no part of it; None: it goes on."""

    start: int
    end: int | None

    def __post_init__(self) -> None:
        """Refuse one that ends before it begins; raises OutcomeError."""
        if self.end is not None and self.end < self.start:
            raise OutcomeError(f"suspension: end: expected at least {self.start}, got {self.end}")

    def holds(self, time: int) -> bool:
        """Whether the self-governance is at a standstill at that second."""
        return self.start <= time and (self.end is None or time < self.end)


@dataclass(frozen=True, slots=True)
class Notice:
    """What the calendar says about a plan.

    severity  "warn": it may go on, and has to be answered for; "refuse": it may not
    clause    that says so
    text      for people
    due       the last second in which it would have been in time, or the first where something is too early (POSIX);
              None where no time can be named
    """

    severity: Literal["warn", "refuse"]
    clause: str
    text: str
    due: int | None


# ---- days ------------------------------------------------------------------------------------------------------------


def parse_day(text: str) -> int:
    """Read "YYYY-MM-DD" as days since 1970-01-01; raises OutcomeError for a day that no calendar has."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise OutcomeError(f"date: expected such as 2026-09-14, got {text!r}") from error
    if day.isoformat() != text:
        raise OutcomeError(f"date: expected such as 2026-09-14, got {text!r}")
    return day.toordinal() - _EPOCH


def local_day(time: int, utc_offset: int) -> int:
    """Return the local day, as days since 1970-01-01, to which a second belongs."""
    return (time + 60 * utc_offset) // DAY


def start_of_day(day: int, utc_offset: int) -> int:
    """Return the first second of a local day."""
    return day * DAY - 60 * utc_offset


def end_of_day(day: int, utc_offset: int) -> int:
    """Return the last second of a local day."""
    return start_of_day(day + 1, utc_offset) - 1


def term_end(until: str, utc_offset: int) -> int | None:
    """Return the last second of a term that ends on the local day `until`; None for "", a term without an end."""
    return end_of_day(parse_day(until), utc_offset) if until else None


def show_time(time: int) -> str:
    """A time for people, in the form of the log: "2026-10-04T19:59:59Z"; a number where no date has four digits."""
    if not _FIRST <= time <= _LAST:
        return f"second {time}"
    return datetime.fromtimestamp(time, UTC).replace(tzinfo=None).isoformat() + "Z"


# ---- deadlines -------------------------------------------------------------------------------------------------------


def deadline(start: int, days: int, suspensions: Sequence[Suspension], *, stops_clock: bool) -> int | None:
    """Return when `days` days have passed since `start`; None while a standstill that has no end stops the clock.

    With `stops_clock` no second of a standstill counts; suspensions may overlap, and come in any order. One that lies
    wholly before `start`, or begins at the deadline or after it, changes nothing. Raises OutcomeError for days < 0.
    """
    if days < 0:
        raise OutcomeError(f"deadline: days: expected 0 or more, got {days}")
    now, left = start, days * DAY
    if not stops_clock or not left:
        return now + left
    for suspension in sorted(suspensions, key=lambda item: item.start):
        if suspension.start >= now + left:
            break
        if suspension.end is None:
            return None
        left -= max(0, suspension.start - now)
        now = max(now, suspension.end)
    return now + left


# ---- notices ---------------------------------------------------------------------------------------------------------


def first_poll_due(rule: CalendarRule, suspensions: Sequence[Suspension]) -> int | None:
    """Return the last second for the first poll: of the local day so many days after the semester's first (6.1.5).

    None where the constitution has no date or no limit, and while a standstill without an end stops the clock.
    """
    days = rule.first_poll_days.value
    if not days or not rule.semester_begins.value:
        return None
    begins = start_of_day(parse_day(rule.semester_begins.value), rule.utc_offset)
    after = deadline(begins, days + 1, suspensions, stops_clock=rule.suspension_stops_clock.value)
    return None if after is None else after - 1


def first_poll(rule: CalendarRule, opens: int, closes: int, suspensions: Sequence[Suspension]) -> list[Notice]:
    """Check the times of the first poll; the constitution says whether being late is refused."""
    notices = []
    clause = rule.first_poll_days.clause
    due = first_poll_due(rule, suspensions)
    measure = rule.first_poll_measure.value
    moment = closes if measure == "closes" else opens
    if due is not None and moment > due:
        text = (
            f"the first poll {measure} late: expected at most {show_time(due)}, {rule.first_poll_days.value} days "
            f"after the semester begins, got {show_time(moment)}"
        )
        notices.append(Notice(rule.first_poll_late.value, clause, text, due))
    if rule.first_poll_days.value and rule.semester_begins.value:
        begins = start_of_day(parse_day(rule.semester_begins.value), rule.utc_offset)
        if opens < begins:
            text = (
                f"the first poll opens before the semester begins: expected at least {show_time(begins)}, got "
                f"{show_time(opens)}"
            )
            notices.append(Notice("warn", clause, text, begins))
    return notices


def second_tour(rule: CalendarRule, closes: int, suspensions: Sequence[Suspension]) -> list[Notice]:
    """Check a second tour of the first poll against the same day: it may be later, and that is said (6.1.5)."""
    due = first_poll_due(rule, suspensions)
    if due is None or closes <= due:
        return []
    text = f"the second tour closes after the days for elections: they end at {show_time(due)}, got {show_time(closes)}"
    return [Notice("warn", rule.first_poll_days.clause, text, due)]


def task_due(task: Task, asked_at: int, rule: CalendarRule, suspensions: Sequence[Suspension]) -> int | None:
    """Return when a task that was asked for at `asked_at` has to be done; None: no limit, or the clock stands still."""
    if not task.days:
        return None
    return deadline(asked_at, task.days, suspensions, stops_clock=rule.suspension_stops_clock.value)


def task_notices(
    task: Task, asked_at: int, closes: int, rule: CalendarRule, suspensions: Sequence[Suspension]
) -> list[Notice]:
    """Check the close of the poll that does a task: a re-election in 5 days (6.9.4), a new president in 10 (6.9.7).

    Never refused: late as it is, the vote must still be held.
    """
    due = task_due(task, asked_at, rule, suspensions)
    if due is None or closes <= due:
        return []
    text = (
        f"{task.kind} of {task.seat}: closes late: expected at most {show_time(due)}, {task.days} days after it was "
        f"asked for, got {show_time(closes)}; the vote must still be held"
    )
    return [Notice("warn", task.clause, text, due)]


def meeting_notice(procedure: Motion, noticed_at: int | None, opens: int) -> list[Notice]:
    """Check that the meeting was announced so many days before its vote opens (6.8.2): otherwise it is refused."""
    days = procedure.notice_days.value
    clause = procedure.notice_days.clause
    if not days:
        return []
    if noticed_at is None:
        text = f"the meeting was not announced: expected a notice {days} days before the vote, got none"
        return [Notice("refuse", clause, text, None)]
    due = noticed_at + days * DAY
    if opens >= due:
        return []
    text = (
        f"the meeting votes early: expected at least {show_time(due)}, {days} days after its notice, got "
        f"{show_time(opens)}"
    )
    return [Notice("refuse", clause, text, due)]


def read_time(text: str) -> int:
    """POSIX seconds of "YYYY-MM-DDTHH:MM:SSZ"; raises OutcomeError for another spelling."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise OutcomeError(f"time: expected YYYY-MM-DDTHH:MM:SSZ, got {text[:40]!r}") from error
    if show_time(seconds := timegm(moment.utctimetuple())) != text:
        raise OutcomeError(f"time: expected YYYY-MM-DDTHH:MM:SSZ, got {text[:40]!r}")
    return seconds
