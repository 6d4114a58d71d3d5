"""A voter who does not follow the protocol: proves what is not so, with all the freedom that a real one has.

Written from docs/protocol.md §6 with the public formulas alone (a = z·G − c·A, b = z·Y − c·(B − t·G)); its proofs share
no line with ballot/proof.py. Told to prove what is so, it makes the very bytes of an honest booth; told to prove
something else, it makes the best of it: everything holds but what cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from ballot.ballot import Body, Choice, SumProof, owner_of
from ballot.contest import ContestRules
from ballot.encryption import coins, sign_ballot
from ballot.token import SpendableToken
from keys.canonical import b64, encode
from keys.curve import GENERATOR, ORDER, Point, Scalar, base_multiply, point_sum
from keys.errors import DataError
from keys.transcript import Tag, challenge
from tests.simulated.randomness import seeded
from tests.strategies import make_token, verdict

Pair = tuple[Point, Point]
Coin = Callable[[str], Scalar]
Challenge = Callable[[ContestRules, bytes, Sequence[Pair], Sequence[Pair]], Scalar]
"""From contest, owner, ciphertexts and all commitments to e."""


def number(value: int) -> Scalar:
    """An integer modulo q."""
    return Scalar(value % ORDER)


def strong_challenge(contest: ContestRules, owner: bytes, pairs: Sequence[Pair], commitments: Sequence[Pair]) -> Scalar:
    """The protocol's challenge, over everything."""
    parts = [point.to_bytes() for pair in (*pairs, *commitments) for point in pair]
    return challenge(Tag.BALLOT, contest.context, owner, contest.joint_key.to_bytes(), *parts)


@dataclass
class Proof:
    """One disjunctive proof on its way: the ciphertext it is about, and what is claimed of it."""

    pair: Pair
    r: Scalar
    values: range
    claim: int
    label: str
    commitments: list[Pair] = field(default_factory=list)
    challenges: list[Scalar] = field(default_factory=list)
    responses: list[Scalar] = field(default_factory=list)

    def commit(self, joint_key: Point, coin: Coin) -> None:
        """Simulate every branch but the claimed one."""
        a, b = self.pair
        for branch, value in enumerate(self.values):
            c = z = Scalar.ZERO
            if branch == self.claim:
                w = coin(f"w/{self.label}")
                self.commitments.append((base_multiply(w), joint_key * w))
            else:
                c, z = coin(f"c/{self.label}/{branch}"), coin(f"z/{self.label}/{branch}")
                target = b - GENERATOR * number(value)
                self.commitments.append((base_multiply(z) - a * c, joint_key * z - target * c))
            self.challenges.append(c)
            self.responses.append(z)

    def respond(self, e: Scalar, coin: Coin) -> None:
        """Answer for the claimed branch, with what is left of e; nothing is left to do where none is claimed."""
        if self.claim not in range(len(self.values)):
            return
        self.challenges[self.claim] = e - number(sum(c.value for c in self.challenges))
        self.responses[self.claim] = coin(f"w/{self.label}") + self.challenges[self.claim] * self.r

    def written(self) -> SumProof:
        """As it goes on the wire: the last challenge is not sent."""
        return SumProof(
            com=[(b64(first.to_bytes()), b64(second.to_bytes())) for first, second in self.commitments],
            c=[b64(c.to_bytes()) for c in self.challenges[:-1]],
            z=[b64(z.to_bytes()) for z in self.responses],
        )


