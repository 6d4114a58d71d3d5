"""tlog-tiles: paths, partial tiles, bundles, the specification's example of 70,000 leaves (A60, A61)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import TileError
from audit.merkle import (
    leaf_hash,
    make_consistency_proof,
    make_inclusion_proof,
    tree_root,
    verify_consistency_proof,
    verify_inclusion_proof,
)
from audit.tiles import (
    ENTRIES,
    MAX_ENTRY,
    MAX_INDEX,
    TileName,
    TileStack,
    bundle_names,
    make_bundle,
    split_bundle,
    tile_names,
    tile_reader,
    tile_root,
)

GOOD_PATHS = {
    "tile/0/000": TileName(0, 0),
    "tile/0/x001/x234/067": TileName(0, 1234067),
    "tile/0/x001/x234/067.p/8": TileName(0, 1234067, 8),
    "tile/entries/x001/000.p/255": TileName(ENTRIES, 1000, 255),
    "tile/63/999": TileName(63, 999),
    "tile/entries/273.p/112": TileName(ENTRIES, 273, 112),
}
BAD_PATHS = [
    "",
    "tile/0",
    "tile/0/0",
    "tile/0/0000",
    "tile/00/000",
    "tile/01/000",
    "tile/64/000",
    "tile/-1/000",
    "tile/+1/000",
    "tile/data/000",
    "tile/0/x000/001",
    "tile/0/001/002",
    "tile/0/X001/002",
    "tile/0/x001",
    "tile/0/x1/002",
    "tile/0/000.p/0",
    "tile/0/000.p/00",
    "tile/0/000.p/01",
    "tile/0/000.p/256",
    "tile/0/000.p/",
    "tile/0/000.p",
    "tile/0/000/",
    "/tile/0/000",
    "tile/0/../000",
    "tile/0/000\n",
    " tile/0/000",
    "tile/0/٠٠٠",
    "tile/0/" + "x001/" * 30 + "000",
]


@pytest.mark.parametrize("path", GOOD_PATHS)
def test_path_of_a_tile(path: str) -> None:
    assert TileName.from_path(path) == GOOD_PATHS[path]
    assert GOOD_PATHS[path].path == path


@pytest.mark.parametrize("path", BAD_PATHS)
def test_other_spellings_of_a_path_are_refused(path: str) -> None:
    with pytest.raises(TileError, match="tile path"):
        TileName.from_path(path)


@given(st.integers(ENTRIES, 63), st.integers(0, MAX_INDEX - 1), st.integers(1, 256))
def test_every_tile_name_reads_back_from_its_path(level: int, index: int, width: int) -> None:
    name = TileName(level, index, width)
    assert TileName.from_path(name.path) == name


@given(st.one_of(st.text(max_size=40), st.from_regex(r"tile/[0-9a-z]{1,8}/[x0-9/.p]{0,20}", fullmatch=True)))
def test_any_text_is_a_canonical_path_or_refused(path: str) -> None:
    try:
        name = TileName.from_path(path)
    except TileError:
        return
    assert name.path == path


def test_tiles_of_a_tree_of_70000_leaves() -> None:
    """The worked example of c2sp.org/tlog-tiles, counted and then built."""
    names = list(tile_names(70_000))
    assert [name for name in names if name.level == 0][-1] == TileName(0, 273, 112)
    assert sum(name.level == 0 for name in names) == 274
    assert [name for name in names if name.level > 0] == [TileName(1, 0), TileName(1, 1, 17), TileName(2, 0, 1)]
    assert list(bundle_names(70_000))[-1].path == "tile/entries/273.p/112"
    assert list(tile_names(256)) == [TileName(0, 0), TileName(1, 0, 1)]
    assert list(tile_names(0)) == list(bundle_names(0)) == []

    leaves = [leaf_hash(number.to_bytes(4, "big")) for number in range(70_000)]
    stack = TileStack()
    stored = {name: content for leaf in leaves for name, content in stack.append(leaf)}
    stored.update(stack.partial())
    assert set(stored) == set(names)
    assert all(len(content) == 32 * name.width for name, content in stored.items())
    read = tile_reader(70_000, stored.__getitem__)
    root = tree_root(leaves)
    for index in (0, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999):
        verify_inclusion_proof(index, 70_000, leaves[index], make_inclusion_proof(index, 70_000, read), root)
    for old in (1, 255, 256, 257, 65_536, 69_999):
        verify_consistency_proof(old, tree_root(leaves[:old]), 70_000, root, make_consistency_proof(old, 70_000, read))


def test_a_tile_of_the_wrong_size_is_refused() -> None:
    leaf = leaf_hash(b"x")
    with pytest.raises(TileError, match="expected 64 bytes, got 32"):
        make_inclusion_proof(0, 2, tile_reader(2, lambda _: leaf))
    with pytest.raises(TileError, match="256 hashes"):
        tile_root([leaf])


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_read_back(entries: list[bytes]) -> None:
    assert split_bundle(make_bundle(entries), len(entries)) == entries


@given(st.binary(max_size=200), st.integers(0, 5))
def test_any_bytes_are_a_bundle_or_refused(raw: bytes, width: int) -> None:
    try:
        entries = split_bundle(raw, width)
    except TileError:
        return
    assert make_bundle(entries) == raw


def test_entries_of_65535_bytes_fit_a_bundle_and_one_more_does_not() -> None:
    largest = bytes(MAX_ENTRY)
    assert split_bundle(make_bundle([largest, b"", largest]), 3) == [largest, b"", largest]
    with pytest.raises(TileError, match="at most 65535"):
        make_bundle([bytes(MAX_ENTRY + 1)])


@pytest.mark.parametrize("raw", [b"\x00", b"\x00\x02a", b"\x00\x01a\x00", b"\x00\x01a"])
def test_cut_or_miscounted_bundles_are_refused(raw: bytes) -> None:
    with pytest.raises(TileError, match="bundle"):
        split_bundle(raw, 2)
