"""copies: two copies of one log agree; a shorter one is the beginning of the longer (A55)."""

from collections.abc import Iterator
from typing import Final

from audit.checkpoint import parse_checkpoint
from audit.errors import LogError
from audit.source import LogSource

CHECK: Final = "copies"


def verify_copy(source: LogSource, copy: LogSource) -> int:
    """Compare entry by entry; the number compared, or LogError with the first entry that differs."""
    sizes = [parse_checkpoint(one.checkpoint()).size for one in (source, copy)]
    compared = 0
    for ours, theirs in _pairs(source, copy, min(sizes)):
        if ours != theirs:
            raise LogError(f"entry {compared} differs: {source.name} and {copy.name} are two histories")
        compared += 1
    return compared


def _pairs(source: LogSource, copy: LogSource, size: int) -> Iterator[tuple[bytes, bytes]]:
    yield from zip(source.entries(size), copy.entries(size), strict=True)
