"""Ballots that encrypt what is not allowed, by a prover who does what can be done (A08, A09, A10, A11)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import pytest

from ballot.ballot import Choice
from ballot.contest import ContestRules
from ballot.encryption import make_body, sign_ballot
from ballot.errors import BallotFormatError, ProofError, RefusedBallotError
from ballot.parsed import parse_body
from ballot.proof import verify_disjunction
from ballot.verification import verify_ballots
from keys.canonical import b64, encode, unb64
from keys.curve import ORDER, Scalar
from tests.attacks.prover import Attacker, number, strong_challenge, with_choice, with_sum
from tests.simulated.randomness import seeded
from tests.strategies import allowed_votes, cast, joint_secret, make_contest, verify_body

CONTEST = make_contest(options=3, low=0, high=1)
ONE_MARK = make_contest(options=3, low=1, high=1)
TWO_OF_FOUR = make_contest(options=4, low=1, high=2)
BLANK = make_contest(options=4, low=1, high=3, blank=3)


def plus_one(text: str) -> str:
    """The scalar after this one."""
    return b64((Scalar.from_bytes(unb64(text, 32, "scalar")) + Scalar.ONE).to_bytes())


@pytest.mark.parametrize("contest", [CONTEST, ONE_MARK, TWO_OF_FOUR, BLANK], ids=["0..1", "1..1", "1..2", "blank"])
def test_the_forger_makes_the_bytes_of_an_honest_booth_where_the_vote_is_allowed(contest: ContestRules) -> None:
    """So what the other tests refuse is refused for what it proves, not for how it is written."""
    attacker = Attacker(contest)
    for vote in allowed_votes(contest):
        body = attacker.forge(vote)
        assert encode(body) == make_body(contest, attacker.owner, vote, b"s" * 32)
        assert attacker.cast(body) is None


@pytest.mark.parametrize("plaintext", [2, -1, ORDER - 2, 3, 500, ORDER // 2], ids=["2", "-1", "-2", "3", "500", "q/2"])
@pytest.mark.parametrize("claim", [0, 1])
@pytest.mark.parametrize("total", [0, 1])
def test_a09_no_plaintext_but_0_and_1_is_accepted(plaintext: int, claim: int, total: int) -> None:
    attacker = Attacker(CONTEST)
    body = attacker.forge([plaintext, 0, 0], claims=[claim, 0, 0], total=total)
    assert isinstance(attacker.cast(body), ProofError)


@pytest.mark.parametrize("plaintexts", [[2, -1, 0], [-1, 2, 0], [3, -1, -1], [ORDER - 1, 1, 1]])
def test_a09_plaintexts_that_make_an_allowed_sum_are_refused_all_the_same(plaintexts: list[int]) -> None:
    """The sum's own proof is true here; those of the options are not."""
    attacker = Attacker(CONTEST)
    error = attacker.cast(attacker.forge(plaintexts))
    assert isinstance(error, ProofError)
    assert "choice" in str(error)


@pytest.mark.parametrize("contest", [CONTEST, ONE_MARK, TWO_OF_FOUR, BLANK], ids=["0..1", "1..1", "1..2", "blank"])
def test_a09_every_vote_outside_the_bounds_is_refused(contest: ContestRules) -> None:
    """Two marks of one, none of one, blank and another mark: options are 0 or 1, the sum is not what is claimed."""
    attacker, allowed, refused = Attacker(contest), set(allowed_votes(contest)), 0
    for vote in product((0, 1), repeat=contest.options):
        if vote in allowed:
            continue
        for total in range(contest.document.min, contest.document.max + 1):
            error = attacker.cast(attacker.forge(vote, total=total))
            assert isinstance(error, ProofError)
            assert "sum" in str(error)
            refused += 1
    assert refused >= 4


@pytest.mark.parametrize("summed", [[0], [1], [0, 2], [1, 2], []], ids=str)
def test_a09_a_sum_proof_about_other_options_is_refused(summed: list[int]) -> None:
    """Two marks; the sum's proof leaves out one of them and is true of the rest."""
    attacker = Attacker(CONTEST)
    assert attacker.cast(attacker.forge([1, 0, 0])) is None
    body = attacker.forge([1, 1, 0], summed=summed)
    assert isinstance(attacker.cast(body), ProofError)


def test_a09_a_sum_proof_with_other_weights_is_refused() -> None:
    """Blank and one more mark, the blank one counted as if it weighed 1."""
    as_if = make_contest(options=4, low=1, high=3)
    liar, judge = Attacker(as_if), Attacker(BLANK)
    assert liar.cast(liar.forge([0, 0, 1, 1])) is None
    body = judge.forge([0, 0, 1, 1], total=2)
    assert isinstance(judge.cast(body), ProofError)


