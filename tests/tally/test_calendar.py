"""The calendar: deadlines in plain arithmetic, standstills that stop the clock, and what is late by which clause."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tally.calendar import (
    DAY,
    Notice,
    Suspension,
    deadline,
    end_of_day,
    first_poll,
    first_poll_due,
    local_day,
    meeting_notice,
    parse_day,
    read_time,
    second_tour,
    show_time,
    start_of_day,
    task_due,
    task_notices,
    term_end,
)
from tally.constitution import CalendarRule, Motion
from tally.errors import OutcomeError
from tally.parameter import Parameter, T
from tally.wire import Task

TBILISI = 240


def at(text: str) -> int:
    """POSIX seconds of "2026-10-04T23:59:59+04:00"."""
    return int(datetime.fromisoformat(text).timestamp())


def says(clause: str, value: T) -> Parameter[T]:
    return Parameter(clause=clause, value=value, readings=[])


RULE = CalendarRule(
    semester_begins=says("6.1.5", "2026-09-14"),
    first_poll_days=says("6.1.5", 20),
    first_poll_measure=says("6.1.5", "closes"),
    first_poll_late=says("6.1.5", "warn"),
    term_ends=says("6.1.5(1)", "2027-06-30"),
    after_term=says("6.1.5(1)", "none"),
    suspension_stops_clock=says("6.1.3", value=True),
    utc_offset=TBILISI,
)
DUE = at("2026-10-04T23:59:59+04:00")
OPENS = at("2026-09-28T09:00:00+04:00")


def rule(**changes: object) -> CalendarRule:
    values = {name: msgspec.structs.replace(getattr(RULE, name), value=value) for name, value in changes.items()}
    return msgspec.structs.replace(RULE, **values)


def re_election(kind: str = "re-election", clause: str = "6.9.4", days: int = 5) -> Task:
    return msgspec.convert(
        {
            "seat": "president",
            "kind": kind,
            "tour": "first",
            "options": [],
            "voters": "block",
            "barred": [],
            "procedure": "president",
            "clause": clause,
            "days": days,
        },
        Task,
    )


def meeting(days: int = 7) -> Motion:
    return Motion(
        id="dismissal",
        clause="6.8.4b",
        voters=says("6.8.4b", "members"),
        threshold=says("6.8.4b", ">= 7/10"),
        base=says("6.8.4b", "listed"),
        quorum=says("6.8.3", ">= 7/10"),
        notice_days=says("6.8.2", days),
    )


# ---- days ------------------------------------------------------------------------------------------------------------

offsets = st.integers(-720, 840)
times = st.integers(0, 2**33)


def test_a_local_day_begins_at_midnight_of_the_institutions_clocks() -> None:
    day = parse_day("2026-10-04")
    assert start_of_day(day, TBILISI) == at("2026-10-04T00:00:00+04:00")
    assert end_of_day(day, TBILISI) == at("2026-10-04T23:59:59+04:00")
    assert local_day(at("2026-10-03T20:00:00+00:00"), TBILISI) == day
    assert local_day(at("2026-10-03T19:59:59+00:00"), TBILISI) == day - 1
    assert local_day(at("2026-10-04T00:00:00+00:00"), -60) == day - 1


@given(times, offsets)
def test_every_second_belongs_to_one_local_day(time: int, utc_offset: int) -> None:
    day = local_day(time, utc_offset)
    assert start_of_day(day, utc_offset) <= time <= end_of_day(day, utc_offset)
    assert end_of_day(day, utc_offset) + 1 == start_of_day(day + 1, utc_offset)
    assert end_of_day(day, utc_offset) - start_of_day(day, utc_offset) == DAY - 1


@pytest.mark.parametrize("text", ["", "2026-02-30", "2026-9-14", "20260914", "2026-W38-1", "soon"])
def test_a_date_that_no_calendar_has_is_refused(text: str) -> None:
    with pytest.raises(OutcomeError, match=r"date: expected such as 2026-09-14, got "):
        parse_day(text)


def test_a_term_ends_with_the_last_second_of_its_day() -> None:
    assert term_end("2027-06-30", TBILISI) == at("2027-06-30T23:59:59+04:00")
    assert term_end("", TBILISI) is None


def test_times_are_shown_as_in_the_log() -> None:
    assert show_time(DUE) == "2026-10-04T19:59:59Z"
    assert show_time(-62135596800) == "0001-01-01T00:00:00Z"
    assert show_time(253402300799) == "9999-12-31T23:59:59Z"
    assert show_time(253402300800) == "second 253402300800"
    assert show_time(2**60) == f"second {2**60}"


@given(times)
def test_a_time_is_read_as_it_is_shown(time: int) -> None:
    assert read_time(show_time(time)) == time


@pytest.mark.parametrize(
    "text", ["", "2026-10-04", "2026-10-04T19:59:59", "2026-10-4T19:59:59Z", "2026-02-30T00:00:00Z"]
)
def test_a_time_of_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(OutcomeError, match=r"time: expected YYYY-MM-DDTHH:MM:SSZ, got "):
        read_time(text)


# ---- deadlines -------------------------------------------------------------------------------------------------------

days = st.integers(0, 40)
moments = st.integers(0, 60 * DAY)


@st.composite
def suspension(draw: st.DrawFn, *, ends: bool = False) -> Suspension:
    start = draw(moments)
    end = None if not ends and draw(st.integers(0, 9)) == 0 else start + draw(st.integers(0, 10 * DAY))
    return Suspension(start, end)


suspensions = st.lists(suspension(), max_size=5)


def second_by_second(start: int, left: int, stops: list[Suspension]) -> int | None:
    """The definition: count seconds that lie in no standstill, jumping only where nothing changes."""
    now = start
    while left:
        held = [item for item in stops if item.holds(now)]
        if any(item.end is None for item in held):
            return None
        if held:
            now = max(item.end for item in held if item.end is not None)
            continue
        later = [item.start for item in stops if item.start > now]
        step = min([left, *(other - now for other in later)])
        now, left = now + step, left - step
    return now


@given(moments, days, suspensions)
def test_a_deadline_counts_the_seconds_outside_of_standstills(start: int, count: int, stops: list[Suspension]) -> None:
    assert deadline(start, count, stops, stops_clock=True) == second_by_second(start, count * DAY, stops)


@given(moments, days, suspensions)
def test_without_standstills_a_deadline_is_plain_arithmetic(start: int, count: int, stops: list[Suspension]) -> None:
    assert deadline(start, count, [], stops_clock=True) == start + count * DAY
    assert deadline(start, count, stops, stops_clock=False) == start + count * DAY


@given(moments, days, suspensions)
def test_more_days_are_never_due_earlier(start: int, count: int, stops: list[Suspension]) -> None:
    due, later = (deadline(start, count + more, stops, stops_clock=True) for more in (0, 1))
    assert later is None or (due is not None and later >= due + DAY)


@given(moments, days, suspensions, suspension())
def test_one_more_standstill_never_makes_it_earlier(
    start: int, count: int, stops: list[Suspension], more: Suspension
) -> None:
    due = deadline(start, count, stops, stops_clock=True)
    later = deadline(start, count, [*stops, more], stops_clock=True)
    assert later is None or (due is not None and start + count * DAY <= due <= later)


@given(moments, days, suspensions, st.integers(0, 9 * DAY), st.integers(0, 9 * DAY))
def test_a_standstill_wholly_before_or_after_changes_nothing(
    start: int, count: int, stops: list[Suspension], gap: int, length: int
) -> None:
    due = deadline(start, count, stops, stops_clock=True)
    before = Suspension(start - gap - length, start - gap)
    assert deadline(start, count, [*stops, before], stops_clock=True) == due
    if due is not None:
        for after in (Suspension(due + gap, due + gap + length), Suspension(due + gap, None)):
            assert deadline(start, count, [after, *stops], stops_clock=True) == due


@given(moments, days, st.permutations(range(4)), st.data())
def test_the_order_of_standstills_does_not_matter(
    start: int, count: int, order: list[int], data: st.DataObject
) -> None:
    stops = [data.draw(suspension()) for _ in range(4)]
    shuffled = [stops[place] for place in order]
    assert deadline(start, count, stops, stops_clock=True) == deadline(start, count, shuffled, stops_clock=True)


@given(moments, st.integers(1, 40), suspension(ends=True))
def test_one_standstill_within_moves_it_by_its_length(start: int, count: int, stop: Suspension) -> None:
    assert stop.end is not None
    due = deadline(start, count, [stop], stops_clock=True)
    if start <= stop.start < start + count * DAY:
        assert due == start + count * DAY + stop.end - stop.start


@pytest.mark.parametrize(
    ("stops", "due"),
    [
        pytest.param([], 5, id="no standstill"),
        pytest.param([(1, 3)], 7, id="two days within"),
        pytest.param([(-2, 1)], 6, id="one that began before: only its rest counts"),
        pytest.param([(4, 6)], 7, id="one that begins on the last day"),
        pytest.param([(5, 6)], 5, id="one that begins at the deadline"),
        pytest.param([(4, 6), (6, 8)], 9, id="two that touch"),
        pytest.param([(1, 4), (2, 3)], 8, id="one inside of another counts once"),
        pytest.param([(1, 3), (2, 4)], 8, id="two that overlap count once"),
        pytest.param([(4, 6), (5, 7)], 8, id="the second begins after the first deadline, within the moved one"),
        pytest.param([(1, 1)], 5, id="an empty one"),
        pytest.param([(4, None)], None, id="one that goes on"),
        pytest.param([(5, None)], 5, id="one that goes on, from the deadline"),
        pytest.param([(4, 6), (6, None)], None, id="one that goes on, from within the moved time"),
    ],
)
def test_five_days(stops: list[tuple[int, int | None]], due: int | None) -> None:
    items = [Suspension(start * DAY, None if end is None else end * DAY) for start, end in stops]
    assert deadline(0, 5, items, stops_clock=True) == (None if due is None else due * DAY)


def test_no_days_are_due_at_once_even_in_a_standstill() -> None:
    assert deadline(100, 0, [Suspension(0, None)], stops_clock=True) == 100


def test_days_before_the_start_are_refused() -> None:
    with pytest.raises(OutcomeError, match=r"deadline: days: expected 0 or more, got -1"):
        deadline(0, -1, [], stops_clock=True)


def test_a_standstill_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(OutcomeError, match=r"suspension: end: expected at least 5, got 4"):
        Suspension(5, 4)


def test_a_standstill_holds_from_its_first_second_up_to_its_end() -> None:
    assert [Suspension(5, 7).holds(time) for time in (4, 5, 6, 7)] == [False, True, True, False]
    assert Suspension(5, None).holds(2**40)


# ---- the first poll --------------------------------------------------------------------------------------------------


def test_the_first_poll_is_in_time_up_to_the_last_second_of_the_twentieth_day() -> None:
    assert first_poll_due(RULE, []) == DUE
    assert first_poll(RULE, OPENS, DUE, []) == []
    (notice,) = first_poll(RULE, OPENS, DUE + 1, [])
    assert notice == Notice(
        "warn",
        "6.1.5",
        "the first poll closes late: expected at most 2026-10-04T19:59:59Z, 20 days after the semester begins, got "
        "2026-10-04T20:00:00Z",
        DUE,
    )


def test_the_constitution_says_whether_a_late_first_poll_is_refused() -> None:
    (notice,) = first_poll(rule(first_poll_late="refuse"), OPENS, DUE + 1, [])
    assert (notice.severity, notice.due) == ("refuse", DUE)


def test_measured_by_its_opening_a_first_poll_may_close_later() -> None:
    opens = rule(first_poll_measure="opens")
    assert first_poll(opens, DUE, DUE + 5 * DAY, []) == []
    (notice,) = first_poll(opens, DUE + 1, DUE + 5 * DAY, [])
    assert notice.text.startswith("the first poll opens late: ")


def test_a_first_poll_before_the_semester_is_only_warned_of() -> None:
    begins = at("2026-09-14T00:00:00+04:00")
    late = rule(first_poll_late="refuse")
    assert first_poll(late, begins, begins + DAY, []) == []
    (notice,) = first_poll(late, begins - 1, begins + DAY, [])
    assert (notice.severity, notice.clause, notice.due) == ("warn", "6.1.5", begins)
    assert notice.text.startswith("the first poll opens before the semester begins: ")


@pytest.mark.parametrize("changes", [{"semester_begins": ""}, {"first_poll_days": 0}])
def test_without_a_date_or_a_limit_no_first_poll_is_late(changes: dict[str, object]) -> None:
    assert first_poll(rule(**changes), 0, 2**40, []) == []


def test_a_standstill_gives_the_first_poll_its_time_back() -> None:
    stop = [Suspension(OPENS, OPENS + 3600)]
    assert first_poll(RULE, OPENS, DUE + 3600, stop) == []
    assert first_poll(RULE, OPENS, DUE + 3601, stop)[0].due == DUE + 3600
    assert first_poll(rule(suspension_stops_clock=False), OPENS, DUE + 3600, stop)[0].due == DUE
    assert first_poll(RULE, OPENS, 2**40, [Suspension(OPENS, None)]) == []


def test_a_second_tour_may_exceed_the_twenty_days_with_a_warning() -> None:
    late = rule(first_poll_late="refuse")
    assert second_tour(late, DUE, []) == []
    (notice,) = second_tour(late, DUE + 1, [])
    assert (notice.severity, notice.clause, notice.due) == ("warn", "6.1.5", DUE)


# ---- tasks and meetings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "clause", "days"),
    [
        pytest.param(re_election(), "6.9.4", 5, id="a re-election within five days"),
        pytest.param(re_election("by-election", "6.9.7", 10), "6.9.7", 10, id="a new president within ten days"),
    ],
)
def test_a_late_vote_is_warned_of_and_must_still_be_held(task: Task, clause: str, days: int) -> None:
    due = OPENS + days * DAY
    assert task_due(task, OPENS, RULE, []) == due
    assert task_notices(task, OPENS, due, RULE, []) == []
    (notice,) = task_notices(task, OPENS, due + 1, RULE, [])
    assert (notice.severity, notice.clause, notice.due) == ("warn", clause, due)
    assert notice.text.startswith(f"{task.kind} of president: closes late: expected at most {show_time(due)}, {days} ")
    assert notice.text.endswith("; the vote must still be held")


def test_a_task_without_days_has_no_deadline() -> None:
    assert task_due(re_election(days=0), OPENS, RULE, []) is None
    assert task_notices(re_election(days=0), OPENS, 2**40, RULE, []) == []


def test_a_standstill_stops_the_clock_of_a_task_where_the_constitution_says_so() -> None:
    stop = [Suspension(OPENS + DAY, OPENS + 3 * DAY)]
    assert task_notices(re_election(), OPENS, OPENS + 7 * DAY, RULE, stop) == []
    keeps = rule(suspension_stops_clock=False)
    assert task_notices(re_election(), OPENS, OPENS + 7 * DAY, keeps, stop)[0].due == OPENS + 5 * DAY
    assert task_due(re_election(), OPENS, RULE, [Suspension(OPENS + DAY, None)]) is None


def test_a_meeting_votes_seven_days_after_its_notice_and_not_earlier() -> None:
    assert meeting_notice(meeting(), OPENS, OPENS + 7 * DAY) == []
    (notice,) = meeting_notice(meeting(), OPENS, OPENS + 7 * DAY - 1)
    assert (notice.severity, notice.clause, notice.due) == ("refuse", "6.8.2", OPENS + 7 * DAY)
    assert notice.text.startswith("the meeting votes early: ")


def test_a_meeting_without_a_notice_is_refused() -> None:
    (notice,) = meeting_notice(meeting(), None, OPENS)
    assert (notice.severity, notice.clause, notice.due) == ("refuse", "6.8.2", None)
    assert notice.text == "the meeting was not announced: expected a notice 7 days before the vote, got none"


def test_a_meeting_that_needs_no_notice_has_none() -> None:
    assert meeting_notice(meeting(0), None, OPENS) == []


def test_a_limit_beyond_every_date_is_said_as_a_number() -> None:
    (notice,) = meeting_notice(meeting(2**53 - 1), OPENS, int(datetime(2027, 1, 1, tzinfo=UTC).timestamp()))
    assert "expected at least second " in notice.text
