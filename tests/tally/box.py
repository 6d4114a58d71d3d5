"""A small ballot box in memory: a dealt k-of-n key, encryptions without proofs, and shares of their sums."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from keys import schnorr
from keys.curve import Point, Scalar, base_multiply, point_sum
from tally.counts import Bounds
from tally.share import ShareContext, Trustee, make_share
from tally.sums import Accumulator, ContestSums
from tally.wire import ShareData
from tests.simulated.randomness import seeded

WHERE = ShareContext(log_id=b"L" * 32, session=b"S" * 32)


@dataclass
class Box:
    """Trustees 1 … n with a key dealt by hand; `votes` are encrypted to it."""

    k: int
    n: int
    seed: str = "box"
    context: bytes = b"C" * 32
    random: Callable[[int], bytes] = field(init=False)
    secrets: dict[int, Scalar] = field(init=False)
    identities: dict[int, bytes] = field(init=False)
    joint_key: Point = field(init=False)

    def __post_init__(self) -> None:
        self.random = seeded(self.seed)
        polynomial = [self.scalar() for _ in range(self.k)]
        self.joint_key = base_multiply(polynomial[0])
        self.secrets = {}
        for number in range(1, self.n + 1):
            value = Scalar.ZERO
            for coefficient in reversed(polynomial):
                value = value * Scalar(number) + coefficient
            self.secrets[number] = value
        self.identities = {number: self.random(32) for number in self.secrets}

    def scalar(self) -> Scalar:
        return Scalar.reduce(self.random(48))

    @property
    def trustees(self) -> dict[int, Trustee]:
        return {
            number: Trustee(number, schnorr.public_key(self.identities[number]), base_multiply(secret))
            for number, secret in self.secrets.items()
        }

    def encrypt(self, vote: Sequence[int]) -> list[tuple[Point, Point]]:
        pairs = []
        for mark in vote:
            r = self.scalar()
            pairs.append((base_multiply(r), point_sum([base_multiply(Scalar(mark % 2**64)), self.joint_key * r])))
        return pairs

    def sums(self, votes: Sequence[Sequence[int]], options: int | None = None) -> ContestSums:
        total = Accumulator(self.context, len(votes[0]) if options is None else options)
        for vote in votes:
            total.add(self.encrypt(vote))
        return total.sums()

    def share(self, number: int, sums: ContestSums, where: ShareContext = WHERE) -> ShareData:
        return make_share(where, sums, number, self.secrets[number], self.identities[number], self.random)


def bounds(options: int, minimum: int = 1, maximum: int = 1, blank: int | None = None) -> Bounds:
    """One mark per ballot unless told otherwise; option `blank` weighs the maximum."""
    weights = tuple(maximum if option == blank else 1 for option in range(options))
    return Bounds(minimum, maximum, weights)