@pytest.mark.parametrize(
    "change", ["one branch more", "one branch less", "none", "one challenge more", "one response less"]
)
@pytest.mark.parametrize("part", ["choice", "sum"])
def test_a09_every_other_number_of_branches_is_refused(change: str, part: str) -> None:
    attacker = Attacker(TWO_OF_FOUR)
    body = attacker.forge([1, 0, 0, 1])
    assert attacker.cast(body) is None
    proof = body.choices[0] if part == "choice" else body.sum
    com, c, z = list(proof.com), list(proof.c), list(proof.z)
    changed: dict[str, Any] = {
        "one branch more": {"com": [*com, com[0]], "c": [*c, c[0]], "z": [*z, z[0]]},
        "one branch less": {"com": com[:-1], "c": c[:-1], "z": z[:-1]},
        "none": {"com": [], "c": [], "z": []},
        "one challenge more": {"com": com, "c": [*c, c[0]], "z": z},
        "one response less": {"com": com, "c": c, "z": z[:-1]},
    }
    mutate = with_sum if part == "sum" else partial(with_choice, option=0)
    other = mutate(body, **changed[change])
    error = attacker.cast(other)
    assert isinstance(error, BallotFormatError)
    assert "expected 2 branches" in str(error)


@pytest.mark.parametrize("count", [0, 1, 2, 4, 100])
def test_a09_every_other_number_of_options_is_refused(count: int) -> None:
    attacker = Attacker(CONTEST)
    body = attacker.forge([1, 0, 0])
    choices = (body.choices * 40)[:count]
    error = attacker.cast(type(body)(v=body.v, context=body.context, owner=body.owner, choices=choices, sum=body.sum))
    assert isinstance(error, BallotFormatError)
    assert f"expected 3 choices, got {count}" in str(error)


# ---- the split of the challenge ----


@pytest.mark.parametrize("option", [0, 1, 2])
def test_a10_a_challenge_moved_between_branches_is_refused(option: int) -> None:
    attacker = Attacker(CONTEST)
    body = attacker.forge([0, 1, 0])
    assert attacker.cast(body) is None
    assert isinstance(attacker.cast(with_choice(body, option, c=[plus_one(body.choices[option].c[0])])), ProofError)


def test_a10_a_challenge_moved_between_branches_of_the_sum_is_refused() -> None:
    attacker = Attacker(TWO_OF_FOUR)
    body = attacker.forge([0, 1, 0, 0])
    assert isinstance(attacker.cast(with_sum(body, c=[plus_one(body.sum.c[0])])), ProofError)


def test_a10_swapped_and_repeated_branches_are_refused() -> None:
    attacker = Attacker(CONTEST)
    body = attacker.forge([0, 1, 0])
    for option in range(3):
        choice = body.choices[option]
        first, second = choice.com
        z = choice.z
        for changes in (
            {"com": [second, first], "z": [z[1], z[0]]},
            {"com": [second, first]},
            {"z": [z[1], z[0]]},
            {"com": [first, first], "z": [z[0], z[0]]},
            {"com": [second, second], "z": [z[1], z[1]]},
        ):
            assert isinstance(attacker.cast(with_choice(body, option, **changes)), ProofError)


def test_a10_challenges_that_do_not_add_up_to_e_are_refused() -> None:
    """Every branch simulated, each with its own challenge: what the equations alone would let pass."""
    attacker = Attacker(CONTEST)
    coin = attacker.coin([2, 0, 0])
    body = attacker.forge([2, 0, 0], claims=[9, 0, 0], total=9)
    parsed = parse_body(CONTEST, body)
    (a, b), proof = parsed.pairs[0], parsed.proofs[0]
    own = (proof.challenges[0], coin("c/0/1").value)
    verify_disjunction(replace(proof, challenges=own), a, b, CONTEST.joint_key, "with the forger's challenges")
    assert isinstance(attacker.cast(body), ProofError)


# ---- cut and paste ----


def test_a11_a_ciphertext_moved_with_its_proof_is_refused() -> None:
    attacker = Attacker(TWO_OF_FOUR)
    body = attacker.forge([1, 0, 0, 1])
    assert attacker.cast(body) is None
    for first in range(4):
        for second in range(first):
            choices: list[Choice] = list(body.choices)
            choices[first], choices[second] = choices[second], choices[first]
            swapped = type(body)(v=body.v, context=body.context, owner=body.owner, choices=choices, sum=body.sum)
            assert isinstance(attacker.cast(swapped), ProofError)


def test_a11_parts_of_two_ballots_of_one_voter_are_no_ballot() -> None:
    attacker = Attacker(CONTEST)
    one, other = attacker.forge([1, 0, 0]), attacker.forge([0, 1, 0])
    for option in range(3):
        choices = list(one.choices)
        choices[option] = other.choices[option]
        mixed = type(one)(v=one.v, context=one.context, owner=one.owner, choices=choices, sum=one.sum)
        assert isinstance(attacker.cast(mixed), ProofError)
        both = type(one)(v=one.v, context=one.context, owner=one.owner, choices=choices, sum=other.sum)
        assert isinstance(attacker.cast(both), ProofError)
    assert isinstance(attacker.cast(with_sum(one, com=other.sum.com, c=other.sum.c, z=other.sum.z)), ProofError)


