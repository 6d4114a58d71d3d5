"""result: the declared result is what the rules make of the counts; nothing else can be certified (A103, A104)."""

from typing import Final

from audit.checks.order import name_of
from audit.entries import CertifiedData, ConstitutionData, Entry, ResolutionData
from audit.errors import LogError
from audit.state import LogState, Poll, PollState
from keys.canonical import b64, unb64
from tally.constitution import Resolution, load_constitution
from tally.facts import make_poll_facts
from tally.outcome import contest_facts, declare, verify_declared
from tally.wire import DeclaredData

CHECK: Final = "result"


def verify_result(log: LogState, entry: Entry, digest: bytes) -> None:
    """Constitution and resolutions as logged; results recomputed from them; `digest` = SHA-256 of the entry."""
    match entry.data:
        case ConstitutionData():
            log.constitution = load_constitution(log.source.blob(entry.data.blob))
        case ResolutionData():
            log.resolutions.append(Resolution(entry.data.clause, entry.data.reading))
        case DeclaredData():
            log.book.count(CHECK)
            _verify_declared(log, entry.data, digest)
        case CertifiedData():
            _verify_certified(log, entry)


def _verify_declared(log: LogState, data: DeclaredData, digest: bytes) -> None:
    poll = _poll(log, data.poll)
    poll.declared, poll.declared_hash = data, digest
    if log.constitution is None:
        raise LogError("result.declared: there is no constitution to judge it by")
    contests = [
        contest_facts(
            contest.rules.document, contest.sums.ballots, contest.counts.counts if contest.counts is not None else None
        )
        for contest in poll.open_contests()
    ]
    outcome = declare(log.constitution, poll.resolutions, make_poll_facts(poll.number, contests))
    verify_declared(data, outcome)
    log.source.blob(data.reasoning)


def _verify_certified(log: LogState, entry: Entry) -> None:
    """What is certified is the declaration itself; too much slack bars it (docs/protocol.md §10)."""
    data: CertifiedData = entry.data
    poll = _poll(log, data.poll)
    if unb64(data.declared, 32, f"{entry.kind}: declared") != poll.declared_hash:
        raise LogError(f"{entry.kind}: declared: expected {b64(poll.declared_hash)}, got {data.declared}")
    if poll.state is PollState.CERTIFIED:
        verify_slack(log, poll)


def verify_slack(log: LogState, poll: Poll) -> None:
    """100·(tokens - ballots) <= max_slack·tokens in every contest; LogError names the first where it is not."""
    if log.constitution is None:
        return
    for contest in poll.open_contests():
        slack = contest.tokens - contest.sums.ballots
        if 100 * slack > log.constitution.max_slack * contest.tokens:
            limit = log.constitution.max_slack
            raise LogError(f"result.certified: contest {name_of(contest)}: slack {slack} is above {limit} percent")


def _poll(log: LogState, number: int) -> Poll:
    if not 1 <= number <= len(log.polls):
        raise LogError(f"poll {number}: there is none")
    return log.polls[number - 1]
