"""copies: two copies of one log agree; a shorter one is the beginning of the longer (A55)."""

from collections.abc import Iterator
from typing import Final

from audit.checkpoint import parse_checkpoint
from audit.errors import LogError
from audit.merkle import Frontier, leaf_hash
from audit.source import LogSource
from audit.state import LogState

CHECK: Final = "copies"


def want_copy(log: LogState, copy: LogSource, size: int) -> int:
    """Before the entries: how far log and copy can be compared; remember that the root there will be needed.

    `size` = entries of the log. A DataError where the copy's checkpoint cannot be read.
    """
    shared = min(parse_checkpoint(copy.checkpoint()).size, size)
    log.roots.setdefault(shared, log.tree.root() if shared == 0 else None)
    return shared


def verify_same_history(log: LogState, copy: LogSource, shared: int) -> None:
    """The copy's first entries make the root that the verified ones made, or LogError.

    The log itself is not read again: a server that lies would show the verifier one history and this check another.
    """
    tree = Frontier()
    for raw in copy.entries(shared):
        tree.append(leaf_hash(raw))
    if tree.root() != log.roots.get(shared):
        verify_copy(log.source, copy)  # names the first entry that differs, if this source still shows it
        raise LogError(f"{log.source.name} and {copy.name} are two histories: other roots at {shared} entries")


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
