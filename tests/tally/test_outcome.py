"""The declared result is a pure function of published facts, and carries its reasons."""

import pathlib
import re
import tokenize
from dataclasses import replace
from typing import Any

import msgspec
import pytest

import tally
from keys import canonical
from tally.constitution import Resolution
from tally.errors import OutcomeError
from tally.outcome import declare, make_declared, verify_declared
from tally.reasoning import Reasoning, blob_name
from tally.wire import ContestResult, DeclaredData
from tests.tally.law import constitution, contest, poll

HEAD = contest("head", {"ana": 300, "beka": 201, "blank": 9}, size=1000, ballots=510)
LAW = contest("law", {"gio": 7, "luka": 7, "blank": 0}, size=100, ballots=14, electorate="law", position="faculty")
CLASS = contest("class", None, size=4, ballots=2, electorate="class", position="faculty", options="nino blank")
EMPTY = contest("zero", {"nino": 0, "blank": 0}, size=4, ballots=0, electorate="zero", position="faculty")


def results(*contests: Any, scope: str = "both") -> dict[str, ContestResult]:
    outcome = declare(constitution(scope=scope), [], poll(*contests))
    return {result.contest: result for result in outcome.results}


def test_a_whole_poll() -> None:
    found = results(HEAD, LAW, CLASS, EMPTY)
    assert list(found) == ["class", "head", "law", "zero"]  # ascending by id
    assert {name: result.outcome for name, result in found.items()} == {
        "class": "withheld", "head": "elected", "law": "tie", "zero": "nobody",
    }  # fmt: skip
    assert found["head"].elected == ["ana"]
    assert found["head"].counts == [300, 201, 9]
    assert (found["class"].counts, found["class"].ballots) == (None, 2)
    assert {name: result.turnout for name, result in found.items()} == {
        "class": "valid", "head": "valid", "law": "invalid", "zero": "invalid",
    }  # fmt: skip


def test_an_invalid_election_elects_nobody_and_still_shows_its_counts() -> None:
    low = contest("head", {"ana": 499, "blank": 0}, size=1000, ballots=499)
    found = results(low, LAW)
    assert {result.outcome for result in found.values()} == {"invalid-turnout"}
    assert found["head"].elected == []
    assert found["head"].counts == [499, 0]


def test_all_ballots_blank_is_a_valid_turnout_and_elects_nobody() -> None:  # RULES C4
    (result,) = results(contest("head", {"ana": 0, "beka": 0, "blank": 500}, size=1000, ballots=500)).values()
    assert (result.turnout, result.outcome) == ("valid", "nobody")


def test_a_class_below_half_is_flagged_and_stays_valid_unless_blocks_decide() -> None:  # RULES C3
    whole = contest("head", {"ana": 550}, size=1000, ballots=550)
    block = contest("law", {"gio": 20}, size=100, ballots=20, electorate="law", position="faculty")
    both, own = results(whole, block)["law"], results(whole, block, scope="block")["law"]
    assert (both.turnout, both.outcome) == ("invalid", "elected")
    assert (own.turnout, own.outcome) == ("invalid", "invalid-turnout")


def test_the_reasoning_is_a_canonical_blob_that_ends_with_every_result() -> None:
    outcome = declare(constitution(), [Resolution("6.12.4", "both")], poll(HEAD, LAW, CLASS))
    reasoning = canonical.decode(outcome.reasoning, Reasoning)
    assert tuple(reasoning.steps) == outcome.steps
    assert [step.rule for step in reasoning.steps] == [
        "resolution", "turnout", "turnout", "turnout", "turnout", "withheld", "plurality", "plurality", "plurality",
        "plurality",
    ]  # fmt: skip
    conclusions = {step.contest: step.conclusion for step in reasoning.steps}
    assert conclusions["head"] == "elected: ana"
    assert conclusions["law"] == "tie between gio, luka"
    assert conclusions["class"] == "too few ballots: nothing is decrypted"
    assert all(step.clause for step in reasoning.steps)


def test_the_steps_of_withheld_and_invalid_contests_say_exactly_why() -> None:
    low = contest("head", {"ana": 499, "blank": 0}, size=1000, ballots=499)
    outcome = declare(constitution(min_ballots=5), [], poll(low, CLASS))
    by_hand = [
        (None, "turnout", "6.12.4", {"ballots": 499, "size": 1000}, "2 * 499 >= 1 * 1000", False),
        ("class", "turnout", "6.12.4", {"ballots": 2, "size": 4}, "2 * 2 >= 1 * 4", True),
        ("head", "turnout", "6.12.4", {"ballots": 499, "size": 1000}, "2 * 499 >= 1 * 1000", False),
        ("class", "withheld", "min_ballots", {"ballots": 2, "min_ballots": 5}, "2 < 5", True),
        ("class", "turnout", "6.12.4", {}, "", False),
        ("head", "plurality", "6.12.6a", {"votes.ana": 499}, "499 >= 1", True),
        ("head", "plurality", "6.12.6a", {"most": 499, "second": 0}, "499 > 0", True),
        ("head", "turnout", "6.12.4", {}, "", False),
    ]
    assert [(s.contest, s.rule, s.clause, s.inputs, s.comparison, s.holds) for s in outcome.steps] == by_hand
    assert [s.conclusion for s in outcome.steps] == [
        "turnout of university is invalid",
        "turnout of class is valid",
        "turnout of university is invalid",
        "too few ballots: nothing is decrypted",
        "the turnout that decides for this contest is invalid: nobody is elected",
        "somebody has a vote",
        "elected: ana",
        "the turnout that decides for this contest is invalid: nobody is elected",
    ]


