"""Random bytes from a seed, so that a simulated election is the same on every run."""

from collections.abc import Callable
from hashlib import sha256


def seeded(seed: str) -> Callable[[int], bytes]:
    """Return a source of bytes: SHA-256 of seed and counter. For tests only."""
    counter = 0

    def source(size: int) -> bytes:
        nonlocal counter
        out = b""
        while len(out) < size:
            out += sha256(f"{seed}/{counter}".encode()).digest()
            counter += 1
        return out[:size]

    return source
