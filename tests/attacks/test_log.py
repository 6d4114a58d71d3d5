"""A55, A60-A62: trees, sizes of entries, spellings of checkpoints, two histories."""

import pytest

from audit.checkpoint import make_checkpoint, parse_checkpoint, verify_checkpoint
from audit.ed25519 import ed25519_public_key
from audit.entries import MAX_ENTRY, NO_ENTRY, ResolutionData, decode_entry, encode_entry
from audit.errors import EntryError, NoteError, ProofError, TileError
from audit.merkle import leaf_hash, leaf_reader, make_inclusion_proof, node_hash, tree_root, verify_inclusion_proof
from audit.source import MemorySource
from audit.tiles import make_bundle, split_bundle
from audit.verify import verify_log
from ballot.contest import MAX_OPTIONS
from keys.canonical import MAX_CONTEST, b64
from tests.audit.notes import GOOD, KEY, MALFORMED, ORIGIN
from tests.simulated.published import whole

TIME = "2026-10-05T08:00:00Z"


@pytest.mark.parametrize("name", MALFORMED)
def test_a62_a_malformed_checkpoint_is_refused(name: str) -> None:
    with pytest.raises(NoteError):
        verify_checkpoint(parse_checkpoint(MALFORMED[name]), ORIGIN, KEY)


def test_a62_there_are_sixty_malformed_checkpoints_and_the_one_they_came_from_is_good() -> None:
    assert len(set(MALFORMED.values()) - {GOOD}) >= 60
    verify_checkpoint(parse_checkpoint(GOOD), ORIGIN, KEY)


def test_a62_signatures_of_unknown_keys_are_ignored() -> None:
    stranger = make_checkpoint("stranger.example/w", 1, bytes(32), bytes(32)).decode().split("\n\n")[1]
    namesake = f"— {ORIGIN} AAAAAAAA\n"  # the log's name, another key id
    for extra in (stranger, namesake, stranger * 15):
        verify_checkpoint(parse_checkpoint(GOOD + extra.encode()), ORIGIN, KEY)


def test_a62_the_log_key_under_another_name_is_refused() -> None:
    raw = make_checkpoint("vote.example/other", 1234, bytes(32), bytes(range(32)))
    with pytest.raises(NoteError, match=r"wrong origin: expected vote\.example/sg-2026, got vote\.example/other"):
        verify_checkpoint(parse_checkpoint(raw), ORIGIN, KEY)


def entry_of(size: int) -> bytes:
    """A resolution whose entry has exactly so many bytes."""
    empty = ResolutionData(act=b64(bytes(16)), approvals=(), clause="6.12.4", reading="")
    missing = size - len(encode_entry(1, NO_ENTRY, "resolution", TIME, empty))
    data = ResolutionData(act=empty.act, approvals=(), clause="6.12.4", reading="x" * missing)
    return encode_entry(1, NO_ENTRY, "resolution", TIME, data)


def test_a61_an_entry_of_65535_bytes_is_the_largest() -> None:
    largest = entry_of(MAX_ENTRY)
    assert len(largest) == 65_535
    assert len(decode_entry(largest).data.reading) > 65_000
    assert split_bundle(make_bundle([largest]), 1) == [largest]


def test_a61_an_entry_of_65536_bytes_is_refused_everywhere() -> None:
    with pytest.raises(EntryError, match="at most 65535 bytes, got 65536"):
        entry_of(MAX_ENTRY + 1)
    too_large = entry_of(MAX_ENTRY).replace(b'"reading":"', b'"reading":"x')
    with pytest.raises(EntryError, match="at most 65535 bytes, got 65536"):
        decode_entry(too_large)
    with pytest.raises(TileError, match="at most 65535 bytes, got 65536"):
        make_bundle([too_large])


def test_a61_the_largest_contest_document_fits_an_entry() -> None:
    assert MAX_OPTIONS == 100
    envelope = len(entry_of(MAX_ENTRY)) - len("x" * 65_000)
    assert MAX_CONTEST + envelope < MAX_ENTRY


def test_a60_a_node_given_as_a_leaf_proves_nothing() -> None:
    """Second preimage: the bytes of an inner node as an entry, with the proof of that node."""
    leaves = [leaf_hash(b"%d" % number) for number in range(4)]
    root = tree_root(leaves)
    forged = leaves[0] + leaves[1]
    with pytest.raises(ProofError, match="root"):
        verify_inclusion_proof(0, 2, leaf_hash(forged), [node_hash(leaves[2], leaves[3])], root)
    with pytest.raises(ProofError, match="shorter"):
        verify_inclusion_proof(0, 4, node_hash(leaves[0], leaves[1]), [node_hash(leaves[2], leaves[3])], root)


def test_a60_a_proof_for_one_index_does_not_serve_another() -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(7)]
    root, read = tree_root(leaves), leaf_reader(leaves)
    for size in range(1, 8):
        for index in range(size):
            proof = make_inclusion_proof(index, size, read)
            for other in range(9):
                if (other, size) != (index, size):
                    with pytest.raises(ProofError):
                        verify_inclusion_proof(other, size, leaves[index], proof, tree_root(leaves[:size]))
    verify_inclusion_proof(6, 7, leaves[6], make_inclusion_proof(6, 7, read), root)


def test_a55_a_checkpoint_of_another_history_is_refused() -> None:
    """Somebody kept what the log signed at size 40; the copy shown today has other entries there."""
    copy = whole()
    honest = copy.cut(40).files()["checkpoint"]
    assert verify_log(MemorySource(copy.files()), checkpoints=[honest]).ok
    other = make_checkpoint(copy.origin, 40, bytes(32), copy.log_secret)
    (failure,) = verify_log(MemorySource(copy.files()), checkpoints=[other]).failures
    assert (failure.check, "another history" in failure.reason) == ("checkpoints", True)


def test_a55_a_log_that_was_cut_does_not_belong_to_a_newer_checkpoint() -> None:
    copy = whole()
    (failure,) = verify_log(MemorySource(copy.cut(40).files()), checkpoints=[copy.files()["checkpoint"]]).failures
    assert (failure.check, "has 40 entries only" in failure.reason) == ("checkpoints", True)


def test_a55_a_checkpoint_that_the_log_did_not_sign_is_named_as_such() -> None:
    copy = whole()
    forged = make_checkpoint(copy.origin, 40, bytes(32), bytes(32))
    (failure,) = verify_log(MemorySource(copy.files()), checkpoints=[forged]).failures
    assert (failure.check, "expected a signature by" in failure.reason) == ("checkpoints", True)
    assert ed25519_public_key(bytes(32)) != ed25519_public_key(copy.log_secret)
