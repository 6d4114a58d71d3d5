"""Disjunctive proofs: a ciphertext encrypts one of t_0 … t_{n-1}, and nobody learns which (docs/protocol.md §6).

Cramer, Damgård, Schoenmakers 1994, with one challenge for the whole ballot (strong Fiat–Shamir, A02). For each branch
j: ``z_j·G = a_j + c_j·A`` and ``z_j·Y = b_j + c_j·(B − t_j·G)``; the challenges of the branches add up to e.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ballot.errors import ProofError
from keys.curve import GENERATOR, Point, Scalar, base_multiply


@dataclass(frozen=True, slots=True)
class Disjunction:
    """A proof as read: per branch the commitments, the challenge (the last one computed from e) and the response."""

    values: range
    commitments: tuple[tuple[Point, Point], ...]
    challenges: tuple[int, ...]
    responses: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """What the prover knows of one ciphertext: randomness r, the possible values, and which of them is encrypted."""

    r: Scalar
    values: range
    branch: int


@dataclass(frozen=True, slots=True)
class Commitment:
    """The first move of a proof, with what the prover keeps to answer the challenge."""

    points: tuple[tuple[Point, Point], ...]
    nonce: Scalar
    challenges: tuple[Scalar, ...]  # simulated branches; the true branch holds zero until the challenge is known
    responses: tuple[Scalar, ...]


def commit(opening: Opening, joint_key: Point, coin: Callable[[str], Scalar]) -> Commitment:
    """First move. Coins: ``w`` for the true branch, ``c/j`` and ``z/j`` for the simulated ones."""
    points, challenges, responses = [], [], []
    nonce = coin("w")
    for branch, value in enumerate(opening.values):
        if branch == opening.branch:
            challenge = response = Scalar.ZERO
            points.append((base_multiply(nonce), joint_key.multiply_secret(nonce)))
        else:
            challenge, response = coin(f"c/{branch}"), coin(f"z/{branch}")
            points.append(_simulated(opening, joint_key, value, challenge, response))
        challenges.append(challenge)
        responses.append(response)
    return Commitment(tuple(points), nonce, tuple(challenges), tuple(responses))


def _simulated(opening: Opening, joint_key: Point, value: int, c: Scalar, z: Scalar) -> tuple[Point, Point]:
    """A = z·G − c·A and b = z·Y − c·(B − t·G), by the prover who knows r: A = r·G, B = v·G + r·Y."""
    exponent = z - c * opening.r
    difference = Scalar(abs(opening.values[opening.branch] - value))
    shift = base_multiply(c * difference)
    b = joint_key.multiply_secret(exponent)
    return base_multiply(exponent), b - shift if opening.values[opening.branch] > value else b + shift


def respond(opening: Opening, commitment: Commitment, e: Scalar) -> tuple[list[Scalar], list[Scalar]]:
    """Third move: (all n challenges, all n responses); the last challenge is not sent."""
    rest = e
    for challenge in commitment.challenges:
        rest = rest - challenge
    challenges, responses = list(commitment.challenges), list(commitment.responses)
    challenges[opening.branch] = rest
    responses[opening.branch] = commitment.nonce + rest * opening.r
    return challenges, responses


def verify_disjunction(proof: Disjunction, a: Point, b: Point, joint_key: Point, what: str) -> None:
    """Check every equation of one proof, one by one: the definition. ProofError names ``what`` and the branch."""
    for branch, value in enumerate(proof.values):
        (first, second), c, z = proof.commitments[branch], proof.challenges[branch], proof.responses[branch]
        challenge, response = Scalar(c), Scalar(z)
        left_holds = base_multiply(response) == first + a * challenge
        right_holds = joint_key * response == second + (b - GENERATOR * Scalar(value)) * challenge
        if not (left_holds and right_holds):
            message = f"{what}: branch {branch} of the proof does not hold"
            raise ProofError(message)


def weighted(points: Sequence[Point], weights: Sequence[int]) -> list[Point]:
    """g_i·P_i; most weights are 1."""
    return [point if weight == 1 else point * Scalar(weight) for point, weight in zip(points, weights, strict=True)]
