"""How far the log has come: which checks must have found something by now, and the figures for people."""

from audit.checks.order import name_of
from audit.facts import ContestFigures, Facts, PollFigures, TaskFigures
from audit.state import ContestState, LogState, Poll, PollState, Stage

_CLOSED_OR_LATER = frozenset({PollState.CLOSED, PollState.DECLARED, PollState.CERTIFIED, PollState.ANNULLED})
_DECLARED_OR_LATER = frozenset({PollState.DECLARED, PollState.CERTIFIED, PollState.ANNULLED})


def due_checks(log: LogState, *, copies: int) -> list[str]:
    """The checks that may not be `none` at this stage of the log (docs/protocol.md §11)."""
    opened = [poll for poll in log.polls if poll.state is not PollState.PLANNED]
    closed = [poll for poll in log.polls if poll.state in _CLOSED_OR_LATER]
    announced = [item.announced for poll in closed for item in poll.open_contests() if item.announced]
    complete = any(poll.tokens_done for poll in closed)
    conditions = {
        "entries": True,
        "checkpoints": True,
        "cosignatures": log.opening is not None and log.opening.policy.quorum > 0,
        "approvals": log.size > 1,
        "trustees": bool(log.contests),
        "electorates": bool(log.contests),
        "contests": bool(opened),
        "ballots": any(item.ballots for item in announced),
        "tokens": complete and any(item.tokens for item in announced),
        "quantities": complete,
        "phases": bool(opened),
        "sums": any(contest.stage >= Stage.SUMMED for contest in log.contests.values()),
        "shares and counts": any(contest.stage is Stage.COUNTED for contest in log.contests.values()),
        "result": any(poll.state in _DECLARED_OR_LATER for poll in log.polls),
        "copies": copies > 0,
    }
    return [name for name, due in conditions.items() if due]


def make_facts(log: LogState) -> Facts:
    """The figures of the log as it was read."""
    opening = log.opening
    return Facts(
        log_id=log.log_id,
        election=opening.election if opening else "",
        origin=opening.origin if opening else "",
        rehearsal=opening.rehearsal if opening else False,
        entries=log.size,
        root=log.tree.root(),
        joint_key=log.joint_key,
        polls=tuple(_poll_figures(log, poll) for poll in log.polls),
        contests=tuple(
            _contest_figures(poll, contest)
            for poll in log.polls
            for contest in sorted(poll.contests.values(), key=name_of)
        ),
        ceremony=log.ceremony,
        rules=log.rules,
        record=log.record,
        terms=tuple(log.record.register.history) if log.record else (),
        agenda=_agenda(log),
    )


def _agenda(log: LogState) -> tuple[TaskFigures, ...]:
    if log.record is None:
        return ()
    return tuple(TaskFigures(task, log.record.due(seat)) for seat, task in log.record.agenda.items())


def _poll_figures(log: LogState, poll: Poll) -> PollFigures:
    window = log.rules.review_window if log.rules else None
    return PollFigures(
        poll=poll.number,
        state=poll.state.value,
        closes=poll.closes,
        closed=poll.closed,
        review_ends=poll.closed + window if poll.closed is not None and window is not None else None,
        results=tuple(poll.declared.results) if poll.declared else (),
        declared=poll.declared_hash or None,
        seats=poll.outcome.seats if poll.outcome else (),
        outcome=poll.outcome,
    )


def _contest_figures(poll: Poll, contest: ContestState) -> ContestFigures:
    document = contest.rules.document
    ballots, complete = contest.sums.ballots, poll.tokens_done
    counts = None
    if contest.counts is not None:
        ids = [option.id for option in document.options]
        counts = dict(zip(ids, contest.counts.counts, strict=False))
    return ContestFigures(
        poll=poll.number,
        contest=document.contest,
        context=contest.rules.context,
        electorate=document.electorate,
        size=document.size,
        stage=contest.stage.name.lower(),
        ballots=ballots,
        tokens=contest.tokens if complete else None,
        slack=contest.tokens - ballots if complete else None,
        counts=counts,
        bad_shares=tuple(contest.bad_shares),
        sums=contest.sums.sums() if contest.stage >= Stage.CLOSED else None,
        document=document,
    )
