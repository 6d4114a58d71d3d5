"""The people of a simulated election: voters with links, trustees with files."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import gmpy2

from ballot.ballot import BallotData
from ballot.contest import ContestRules
from ballot.encryption import make_ballot
from ballot.receipt import Receipt
from ballot.token import BlindedToken, SpendableToken, TokenRequest, blind_token, finalize_token, make_request
from keys import schnorr
from keys.derive import credential_key
from keys.issuer import IssuerKey
from keys.trustee.file import TrusteeFile, new_trustee_file
from tests.simulated.randomness import seeded

Random = Callable[[int], bytes]


@dataclass
class Voter:
    """One credential: its seed, and what its booth keeps, by context."""

    name: str
    election: str
    random: Random
    seed: bytes = b""
    waiting: dict[bytes, BlindedToken] = field(default_factory=dict)
    tokens: dict[bytes, SpendableToken] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seed = self.seed or self.random(32)

    @property
    def secret(self) -> bytes:
        return credential_key(self.seed, self.election)

    @property
    def credential(self) -> bytes:
        return schnorr.public_key(self.secret)

    def request(self, contest: ContestRules) -> TokenRequest:
        """Ask for a token of this contest."""
        self.waiting[contest.context] = blind_token(contest, self.random)
        return make_request(contest, self.waiting[contest.context], self.secret, None, self.random)

    def receive(self, contest: ContestRules, blind_signature: bytes) -> None:
        """Unblind the answer."""
        waiting = self.waiting[contest.context]
        self.tokens[contest.context] = finalize_token(contest, waiting, blind_signature)

    def ballot(self, contest: ContestRules, vote: tuple[int, ...]) -> BallotData:
        """Encrypt and sign a vote."""
        return make_ballot(contest, self.tokens[contest.context], vote, self.seed, self.random).data


def make_voters(count: int, election: str, random: Random) -> list[Voter]:
    return [Voter(f"voter-{number}", election, random) for number in range(count)]


def make_trustees(count: int, election: str, random: Random) -> list[TrusteeFile]:
    return [new_trustee_file(election, random) for _ in range(count)]


@cache
def issuer_key(name: str, bits: int) -> IssuerKey:
    """An RSA key from a name, the same on every run; for tests only."""
    random = seeded(f"issuer/{name}/{bits}")

    def prime() -> int:
        while True:
            start = int.from_bytes(random(bits // 16), "big") | 3 << bits // 2 - 2
            found = int(gmpy2.next_prime(start))
            if found.bit_length() == bits // 2 and gmpy2.gcd(found - 1, 65537) == 1:
                return found

    return IssuerKey.from_primes(prime(), prime())