def test_declared_data_verifies_and_names_its_blob() -> None:
    outcome = declare(constitution(), [], poll(HEAD))
    data = make_declared(outcome)
    verify_declared(data, outcome)
    assert data.reasoning == blob_name(outcome.reasoning)
    assert canonical.decode(canonical.encode(data), DeclaredData) == data


FLIPS: dict[str, object] = {
    "contest": "other", "position": "faculty", "electorate": "law", "size": 999, "ballots": 509, "turnout": "invalid",
    "counts": [301, 200, 9], "outcome": "nobody", "elected": ["beka"],
}  # fmt: skip


def test_every_member_of_a_result_has_a_flip() -> None:
    assert set(FLIPS) == set(ContestResult.__struct_fields__)


@pytest.mark.parametrize("member", sorted(FLIPS))
def test_a_changed_result_is_refused_naming_what_differs(member: str) -> None:
    outcome = declare(constitution(), [], poll(HEAD))
    data = make_declared(outcome)
    changed = msgspec.structs.replace(data.results[0], **{member: FLIPS[member]})
    named = "contests" if member == "contest" else f"head: {member}"
    with pytest.raises(OutcomeError, match=f"declared: {named}: expected"):
        verify_declared(msgspec.structs.replace(data, results=[changed]), outcome)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"poll": 2}, "wrong poll: expected 1, got 2"), ({"results": []}, "contests"), ({"reasoning": "00"}, "reasoning")],
)
def test_a_changed_declaration_is_refused(change: dict[str, Any], message: str) -> None:
    outcome = declare(constitution(), [], poll(HEAD))
    with pytest.raises(OutcomeError, match=f"declared: {message}"):
        verify_declared(msgspec.structs.replace(make_declared(outcome), **change), outcome)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ([contest("x", {"ana": 1}, size=9, ballots=9, position="king")], "position: expected one of president, fac"),
        ([contest("x", {"ana": 1}, size=9, ballots=9, position=None)], "got None"),
        ([contest("x", None, size=9, ballots=9)], "counts: expected them given at 9 ballots"),
        ([contest("x", {"ana": 1}, size=9, ballots=2)], "counts: expected them withheld at 2 ballots"),
        ([contest("x", None, size=9, ballots=0)], "counts: expected them given at 0 ballots"),
    ],
)
def test_facts_without_a_rule_are_refused(facts: Any, message: str) -> None:
    with pytest.raises(OutcomeError, match=message):
        declare(constitution(), [], poll(*facts))


@pytest.mark.parametrize(
    ("counts", "ballots", "message"),
    [({"ana": 5}, 4, "votes for ana: expected 0 to 4, got 5"), ({"ana": -1}, 4, "got -1"), ({"ana": 1}, 11, "ballots")],
)
def test_impossible_facts_are_refused(counts: dict[str, int], ballots: int, message: str) -> None:
    with pytest.raises(OutcomeError, match=message):
        contest("x", counts, size=10, ballots=ballots)


def test_counts_for_another_number_of_options_are_refused() -> None:
    for counts in ((), (1,), (1, 1, 1)):
        with pytest.raises(OutcomeError, match=f"contest x: counts: expected 2 options, got {len(counts)}"):
            replace(contest("x", {"ana": 1, "beka": 1}, size=10, ballots=4), counts=counts)


def test_one_contest_stands_once() -> None:
    with pytest.raises(OutcomeError, match="poll 1: contest head stands twice"):
        poll(HEAD, HEAD)


def test_no_float_appears_in_the_package() -> None:
    for path in pathlib.Path(tally.__file__).parent.rglob("*.py"):
        with path.open("rb") as source:
            for token in tokenize.tokenize(source.readline):
                number = token.type == tokenize.NUMBER and re.fullmatch(r"0[xX].*|\d[\d_]*", token.string) is None
                assert not number, f"{path}: {token}"
                assert not (token.type == tokenize.NAME and token.string == "float"), f"{path}: {token}"
                assert not (token.type == tokenize.OP and token.string == "/"), f"{path}: {token}"
