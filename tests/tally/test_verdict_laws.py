"""What holds for every procedure and every count: order and names never decide, and every step can be redone."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tally.constitution import Procedure
from tally.facts import ContestFacts
from tally.procedures import judge
from tally.reasoning import Step
from tally.verdict import Rank, Verdict
from tally.wire import Tour
from tests.tally.counted import compared, facts, majority, motion, plurality, survey, ticket_of

PERSONS = ["ana", "beka", "gio", "luka", "nino"]
TOURS = st.sampled_from(["first", "second"])
PLURALITIES = st.builds(
    plurality,
    single=st.sampled_from(["majority", "plurality"]),
    tie=st.sampled_from(["members-vote", "lot", "re-election", "second-tour"]),
)
MAJORITIES = st.builds(
    majority,
    threshold=st.sampled_from(["> 1/2", ">= 1/2", "> 1/3", ">= 2/5", ">= 7/10", "> 2/3"]),
    base=st.sampled_from(["ballots", "valid", "listed", "attending"]),
    second_tour=st.sampled_from(["top-two", "none"]),
    tie=st.sampled_from(["all-advance", "lot", "members-vote"]),
)
MOTIONS = st.builds(
    motion,
    threshold=st.sampled_from(["> 1/2", ">= 7/10"]),
    base=st.sampled_from(["ballots", "valid", "listed", "attending"]),
    quorum=st.sampled_from(["", ">= 7/10", "> 1/2"]),
)
ELECTIONS = st.one_of(PLURALITIES, MAJORITIES)


@st.composite
def contests(draw: Callable[[Any], Any], names: tuple[str, ...] = (*PERSONS, "blank"), least: int = 1) -> ContestFacts:
    """Small counts, so that ties are frequent; one vote on each ballot."""
    chosen = draw(st.lists(st.sampled_from(names), min_size=least, unique=True))
    counts = {name: draw(st.integers(0, 4)) for name in chosen}
    ballots = sum(counts.values())
    attended = ballots + draw(st.integers(0, 3))
    size = attended + draw(st.integers(0, 3))
    void = draw(st.lists(st.sampled_from(names), max_size=1))
    tickets = dict(zip(names, draw(st.permutations([ticket_of(name) for name in names])), strict=True))
    return facts(counts, ballots=ballots, size=size, attended=attended, void=void, tickets=tickets)


def permuted(contest: ContestFacts, order: list[int]) -> ContestFacts:
    return ContestFacts(
        contest.contest,
        contest.position,
        contest.electorate,
        contest.size,
        tuple(contest.options[i] for i in order),
        contest.ballots,
        None if contest.counts is None else tuple(contest.counts[i] for i in order),
        contest.void,
        contest.attended,
        tuple(contest.tickets[i] for i in order),
    )


def relabelled(contest: ContestFacts, name: dict[str, str]) -> ContestFacts:
    given = dict(zip([option.id for option in contest.options], contest.counts or (), strict=True))
    tickets = dict(zip([option.id for option in contest.options], contest.tickets, strict=True))
    return facts(
        {name[option]: count for option, count in given.items()},
        ballots=contest.ballots,
        size=contest.size,
        void=[name[option] for option in contest.void],
        attended=contest.attended,
        tickets={name[option]: ticket for option, ticket in tickets.items()},
    )


def renamed_step(step: Step, name: dict[str, str]) -> Step:
    inputs = {}
    for key, number in step.inputs.items():
        kind, _, option = key.partition(".")
        inputs[f"{kind}.{name[option]}" if option else key] = number
    return replace(step, inputs=inputs, names=[name[option] for option in step.names])


def renamed(verdict: Verdict, name: dict[str, str]) -> Verdict:
    return Verdict(
        verdict.outcome,
        tuple(Rank(level.votes, tuple(name[person] for person in level.persons)) for level in verdict.ranking),
        tuple(name[person] for person in verdict.advance),
        tuple(name[person] for person in verdict.tied),
        tuple(renamed_step(step, name) for step in verdict.steps),
    )


def unordered(verdict: Verdict) -> tuple[Any, ...]:
    """The verdict without the order of equals, which is the document's; the order of a lot remains."""
    ranking = [(level.votes, frozenset(level.persons)) for level in verdict.ranking]
    steps = Counter(
        (
            str(step.rule),
            step.clause,
            frozenset(step.inputs.items()),
            step.comparison,
            step.holds,
            str(step.conclusion),
            tuple(step.names) if step.rule == "lot" else frozenset(step.names),
        )
        for step in verdict.steps
    )
    return verdict.outcome, ranking, frozenset(verdict.advance), frozenset(verdict.tied), steps


@given(st.one_of(ELECTIONS, st.builds(survey)), contests(), TOURS, st.data())
def test_permuting_the_options_permutes_the_result_and_nothing_else(
    rule: Procedure, contest: ContestFacts, tour: Tour, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(contest.options))))
    straight = judge(rule, contest, poll=1, tour=tour)
    turned = judge(rule, permuted(contest, order), poll=1, tour=tour)
    assert unordered(turned) == unordered(straight)


