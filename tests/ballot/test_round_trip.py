"""Every vote of every small contest is encrypted, accepted and decrypted to what it was (docs/protocol.md §6)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballot.ballot import Body, load_ballot, tracker, tracker_of
from ballot.contest import ContestRules
from ballot.encryption import body_from, check_vote, make_ballot, make_body, sign_ballot
from ballot.errors import VoteError
from ballot.parsed import ParsedBallot, parse_body
from ballot.token import verify_token
from keys.canonical import decode, encode
from keys.curve import GENERATOR, Point, Scalar
from tests.simulated.randomness import seeded
from tests.strategies import (
    VOTER_SEED,
    allowed_votes,
    cast,
    joint_secret,
    make_contest,
    make_token,
    verdict,
    verify_body,
    weight_of,
)

OWNER = b"w" * 32
SMALL = [
    (options, low, high, blank)
    for options in range(1, 5)
    for high in range(1, options + 1)
    for low in range(high + 1)
    for blank in ([None, 0, options - 1] if low else [None])
]
"""All 0 <= m <= M <= K up to four options, with the blank one first, last, or not there."""


def decrypted(parsed: ParsedBallot, options: int) -> list[int]:
    """The plaintexts, by the secret that no one trustee has."""
    values = {GENERATOR * Scalar(number): number for number in range(2)}
    pairs: Sequence[tuple[Point, Point]] = parsed.pairs
    assert len(pairs) == options
    return [values[b - a * joint_secret()] for a, b in pairs]


@pytest.mark.parametrize(("options", "low", "high", "blank"), SMALL)
def test_every_vote_of_a_small_contest_goes_round(options: int, low: int, high: int, blank: int | None) -> None:
    contest = make_contest(options, low, high, blank=blank)
    votes = allowed_votes(contest)
    assert votes
    lengths = set()
    for vote in votes:
        body = make_body(contest, OWNER, vote, b"s" * 32)
        lengths.add(len(body))
        parsed = verify_body(contest, decode(body, Body))
        assert decrypted(parsed, options) == list(vote)
        total = parsed.sums[1] - parsed.sums[0] * joint_secret()
        assert total == GENERATOR * Scalar(weight_of(contest, vote))
    assert len(lengths) == 1  # nobody learns from its length what is in a ballot (A66)


@pytest.mark.parametrize(("options", "low", "high", "blank"), SMALL)
def test_every_other_vote_is_refused_before_anything_is_encrypted(
    options: int, low: int, high: int, blank: int | None
) -> None:
    contest = make_contest(options, low, high, blank=blank)
    for vote in set(product((0, 1), repeat=options)) - set(allowed_votes(contest)):
        with pytest.raises(VoteError, match=f"expected {low} to {high} choices"):
            make_body(contest, OWNER, vote, b"s" * 32)


@pytest.mark.parametrize("vote", [(), (0, 1), (0, 1, 0, 0), (0, 2, 0), (0, -1, 1), (1, 0, 256)])
def test_a_vote_that_is_no_list_of_marks_is_refused(vote: tuple[int, ...]) -> None:
    contest = make_contest(3, 0, 3)
    check_vote(contest, (0, 1, 0))
    with pytest.raises(VoteError, match="expected 3 marks of 0 or 1"):
        check_vote(contest, vote)
    with pytest.raises(VoteError, match="expected 3 marks of 0 or 1"):
        make_ballot(contest, make_token(contest, seeded("t")), vote, VOTER_SEED, seeded("v"))


def test_blank_excludes_every_other_choice() -> None:
    contest = make_contest(4, 1, 3, blank=3)
    assert (0, 0, 0, 1) in allowed_votes(contest)
    assert all(vote == (0, 0, 0, 1) for vote in allowed_votes(contest) if vote[3])
    check_vote(contest, (0, 0, 0, 1))
    with pytest.raises(VoteError, match="blank excludes all others"):
        check_vote(contest, (1, 0, 0, 1))


@st.composite
def larger(draw: st.DrawFn) -> tuple[ContestRules, list[int]]:
    options = draw(st.integers(5, 14))
    high = draw(st.integers(1, options))
    low = draw(st.integers(max(0, high - 31), high))
    chosen = draw(st.integers(low, high))
    marked = set(draw(st.permutations(range(options)))[:chosen])
    return make_contest(options, low, high), [int(option in marked) for option in range(options)]


@settings(max_examples=30)
@given(larger(), st.binary(min_size=32, max_size=32))
def test_larger_contests_go_round(case: tuple[ContestRules, list[int]], seed: bytes) -> None:
    contest, vote = case
    body = make_body(contest, OWNER, vote, seed)
    assert decrypted(verify_body(contest, decode(body, Body)), contest.options) == vote


@pytest.mark.parametrize("marks", [0, 31])
def test_a61_a_hundred_options_go_round(marks: int) -> None:
    contest = make_contest(100, 0, 31)
    vote = [1] * marks + [0] * (100 - marks)
    made = cast(contest, vote)
    assert verdict(contest, made.data) is None
    assert decrypted(parse_body(contest, made.data.body), 100) == vote


def test_a_cast_request_goes_round_as_bytes_and_its_tracker_with_it() -> None:
    contest = make_contest()
    made = cast(contest, (0, 1, 0))
    again = load_ballot(encode(made.data))
    assert again == made.data
    assert encode(again.body) == made.body
    assert body_from(made.body) == again.body
    assert made.tracker == tracker(again.body) == tracker_of(made.body)
    assert verdict(contest, again) is None


def test_two_ballots_of_one_voter_for_one_vote_have_nothing_in_common() -> None:
    contest = make_contest()
    token = make_token(contest, seeded("token"))
    random = seeded("booth")
    first, second = (make_ballot(contest, token, (0, 1, 0), VOTER_SEED, random) for _ in range(2))
    assert first.tracker != second.tracker
    assert first.data.token.t != second.data.token.t
    assert verify_token(contest, first.data) == verify_token(contest, second.data) == token.key
    points = [{point for pair in parse_body(contest, one.data.body).pairs for point in pair} for one in (first, second)]
    assert not points[0] & points[1]


def test_a_signed_ballot_is_made_of_the_parts_given() -> None:
    contest, token = make_contest(), make_token(make_contest(), seeded("token"))
    made = make_ballot(contest, token, (0, 1, 0), VOTER_SEED, seeded("booth"))
    again = sign_ballot(contest, token, b"t" * 32, made.body, made.seed, seeded("x"))
    assert (again.body, again.tracker, again.seed) == (made.body, made.tracker, made.seed)
    assert again.data.token.t != made.data.token.t  # another t is another owner: only the first is one
    assert [verdict(contest, one.data) is None for one in (made, again)] == [True, False]


@pytest.mark.parametrize("options", [1, 2, 3, 4])
def test_trackers_of_all_votes_differ(options: int) -> None:
    contest = make_contest(options, 0, options)
    trackers = {tracker_of(make_body(contest, OWNER, vote, b"s" * 32)) for vote in allowed_votes(contest)}
    assert len(trackers) == 2**options
