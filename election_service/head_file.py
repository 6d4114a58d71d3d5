"""The last signed tree head, in a file outside the database (docs/protocol.md §9).

Whoever restores an old database cannot restore this file with it by accident, and the service never signs a head that
does not extend it: two checkpoints that disagree would be the end of the log's credit (A56, A57). The file holds the
frontier too, so that extending it costs as much as the new entries.
"""

from typing import Literal, Self

from audit.merkle import Frontier
from election_service.errors import LogDamagedError, LogRollbackError
from election_service.state_dir import StateDir, write_durably
from keys.canonical import Id, Natural, Wire, b64, decode, encode, unb64
from keys.errors import DataError

_FRESH = "copy the state directory of the running service to this machine; it is not part of a database backup"


class HeadFile(Wire, frozen=True):
    """root and nodes of the tree over ``size`` entries; last_hash = SHA-256 of the last one (32 zero bytes: none)."""

    v: Literal["es1"]
    election: Id
    size: Natural
    root: str
    nodes: tuple[str, ...]
    last_hash: str

    @classmethod
    def make(cls, election: str, frontier: Frontier, last_hash: bytes) -> Self:
        """The head after the frontier's entries."""
        nodes = tuple(b64(node) for node in frontier.nodes)
        return cls(
            v="es1",
            election=election,
            size=frontier.size,
            root=b64(frontier.root()),
            nodes=nodes,
            last_hash=b64(last_hash),
        )

    def frontier(self) -> Frontier:
        """The frontier at this head."""
        return Frontier(self.size, [unb64(node, 32, "node") for node in self.nodes])


def read_head_file(state: StateDir, election: str) -> HeadFile | None:
    """The last signed head, None where none was ever signed; LogDamagedError for a file that contradicts itself."""
    path = state.head_file(election)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        head = decode(raw, HeadFile)
        root = b64(head.frontier().root())
        unb64(head.last_hash, 32, "last_hash")
    except DataError as error:
        raise LogDamagedError(f"head file {path}: {error}", _FRESH) from error
    if head.election != election or root != head.root:
        raise LogDamagedError(f"head file {path}: does not belong to election {election}, or its root is wrong", _FRESH)
    return head


def advance_head_file(state: StateDir, seen: HeadFile | None, new: HeadFile) -> bool:
    """Compare and set: durable on return. False if another process moved the file since ``seen`` was read.

    LogRollbackError where the file is ahead, or holds another root for the same size. Blocks; run it in a thread.
    """
    with state.lock(f"head-{new.election}"):
        current = read_head_file(state, new.election)
        if current != seen:  # a faster process: both heads are read again, and whoever is behind is found there
            return False
        if current is not None and (current.size > new.size or (current.size == new.size and current != new)):
            raise LogRollbackError(
                f"log {new.election}: head {current.size} {current.root} is signed: expected to extend it, "
                f"got {new.size} {new.root}",
                "another service runs on an older database, or this database was set back; stop both and compare",
            )
        if current != new:
            write_durably(state.head_file(new.election), encode(new))
    return True
