"""RFC 9162 trees: published vectors, every size up to 300 against a naive tree, edge cases (A60)."""

import base64
import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import ProofError
from audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    leaf_hash,
    leaf_reader,
    make_consistency_proof,
    make_inclusion_proof,
    node_hash,
    tree_root,
    verify_consistency_proof,
    verify_inclusion_proof,
)

VECTORS = Path(__file__).parents[1] / "vectors" / "merkle"
LEAVES = [leaf_hash(b"entry %d" % number) for number in range(300)]


def cases(name: str) -> list[Any]:
    document = json.loads((VECTORS / f"{name}.json").read_text())
    return [pytest.param(case, id=title) for title, case in document["cases"].items()]


def unbase64(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162 §2.1.1 as it is written, sharing no code with audit.merkle."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


@pytest.mark.parametrize("case", cases("inclusion"))
def test_published_inclusion_proof(case: dict[str, Any]) -> None:
    proof = [unbase64(item) for item in case["proof"] or []]
    arguments = (case["leafIdx"], case["treeSize"], unbase64(case["leafHash"]), proof, unbase64(case["root"]))
    if case["wantErr"]:
        with pytest.raises(ProofError, match="proof"):
            verify_inclusion_proof(*arguments)
    else:
        verify_inclusion_proof(*arguments)


@pytest.mark.parametrize("case", cases("consistency"))
def test_published_consistency_proof(case: dict[str, Any]) -> None:
    proof = [unbase64(item) for item in case["proof"] or []]
    arguments = (case["size1"], unbase64(case["root1"]), case["size2"], unbase64(case["root2"]), proof)
    if case["wantErr"]:
        with pytest.raises(ProofError, match="proof"):
            verify_consistency_proof(*arguments)
    else:
        verify_consistency_proof(*arguments)


def test_roots_of_all_sizes_up_to_300_equal_the_naive_tree() -> None:
    frontier = Frontier()
    for size in range(len(LEAVES) + 1):
        assert frontier.root() == naive_root(LEAVES[:size]) == tree_root(LEAVES[:size])
        assert Frontier(size, frontier.nodes).root() == frontier.root()
        if size < len(LEAVES):
            frontier.append(LEAVES[size])


def test_every_inclusion_proof_of_all_sizes_up_to_300() -> None:
    read = leaf_reader(LEAVES)
    for size in range(1, len(LEAVES) + 1):
        root = tree_root(LEAVES[:size])
        for index in {0, 1, size // 2, size - 2, size - 1, *range(0, size, 17)} & set(range(size)):
            proof = make_inclusion_proof(index, size, read)
            verify_inclusion_proof(index, size, LEAVES[index], proof, root)
            with pytest.raises(ProofError):
                verify_inclusion_proof(index, size, LEAVES[index], [*proof, root], root)
            if proof:
                with pytest.raises(ProofError):
                    verify_inclusion_proof(index, size, LEAVES[index], proof[:-1], root)


def test_every_consistency_proof_of_all_sizes_up_to_300() -> None:
    read = leaf_reader(LEAVES)
    roots = [tree_root(LEAVES[:size]) for size in range(len(LEAVES) + 1)]
    for new in range(1, len(LEAVES) + 1):
        for old in {1, 2, new // 2, new - 1, new, *range(1, new, 19)} & set(range(1, new + 1)):
            proof = make_consistency_proof(old, new, read)
            verify_consistency_proof(old, roots[old], new, roots[new], proof)
            with pytest.raises(ProofError):
                verify_consistency_proof(old, roots[old], new, roots[new], [*proof, roots[old]])
            with pytest.raises(ProofError):
                verify_consistency_proof(old, roots[old - 1], new, roots[new], proof)


def test_reading_only_full_subtrees_is_enough_for_proofs() -> None:
    """A proof for an old size can be made from a tree that has grown since (the service's tiles)."""
    read = leaf_reader(LEAVES)
    verify_inclusion_proof(70, 100, LEAVES[70], make_inclusion_proof(70, 100, read), tree_root(LEAVES[:100]))


def test_a_node_does_not_pass_for_a_leaf() -> None:
    left, right = LEAVES[:2]
    assert leaf_hash(left + right) != node_hash(left, right) != leaf_hash(b"\x01" + left + right)


def test_empty_tree_and_foreign_index_are_refused() -> None:
    assert Frontier().root() == EMPTY_ROOT == tree_root([])
    for index, size in [(0, 0), (1, 1), (-1, 1), (2**63, 2**63 + 1), (5, 4)]:
        with pytest.raises(ProofError, match="index"):
            verify_inclusion_proof(index, size, LEAVES[0], [], LEAVES[0])
    with pytest.raises(ProofError, match="index"):
        make_inclusion_proof(3, 3, leaf_reader(LEAVES[:3]))
    with pytest.raises(ProofError, match="old size"):
        make_consistency_proof(4, 3, leaf_reader(LEAVES[:3]))


def test_overlong_proofs_and_short_hashes_are_refused() -> None:
    with pytest.raises(ProofError, match="at most 64"):
        verify_inclusion_proof(0, 2**62, LEAVES[0], LEAVES[:65], LEAVES[0])
    with pytest.raises(ProofError, match="32 bytes"):
        verify_inclusion_proof(0, 2, LEAVES[0], [LEAVES[1][:31]], LEAVES[0])
    with pytest.raises(ProofError, match="frontier of 3"):
        Frontier(3, LEAVES[:1])


def flipped(hashes: Iterable[bytes], index: int) -> list[bytes]:
    rows = list(hashes)
    rows[index] = bytes([rows[index][0] ^ 1]) + rows[index][1:]
    return rows


@given(st.data())
def test_a_flipped_bit_in_any_hash_of_a_proof_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 300))
    index = data.draw(st.integers(0, size - 1))
    read = leaf_reader(LEAVES[:size])
    proof = make_inclusion_proof(index, size, read)
    bad = flipped(proof, data.draw(st.integers(0, len(proof) - 1)))
    with pytest.raises(ProofError, match="expected root"):
        verify_inclusion_proof(index, size, LEAVES[index], bad, tree_root(LEAVES[:size]))
    old = data.draw(st.integers(1, size - 1))
    proof = make_consistency_proof(old, size, read)
    bad = flipped(proof, data.draw(st.integers(0, len(proof) - 1)))
    with pytest.raises(ProofError, match="does not begin"):
        verify_consistency_proof(old, tree_root(LEAVES[:old]), size, tree_root(LEAVES[:size]), bad)
