"""Where the verifier draws its borders: times, approvals at the close, replacements (docs/protocol.md §4, §9, §10)."""

from collections.abc import Callable

import pytest

from audit.entries import AnnulledData, CertifiedData, PollClosedData, format_time, parse_time
from keys.canonical import b64
from tests.simulated.builders import Signer, closed_contests, make_replacement, make_signer
from tests.simulated.malice import Copy, Json
from tests.simulated.published import failed, whole
from tests.simulator import ContestPlan, Election, Plan, set_up

SMALL = Plan((ContestPlan("head", ("ana", "ana", "beka", "blank")),), seed="borders")


def opened() -> Election:
    return set_up(SMALL)


def at(election: Election, seconds: int) -> None:
    """The next entry is written so many seconds after the closing time."""
    election.log.now = parse_time(election.closes) + seconds - 1


def found(election: Election) -> set[str]:
    return failed(election.log.files(), election.log_id)


# ---- changes of the closing time -------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["paused", "extended"])
@pytest.mark.parametrize(("seconds", "checks"), [(-1, set[str]()), (0, {"phases"})])
def test_at_the_closing_time_it_is_too_late_for_a_change(change: str, seconds: int, checks: set[str]) -> None:
    election = opened()
    at(election, seconds)
    election.change_poll(change, minutes=60 if change == "extended" else 0)
    assert found(election) == checks


def test_a_paused_poll_may_be_extended_when_its_time_has_passed_even_to_a_time_that_has_passed() -> None:
    election = opened()
    election.change_poll("paused")
    election.closes, before = format_time(parse_time(election.closes) + 5), election.closes
    election.log.now = parse_time(before) + 9
    election.change_poll("extended")
    assert found(election) == set()
    election.change_poll("resumed")  # and only resuming asks for a time that lies ahead
    assert found(election) == {"phases"}


@pytest.mark.parametrize(("ahead", "checks"), [(0, {"phases"}), (1, set[str]())])
def test_a_poll_resumes_with_a_time_after_the_entrys_own(ahead: int, checks: set[str]) -> None:
    election = opened()
    election.change_poll("paused")
    at(election, 7)
    election.closes = format_time(election.log.now + 1 + ahead)
    election.change_poll("resumed")
    assert found(election) == checks


# ---- closing ---------------------------------------------------------------------------------------------------------


def close(election: Election, members: int) -> None:
    """`poll.closed` of an empty poll with so many approvals."""
    contests = closed_contests((box.rules.context for box in election.boxes[1]), (), [])
    data = PollClosedData(act=b64(election.random(16)), approvals=(), poll=1, contests=tuple(contests))
    election.log.act("poll.closed", data, dict(sorted(election.members.items())[:members]))


CLOSES: dict[tuple[bool, int, int], set[str]] = {  # paused, seconds after the closing time, approvals
    (False, 0, 0): set(),
    (False, 0, 2): set(),
    (False, 0, 1): {"approvals"},
    (False, 900, 1): {"approvals"},
    (False, -1, 0): {"approvals", "phases"},
    (False, -1, 2): {"phases"},
    (True, -1, 2): set(),
    (True, -1, 0): {"approvals"},
    (True, -1, 1): {"approvals"},
    (True, 900, 0): set(),
    (True, 900, 2): set(),
}


@pytest.mark.parametrize("case", CLOSES, ids=str)
def test_approvals_and_pause_at_the_close(case: tuple[bool, int, int]) -> None:
    paused, seconds, members = case
    election = opened()
    if paused:
        election.change_poll("paused")
    at(election, seconds)
    close(election, members)
    assert found(election) == CLOSES[case]


@pytest.mark.parametrize(("seconds", "checks"), [(0, set[str]()), (-1, {"phases"})])
def test_shares_are_counted_from_the_time_of_the_close(seconds: int, checks: set[str]) -> None:
    election = opened()
    election.vote()
    election.close()
    entries = Copy.of(election).plain()
    closed = next(e for e in entries if e["kind"] == "poll.closed")["time"]
    sums = election.sums()["head"]
    election.log.now = parse_time(closed) + SMALL.review_window + seconds - 1
    election.log.append("tally.share", election.share(1, sums))
    assert found(election) == checks


# ---- verdicts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("second", [CertifiedData, AnnulledData])
def test_one_declaration_has_one_verdict(second: type[CertifiedData]) -> None:
    copy = whole()
    entries = copy.plain()
    verdict = next(e for e in entries if e["kind"] == "result.certified")
    added: Json = {**verdict, "time": entries[-1]["time"]}
    if second is AnnulledData:
        added |= {"kind": "result.annulled", "data": {**verdict["data"], "reason": "too late"}}
    assert failed(copy.rewritten([*entries, added])) == {"entries"}


# ---- replaced credentials --------------------------------------------------------------------------------------------


def replace(election: Election, old: bytes, new: bytes, signer: Signer | None = None) -> None:
    registrar = signer or election.registrar
    data = make_replacement(election.log_id, old, new, "link lost", registrar, election.random(16))
    election.approved("credential.replaced", data)


def fresh(name: str) -> bytes:
    return make_signer(f"borders/{name}").public


REPLACEMENTS: dict[str, tuple[Callable[[Election], None], set[str]]] = {
    "a new credential": (lambda e: replace(e, e.voters[0].credential, fresh("a")), set()),
    "an old one that is in no electorate": (lambda e: replace(e, fresh("stranger"), fresh("a")), set()),
    "a new one that is in the electorate": (
        lambda e: replace(e, e.voters[0].credential, e.voters[1].credential),
        set(),
    ),
    "the same": (lambda e: replace(e, e.voters[0].credential, e.voters[0].credential), {"electorates"}),
    "a new one that is no point": (
        lambda e: replace(e, e.voters[0].credential, (5).to_bytes(32, "big")),
        {"electorates"},
    ),
    "signed by another": (
        lambda e: replace(e, e.voters[0].credential, fresh("a"), make_signer("mallory")),
        {"electorates"},
    ),
}


@pytest.mark.parametrize("name", REPLACEMENTS)
def test_a_replacement_by(name: str) -> None:
    act, checks = REPLACEMENTS[name]
    election = opened()
    act(election)
    assert found(election) == checks


@pytest.mark.parametrize(
    ("first", "second", "checks"),
    [
        (("a", "b"), ("b", "c"), set[str]()),  # a chain
        (("a", "b"), ("a", "c"), {"electorates"}),  # replaced before
        (("a", "b"), ("c", "b"), {"electorates"}),  # two chains in one
        (("a", "b"), ("b", "a"), {"electorates"}),  # back again
        (("a", "b"), ("c", "a"), {"electorates"}),
    ],
)
def test_replacements_make_chains(first: tuple[str, str], second: tuple[str, str], checks: set[str]) -> None:
    election = opened()
    for old, new in (first, second):
        replace(election, fresh(old), fresh(new))
    assert found(election) == checks
