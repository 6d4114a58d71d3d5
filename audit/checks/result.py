"""result, decisions: what is declared and certified is what the rules make of the log (A103, A104).

The verifier feeds `tally.record.Record` what the service feeds it, entry by entry, and compares what comes out.
"""

from typing import Final

from audit.checks.order import name_of
from audit.checks.seats import expect_derived
from audit.entries import (
    AnnulledData,
    CertifiedData,
    ConstitutionData,
    DecisionData,
    ElectorateData,
    Entry,
    ResolutionData,
    parse_time,
)
from audit.errors import LogError
from audit.state import ContestState, LogState, Poll
from keys.canonical import b64, unb64
from tally.constitution import Resolution, load_constitution
from tally.declared import verify_declared, verify_reasoning
from tally.lot import make_tickets
from tally.record import Counted, Record
from tally.wire import DeclaredData

CHECK: Final = "result"
DECISIONS: Final = "decisions"


def verify_result(log: LogState, entry: Entry, digest: bytes) -> None:
    """Constitution and resolutions as logged; results recomputed from them; `digest` = SHA-256 of the entry."""
    match entry.data:
        case ConstitutionData():
            log.record = Record(load_constitution(log.source.blob(entry.data.blob)))
        case ResolutionData():
            _record(log, entry).resolve(Resolution(entry.data.clause, entry.data.reading))
        case ElectorateData():
            _record(log, entry).add_electorate(entry.data.id, entry.data.size)
        case DeclaredData():
            log.book.count(CHECK)
            _verify_declared(log, entry, digest)
        case CertifiedData():
            _verify_verdict(log, entry)


def verify_decisions(log: LogState, entry: Entry) -> None:
    """A recorded human act is one that the rules allow here; what follows from it is due (A104)."""
    if not isinstance(entry.data, DecisionData):
        return
    log.book.count(DECISIONS)
    time = _time(entry)
    expect_derived(log, _record(log, entry).decide(entry.data.act, entry.data.decision, time), time)


def _record(log: LogState, entry: Entry) -> Record:
    if log.record is None:
        raise LogError(f"{entry.kind}: there is no constitution to judge it by")
    return log.record


def _time(entry: Entry) -> int:
    if entry.time is None:
        raise LogError(f"{entry.kind}: expected a time")
    return parse_time(entry.time)


def _verify_declared(log: LogState, entry: Entry, digest: bytes) -> None:
    """Recompute; compare the reasoning step by step, then results, seats and agenda member by member."""
    data: DeclaredData = entry.data
    poll = _poll(log, data.poll)
    poll.declared, poll.declared_hash = data, digest
    record = _record(log, entry)
    poll.outcome = record.declare(poll.number, [_counted(log, contest) for contest in poll.open_contests()])
    record.take(poll.outcome, _time(entry))
    verify_reasoning(log.source.blob(data.reasoning), poll.outcome)
    verify_declared(data, poll.outcome)


def _counted(log: LogState, contest: ContestState) -> Counted:
    """The facts of a contest after the count; lots are fixed by the ballots themselves."""
    document, ballots = contest.rules.document, contest.sums.ballots
    if contest.counts is None:
        return Counted(document.contest, ballots, None, ())
    counts = tuple(contest.counts.counts)
    if len(counts) != len(document.options):
        raise LogError(f"contest {name_of(contest)}: expected {len(document.options)} counts, got {len(counts)}")
    tickets = make_tickets(log.log_id, contest.final_sums or contest.sums.sums(), counts)
    return Counted(document.contest, ballots, counts, tickets)


def _verify_verdict(log: LogState, entry: Entry) -> None:
    """What is certified is the declaration itself; too much slack bars it (docs/protocol.md §10)."""
    data: CertifiedData = entry.data
    poll, record, time = _poll(log, data.poll), _record(log, entry), _time(entry)
    if isinstance(data, AnnulledData):
        expect_derived(log, record.annul(poll.number, time), time)
    else:
        expect_derived(log, record.certify(poll.number, time), time)
    if unb64(data.declared, 32, f"{entry.kind}: declared") != poll.declared_hash:
        raise LogError(f"{entry.kind}: declared: expected {b64(poll.declared_hash)}, got {data.declared}")
    if not isinstance(data, AnnulledData):
        verify_slack(log, poll)


def verify_slack(log: LogState, poll: Poll) -> None:
    """100·(tokens - ballots) <= max_slack·tokens in every contest; LogError names the first where it is not."""
    if log.rules is None:
        return
    limit = log.rules.max_slack
    for contest in poll.open_contests():
        slack = contest.tokens - contest.sums.ballots
        if 100 * slack > limit * contest.tokens:
            raise LogError(f"result.certified: contest {name_of(contest)}: slack {slack} is above {limit} percent")


def _poll(log: LogState, number: int) -> Poll:
    if not 1 <= number <= len(log.polls):
        raise LogError(f"poll {number}: there is none")
    return log.polls[number - 1]
