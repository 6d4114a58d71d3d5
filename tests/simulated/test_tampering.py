"""A malicious service changes one field of a published log, chains and signs it anew; `verify` names the right check.

The service holds the log key, the receipt key, the issuer keys and, in-service, the registrar's key; not the keys of
members, trustees and voters. The other tables: `test_rearranging.py` (entries dropped, repeated,
swapped, inserted), `test_cunning.py` (changes that mend what follows), `test_unseen.py` (what nobody can see).
"""

from collections.abc import Iterator

import pytest

from audit.entries import KINDS, decode_entry
from audit.errors import EntryError
from tests.simulated.malice import Json, flips, get, leaves, put, rechain, shape
from tests.simulated.published import base_of, failed, uncertified, whole


def test_both_logs_verify_untouched() -> None:
    assert failed(whole().files()) == set()
    assert failed(uncertified().files()) == set()
    assert whole().rewritten(whole().plain()) == whole().files()
    assert {entry["kind"] for entry in whole().plain()} == set(KINDS)


ENTRIES, APPROVALS, TRUSTEES, ELECTORATES, CONTESTS, BALLOTS, TOKENS, QUANTITIES, PHASES, SUMS, COUNTS, RESULT = (
    "entries", "approvals", "trustees", "electorates", "contests", "ballots", "tokens", "quantities", "phases", "sums",
    "shares and counts", "result",
)  # fmt: skip

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
