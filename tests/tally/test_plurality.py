"""Most votes wins; blank is no candidate; equal leaders are a tie (IBSU 6.12.5)."""

from typing import Any

import pytest

from tally.errors import OutcomeError
from tally.plurality import judge_plurality
from tally.verdict import Rank, Verdict
from tally.wire import Tour
from tests.tally.counted import facts, plurality, short


def judge(counts: dict[str, int] | None, *, tie: str = "members-vote", tour: Tour = "first", **given: Any) -> Verdict:
    single = given.pop("single", "majority")
    return judge_plurality(plurality(single=single, tie=tie), facts(counts, **given), poll=1, tour=tour)


@pytest.mark.parametrize(
    ("sentence", "counts", "outcome", "elected"),
    [
        ("most votes wins", {"ana": 3, "beka": 2, "blank": 0}, "elected", ("ana",)),
        ("the order of the options is of no matter", {"beka": 2, "ana": 3}, "elected", ("ana",)),
        ("many blank ballots do not unseat a leader", {"ana": 2, "beka": 1, "blank": 900}, "elected", ("ana",)),
        ("one vote against none is enough", {"ana": 1, "beka": 0}, "elected", ("ana",)),
        ("two equal leaders are a tie", {"ana": 3, "beka": 3, "blank": 1}, "tie", ()),
        ("three equal leaders are a tie", {"ana": 2, "beka": 2, "gio": 2}, "tie", ()),
        ("C4: all ballots blank, nobody is elected", {"ana": 0, "beka": 0, "blank": 500}, "nobody", ()),
        ("no ballot at all, nobody is elected", {"ana": 0}, "nobody", ()),
        ("no candidate, nobody is elected", {"blank": 5}, "nobody", ()),
    ],
)
def test_who_is_elected(sentence: str, counts: dict[str, int], outcome: str, elected: tuple[str, ...]) -> None:
    verdict = judge(counts)
    assert (verdict.outcome, verdict.elected) == (outcome, elected), sentence


@pytest.mark.parametrize(
    ("sentence", "single", "counts", "outcome"),
    [
        ("a single candidate with more than half of the ballots", "majority", {"ana": 3, "blank": 2}, "elected"),
        ("a single candidate with half of the ballots", "majority", {"ana": 3, "blank": 3}, "not-enough"),
        ("a single candidate with less", "majority", {"ana": 1, "blank": 9}, "not-enough"),
        ("a single candidate with any vote, where that is the rule", "plurality", {"ana": 1, "blank": 9}, "elected"),
        ("a single candidate without a vote", "plurality", {"ana": 0, "blank": 9}, "nobody"),
    ],
)
def test_a_single_candidate_needs_a_majority_of_the_ballots(
    sentence: str, single: str, counts: dict[str, int], outcome: str
) -> None:
    verdict = judge(counts, single=single)
    assert (verdict.outcome, verdict.advance, verdict.tied) == (outcome, (), ()), sentence


def test_who_is_left_alone_by_a_withdrawal_is_no_single_candidate() -> None:
    """The ballot was no yes-or-no ballot: it had two names."""
    assert judge({"ana": 1, "beka": 8, "blank": 2}, void=["beka"]).elected == ("ana",)


def test_void_votes_are_said_first_and_do_not_count() -> None:
    verdict = judge({"ana": 3, "beka": 8, "gio": 2, "blank": 1}, void=["beka"])
    assert verdict.steps[0].inputs == {"votes.beka": 8}
    assert short(verdict) == [
        ("void", "6.12.5", "", True, "votes-void", ["beka"]),
        ("plurality", "6.12.5", "3 >= 1", True, "somebody-has-votes", []),
        ("plurality", "6.12.5", "3 > 2", True, "leads", ["ana"]),
    ]
    assert verdict.ranking == (Rank(3, ("ana",)), Rank(2, ("gio",)))


def test_where_all_candidates_are_void_nobody_is_elected() -> None:
    assert judge({"ana": 3, "beka": 1}, void=["ana", "beka"]).outcome == "nobody"


def test_the_ranking_is_of_all_with_a_vote_and_equals_stand_together() -> None:
    verdict = judge({"luka": 2, "ana": 5, "nino": 0, "beka": 2, "blank": 7})
    assert verdict.ranking == (Rank(5, ("ana",)), Rank(2, ("luka", "beka")))


