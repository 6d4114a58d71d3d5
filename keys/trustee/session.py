"""One attempt to make the joint key: who takes part, and what a trustee's seed gives (docs/protocol.md §3.0)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keys import schnorr
from keys.derive import derive_key, kdf
from keys.hpke import KEY_SIZE
from keys.transcript import Tag, digest, u64
from keys.trustee.errors import CeremonyError

MAX_TRUSTEES: Final = 9
SEED_SIZE: Final = 32
HASH_SIZE: Final = 32


@dataclass(frozen=True, slots=True)
class TrusteeSession:
    """Log, attempt, threshold k and the identity keys of trustees 1 … n in order; refuses what §3 does not allow."""

    log_id: bytes
    attempt: int
    k: int
    identities: tuple[bytes, ...]

    def __post_init__(self) -> None:
        n = len(self.identities)
        if len(self.log_id) != HASH_SIZE:
            message = f"session: expected a log id of {HASH_SIZE} bytes, got {len(self.log_id)}"
            raise CeremonyError(message)
        if self.attempt < 1:
            message = f"session: expected an attempt from 1, got {self.attempt}"
            raise CeremonyError(message)
        if not (2 <= self.k <= n <= MAX_TRUSTEES and 2 * self.k > n):
            message = f"session: expected 2 <= k <= n <= {MAX_TRUSTEES} and k > n/2, got k={self.k}, n={n}"
            raise CeremonyError(message)
        for i, key in enumerate(self.identities, start=1):
            schnorr.check_public_key(key)
            if key in self.identities[: i - 1]:
                message = f"trustee {i}: the identity key of trustee {self.identities.index(key) + 1} appears again"
                raise CeremonyError(message)

    @property
    def n(self) -> int:
        """How many trustees there are."""
        return len(self.identities)

    @property
    def id(self) -> bytes:
        """The session hash, 32 bytes."""
        return digest(Tag.SESSION, self.log_id, u64(self.attempt), u64(self.k), u64(self.n), *self.identities)

    def identity(self, i: int) -> bytes:
        """The x-only identity key of trustee ``i``, 1 … n (CeremonyError otherwise)."""
        if not 1 <= i <= self.n:
            message = f"trustee {i}: expected a number from 1 to {self.n}"
            raise CeremonyError(message)
        return self.identities[i - 1]

    def number_of(self, identity: bytes) -> int:
        """The number of the trustee with this identity key (CeremonyError where there is none)."""
        if identity not in self.identities:
            message = f"session: no trustee has the identity key {identity.hex()}"
            raise CeremonyError(message)
        return self.identities.index(identity) + 1


def identity_secret(seed: bytes, election: str) -> bytes:
    """The secret key by which a trustee signs in one election; DataError where the seed must be discarded."""
    return derive_key(seed, f"es1/trustee-identity/{election}".encode())


def hpke_secret(seed: bytes, session_id: bytes) -> bytes:
    """The X25519 secret to which the shares of one session are sealed: fresh in every attempt."""
    return kdf(seed, b"es1/trustee-hpke/" + session_id, KEY_SIZE)