@given(ELECTIONS, contests(), TOURS, st.permutations(PERSONS))
def test_relabelling_the_candidates_relabels_the_result(
    rule: Procedure, contest: ContestFacts, tour: Tour, names: list[str]
) -> None:
    name = {**dict(zip(PERSONS, names, strict=True)), "blank": "blank"}
    assert judge(rule, relabelled(contest, name), poll=1, tour=tour) == renamed(
        judge(rule, contest, poll=1, tour=tour), name
    )


@given(PLURALITIES, contests(), TOURS)
def test_another_vote_for_the_winner_never_unseats_the_winner_under_plurality(
    rule: Procedure, contest: ContestFacts, tour: Tour
) -> None:
    """The vote may be a new ballot, or one that was for somebody else."""
    before = judge(rule, contest, poll=1, tour=tour)
    if before.outcome != "elected":
        return
    (winner,) = before.elected
    votes = dict(zip([option.id for option in contest.options], contest.counts or (), strict=True))
    more = votes | {winner: votes[winner] + 1}
    ticket = dict(zip(votes, contest.tickets, strict=True))
    for changed in [more, *(more | {other: count - 1} for other, count in votes.items() if other != winner and count)]:
        after = facts(changed, void=sorted(contest.void), tickets=ticket)
        assert judge(rule, after, poll=1, tour=tour).elected == (winner,)


@given(MAJORITIES, contests(), TOURS)
def test_a_majority_elects_one_person_at_most_who_has_most_votes(
    rule: Procedure, contest: ContestFacts, tour: Tour
) -> None:
    verdict = judge(rule, contest, poll=1, tour=tour)
    assert len(verdict.elected) == (verdict.outcome == "elected")
    votes = dict(contest.candidate_votes())
    for person in verdict.elected:
        assert all(votes[person] > count for other, count in votes.items() if other != person)


@given(contests())
def test_more_than_half_of_the_ballots_is_had_by_one_person_at_most(contest: ContestFacts) -> None:
    enough = [person for person, count in contest.candidate_votes() if 2 * count > contest.ballots]
    assert judge(majority(), contest, poll=1, tour="first").elected == tuple(enough)
    assert len(enough) <= 1


@given(ELECTIONS, contests(), TOURS)
def test_nobody_without_a_counted_vote_is_elected_advances_or_is_tied(
    rule: Procedure, contest: ContestFacts, tour: Tour
) -> None:
    verdict = judge(rule, contest, poll=1, tour=tour)
    voted = {person for person, count in contest.candidate_votes() if count}
    named = [*verdict.elected, *verdict.advance, *verdict.tied]
    assert voted >= set(named)
    assert len(named) == len(set(named))
    ranked = [person for level in verdict.ranking for person in level.persons]
    assert sorted(ranked) == sorted(voted)


@given(ELECTIONS, contests(), TOURS)
def test_what_each_answer_leaves_to_be_done(rule: Procedure, contest: ContestFacts, tour: Tour) -> None:
    verdict = judge(rule, contest, poll=1, tour=tour)
    match verdict.outcome:
        case "elected" | "nobody":
            assert verdict.advance == verdict.tied == ()
        case "not-enough":
            assert verdict.tied == ()
            assert not (tour == "second" and verdict.advance)
            assert len(verdict.advance) != 1
        case "tie":
            assert len(verdict.tied) >= 2
            assert verdict.advance == ()
        case "tie-for-second":
            assert tour == "first"
            assert len(verdict.advance) == 1
            assert len(verdict.tied) >= 2
        case other:
            pytest.fail(f"no outcome of an election: {other}")


def assert_steps(verdict: Verdict) -> None:
    assert verdict.steps
    for step in verdict.steps:
        assert step.grounds
        assert step.grounds[0] == "count:1/head"
        assert step.clause
        assert (compared(step) if step.comparison else True) == step.holds


@given(st.one_of(ELECTIONS, st.builds(survey)), contests(), TOURS)
def test_every_step_has_grounds_and_a_comparison_that_can_be_redone(
    rule: Procedure, contest: ContestFacts, tour: Tour
) -> None:
    assert_steps(judge(rule, contest, poll=1, tour=tour))


@given(MOTIONS, contests(names=("for", "against", "blank"), least=3), TOURS)
def test_every_step_of_a_motion_too_and_the_last_one_decides(
    rule: Procedure, contest: ContestFacts, tour: Tour
) -> None:
    verdict = judge(rule, contest, poll=1, tour=tour)
    assert_steps(verdict)
    assert (verdict.outcome == "adopted") == all(step.holds for step in verdict.steps)
    assert verdict == judge(rule, contest, poll=1, tour="first")


@given(contests(names=("for", "against", "blank"), least=3))
def test_another_vote_for_a_motion_never_rejects_it(contest: ContestFacts) -> None:
    votes = dict(zip([option.id for option in contest.options], contest.counts or (), strict=True))
    rule = motion(threshold="> 1/2", base="ballots", quorum="")
    if judge(rule, contest, poll=1, tour="first").outcome == "adopted":
        more = facts(votes | {"for": votes["for"] + 1}, size=100)
        assert judge(rule, more, poll=1, tour="first").outcome == "adopted"