@pytest.mark.parametrize("tie", ["members-vote", "re-election"])
@pytest.mark.parametrize("tour", ["first", "second"])
def test_equal_leaders_stop_where_people_have_to_decide(tie: str, tour: Tour) -> None:
    verdict = judge({"gio": 1, "ana": 2, "beka": 2}, tie=tie, tour=tour)
    assert (verdict.outcome, verdict.tied, verdict.advance) == ("tie", ("ana", "beka"), ())
    assert verdict.ranking == (Rank(2, ("ana", "beka")), Rank(1, ("gio",)))


def test_equal_leaders_go_into_a_second_tour_where_the_constitution_says_so() -> None:
    verdict = judge({"gio": 1, "ana": 2, "beka": 2}, tie="second-tour")
    assert (verdict.outcome, verdict.advance, verdict.tied) == ("not-enough", ("ana", "beka"), ())
    assert short(verdict)[-1] == ("second-tour", "tie-clause", "", True, "advance", ["ana", "beka"])


def test_equal_leaders_of_a_second_tour_are_a_tie() -> None:
    verdict = judge({"ana": 2, "beka": 2}, tie="second-tour", tour="second")
    assert (verdict.outcome, verdict.advance, verdict.tied) == ("tie", (), ("ana", "beka"))


def test_a_lot_elects_the_lowest_ticket_and_the_others_come_next() -> None:
    tickets = {"ana": b"\x03" * 32, "beka": b"\x01" * 32, "gio": b"\x02" * 32, "luka": b"\x00" * 32}
    verdict = judge({"ana": 2, "beka": 2, "gio": 2, "luka": 1}, tie="lot", tickets=tickets)
    assert (verdict.outcome, verdict.elected, verdict.tied) == ("elected", ("beka",), ())
    assert verdict.ranking == (Rank(2, ("beka",)), Rank(2, ("ana", "gio")), Rank(1, ("luka",)))
    (rule, clause, _, holds, conclusion, names) = short(verdict)[-1]
    assert (rule, clause, holds, conclusion) == ("lot", "tie-clause", True, "drawn")
    assert names == ["beka", "gio", "ana"]


def test_a_lot_without_tickets_is_refused() -> None:
    with pytest.raises(OutcomeError, match="lot: ana: expected a ticket, got none"):
        judge({"ana": 2, "beka": 2}, tie="lot", tickets={})


STEPS: list[tuple[dict[str, int], list[tuple[dict[str, int], str, bool, str, list[str], list[str]]]]] = [
    (
        {"ana": 3, "beka": 1, "blank": 5},
        [
            ({"votes.ana": 3, "votes.beka": 1}, "3 >= 1", True, "somebody-has-votes", [], ["count:1/head"]),
            ({"most": 3, "second": 1}, "3 > 1", True, "leads", ["ana"], ["count:1/head"]),
        ],
    ),
    (
        {"ana": 1},
        [
            ({"votes.ana": 1}, "1 >= 1", True, "somebody-has-votes", [], ["count:1/head"]),
            (
                {"votes.ana": 1, "ballots": 1},
                "2 * 1 > 1 * 1",
                True,
                "enough",
                ["ana"],
                ["count:1/head", "constitution"],
            ),
        ],
    ),
    (
        {"ana": 2, "beka": 2, "gio": 1},
        [
            (
                {"votes.ana": 2, "votes.beka": 2, "votes.gio": 1},
                "2 >= 1",
                True,
                "somebody-has-votes",
                [],
                ["count:1/head"],
            ),
            ({"most": 2, "second": 2}, "2 > 2", False, "equal-leaders", ["ana", "beka"], ["count:1/head"]),
        ],
    ),
    ({"ana": 0, "blank": 4}, [({"votes.ana": 0}, "0 >= 1", False, "nobody-has-votes", [], ["count:1/head"])]),
    ({"blank": 4}, [({}, "0 >= 1", False, "nobody-has-votes", [], ["count:1/head"])]),
]


@pytest.mark.parametrize(("counts", "expected"), STEPS)
def test_the_steps_say_exactly_what_was_compared(
    counts: dict[str, int], expected: list[tuple[dict[str, int], str, bool, str, list[str], list[str]]]
) -> None:
    """Byte for byte: whoever recomputes a result compares the whole reasoning."""
    steps = judge(counts).steps
    written = [(s.inputs, s.comparison, s.holds, str(s.conclusion), s.names, s.grounds) for s in steps]
    assert written == expected
    assert {(step.contest, str(step.rule)) for step in steps} == {("head", "plurality")}


def test_withheld_counts_elect_nobody_by_accident() -> None:
    with pytest.raises(OutcomeError, match="contest head: counts are withheld"):
        judge(None, ballots=2)
