"""The Merkle tree of RFC 9162 §2.1: hashes, a root that grows leaf by leaf, inclusion and consistency proofs.

Leaves and nodes are hashed with different prefixes, so no node can pass for a leaf (A60). Sizes are numbers of leaves;
hashes are 32 bytes.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Final

from audit.errors import ProofError

HASH_SIZE: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()  # RFC 9162 §2.1.1: the root of no leaves
MAX_SIZE: Final = 2**63 - 1  # what a checkpoint may announce
MAX_PROOF: Final = 64  # hashes; longer proofs belong to no tree of at most MAX_SIZE leaves

NodeReader = Callable[[int, int], bytes]
"""Gives the hash of the full subtree of ``2**level`` leaves number ``index`` at that level (level 0: leaf hashes)."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf: SHA-256(00 ‖ data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree that only grows: the roots of its full subtrees, largest first. Memory is the logarithm of its size.

    ``size`` and ``nodes`` are enough to go on later: ``Frontier(size, nodes)``.
    """

    __slots__ = ("nodes", "size")

    def __init__(self, size: int = 0, nodes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.nodes = list(nodes)
        if len(self.nodes) != size.bit_count() or any(len(node) != HASH_SIZE for node in self.nodes):
            raise ProofError(f"frontier of {size} leaves: expected {size.bit_count()} hashes, got {len(self.nodes)}")

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash at the end."""
        node = leaf
        size = self.size
        while size & 1:
            node = sha256(b"\x01" + self.nodes.pop() + node).digest()
            size >>= 1
        self.nodes.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self.nodes:
            return EMPTY_ROOT
        root = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            root = node_hash(node, root)
        return root

    def copy(self) -> "Frontier":
        """An independent frontier at the same size."""
        return Frontier(self.size, self.nodes)


def tree_root(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes in order."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def leaf_reader(leaves: Sequence[bytes]) -> NodeReader:
    """A NodeReader over leaf hashes held in memory."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])

    def read(level: int, index: int) -> bytes:
        return levels[level][index]

    return read


def range_root(start: int, end: int, read: NodeReader) -> bytes:
    """MTH(D[start:end]), ``start`` being a multiple of the smallest power of two that holds the range."""
    if start == end:
        return EMPTY_ROOT
    parts: list[bytes] = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(read(level, start >> level))
        start += 1 << level
    root = parts.pop()
    for part in reversed(parts):
        root = node_hash(part, root)
    return root


def _split(size: int) -> int:
    """The largest power of two below ``size`` (size > 1)."""
    return 1 << (size - 1).bit_length() - 1


def make_inclusion_proof(index: int, size: int, read: NodeReader) -> list[bytes]:
    """PATH(index, D[size]) of RFC 9162 §2.1.3.1; ProofError where the tree has no such leaf."""
    if not 0 <= index < size:
        raise ProofError(f"inclusion proof: expected an index below {size}, got {index}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(range_root(middle, end, read))
            end = middle
        else:
            proof.append(range_root(start, middle, read))
            start = middle
    proof.reverse()
    return proof


def verify_inclusion_proof(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162 §2.1.3.2: the leaf hash stands at ``index`` of the tree of that size and root, else ProofError."""
    if not 0 <= index < size <= MAX_SIZE:
        raise ProofError(f"inclusion proof: expected an index below the size, got {index} of {size}")
    _check_hashes("inclusion proof", [leaf, *proof])
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofError("inclusion proof: longer than the tree is high")
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofError("inclusion proof: shorter than the tree is high")
    if found != root:
        raise ProofError(f"inclusion proof of leaf {index}: expected root {root.hex()}, got {found.hex()}")


def make_consistency_proof(old: int, new: int, read: NodeReader) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 9162 §2.1.4.1, empty where the sizes are equal or ``old`` is 0."""
    if not 0 <= old <= new:
        raise ProofError(f"consistency proof: expected an old size of at most {new}, got {old}")
    if old in (0, new):
        return []
    proof: list[bytes] = []
    start, end = 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(range_root(middle, end, read))
            end = middle
        else:
            proof.append(range_root(start, middle, read))
            start = middle
    if start:  # otherwise the old tree is a full subtree of the new one, and its root is known
        proof.append(range_root(start, end, read))
    proof.reverse()
    return proof


def verify_consistency_proof(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162 §2.1.4.2: the tree of size ``new`` begins with the tree of size ``old``, else ProofError.

    Equal sizes need equal roots and no proof. About the empty tree there is nothing to prove, so ``old`` 0 is refused.
    """
    if not 0 < old <= new <= MAX_SIZE:
        raise ProofError(f"consistency proof: expected 0 < old size <= new size, got {old} and {new}")
    _check_hashes("consistency proof", proof)
    if old == new:
        if proof:
            raise ProofError("consistency proof: expected none for equal sizes")
        if old_root != new_root:
            raise ProofError(f"consistency proof: two roots for size {old}")
        return
    nodes = [old_root, *proof] if old.bit_count() == 1 else list(proof)
    if not nodes:
        raise ProofError("consistency proof: empty for trees of different sizes")
    if _climb_both(old - 1, new - 1, nodes) != (old_root, new_root):
        raise ProofError(f"consistency proof: the tree of {new} leaves does not begin with the tree of {old}")


def _climb_both(place: int, last: int, nodes: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The old and the new root that a consistency proof leads to; ProofError where its length is wrong."""
    while place & 1:
        place, last = place >> 1, last >> 1
    found_old = found_new = nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            raise ProofError("consistency proof: longer than the tree is high")
        if place & 1 or place == last:
            found_old, found_new = node_hash(sibling, found_old), node_hash(sibling, found_new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found_new = node_hash(found_new, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofError("consistency proof: shorter than the tree is high")
    return found_old, found_new


def _check_hashes(what: str, hashes: Sequence[bytes]) -> None:
    """Bound the length of a proof, and refuse what is no hash."""
    if len(hashes) > MAX_PROOF:
        raise ProofError(f"{what}: expected at most {MAX_PROOF} hashes, got {len(hashes)}")
    if any(len(item) != HASH_SIZE for item in hashes):
        raise ProofError(f"{what}: expected hashes of {HASH_SIZE} bytes")