@dataclass(frozen=True)
class Attacker:
    """The holder of one token of one contest: everything it signs is signed as it must be."""

    contest: ContestRules
    name: str = "attacker"

    @cached_property
    def token(self) -> SpendableToken:
        return make_token(self.contest, seeded(self.name))

    @property
    def t(self) -> bytes:
        return b"t" * 32

    @property
    def owner(self) -> bytes:
        return owner_of(self.token.key, self.t)

    def coin(self, plaintexts: Sequence[int]) -> Coin:
        """Coins as an honest booth draws them from the seed 32 times `s`."""
        return coins(b"s" * 32, self.contest.context, self.owner, [value % 256 for value in plaintexts])

    def forge(
        self,
        plaintexts: Sequence[int],
        *,
        claims: Sequence[int] | None = None,
        total: int | None = None,
        summed: Sequence[int] | None = None,
        randomness: Sequence[Scalar] | None = None,
        coin: Coin | None = None,
        challenge_of: Challenge = strong_challenge,
        meddle: Callable[[list[Proof]], None] | None = None,
    ) -> Body:
        """A body that encrypts `plaintexts` and claims of each that it is 0 or 1, and of the sum that it is in bounds.

        claims      the branch claimed for each option; by default the plaintext, or 1 where it is neither. Where there
                    is no such branch, all of them are simulated.
        total       the sum that is claimed; by default the true one, or the bound next to it
        summed      the options that the sum's proof is about; by default all
        meddle      may change the commitments before they are hashed
        """
        contest, owner = self.contest, self.owner
        coin = coin or self.coin(plaintexts)
        count = range(len(plaintexts))
        r = list(randomness or [coin(f"r/{option}") for option in count])
        claimed = list(claims or [value if value in (0, 1) else 1 for value in plaintexts])
        pairs = [self.encrypt(value, r[option]) for option, value in enumerate(plaintexts)]
        proofs = [Proof(pairs[option], r[option], range(2), claimed[option], str(option)) for option in count]
        proofs.append(self._sum_proof(plaintexts, pairs, r, list(count) if summed is None else summed, total))
        for proof in proofs:
            proof.commit(contest.joint_key, coin)
        if meddle:
            meddle(proofs)
        e = challenge_of(contest, owner, pairs, [pair for proof in proofs for pair in proof.commitments])
        for proof in proofs:
            proof.respond(e, coin)
        return written(contest, owner, pairs, proofs)

    def _sum_proof(
        self,
        plaintexts: Sequence[int],
        pairs: Sequence[Pair],
        r: Sequence[Scalar],
        summed: Sequence[int],
        total: int | None,
    ) -> Proof:
        weights, low, high = self.contest.weights, self.contest.document.min, self.contest.document.max
        true = sum(weights[option] * plaintexts[option] for option in summed)
        claimed = min(max(true, low), high) if total is None else total
        a, b = (point_sum(pairs[option][side] * number(weights[option]) for option in summed) for side in (0, 1))
        randomness = number(sum(weights[option] * r[option].value for option in summed))
        return Proof((a, b), randomness, range(low, high + 1), claimed - low, "sum")

    def encrypt(self, value: int, r: Scalar) -> Pair:
        """(r·G, v·G + r·Y), for any integer v."""
        return base_multiply(r), GENERATOR * number(value) + self.contest.joint_key * r

    def cast(self, body: Body) -> DataError | None:
        """Sign the body with the token and have it judged; None where it is accepted."""
        made = sign_ballot(self.contest, self.token, self.t, encode(body), b"", seeded("signing"))
        return verdict(self.contest, made.data)


def written(contest: ContestRules, owner: bytes, pairs: Sequence[Pair], proofs: Sequence[Proof]) -> Body:
    """The body on the wire, whatever its parts are."""
    choices = [
        Choice(a=b64(a.to_bytes()), b=b64(b.to_bytes()), com=part.com, c=part.c, z=part.z)
        for (a, b), part in zip(pairs, (proof.written() for proof in proofs[:-1]), strict=True)
    ]
    return Body(v="es1", context=b64(contest.context), owner=b64(owner), choices=choices, sum=proofs[-1].written())


def with_choice(body: Body, option: int, **changes: Any) -> Body:
    """The body with one option's members exchanged."""
    choices = list(body.choices)
    choices[option] = replace(choices[option], **changes)
    return replace(body, choices=choices)


def with_sum(body: Body, **changes: Any) -> Body:
    """The body with members of the sum's proof exchanged."""
    return replace(body, sum=replace(body.sum, **changes))
