"""The one judge of ballots: the service accepts a ballot exactly when the verifier does (docs/protocol.md §7).

Cheapest first: context, token, owner, signature, points, refusals, proofs. ``verify_ballot`` is the definition. Many
ballots are checked as one equation: each single equation gets its own 128-bit weight, drawn after the ballots are fixed
(§6). A batch that fails is halved until the bad ones are found, so one bad ballot never fails its neighbours; both ways
give the same verdict on every input.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from ballot.ballot import BallotData, cast_message
from ballot.contest import ContestRules
from ballot.parsed import ParsedBallot, parse_body
from ballot.proof import Disjunction, verify_disjunction
from ballot.token import verify_token
from keys import schnorr
from keys.canonical import encode, unb64
from keys.curve import ORDER, Point, Scalar, base_multiply, weighted_sum
from keys.errors import DataError

Random = Callable[[int], bytes]

WEIGHT_SIZE: Final = 16  # 128 bits: a false batch passes with probability 2^-128
_ALONE_UP_TO: Final = 8  # where halving further costs more than looking at each


def verify_envelope(contest: ContestRules, request: BallotData) -> bytes:
    """Everything that needs no point: context, token, owner, signature. Returns the token key; DataError otherwise."""
    key = verify_token(contest, request)
    signature = unb64(request.signature, schnorr.SIGNATURE_SIZE, "ballot: signature")
    schnorr.verify(key, cast_message(encode(request.body)), signature)
    return key


def verify_ballot(contest: ContestRules, request: BallotData) -> None:
    """Check one ballot completely, equation by equation: the definition. DataError names what is wrong."""
    verify_envelope(contest, request)
    verify_proofs(parse_body(contest, request.body))


def verify_proofs(ballot: ParsedBallot) -> None:
    """Check every equation of a parsed ballot; ProofError."""
    joint_key = ballot.contest.joint_key
    ciphertexts = [*ballot.pairs, ballot.sums]
    names = [*(f"ballot: choice {number}" for number in range(len(ballot.pairs))), "ballot: sum"]
    for proof, (a, b), name in zip(ballot.proofs, ciphertexts, names, strict=True):
        verify_disjunction(proof, a, b, joint_key, name)


def verify_ballots(items: Sequence[tuple[ContestRules, BallotData]], random: Random) -> list[DataError | None]:
    """The verdict of ``verify_ballot`` on each ballot, None for a good one, at a fraction of the cost."""
    return [verdict if isinstance(verdict, DataError) else None for verdict in judge_ballots(items, random)]


def judge_ballots(items: Sequence[tuple[ContestRules, BallotData]], random: Random) -> list[ParsedBallot | DataError]:
    """As ``verify_ballots``, but a good ballot's verdict is the parsed ballot, for whoever adds up its ciphertexts."""
    verdicts = [_parse(contest, request) for contest, request in items]
    waiting = [number for number, verdict in enumerate(verdicts) if isinstance(verdict, ParsedBallot)]
    _settle(verdicts, waiting, random)
    return verdicts


def _parse(contest: ContestRules, request: BallotData) -> ParsedBallot | DataError:
    try:
        verify_envelope(contest, request)
        return parse_body(contest, request.body)
    except DataError as error:
        return error


def _settle(verdicts: list[ParsedBallot | DataError], numbers: list[int], random: Random) -> None:
    """Turn the parsed ballots with false proofs into their errors, by halves."""
    ballots = [verdict for number in numbers if isinstance(verdict := verdicts[number], ParsedBallot)]
    if len(ballots) > _ALONE_UP_TO:
        if not _equations_hold(ballots, random):
            middle = len(numbers) // 2
            _settle(verdicts, numbers[:middle], random)
            _settle(verdicts, numbers[middle:], random)
        return
    for number, ballot in zip(numbers, ballots, strict=True):
        try:
            verify_proofs(ballot)
        except DataError as error:
            verdicts[number] = error


def _equations_hold(ballots: Sequence[ParsedBallot], random: Random) -> bool:
    """Whether all equations of all ballots hold, up to 2^-128: one weighted sum against one point, by encoding."""
    left: list[tuple[int, Point]] = []
    on_generator = 0
    on_keys: dict[Point, int] = {}
    for ballot in ballots:
        generator, key = _weigh(ballot, left, random)
        on_generator += generator
        on_keys[ballot.contest.joint_key] = on_keys.get(ballot.contest.joint_key, 0) + key
    right = base_multiply(Scalar(on_generator % ORDER))
    for joint_key, scalar in on_keys.items():
        right = right + joint_key * Scalar(scalar % ORDER)
    return weighted_sum(left) == right


def _weigh(ballot: ParsedBallot, left: list[tuple[int, Point]], random: Random) -> tuple[int, int]:
    """Put one ballot's weighted terms on the left; returns what comes to G and to Y on the right.

    For each branch, with weights u and w: u·a + u·c·A + w·b + w·c·B = (u·z + w·c·t)·G + (w·z)·Y. The sum's ciphertext
    is Σ g_i·(A_i, B_i), so its factors are added to those of the options and no further point is needed.
    """
    generator = key = 0
    factors: list[tuple[int, int]] = []
    weights = _weights(ballot.proofs, random)
    for proof in ballot.proofs:
        on_a = on_b = 0
        branches = zip(proof.values, proof.commitments, proof.challenges, proof.responses, strict=True)
        for value, (first, second), c, z in branches:
            u, w = next(weights), next(weights)
            left.append((u, first))
            left.append((w, second))
            on_a += u * c
            on_b += w * c
            generator += u * z + w * c * value
            key += w * z
        factors.append((on_a, on_b))
    sum_a, sum_b = factors[-1]
    for (a, b), (on_a, on_b), g in zip(ballot.pairs, factors, ballot.contest.weights, strict=False):
        left.append(((on_a + g * sum_a) % ORDER, a))
        left.append(((on_b + g * sum_b) % ORDER, b))
    return generator, key


def _weights(proofs: Sequence[Disjunction], random: Random) -> Iterator[int]:
    """Independent 128-bit weights, two for each branch; never zero."""
    count = 2 * sum(len(proof.responses) for proof in proofs)
    raw = random(WEIGHT_SIZE * count)
    for start in range(0, len(raw), WEIGHT_SIZE):
        yield int.from_bytes(raw[start : start + WEIGHT_SIZE], "big") or 1
