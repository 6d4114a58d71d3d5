"""A malicious service changes one field of a published log, chains and signs it anew; `verify` names the right check.

The service holds the log key, the receipt key, the issuer keys and, in-service, the registrar's key; not the keys of
members, trustees and voters. The other tables: `test_rearranging.py` (entries dropped, repeated,
swapped, inserted), `test_cunning.py` (changes that mend what follows), `test_unseen.py` (what nobody can see).
"""

from collections.abc import Iterator

import pytest

from audit.entries import KINDS, decode_entry
from audit.errors import EntryError
from keys.canonical import b64
from tests.simulated.logbook import published
from tests.simulated.malice import Json, flips, get, leaves, put, rechain, shape
from tests.simulated.published import base_of, failed, uncertified, whole


def test_both_logs_verify_untouched() -> None:
    assert failed(whole().files()) == set()
    assert failed(uncertified().files()) == set()
    assert whole().rewritten(whole().plain()) == whole().files()
    assert {entry["kind"] for entry in whole().plain()} == set(KINDS)


ENTRIES, APPROVALS, TRUSTEES, ELECTORATES, CONTESTS = "entries", "approvals", "trustees", "electorates", "contests"
BALLOTS, TOKENS, QUANTITIES, PHASES, SUMS = "ballots", "tokens", "quantities", "phases", "sums"
COUNTS, RESULT, SUPPORT, SEATS = "shares and counts", "result", "support", "seats"

# kind -> the check that names a change of any field; then the fields that another check names.
FIELDS: dict[str, str] = {
    "log.opened": ENTRIES,
    "constitution": APPROVALS,
    "resolution": APPROVALS,
    "booth": APPROVALS,
    "trustee.opened": APPROVALS,
    "trustee.hashed": TRUSTEES,
    "trustee.committed": TRUSTEES,
    "trustee.shared": TRUSTEES,
    "trustee.confirmed": TRUSTEES,
    "trustee.complained": TRUSTEES,
    "trustee.canary": TRUSTEES,
    "electorate": APPROVALS,
    "credential.replaced": APPROVALS,
    "contest": CONTESTS,
    "poll.opened": APPROVALS,
    "poll.extended": APPROVALS,
    "poll.paused": APPROVALS,
    "poll.resumed": APPROVALS,
    "ballot": BALLOTS,
    "sealed": ENTRIES,
    "poll.closed": TOKENS,
    "token": TOKENS,
    "issuer.destroyed": ENTRIES,
    "tally.sums": SUMS,
    "tally.share": COUNTS,
    "tally.counts": COUNTS,
    "tally.withheld": SUMS,
    "result.declared": RESULT,
    "result.certified": APPROVALS,
    "result.annulled": APPROVALS,
    "members": APPROVALS,
    "decision": APPROVALS,
    "complaint": SUPPORT,
    "petition": SUPPORT,
    "vote.open": SUPPORT,
    "seat.taken": SEATS,
    "seat.vacated": SEATS,
    "seat.filled": SEATS,
}
OTHER_FIELDS: dict[str, str] = {
    # The document's own checks hold; but its context is another, and the members opened the poll for the old one.
    "contest:contest": PHASES,
    "contest:options.*.blank": PHASES,
    "contest:options.*.id": PHASES,
    "contest:options.*.name.en": PHASES,
    "contest:options": PHASES,
    "contest:min": PHASES,
    "contest:max": PHASES,
    "contest:recovery": PHASES,
    "contest:position": PHASES,
    "contest:poll": ENTRIES,
    "sealed:poll": PHASES,
    "poll.closed:poll": PHASES,
    "poll.closed:contests": PHASES,
    "poll.closed:contests.*.context": PHASES,
    "poll.closed:contests.*.ballots": QUANTITIES,
    "tally.sums:context": ENTRIES,
    "tally.counts:context": ENTRIES,
    "tally.withheld:context": ENTRIES,
    "tally.share:context": ENTRIES,
    "trustee.canary:poll": ENTRIES,
    "ballot:context": PHASES,  # no such contest is open
    "result.certified:poll": ENTRIES,
    "result.annulled:poll": ENTRIES,
    "result.declared:poll": ENTRIES,
}
UNSEEN_FIELDS = {
    "poll.closed:act": "at the closing time nobody signs it: a random number that nothing refers to",
}


