"""The declared result is a pure function of published facts, carries its reasons, and every change of it is named."""

from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import Any

import msgspec
import pytest

from keys.canonical import decode, encode
from keys.errors import DataError
from tally.declared import make_declared, verify_declared, verify_reasoning
from tally.errors import OutcomeError
from tally.outcome import Counted, Outcome
from tally.reasoning import Reasoning, Step, blob_name, make_blob
from tally.wire import Branch, ContestResult, DeclaredData, SeatResult, Task
from tests.law.cases import hold
from tests.law.play import Play, make_decision, result, seat

NO_BOARD = {"positions__head-of-faculty__seat__approval": "none"}


@cache
def outcome() -> Outcome:
    """A first poll with a second tour, a provisional seat with its branches, a tie, and a contest never opened."""
    play = Play(**NO_BOARD)
    members = {f"class-{number}": {f"m{number}": 5} for number in range(1, 5)}
    votes: dict[str, Any] = {"president": {"ana": 40, "beka": 40, "gio": 20}, "law": {"ana": 5, "gio": 3}}
    return hold(play, votes | {"civil": {"eka": 4, "lela": 4}, "class-9": 2} | members)


WORDS = {
    "status": ("filled", "vacant"),
    "kind": ("repeat", "paper"),
    "tour": ("first", "second"),
    "voters": ("block", "members"),
}  # two words that a reader of the reasoning accepts


def changed(value: Any, member: str = "") -> Any:
    """Something else of the same kind."""
    if member in WORDS:
        return next(word for word in WORDS[member] if word != value)
    if member == "branches":
        return value[:-1] or [Branch(higher="head", holder=None, person=None)]
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case None:
            return "x"
        case StrEnum():
            return next(other for other in type(value) if other != value)
        case str():
            return f"{value}x"
        case list():
            return value[:-1] if value else ["x"]
        case dict():
            return value | {"x": 1}
    raise AssertionError(value)


def members_of_declared() -> Iterator[Any]:
    """(what, number, member) for every member of every result, seat and task."""
    for what, kind in (("results", ContestResult), ("seats", SeatResult), ("agenda", Task)):
        for member in kind.__struct_fields__:
            yield pytest.param(what, member, id=f"{what}: {member}")


def verify(data: DeclaredData | Reasoning, recomputed: Outcome) -> None:
    """As the verifier does with an entry, or with the file that it names."""
    if isinstance(data, DeclaredData):
        verify_declared(data, recomputed)
    else:
        verify_reasoning(encode(data), recomputed)


@pytest.mark.parametrize(("what", "member"), list(members_of_declared()))
def test_every_changed_member_of_a_declaration_is_named(what: str, member: str) -> None:
    declared, reasoning = make_declared(outcome()), decode(outcome().reasoning, Reasoning)
    verify_declared(declared, outcome())
    source: DeclaredData | Reasoning = declared if what == "results" else reasoning
    items = getattr(source, what)
    for number, item in enumerate(items):
        key = getattr(item, "contest", None) or item.seat
        other = msgspec.structs.replace(item, **{member: changed(getattr(item, member), member)})
        bad = msgspec.structs.replace(source, **{what: [*items[:number], other, *items[number + 1 :]]})
        named = what if member in ("contest", "seat") else f"{key}: {member}"
        where = "declared" if what == "results" else "reasoning"
        with pytest.raises(OutcomeError, match=f"^{where}: {named}: expected"):
            verify(bad, outcome())


@pytest.mark.parametrize("member", Branch.__struct_fields__)
def test_a_changed_branch_is_a_changed_seat(member: str) -> None:
    reasoning = decode(outcome().reasoning, Reasoning)
    number, law = next((n, one) for n, one in enumerate(reasoning.seats) if one.branches)
    branch = msgspec.structs.replace(law.branches[0], **{member: "zaza"})
    other = msgspec.structs.replace(law, branches=[branch, *law.branches[1:]])
    bad = msgspec.structs.replace(reasoning, seats=[*reasoning.seats[:number], other, *reasoning.seats[number + 1 :]])
    with pytest.raises(OutcomeError, match=f"reasoning: {law.seat}: branches: expected"):
        verify(bad, outcome())


@pytest.mark.parametrize("member", DeclaredData.__struct_fields__)
def test_every_changed_member_of_the_declaration_itself_is_named(member: str) -> None:
    declared = make_declared(outcome())
    bad = msgspec.structs.replace(declared, **{member: changed(getattr(declared, member))})
    with pytest.raises(OutcomeError, match=f"declared: .*{member}: expected"):
        verify_declared(bad, outcome())


