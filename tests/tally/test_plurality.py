"""Most votes wins; blank is no candidate; equal leaders are a tie (RULES C4, C6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tally.errors import OutcomeError
from tally.plurality import elect
from tests.tally.law import contest


def outcome(counts: dict[str, int]) -> tuple[str, tuple[str, ...]]:
    facts = contest("head", counts, size=1000, ballots=max(sum(counts.values()), 1))
    verdict = elect("6.12.5", facts)
    return verdict.outcome, verdict.elected


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"ana": 3, "beka": 2, "blank": 0}, ("elected", ("ana",))),
        ({"beka": 2, "ana": 3}, ("elected", ("ana",))),
        ({"ana": 1, "blank": 900}, ("elected", ("ana",))),
        ({"ana": 3, "beka": 3, "blank": 1}, ("tie", ())),
        ({"ana": 2, "beka": 2, "gio": 2}, ("tie", ())),
        ({"ana": 0, "beka": 0, "blank": 500}, ("nobody", ())),
        ({"ana": 0}, ("nobody", ())),
        ({"blank": 5}, ("nobody", ())),
    ],
)
def test_who_is_elected(counts: dict[str, int], expected: tuple[str, tuple[str, ...]]) -> None:
    assert outcome(counts) == expected


COUNTS = st.dictionaries(
    st.sampled_from(["ana", "beka", "gio", "luka", "nino", "blank"]), st.integers(0, 6), min_size=1
)


@given(COUNTS, st.data())
def test_the_order_of_the_options_has_no_influence(counts: dict[str, int], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(list(counts.items())))
    assert outcome(counts) == outcome(dict(shuffled))


@given(COUNTS)
def test_another_vote_for_the_winner_never_unseats_the_winner(counts: dict[str, int]) -> None:
    kind, elected = outcome(counts)
    if kind == "elected":
        assert outcome(counts | {elected[0]: counts[elected[0]] + 1}) == (kind, elected)


@given(COUNTS)
def test_the_result_agrees_with_a_count_by_sorting(counts: dict[str, int]) -> None:
    ranking = sorted((-votes, name) for name, votes in counts.items() if name != "blank" and votes)
    best = [name for votes, name in ranking if votes == ranking[0][0]]
    expected = {0: ("nobody", ()), 1: ("elected", tuple(best))}.get(len(best), ("tie", ()))
    assert outcome(counts) == expected


STEPS: list[tuple[dict[str, int], list[tuple[dict[str, int], str, bool, str]]]] = [
    (
        {"ana": 3, "beka": 1, "blank": 5},
        [
            ({"votes.ana": 3, "votes.beka": 1}, "3 >= 1", True, "somebody has a vote"),
            ({"most": 3, "second": 1}, "3 > 1", True, "elected: ana"),
        ],
    ),
    (
        {"ana": 1},
        [
            ({"votes.ana": 1}, "1 >= 1", True, "somebody has a vote"),
            ({"most": 1, "second": 0}, "1 > 0", True, "elected: ana"),
        ],
    ),
    (
        {"ana": 2, "beka": 2, "gio": 1},
        [
            ({"votes.ana": 2, "votes.beka": 2, "votes.gio": 1}, "2 >= 1", True, "somebody has a vote"),
            ({"most": 2, "second": 2}, "2 > 2", False, "tie between ana, beka"),
        ],
    ),
    ({"ana": 0, "blank": 4}, [({"votes.ana": 0}, "0 >= 1", False, "nobody has a vote, nobody is elected")]),
    ({"blank": 4}, [({}, "0 >= 1", False, "nobody has a vote, nobody is elected")]),
]


@pytest.mark.parametrize(("counts", "expected"), STEPS)
def test_the_steps_say_exactly_what_was_compared(
    counts: dict[str, int], expected: list[tuple[dict[str, int], str, bool, str]]
) -> None:
    """Byte for byte: whoever recomputes a result compares the whole reasoning."""
    steps = elect("6.12.5", contest("head", counts, size=9, ballots=9)).steps
    assert [(step.inputs, step.comparison, step.holds, step.conclusion) for step in steps] == expected
    assert {(step.contest, step.rule, step.clause) for step in steps} == {("head", "plurality", "6.12.5")}


def test_withheld_counts_elect_nobody_by_accident() -> None:
    with pytest.raises(OutcomeError, match="contest head: counts are withheld"):
        elect("6.12.5", contest("head", None, size=9, ballots=2))
