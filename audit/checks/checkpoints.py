"""checkpoints; cosignatures: every signed tree head is one of this log's, and witnesses saw the newest (A55, A62)."""

from collections.abc import Sequence
from typing import Final

from audit.checkpoint import Checkpoint, verify_checkpoint, verify_cosignatures
from audit.errors import LogError
from audit.state import LogState
from keys.canonical import b64
from keys.errors import DataError

CHECK: Final = "checkpoints"
COSIGNATURES: Final = "cosignatures"


def want_roots(log: LogState, checkpoints: Sequence[Checkpoint]) -> None:
    """Before the entries: remember at which sizes the root will be needed."""
    for checkpoint in checkpoints:
        log.roots.setdefault(checkpoint.size, log.tree.root() if checkpoint.size == 0 else None)


def want_heads(log: LogState, heads: Sequence[tuple[int, bytes]]) -> None:
    """Before the entries: the same for sizes and roots of this log that somebody saw before."""
    for size, _ in heads:
        log.roots.setdefault(size, log.tree.root() if size == 0 else None)


def verify_heads(log: LogState, heads: Sequence[tuple[int, bytes]]) -> None:
    """The log that was seen before is the beginning of this one (A27, A56). Failures go into the book."""
    for size, root in heads:
        log.book.count(CHECK)
        if log.size < size:
            text = f"the log is shorter than the one seen before: expected {size} entries, got {log.size}"
            log.book.fail(CHECK, None, text)
        elif log.roots.get(size) != root:
            text = f"the log does not extend the one seen before: its first {size} entries have another root"
            log.book.fail(CHECK, None, text)


def verify_checkpoints(log: LogState, newest: Checkpoint, others: Sequence[Checkpoint]) -> None:
    """Each is signed by the log and has the root that these entries have at its size. Failures go into the book."""
    if log.opening is None:
        log.book.fail(CHECK, None, "the log's key is unknown, since entry 0 cannot be read")
        return
    for checkpoint in (newest, *others):
        log.book.count(CHECK)
        try:
            verify_checkpoint(checkpoint, log.opening.origin, log.opening.log_key)
            if checkpoint is not newest:  # the newest one's root is the check `entries`
                _verify_root(log, checkpoint)
        except DataError as error:
            log.book.fail(CHECK, None, error)
    _verify_witnesses(log, newest)


def _verify_root(log: LogState, checkpoint: Checkpoint) -> None:
    root = log.roots.get(checkpoint.size)
    if root is None:
        raise LogError(f"checkpoint {checkpoint.size}: this copy has {log.size} entries only")
    if root != checkpoint.root:
        raise LogError(
            f"checkpoint {checkpoint.size}: another history: expected root {b64(checkpoint.root)}, got {b64(root)}"
        )


def _verify_witnesses(log: LogState, newest: Checkpoint) -> None:
    if log.opening is None:
        return
    try:
        log.book.count(COSIGNATURES, len(verify_cosignatures(newest, log.opening.policy)))
    except DataError as error:
        log.book.fail(COSIGNATURES, None, error)