def fields() -> Iterator[tuple[str, str]]:
    """(kind, field) of the first entry of every kind."""
    for kind in KINDS:
        data = base_of(kind).plain()[base_of(kind).first(kind)]["data"]
        for name in dict.fromkeys(shape(path) for path in leaves(data)):
            yield kind, name


def changed_data(kind: str, field: str) -> Iterator[Json]:
    """The entry's data with one value of that field changed, in each way."""
    data = base_of(kind).plain()[base_of(kind).first(kind)]["data"]
    path = next(path for path in leaves(data) if shape(path) == field)
    for value in flips(get(data, path)):
        yield put(data, path, value)


@pytest.mark.parametrize(("kind", "field"), list(fields()))
def test_a_changed_field_is_named(kind: str, field: str) -> None:
    base, name = base_of(kind), f"{kind}:{field}"
    for data in changed_data(kind, field):
        entries = base.plain()
        entries[base.first(kind)]["data"] = data
        expected = OTHER_FIELDS.get(name, FIELDS[kind])
        try:
            decode_entry(rechain(entries)[base.first(kind)])
        except EntryError:
            expected = ENTRIES  # not even the schema allows it
        found = failed(base.rewritten(entries))
        if name in UNSEEN_FIELDS:
            assert found == set()
        else:
            assert expected in found, (expected, found, data)


def test_the_tables_name_only_what_there_is() -> None:
    names = {f"{kind}:{field}" for kind, field in fields()}
    assert set(OTHER_FIELDS) | set(UNSEEN_FIELDS) <= names
    assert set(FIELDS) == set(KINDS)


OUTSIDE: dict[str, Json] = {
    "seq too high": {"seq": 41},
    "seq too low": {"seq": 39},
    "prev of another entry": {"prev": b64(bytes(32))},
    "prev too short": {"prev": b64(bytes(31))},
    "time before the entry before": {"time": "2026-10-05T08:00:00Z"},
    "time in another form": {"time": "2026-10-05T09:00:00+00:00"},
    "time on a day that is none": {"time": "2026-02-30T09:00:00Z"},
    "kind that is none": {"kind": "poll.reopened"},
    "a member more": {"note": ""},
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_changed_outside_of_an_entry_is_named(name: str) -> None:
    at = uncertified().first("poll.opened")
    outside = OUTSIDE[name]
    if "seq" in outside:
        outside = {"seq": at + outside["seq"] - 40}
    raws = rechain(uncertified().plain(), {at: outside})
    assert "entries" in failed(published(uncertified().origin, uncertified().log_secret, raws, uncertified().blobs))


@pytest.mark.parametrize("kind", ["ballot", "sealed", "token", "contest"])
def test_a_time_where_none_may_be_or_none_where_one_must_be_is_named(kind: str) -> None:
    """A ballot's or token's own time would link them (A63)."""
    entries = uncertified().plain()
    entry = entries[uncertified().first(kind)]
    if "time" not in entry:
        entry["time"] = entries[uncertified().first("poll.opened")]["time"]
    else:
        del entry["time"]
    assert "entries" in failed(uncertified().rewritten(entries))


# A time outside its neighbours is `entries`; inside them nobody can see it (test_unseen.py), but for these.
TIMES = {"poll.closed": "approvals", "tally.share": PHASES, "poll.opened": PHASES, "poll.extended": PHASES}


@pytest.mark.parametrize("kind", TIMES)
def test_times_are_held_against_the_closing_time_and_the_review_window(kind: str) -> None:
    """Closing and shares as early as the chain allows; opening and extension as late."""
    entries = uncertified().plain()
    at = uncertified().first(kind)
    timed = [entry for entry in entries if "time" in entry]
    place = timed.index(entries[at])
    if kind in ("poll.closed", "tally.share"):
        earliest = uncertified().first("poll.extended" if kind == "poll.closed" else "poll.closed")
        for entry in timed[timed.index(entries[earliest]) : place + 1]:
            entry["time"] = entries[earliest]["time"]
    else:
        latest = entries[uncertified().first("poll.closed")]["time"]
        for entry in timed[place : timed.index(entries[uncertified().first("poll.closed")])]:
            entry["time"] = latest
    assert TIMES[kind] in failed(uncertified().rewritten(entries))
