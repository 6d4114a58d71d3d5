"""Whether enough of the entitled took part (IBSU 6.12.4: minimum half of all students).

Participants of a body are the ballots, blank ones included, of the one contest whose electorate is that body: ballots
of different contests cannot be linked, and tokens are never turnout. Equality passes where the share says ">=".

What each scope tests, and what then decides:

| scope           | reported as the contest's turnout | decides for a contest               |
|-----------------|-----------------------------------|-------------------------------------|
| `university`    | the whole body's test             | the whole body's test               |
| `block`         | the contest's own test            | the contest's own test              |
| `both`          | the contest's own test            | the whole body's test               |
| `both-enforced` | the contest's own test            | both tests, and both have to hold   |
| `none`          | nothing: "waived"                 | nothing                             |

Contests that are not tested (members' votes, motions, surveys, second tours where those are waived) are "waived" too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tally.constitution import TurnoutRule
from tally.errors import OutcomeError
from tally.reasoning import Conclusion, Rule, Step
from tally.threshold import Threshold
from tally.wire import Turnout

_OWN_TEST: Final = ("block", "both", "both-enforced")
_WHOLE_TEST: Final = ("university", "both", "both-enforced")


@dataclass(frozen=True, slots=True)
class Body:
    """The participants in one contest of the poll; `tested`: whether this vote is one that turnout is asked of."""

    contest: str
    electorate: str
    ballots: int
    size: int
    tested: bool


@dataclass(frozen=True, slots=True)
class WholeBody:
    """The participants of the whole body: of this poll, or of the earlier one that `ground` ("count:N/x") names."""

    electorate: str
    ballots: int
    size: int
    ground: str


@dataclass(frozen=True, slots=True)
class TurnoutVerdict:
    """The test's answers by contest id, and its steps: the whole body first, then the other contests in order."""

    reported: dict[str, Turnout]
    binding: dict[str, bool]
    steps: tuple[Step, ...]


def judge(rule: TurnoutRule, poll: int, bodies: Sequence[Body], whole: WholeBody | None) -> TurnoutVerdict:
    """Test the turnout of a poll; `bodies` in the order of its contests.

    Raises OutcomeError where a contest is tested, the scope needs the whole body, and `whole` is None.
    """
    scope = rule.scope.value
    steps: list[Step] = []
    whole_step = None
    if scope in _WHOLE_TEST and any(body.tested for body in bodies):
        whole_step = _whole_step(rule, whole)
        steps.append(whole_step)
    whole_holds = whole_step is None or whole_step.holds
    reported: dict[str, Turnout] = {}
    binding: dict[str, bool] = {}
    for body in bodies:
        own_holds = True
        if scope == "none" or not body.tested:
            steps.append(_waived_step(rule, poll, body))
            reported[body.contest], binding[body.contest] = "waived", True
            continue
        if scope in _OWN_TEST:
            own = _own_step(rule, poll, body)
            own_holds = own.holds
            if whole_step is None or own.grounds != whole_step.grounds:  # one count is tested once
                steps.append(own)
        reported[body.contest] = "valid" if (own_holds if scope in _OWN_TEST else whole_holds) else "invalid"
        binding[body.contest] = whole_holds and (own_holds or scope == "both")
    return TurnoutVerdict(reported, binding, tuple(steps))


def _whole_step(rule: TurnoutRule, whole: WholeBody | None) -> Step:
    if whole is None:
        raise OutcomeError(f"clause {rule.share.clause}: turnout: expected a contest of the whole body, got none")
    return _test_step(rule, None, whole.electorate, whole.ballots, whole.size, whole.ground)


def _own_step(rule: TurnoutRule, poll: int, body: Body) -> Step:
    return _test_step(rule, body.contest, body.electorate, body.ballots, body.size, f"count:{poll}/{body.contest}")


def _test_step(rule: TurnoutRule, contest: str | None, electorate: str, ballots: int, size: int, ground: str) -> Step:
    share = Threshold.parse(rule.share.value)
    holds = share.holds(ballots, size)
    return Step(
        contest=contest,
        rule=Rule.TURNOUT,
        clause=rule.share.clause,
        inputs={"ballots": ballots, "size": size},
        comparison=share.comparison(ballots, size),
        holds=holds,
        conclusion=Conclusion.TURNOUT_VALID if holds else Conclusion.TURNOUT_INVALID,
        names=[electorate],
        grounds=[ground, "constitution"],
    )


def _waived_step(rule: TurnoutRule, poll: int, body: Body) -> Step:
    return Step(
        contest=body.contest,
        rule=Rule.TURNOUT,
        clause=rule.scope.clause,
        inputs={"ballots": body.ballots, "size": body.size},
        comparison="",
        holds=True,
        conclusion=Conclusion.TURNOUT_WAIVED,
        names=[body.electorate],
        grounds=[f"count:{poll}/{body.contest}", "constitution"],
    )
