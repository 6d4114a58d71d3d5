"""Each equation is checked by itself: a fault in one alone, and faults that would cancel in a sum (A04).

The commitments are shifted before they are hashed, so that the challenge is right, everything else holds, and nothing
but the shifted equations is wrong. Single and batch verification must both see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product

import pytest

from ballot.errors import ProofError
from keys.curve import GENERATOR, Scalar
from tests.attacks.prover import Attacker, Proof
from tests.strategies import make_contest

CONTEST = make_contest(options=2, low=0, high=2)
ATTACKER = Attacker(CONTEST)
EQUATIONS = [
    *((option, branch, side) for option in (0, 1) for branch in (0, 1) for side in (0, 1)),
    *((2, branch, side) for branch in (0, 1, 2) for side in (0, 1)),
]
"""(proof, branch, side): side 0 is z·G = a + c·A, side 1 is z·Y = b + c·(B − t·G); proof 2 is the sum's."""

Place = tuple[int, int, int]


def shifted(places: Sequence[tuple[Place, int]]) -> ProofError | None:
    """The verdict where the commitment at each place was moved by that many G."""

    def meddle(proofs: list[Proof]) -> None:
        for (proof, branch, side), steps in places:
            pair = list(proofs[proof].commitments[branch])
            pair[side] = pair[side] + (GENERATOR * Scalar(steps) if steps > 0 else -(GENERATOR * Scalar(-steps)))
            proofs[proof].commitments[branch] = (pair[0], pair[1])

    error = ATTACKER.cast(ATTACKER.forge([0, 1], meddle=meddle))
    assert error is None or isinstance(error, ProofError)
    return error


def test_the_ballot_is_accepted_as_it_is() -> None:
    assert len(EQUATIONS) == 2 * (2 + 2 + 3)
    assert shifted([]) is None
    assert shifted([(EQUATIONS[0], 1), (EQUATIONS[0], -1)]) is None  # there and back again


@pytest.mark.parametrize("place", EQUATIONS, ids=str)
def test_a04_a_fault_in_one_equation_alone_is_found_and_named(place: Place) -> None:
    error = shifted([(place, 1)])
    proof, branch, _ = place
    name = "sum" if proof == 2 else f"choice {proof}"
    assert str(error) == f"ballot: {name}: branch {branch} of the proof does not hold"


@pytest.mark.parametrize(("first", "second"), list(combinations(EQUATIONS, 2)), ids=str)
def test_a04_equal_and_opposite_faults_in_two_equations_are_found(first: Place, second: Place) -> None:
    """What a batch with one weight for two equations, or with none, would add up to zero."""
    assert shifted([(first, 1), (second, -1)]) is not None


def test_a04_equal_faults_in_all_equations_are_found() -> None:
    for sign, other in product((1, -1), repeat=2):
        places = [(place, sign if place[2] else other) for place in EQUATIONS]
        assert shifted(places) is not None