@pytest.mark.parametrize("member", Step.__struct_fields__)
def test_every_changed_member_of_every_step_is_named(member: str) -> None:
    steps = list(outcome().steps)
    verify_reasoning(outcome().reasoning, outcome())
    for number, step in enumerate(steps):
        other = msgspec.structs.replace(step, **{member: changed(getattr(step, member))})
        blob = make_blob(1, [*steps[:number], other, *steps[number + 1 :]], outcome().seats, outcome().agenda)
        with pytest.raises(OutcomeError, match=rf"reasoning: step {number} \(.*\): {member}: expected"):
            verify_reasoning(blob, outcome())


@pytest.mark.parametrize(
    ("poll", "cut"), [(1, slice(None, -1)), (2, slice(None)), (1, slice(0, 0))], ids=["a step less", "poll 2", "none"]
)
def test_reasoning_of_other_steps_or_of_another_poll_is_refused(poll: int, cut: slice) -> None:
    steps = outcome().steps
    blob = make_blob(poll, steps[cut], outcome().seats, outcome().agenda)
    with pytest.raises(OutcomeError, match=f"reasoning: expected {len(steps)} steps of poll 1, got .* of poll {poll}"):
        verify_reasoning(blob, outcome())


def test_a_blob_that_is_no_reasoning_is_refused_as_data() -> None:
    with pytest.raises(DataError):
        verify_reasoning(b"{}", outcome())


def test_what_a_poll_leads_to() -> None:
    found = outcome()
    assert {one.contest: one.outcome for one in found.results if not one.contest.startswith("class")} == {
        "civil": "tie", "law": "elected", "president": "not-enough",
    }  # fmt: skip
    assert (result(found, "class-9").outcome, result(found, "class-9").counts) == ("withheld", None)
    assert (seat(found, "law").status, seat(found, "law").person) == ("provisional", "ana")
    assert [(branch.higher, branch.holder, branch.person) for branch in seat(found, "law").branches] == [
        ("president", "ana", "gio"),
        ("president", "beka", "ana"),
        ("president", None, "ana"),
    ]
    assert {task.seat: task.kind for task in found.agenda} == {
        "civil": "members-vote", "class-9": "repeat", "president": "second-tour",
    }  # fmt: skip
    assert make_declared(found).reasoning == blob_name(found.reasoning)
    assert all(step.grounds for step in found.steps)
    assert [one.contest for one in found.results] == sorted(one.contest for one in found.results)


# ---- facts -----------------------------------------------------------------------------------------------------------


def opened() -> Play:
    """A poll of one contest, closed."""
    play = Play()
    play.electorate("university", 10)
    play.open(play.contest("president", "head-of-self-governance", "university", ["ana", "beka"]))
    return play


@pytest.mark.parametrize(
    ("counted", "message"),
    [
        ([], "counts: expected .'president'., got"),
        ([Counted("law", 5, (5, 0, 0))], "counts: expected .'president'., got .'law'."),
        ([Counted("president", 5, (5, 0, 0))] * 2, "counts: expected"),
        ([Counted("president", 5, (5, 0))], "counts: expected 3 options, got 2"),
        ([Counted("president", 5, (6, 0, 0))], "votes for ana: expected 0 to 5, got 6"),
        ([Counted("president", 11, (6, 5, 0))], "ballots: expected 0 to 10, got 11"),
        ([Counted("president", 5, None)], "expected them given at 5 ballots"),
        ([Counted("president", 2, (2, 0, 0))], "expected them withheld at 2 ballots"),
    ],
)
def test_counts_that_no_log_can_hold_are_refused_and_change_nothing(counted: list[Counted], message: str) -> None:
    play = opened()
    before = play.record.state.copy()
    with pytest.raises(OutcomeError, match=message):
        play.record.declare(1, counted)
    assert play.record.state == before


def test_a_poll_is_declared_once_certified_after_the_complaints_and_then_stands() -> None:
    play = opened()
    with pytest.raises(OutcomeError, match="poll 2: was not opened"):
        play.record.declare(2, [])
    with pytest.raises(OutcomeError, match="is not declared"):
        play.record.certify(1, play.now)
    play.count({"president": {"ana": 9}})
    with pytest.raises(OutcomeError, match="its result is declared already"):
        play.record.declare(1, [])
    before = play.record.state.copy()
    with pytest.raises(OutcomeError, match="complaints are heard for 259200 seconds more"):
        play.record.certify(1, play.now)
    assert play.record.state == before
    play.certify()
    with pytest.raises(OutcomeError, match="certified already"):
        play.record.annul(1, play.now)


def test_decisions_name_the_votes_that_are_void() -> None:
    play = opened()
    play.decide(make_decision("withdrawal", "president", "ana"))
    found = play.count({"president": {"ana": 9}})
    (step,) = [step for step in found.steps if step.names == ["ana"]]
    assert step.grounds[-1].startswith("decision:")
    assert result(found, "president").outcome == "nobody"
