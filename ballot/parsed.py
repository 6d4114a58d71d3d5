"""A ballot's body as points and integers, with everything refused that is refused before any equation (§6)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from ballot.ballot import BODY_VERSION, Body, Choice, SumProof
from ballot.contest import ContestRules
from ballot.errors import BallotFormatError, ContextError, RefusedBallotError
from ballot.proof import Disjunction, weighted
from keys.canonical import unb64, unb64_all
from keys.curve import GENERATOR, ORDER, POINT_SIZE, SCALAR_SIZE, Point, Scalar, point_sum
from keys.errors import ScalarError
from keys.transcript import Tag, challenge

_BIT: Final = range(2)


@dataclass(frozen=True, slots=True)
class ParsedBallot:
    """A well-formed ballot whose equations are still to be checked. ``pairs``: the ciphertexts (A_i, B_i)."""

    contest: ContestRules
    pairs: tuple[tuple[Point, Point], ...]
    sums: tuple[Point, Point]
    proofs: tuple[Disjunction, ...]  # one per option, then the sum's


def parse_body(contest: ContestRules, body: Body) -> ParsedBallot:
    """Decode all points and scalars, compute the challenge, and refuse degenerate ballots. DataError otherwise."""
    _check_shape(contest, body)
    parts: tuple[Choice | SumProof, ...] = (*body.choices, body.sum)
    encoded = [text for choice in body.choices for text in (choice.a, choice.b)]
    encoded += [text for part in parts for pair in part.com for text in pair]
    raw_points = unb64_all(encoded, POINT_SIZE, "ballot: point")
    points = Point.all_from_bytes(raw_points)
    owner = unb64(body.owner, 32, "ballot: owner")
    e = ballot_challenge(contest, owner, raw_points).value
    rest = iter(points)
    pairs = tuple((next(rest), next(rest)) for _ in body.choices)
    low, high = contest.document.min, contest.document.max
    challenges = _scalars([text for part in parts for text in part.c], "challenge")
    responses = _scalars([text for part in parts for text in part.z], "response")
    proofs = tuple(
        _next_proof(_BIT if isinstance(part, Choice) else range(low, high + 1), rest, challenges, responses, e)
        for part in parts
    )
    ballot = ParsedBallot(contest, pairs, _weighted_sums(contest, pairs), proofs)
    _refuse_degenerate(ballot)
    return ballot


def ballot_challenge(contest: ContestRules, owner: bytes, points: Sequence[bytes]) -> Scalar:
    """``e = Hq("es1/ballot", context, w, Y, points)``: one challenge for the whole ballot (A02).

    ``points``, encoded: A_0, B_0, …, A_{K-1}, B_{K-1}, then a_j, b_j of every branch option by option, then the sum's.
    """
    return challenge(Tag.BALLOT, contest.context, owner, contest.joint_key.to_bytes(), *points)


def _check_shape(contest: ContestRules, body: Body) -> None:
    """Exactly the parts of this contest: no option, branch, challenge or response more or less (A09, A10)."""
    if body.v != BODY_VERSION:
        message = f"ballot: expected version {BODY_VERSION!r}, got {body.v!r}"
        raise BallotFormatError(message)
    if unb64(body.context, 32, "ballot: context") != contest.context:
        message = "ballot: wrong context: the body belongs to another contest"
        raise ContextError(message)
    if len(body.choices) != contest.options:
        message = f"ballot: expected {contest.options} choices, got {len(body.choices)}"
        raise BallotFormatError(message)
    parts: tuple[Choice | SumProof, ...] = (*body.choices, body.sum)
    for number, part in enumerate(parts):
        name = f"choice {number}" if isinstance(part, Choice) else "sum"
        branches = len(_BIT) if isinstance(part, Choice) else contest.sum_branches
        if (len(part.com), len(part.c), len(part.z)) != (branches, branches - 1, branches):
            message = f"ballot: {name}: expected {branches} branches, got {len(part.com)}, {len(part.c)}, {len(part.z)}"
            raise BallotFormatError(message)


def _next_proof(
    values: range, points: Iterator[Point], challenges: Iterator[int], responses: Iterator[int], e: int
) -> Disjunction:
    """One proof over ``values``; the last branch's challenge is what is left of e."""
    branches = len(values)
    commitments = tuple([(next(points), next(points)) for _ in values])
    sent = tuple(islice(challenges, branches - 1))
    proof = Disjunction(values, commitments, (*sent, (e - sum(sent)) % ORDER), tuple(islice(responses, branches)))
    if not (all(proof.challenges) and all(proof.responses)):
        message = "ballot: a challenge or response is zero"
        raise RefusedBallotError(message)
    return proof


def _scalars(texts: Sequence[str], what: str) -> Iterator[int]:
    """All challenges or all responses of a ballot, in order."""
    values = [int.from_bytes(raw, "big") for raw in unb64_all(texts, SCALAR_SIZE, f"ballot: {what}")]
    if any(value >= ORDER for value in values):
        message = f"ballot: {what}: expected a scalar below q"
        raise ScalarError(message)
    return iter(values)


def _weighted_sums(contest: ContestRules, pairs: Sequence[tuple[Point, Point]]) -> tuple[Point, Point]:
    first = point_sum(weighted([a for a, _ in pairs], contest.weights))
    second = point_sum(weighted([b for _, b in pairs], contest.weights))
    return first, second


def _refuse_degenerate(ballot: ParsedBallot) -> None:
    """What honest booths meet with negligible probability, and attackers would use (A01, A08)."""
    firsts = {a for a, _ in ballot.pairs}
    sum_a, sum_b = ballot.sums
    faults = (
        (any(b == GENERATOR for _, b in ballot.pairs), "a ciphertext's B is the generator"),
        (len(firsts) != len(ballot.pairs), "two ciphertexts have the same A"),
        (sum_a.is_identity, "the weighted sum of A is the identity"),
        (sum_b in ballot.contest.sum_values, "the weighted sum of B is a bare value of the sum"),
    )
    for wrong, text in faults:
        if wrong:
            message = f"ballot: {text}"
            raise RefusedBallotError(message)