# ---- identity and zero ----


def test_a08_equal_and_opposite_randomness_is_refused_before_any_equation() -> None:
    """All proofs hold in these ballots; they are refused for what they are."""
    attacker = Attacker(TWO_OF_FOUR)
    r = [Scalar(1000 + option) for option in range(4)]
    assert attacker.cast(attacker.forge([1, 0, 0, 1], randomness=r)) is None
    equal = attacker.cast(attacker.forge([1, 0, 0, 1], randomness=[r[0], r[0], r[2], r[3]]))
    assert isinstance(equal, RefusedBallotError)
    assert "the same A" in str(equal)
    opposite = [r[0], -r[0], r[2], -r[2]]
    error = attacker.cast(attacker.forge([1, 0, 0, 1], randomness=opposite))
    assert isinstance(error, RefusedBallotError)
    assert "weighted sum of A is the identity" in str(error)


def test_a08_a_ciphertext_whose_b_is_the_generator_is_refused() -> None:
    """B = v·G + r·Y with r·Y = (1 − v)·G: only who knows the joint secret can do it, and it says the vote aloud."""
    attacker = Attacker(CONTEST)
    r = [joint_secret().inverse(), Scalar(5), Scalar(6)]
    error = attacker.cast(attacker.forge([0, 1, 0], randomness=r))
    assert isinstance(error, RefusedBallotError)
    assert "B is the generator" in str(error)


@pytest.mark.parametrize("bare", [0, 1])
def test_a08_a_sum_of_b_that_is_a_bare_value_is_refused(bare: int) -> None:
    """Σ B = t·G for a t that the sum may have: r·Y = (t − v)·G."""
    attacker = Attacker(CONTEST)
    total = joint_secret().inverse() * number(bare - 1)  # the vote has one mark
    r = [Scalar(11), Scalar(12), total - Scalar(23)]
    error = attacker.cast(attacker.forge([0, 1, 0], randomness=r))
    assert isinstance(error, RefusedBallotError)
    expected = "bare value" if bare == 0 else "weighted sum of A is the identity"  # t = v: then r = 0, A = 0
    assert expected in str(error)


@pytest.mark.parametrize("label", ["c/0/1", "z/0/1", "c/sum/0", "z/sum/0"])
def test_a08_a_zero_challenge_or_response_is_refused_though_its_equations_hold(label: str) -> None:
    attacker = Attacker(CONTEST)
    honest = attacker.coin([0, 1, 0])
    body = attacker.forge([0, 1, 0], coin=lambda name: Scalar.ZERO if name == label else honest(name))
    error = attacker.cast(body)
    assert isinstance(error, RefusedBallotError)
    assert "challenge or response is zero" in str(error)


def test_a08_the_computed_challenge_may_not_be_zero_either() -> None:
    """c_1 = e − c_0 = 0, where the forger has set c_0 = e."""
    attacker = Attacker(CONTEST)
    body = attacker.forge([0, 1, 0])
    e = parse_body(CONTEST, body).proofs[0].challenges
    error = attacker.cast(with_choice(body, 0, c=[b64(number(sum(e)).to_bytes())]))
    assert isinstance(error, RefusedBallotError)


def test_a08_sums_over_ballots_may_meet_the_identity() -> None:
    """Ballot two is the negative of ballot one in every A: each is good, and the batch takes both in its stride."""
    attackers = [Attacker(CONTEST, name) for name in ("one", "two")]
    r = [Scalar(21), Scalar(22), Scalar(23)]
    randomness = [r, [-part for part in r]]
    bodies = [attacker.forge([0, 0, 0], randomness=part) for attacker, part in zip(attackers, randomness, strict=True)]
    assert [attacker.cast(body) for attacker, body in zip(attackers, bodies, strict=True)] == [None, None]
    made = [
        sign_ballot(CONTEST, attacker.token, attacker.t, encode(body), b"", seeded("sign")).data
        for attacker, body in zip(attackers, bodies, strict=True)
    ]
    items = [(CONTEST, data) for data in [*made * 8, cast(CONTEST, (0, 1, 0)).data]]
    assert verify_ballots(items, seeded("weights")) == [None] * 17


def test_the_forger_uses_the_challenge_of_the_protocol() -> None:
    attacker = Attacker(CONTEST)
    parsed = verify_body(CONTEST, attacker.forge([0, 1, 0]))
    commitments = [pair for proof in parsed.proofs for pair in proof.commitments]
    e = strong_challenge(CONTEST, attacker.owner, parsed.pairs, commitments)
    assert {sum(proof.challenges) % ORDER for proof in parsed.proofs} == {e.value}
