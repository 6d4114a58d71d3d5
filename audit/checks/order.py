"""entries: every entry where docs/protocol.md §9 lets it stand.

    log.opened, constitution, ceremony
    then for each poll: (resolution, electorate) · contest · canary · poll.opened · … · poll.closed · token · for each
    contest issuer.destroyed, tally.sums, tally.share, tally.counts or tally.withheld · result.declared ·
    result.certified or result.annulled

One poll follows the other: the next is prepared when the one before is declared, and opens when it is certified or
annulled. Resolutions stand before the first opening: from then on the rules are frozen. What may stand anywhere after
the constitution still never parts ballots from their `sealed`, nor tokens from their `poll.closed`. Derived entries
(`seat.*`) are the check `seats`.
"""

from typing import Any, Final

from audit.errors import LogError
from audit.state import ContestState, LogState, Poll, PollState, Stage
from keys.canonical import unb64

CEREMONY: Final = frozenset(
    f"trustee.{step}" for step in ("opened", "hashed", "committed", "shared", "confirmed", "complained")
)
PREPARATION: Final = {"resolution": 0, "electorate": 0, "contest": 1, "trustee.canary": 2, "poll.opened": 3}
STAGES: Final = {  # what a contest has come to before and after
    "issuer.destroyed": (Stage.CLOSED, Stage.DESTROYED),
    "tally.sums": (Stage.DESTROYED, Stage.SUMMED),
    "tally.share": (Stage.SUMMED, Stage.SUMMED),
    "tally.counts": (Stage.SUMMED, Stage.COUNTED),
    "tally.withheld": (Stage.DESTROYED, Stage.WITHHELD),
}
_SETTLED: Final = frozenset({PollState.CERTIFIED, PollState.ANNULLED})
_ENDED: Final = _SETTLED | {PollState.DECLARED}


def verify_order(log: LogState, seq: int, kind: str, data: Any) -> None:
    """LogError where an entry of this kind may not stand here. `data` is None for ballots and tokens.

    Whether a poll is open at all is the check `phases`.
    """
    _verify_runs(log, kind, data)
    if (seq == 0) != (kind == "log.opened"):
        raise LogError(f"{kind}: expected log.opened as entry 0 and nowhere else")
    if (seq == 1) != (kind == "constitution"):
        raise LogError(f"{kind}: expected the constitution as entry 1 and nowhere else")
    if kind in CEREMONY and log.joint_key is not None:
        raise LogError(f"{kind}: the trustees have confirmed their key already")
    if kind in PREPARATION:
        _verify_preparation(log, kind, data)
    elif kind in STAGES:
        _advance(log, kind, data)
    elif kind == "result.declared":
        _verify_declared(log, data.poll)
    elif kind in ("result.certified", "result.annulled"):
        _verify_verdict(log, kind, data.poll)


def _verify_runs(log: LogState, kind: str, data: Any) -> None:
    """Ballots end in `sealed` with their number; tokens stand directly behind `poll.closed`."""
    if kind == "ballot":
        log.run += 1
    elif kind == "sealed":
        run, log.run = log.run, 0
        if data.ballots != run:
            raise LogError(f"sealed: ballots directly before: expected {data.ballots}, got {run}")
    elif log.run:
        run, log.run = log.run, 0
        raise LogError(f"{kind}: stands between {run} ballots and the entry that seals them")
    if kind == "token" and not log.token_run:
        raise LogError("token: expected directly after poll.closed and its other tokens")
    log.token_run = kind in ("poll.closed", "token")


def _verify_preparation(log: LogState, kind: str, data: Any) -> None:
    if log.joint_key is None:
        raise LogError(f"{kind}: the trustees have not confirmed a joint key yet")
    poll = log.poll
    if poll is not None and poll.state is not PollState.PLANNED and poll.state not in _ENDED:
        raise LogError(f"{kind}: poll {poll.number} is not declared yet")
    if PREPARATION[kind] < log.preparing:
        raise LogError(f"{kind}: too late for the next poll: expected rolls, then contests, canaries, poll.opened")
    log.preparing = PREPARATION[kind]
    if kind == "resolution" and any(poll.state is not PollState.PLANNED for poll in log.polls):
        raise LogError("resolution: too late: the rules are frozen from the first poll.opened on")
    if kind in ("resolution", "electorate"):
        return
    if poll is None or poll.state is not PollState.PLANNED:
        poll = Poll(len(log.polls) + 1)
        log.polls.append(poll)
    if data.poll != poll.number:
        raise LogError(f"{kind}: wrong poll: expected {poll.number}, got {data.poll}")
    if kind == "poll.opened":
        log.preparing = 0
        before = log.polls[-2] if len(log.polls) > 1 else None
        if before is not None and before.state not in _SETTLED:
            raise LogError(f"poll.opened: poll {before.number} is neither certified nor annulled yet")


def _advance(log: LogState, kind: str, data: Any) -> None:
    before, after = STAGES[kind]
    contest = contest_of(log, kind, data.context)
    if contest.stage is not before:
        expected, got = before.name.lower(), contest.stage.name.lower()
        raise LogError(f"{kind}: contest {name_of(contest)}: expected it {expected}, it is {got}")
    contest.stage = after


def _verify_declared(log: LogState, number: int) -> None:
    poll = log.poll
    if poll is None or poll.number != number or poll.state is not PollState.CLOSED:
        raise LogError(f"result.declared: poll {number} is not closed, or declared already")
    waiting = [contest for contest in poll.open_contests() if contest.stage < Stage.COUNTED]
    if waiting:
        raise LogError(f"result.declared: contest {name_of(waiting[0])} is neither counted nor withheld")
    poll.state = PollState.DECLARED


def _verify_verdict(log: LogState, kind: str, number: int) -> None:
    found = [poll for poll in log.polls if poll.number == number and poll.state is PollState.DECLARED]
    if not found:
        raise LogError(f"{kind}: poll {number} is not declared, or certified or annulled already")
    found[0].state = PollState.CERTIFIED if kind == "result.certified" else PollState.ANNULLED


def contest_of(log: LogState, kind: str, context: str) -> ContestState:
    """The contest of that context; LogError where the log has none."""
    contest = log.contests.get(unb64(context, 32, f"{kind}: context"))
    if contest is None:
        raise LogError(f"{kind}: no contest with context {context}")
    return contest


def name_of(contest: ContestState) -> str:
    """How a contest is named to people."""
    return f"{contest.rules.document.poll}/{contest.rules.document.contest}"
