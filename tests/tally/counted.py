"""Small builders for the tests of the verdicts: procedures, the facts of one contest, and what a step compared."""

import ast
import operator
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from tally.constitution import Majority, Motion, Plurality, Survey, TurnoutRule
from tally.facts import ContestFacts, OptionFacts
from tally.parameter import Parameter
from tally.reasoning import Step
from tally.verdict import Verdict

T = TypeVar("T")

_OPERATORS: Final = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def settled(value: T, clause: str) -> Parameter[T]:
    """A parameter that is not ambiguous."""
    return Parameter(clause=clause, value=value, readings=[])


def plurality(*, single: Any = "majority", tie: Any = "members-vote") -> Plurality:
    return Plurality(
        id="heads",
        clause="6.12.5",
        voters=settled("block", "6.12.6"),
        nomination=settled("self", "6.9.3"),
        single=settled(single, "single-clause"),
        tie=settled(tie, "tie-clause"),
        again_days=settled(10, "silent"),
    )


def majority(
    *, threshold: str = "> 1/2", base: Any = "ballots", second_tour: Any = "top-two", tie: Any = "all-advance"
) -> Majority:
    return Majority(
        id="president",
        clause="6.9.2",
        voters=settled("block", "6.12.6a"),
        nomination=settled("self", "6.9.3"),
        threshold=settled(threshold, "threshold-clause"),
        base=settled(base, "6.9.4"),
        second_tour=settled(second_tour, "6.9.4"),
        tie_for_second=settled(tie, "tie-clause"),
        again_days=settled(5, "6.9.4"),
    )


def motion(*, threshold: str = ">= 7/10", base: Any = "listed", quorum: str = ">= 7/10") -> Motion:
    return Motion(
        id="dismissal",
        clause="6.8.4b",
        voters=settled("members", "6.8.4b"),
        threshold=settled(threshold, "6.8.4b"),
        base=settled(base, "6.8.4b"),
        quorum=settled(quorum, "6.8.3"),
        notice_days=settled(7, "6.8.2"),
    )


def survey() -> Survey:
    return Survey(id="survey", clause="plan", voters=settled("block", "plan"))


def turnout(*, scope: Any = "both", share: str = ">= 1/2") -> TurnoutRule:
    return TurnoutRule(
        share=settled(share, "6.12.4"),
        scope=settled(scope, "scope-clause"),
        second_tour=settled("same", "silent"),
        failure=settled("repeat", "silent"),
        repeat_days=settled(10, "silent"),
    )


def ticket_of(option: str) -> bytes:
    """A ticket that is as good as any: it sorts as the option's id."""
    return option.encode().ljust(32, b"\0")


def facts(
    counts: dict[str, int] | None,
    *,
    ballots: int | None = None,
    size: int = 1000,
    void: Sequence[str] = (),
    attended: int | None = None,
    tickets: dict[str, bytes] | None = None,
    contest: str = "head",
) -> ContestFacts:
    """Facts of one contest: an option called "blank" is the blank one; as many ballots as votes, unless told."""
    options = tuple(counts) if counts is not None else ("ana", "beka", "blank")
    given = {option: ticket_of(option) for option in options} if tickets is None else tickets
    return ContestFacts(
        contest=contest,
        position="head",
        electorate="university",
        size=size,
        options=tuple(OptionFacts(option, option == "blank") for option in options),
        ballots=sum((counts or {}).values()) if ballots is None else ballots,
        counts=None if counts is None else tuple(counts.values()),
        void=frozenset(void),
        attended=attended,
        tickets=tuple(given[option] for option in options) if given else (),
    )


def compared(step: Step) -> bool:
    """Compute a step's comparison anew from its text: products of integers, and one operator between them."""
    tree = ast.parse(step.comparison, mode="eval").body
    assert isinstance(tree, ast.Compare)
    assert len(tree.ops) == 1
    left, right = _product(tree.left), _product(tree.comparators[0])
    return bool(_OPERATORS[type(tree.ops[0])](left, right))


def _product(tree: ast.expr) -> int:
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Mult):
        return _product(tree.left) * _product(tree.right)
    assert isinstance(tree, ast.Constant)
    assert type(tree.value) is int
    return tree.value


def short(verdict: Verdict) -> list[tuple[str, str, str, bool, str, list[str]]]:
    """What a reader looks at first: rule, clause, comparison, holds, conclusion, names of each step."""
    return [
        (str(step.rule), step.clause, step.comparison, step.holds, str(step.conclusion), step.names)
        for step in verdict.steps
    ]
