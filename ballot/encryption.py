"""Making a ballot: encryption and proofs, all from one seed s (docs/protocol.md §6).

Every coin is bound to the context, the owner and the vote, so that a stuck random source never gives two different
ballots the same randomness (A18). Given (context, w, v, s) anyone recomputes the body: that is the audit of §8.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256, sha512
from typing import Final

from ballot.ballot import BODY_VERSION, BallotData, Body, Choice, SumProof, Token, cast_message, owner_of, tracker_of
from ballot.contest import ContestRules
from ballot.errors import RefusedBallotError, VoteError
from ballot.parsed import ballot_challenge, parse_body
from ballot.proof import Commitment, Opening, commit, respond
from ballot.token import SpendableToken
from keys import schnorr
from keys.canonical import b64, decode, encode
from keys.curve import Point, Scalar, base_multiply, point_sum
from keys.derive import kdf
from keys.transcript import Tag, length_prefixed

SEED_SIZE: Final = 32
_TRIES: Final = 8  # a refused draw has probability below 2^-200; more than one means a broken source

Coin = Callable[[str], Scalar]


@dataclass(frozen=True, slots=True)
class MadeBallot:
    """A ballot ready to cast, with what an audit would reveal (s, never the token key or t)."""

    data: BallotData
    body: bytes
    tracker: bytes
    seed: bytes


def check_vote(contest: ContestRules, vote: Sequence[int]) -> None:
    """Refuse a vote that the contest does not allow (VoteError): wrong length, not 0/1, sum out of min … max."""
    low, high = contest.document.min, contest.document.max
    if len(vote) != contest.options or any(mark not in (0, 1) for mark in vote):
        message = f"vote: expected {contest.options} marks of 0 or 1, got {list(vote)}"
        raise VoteError(message)
    total = sum(weight * mark for weight, mark in zip(contest.weights, vote, strict=True))
    if not low <= total <= high:
        message = f"vote: expected {low} to {high} choices (blank excludes all others), got a weight of {total}"
        raise VoteError(message)


def hedged_seed(random: Callable[[int], bytes], credential_seed: bytes, context: bytes) -> bytes:
    """S = SHA-256(32 random bytes ‖ KDF(seed, "es1/hedge/" ‖ context, 32)): good even where one source is bad."""
    return sha256(random(SEED_SIZE) + kdf(credential_seed, b"es1/hedge/" + context, SEED_SIZE)).digest()


def coins(seed: bytes, context: bytes, owner: bytes, vote: Sequence[int]) -> Coin:
    """``coin(label)``: SHA-512 over tag, s, context, w, vote and label, read big-endian mod q."""
    head = b"".join(map(length_prefixed, (Tag.COIN.encode(), seed, context, owner, bytes(vote))))
    return lambda label: Scalar.reduce(sha512(head + length_prefixed(label.encode())).digest())


def make_body(contest: ContestRules, owner: bytes, vote: Sequence[int], seed: bytes) -> bytes:
    """The canonical body of this vote from this seed; deterministic. RefusedBallotError: draw another seed."""
    check_vote(contest, vote)
    coin = coins(seed, contest.context, owner, vote)
    randomness = [coin(f"r/{number}") for number in range(contest.options)]
    pairs = [_encrypt(contest.joint_key, mark, r) for mark, r in zip(vote, randomness, strict=True)]
    openings = [Opening(r, range(2), mark) for mark, r in zip(vote, randomness, strict=True)]
    openings.append(_sum_opening(contest, vote, randomness))
    labels = [*map(str, range(contest.options)), "sum"]
    commitments = [
        commit(opening, contest.joint_key, _labelled(coin, label))
        for opening, label in zip(openings, labels, strict=True)
    ]
    points = [*pairs, *(pair for commitment in commitments for pair in commitment.points)]
    e = ballot_challenge(contest, owner, [point.to_bytes() for pair in points for point in pair])
    return _write(contest, owner, pairs, _proofs(openings, commitments, e))


def _encrypt(joint_key: Point, mark: int, r: Scalar) -> tuple[Point, Point]:
    """(r·G, v·G + r·Y)."""
    return base_multiply(r), point_sum((base_multiply(Scalar(mark)), joint_key.multiply_secret(r)))


def _labelled(coin: Coin, label: str) -> Coin:
    """The coins of one proof: ``w/i``, ``c/i/j``, ``z/i/j`` with i an option or ``sum``."""

    def draw(name: str) -> Scalar:
        letter, _, branch = name.partition("/")
        return coin(f"{letter}/{label}/{branch}" if branch else f"{letter}/{label}")

    return draw


def _sum_opening(contest: ContestRules, vote: Sequence[int], randomness: Sequence[Scalar]) -> Opening:
    total, r = 0, Scalar.ZERO
    for weight, mark, part in zip(contest.weights, vote, randomness, strict=True):
        total += weight * mark
        r = r + Scalar(weight) * part
    low, high = contest.document.min, contest.document.max
    return Opening(r, range(low, high + 1), total - low)


def _proofs(openings: Sequence[Opening], commitments: Sequence[Commitment], e: Scalar) -> list[SumProof]:
    proofs = []
    for opening, commitment in zip(openings, commitments, strict=True):
        challenges, responses = respond(opening, commitment, e)
        proofs.append(
            SumProof(
                com=[(b64(first.to_bytes()), b64(second.to_bytes())) for first, second in commitment.points],
                c=[b64(scalar.to_bytes()) for scalar in challenges[:-1]],
                z=[b64(scalar.to_bytes()) for scalar in responses],
            )
        )
    return proofs


def _write(
    contest: ContestRules, owner: bytes, pairs: Sequence[tuple[Point, Point]], proofs: Sequence[SumProof]
) -> bytes:
    choices = [
        Choice(a=b64(a.to_bytes()), b=b64(b.to_bytes()), com=proof.com, c=proof.c, z=proof.z)
        for (a, b), proof in zip(pairs, proofs, strict=False)
    ]
    body = Body(v=BODY_VERSION, context=b64(contest.context), owner=b64(owner), choices=choices, sum=proofs[-1])
    parse_body(contest, body)  # the refusals of §6: whoever draws one of these starts again
    return encode(body)


def make_ballot(
    contest: ContestRules,
    token: SpendableToken,
    vote: Sequence[int],
    credential_seed: bytes,
    random: Callable[[int], bytes],
) -> MadeBallot:
    """Encrypt, prove and sign a vote with a token; fresh s and t each time. VoteError for a vote not allowed."""
    check_vote(contest, vote)
    for _ in range(_TRIES):
        seed = hedged_seed(random, credential_seed, contest.context)
        t = random(SEED_SIZE)
        try:
            body = make_body(contest, owner_of(token.key, t), vote, seed)
        except RefusedBallotError:
            continue
        return sign_ballot(contest, token, t, body, seed, random)
    message = "ballot: the random source gives degenerate values again and again"
    raise RefusedBallotError(message)


def sign_ballot(
    contest: ContestRules,
    token: SpendableToken,
    t: bytes,
    body: bytes,
    seed: bytes,
    random: Callable[[int], bytes],
) -> MadeBallot:
    """Wrap a body into the cast request, signed by the token key."""
    wire = Token(key=b64(token.key), t=b64(t), prepared=b64(token.prepared), sig=b64(token.signature))
    signature = schnorr.sign(token.secret, cast_message(body), random(32))
    data = BallotData(context=b64(contest.context), body=body_from(body), token=wire, signature=b64(signature))
    return MadeBallot(data, body, tracker_of(body), seed)


def body_from(raw: bytes) -> Body:
    """The body of its own canonical bytes."""
    return decode(raw, Body)
