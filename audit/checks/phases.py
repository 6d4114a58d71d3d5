"""phases: ballots between opening and close of their poll; times against the closing time and the review window."""

from typing import Any, Final

from audit.entries import Entry, PollChangedData, PollClosedData, PollOpenedData, SealedData, parse_time
from audit.errors import LogError
from audit.state import LogState, Poll, PollState, Stage
from keys.canonical import b64, unb64
from tally.wire import ShareData

CHECK: Final = "phases"
_RUNNING: Final = frozenset({PollState.OPEN, PollState.PAUSED})


def verify_phases(log: LogState, entry: Entry) -> None:
    """Move the poll on, or refuse what comes too early or too late (A28, A99)."""
    match entry.data:
        case PollChangedData():
            _change(log, entry)
        case PollOpenedData():
            _open(log, entry)
        case PollClosedData():
            _close(log, entry)
        case SealedData():
            running_poll(log, entry.kind, entry.data.poll)
        case ShareData():
            _verify_review_window(log, entry)
        case _:
            return
    log.book.count(CHECK)


def running_poll(log: LogState, kind: str, number: int | None = None) -> Poll:
    """The poll that takes ballots now (a paused one still seals what waits); LogError where there is none."""
    poll = log.poll
    if poll is None or poll.state not in _RUNNING:
        raise LogError(f"{kind}: no poll is open")
    if number is not None and poll.number != number:
        raise LogError(f"{kind}: wrong poll: expected {poll.number}, got {number}")
    return poll


def _time(entry: Entry) -> int:
    if entry.time is None:
        raise LogError(f"{entry.kind}: expected a time")
    return parse_time(entry.time)


def _open(log: LogState, entry: Entry) -> None:
    data: PollOpenedData = entry.data
    poll = log.poll
    if poll is None or poll.state is not PollState.PLANNED:
        raise LogError("poll.opened: no contests are logged for it")
    poll.state = PollState.OPEN
    poll.closes = parse_time(data.closes)
    contexts = tuple(unb64(text, 32, "poll.opened: context") for text in data.contexts)
    poll.opened = tuple(context for context in contexts if context in poll.contests)
    for contest in poll.open_contests():
        contest.stage = Stage.OPEN
    if not contexts or list(contexts) != sorted(set(contexts)):
        raise LogError("poll.opened: expected at least one context, distinct and ascending")
    if len(poll.opened) != len(contexts):
        unknown = next(context for context in contexts if context not in poll.contests)
        raise LogError(f"poll.opened: {b64(unknown)} is no contest of poll {poll.number}")
    if len(contexts) < len(poll.contests):
        log.book.note(f"poll {poll.number}: {len(poll.contests) - len(contexts)} logged contests were not opened")
    if poll.closes <= _time(entry):
        raise LogError(f"poll.opened: closes at {data.closes}, not after it opens")


def _change(log: LogState, entry: Entry) -> None:
    data: PollChangedData = entry.data
    poll = running_poll(log, entry.kind, data.poll)
    before, paused = poll.closes or 0, poll.state is PollState.PAUSED
    closes, now = parse_time(data.closes), _time(entry)
    poll.closes = closes
    poll.state = {"poll.paused": PollState.PAUSED, "poll.resumed": PollState.OPEN}.get(entry.kind, poll.state)
    if list(data.contexts) != [b64(context) for context in poll.opened]:
        raise LogError(f"{entry.kind}: expected the contexts of the opening")
    if paused and entry.kind == "poll.paused":
        raise LogError("poll.paused: the poll is paused already")
    if not paused and entry.kind == "poll.resumed":
        raise LogError("poll.resumed: the poll is not paused")
    if entry.kind == "poll.paused" and closes != before:
        raise LogError("poll.paused: expected the closing time as it was")
    if closes < before or (entry.kind == "poll.extended" and closes == before):
        raise LogError(f"{entry.kind}: expected a later closing time, got {data.closes}")
    if not paused and now >= before:
        raise LogError(f"{entry.kind}: the closing time has passed")
    if entry.kind == "poll.resumed" and closes <= now:
        raise LogError(f"poll.resumed: closes at {data.closes}, not after it resumes")


def _close(log: LogState, entry: Entry) -> None:
    data: PollClosedData = entry.data
    poll = running_poll(log, entry.kind, data.poll)
    paused = poll.state is PollState.PAUSED
    poll.state, poll.closed = PollState.CLOSED, _time(entry)
    announced: dict[bytes, Any] = {unb64(item.context, 32, "poll.closed: context"): item for item in data.contests}
    for contest in poll.open_contests():
        contest.stage = Stage.CLOSED
        contest.announced = announced.get(contest.rules.context)
    if tuple(unb64(item.context, 32, "poll.closed: context") for item in data.contests) != poll.opened:
        raise LogError("poll.closed: expected the contests of the opening, ascending by context, each once")
    if poll.closed < (poll.closes or 0) and not paused:
        raise LogError("poll.closed: before the closing time, and the poll is not paused")


def _verify_review_window(log: LogState, entry: Entry) -> None:
    """No share before voters had time to look (A28). The window begins at the close or later, so this is the least."""
    data: ShareData = entry.data
    contest = log.contests.get(unb64(data.context, 32, "tally.share: context"))
    if contest is None or log.rules is None:
        return
    poll = log.polls[contest.rules.document.poll - 1]
    if poll.closed is not None and _time(entry) < poll.closed + log.rules.review_window:
        raise LogError(f"tally.share: made {poll.closed + log.rules.review_window - _time(entry)} seconds early")
