"""seats: mandates begin and end exactly as the rules derive them, directly behind what causes them (A104).

Nobody decides on a `seat.*` entry, and so nobody signs one. The verifier computes what must follow a certified result
or a decision, and takes nothing else: no seat more, none less, none for another person, none later.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from audit.entries import KINDS, Entry, format_time
from audit.errors import LogError
from audit.state import Derived, LogState
from keys.canonical import Wire

CHECK: Final = "seats"


def expect_derived(log: LogState, events: Iterable[tuple[str, Wire]], time: int) -> None:
    """From the next entry on, exactly these must follow, with the time of what causes them."""
    log.due.extend(Derived(kind, data, time) for kind, data in events)


def verify_succession(log: LogState, kind: str) -> None:
    """Before an entry of any kind: it does not stand where a derived one is due, and is not derived from nothing."""
    if log.due and kind != log.due[0].kind:
        due = _name(log.due[0])
        log.due.clear()
        raise LogError(f"{kind}: stands where {due} must follow from what stands before")
    if not log.due and kind in KINDS and KINDS[kind].derived:
        raise LogError(f"{kind}: nothing that stands before causes it")


def verify_seats(log: LogState, entry: Entry) -> None:
    """A derived entry says, member by member, what the rules derive."""
    if not KINDS[entry.kind].derived or not log.due:
        return
    log.book.count(CHECK)
    expected = log.due.popleft()
    for member in expected.data.__struct_fields__:
        due, got = (_plain(getattr(data, member)) for data in (expected.data, entry.data))
        if due != got:
            raise LogError(f"{_name(expected)}: {member}: expected {due!r}, got {got!r}")
    time = format_time(expected.time)
    if entry.time != time:
        raise LogError(f"{_name(expected)}: time: expected {time} as of what causes it, got {entry.time}")


def verify_complete(log: LogState) -> None:
    """At the end of the log: nothing is due any more."""
    if log.due:
        raise LogError(f"the log ends where {_name(log.due[0])} must follow")


def _name(derived: Derived) -> str:
    return f"{derived.kind} of {getattr(derived.data, 'seat', '')}"


def _plain(value: object) -> object:
    return msgspec.to_builtins(value)
