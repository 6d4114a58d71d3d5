"""Signed notes and checkpoints: published examples, round trips, cosignatures and their quorum."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.checkpoint import (
    Witness,
    WitnessPolicy,
    cosign,
    cosignatures,
    make_checkpoint,
    parse_checkpoint,
    verify_checkpoint,
    verify_cosignatures,
)
from audit.ed25519 import ed25519_public_key, ed25519_sign
from audit.errors import NoteError
from audit.note import COSIGNATURE, ED25519, key_id, make_note, parse_note, signature_line, verify_note
from tests.audit.notes import GOOD, KEY, MALFORMED, ORIGIN, ROOT, SECRET

SECRETS = {f"witness.example/w{number}": bytes([number]) * 32 for number in range(3)}
WITNESSES = tuple(Witness(name, ed25519_public_key(secret)) for name, secret in SECRETS.items())


def test_key_id_of_a_published_verifier_key() -> None:
    """sum.golang.org+033de0ae+…: the key of Go's checksum database."""
    public = base64.b64decode("Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")
    assert (public[0], key_id("sum.golang.org", ED25519, public[1:]).hex()) == (ED25519, "033de0ae")


def test_a_published_note() -> None:
    """The example of golang.org/x/mod/sumdb/note."""
    public = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:]
    text = (
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    note = parse_note(text.encode())
    verify_note(note, [("PeterNeumann", public)])
    with pytest.raises(NoteError, match="expected a signature by EnochRoot"):
        verify_note(note, [("EnochRoot", public)])


def test_the_published_checkpoint_with_a_cosignature_parses() -> None:
    """The example of c2sp.org/tlog-cosignature; its keys are not published, so it is read and not verified."""
    raw = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+"
        "zyWE+xeMcTOAYQ8=\n— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJs"
        "X3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    checkpoint = parse_checkpoint(raw.encode())
    assert (checkpoint.origin, checkpoint.size, len(checkpoint.root)) == ("example.com/behind-the-sofa", 20852163, 32)
    log, witness = checkpoint.note.signatures
    assert (len(log.signature), len(witness.signature)) == (64, 72)
    assert int.from_bytes(witness.signature[:8], "big") == 1679315147  # the time that the specification shows


def test_a_checkpoint_reads_back() -> None:
    checkpoint = parse_checkpoint(GOOD)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (ORIGIN, 1234, ROOT)
    verify_checkpoint(checkpoint, ORIGIN, KEY)
    empty = parse_checkpoint(make_checkpoint(ORIGIN, 0, ROOT, SECRET))
    assert empty.size == 0


def test_extension_lines_are_kept_and_signed() -> None:
    text = parse_checkpoint(GOOD).note.text + "extension\n"
    raw = make_note(text, ORIGIN, SECRET)
    checkpoint = parse_checkpoint(raw)
    verify_checkpoint(checkpoint, ORIGIN, KEY)
    assert checkpoint.note.text.endswith("extension\n")


def test_text_with_an_empty_line_is_split_at_the_last_one() -> None:
    note = parse_note(make_note("one\n\ntwo\n", "name", SECRET))
    assert note.text == "one\n\ntwo\n"
    verify_note(note, [("name", KEY)])


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "cr\r\n"])
def test_texts_that_no_note_can_hold_are_not_signed(text: str) -> None:
    with pytest.raises(NoteError, match="expected a text that ends in a newline"):
        make_note(text, "name", SECRET)


def test_sizes_and_roots_that_no_checkpoint_can_hold_are_not_signed() -> None:
    for size, root in ((-1, ROOT), (2**63, ROOT), (1, ROOT[:31])):
        with pytest.raises(NoteError, match="expected a size"):
            make_checkpoint(ORIGIN, size, root, SECRET)


@given(st.one_of(st.binary(max_size=300), st.sampled_from(sorted(MALFORMED.values())[:-2])))
def test_any_bytes_are_a_note_or_a_note_error(raw: bytes) -> None:
    try:
        note = parse_note(raw)
    except NoteError:
        return
    lines = [signature_line(item.name, item.key_id, item.signature) for item in note.signatures]
    assert (note.text + "\n" + "".join(lines)).encode() == raw


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_checkpoint_with_one_byte_changed_is_refused(at: int, change: int) -> None:
    raw = GOOD[:at] + bytes([GOOD[at] ^ change]) + GOOD[at + 1 :]
    with pytest.raises(NoteError):
        verify_checkpoint(parse_checkpoint(raw), ORIGIN, KEY)


def cosigned(*names: str, time: int = 1_790_000_000) -> bytes:
    checkpoint = parse_checkpoint(GOOD)
    return GOOD + "".join(cosign(checkpoint, name, SECRETS[name], time) for name in names).encode()


def test_a_quorum_of_witnesses_is_enough() -> None:
    first, second, third = SECRETS
    checkpoint = parse_checkpoint(cosigned(first, third))
    verify_checkpoint(checkpoint, ORIGIN, KEY)
    assert verify_cosignatures(checkpoint, WitnessPolicy(WITNESSES, 2)) == {first: 1_790_000_000, third: 1_790_000_000}
    with pytest.raises(NoteError, match="expected 3 cosignatures, got 2"):
        verify_cosignatures(checkpoint, WitnessPolicy(WITNESSES, 3))
    assert verify_cosignatures(parse_checkpoint(GOOD), WitnessPolicy((), 0)) == {}
    assert second not in cosignatures(checkpoint, WITNESSES)


def test_a_cosignature_is_the_one_of_the_specification() -> None:
    """The message is ``cosignature/v1``, the time, and the whole text (c2sp.org/tlog-cosignature)."""
    (name, secret) = next(iter(SECRETS.items()))
    text = parse_checkpoint(GOOD).note.text
    message = f"cosignature/v1\ntime 7\n{text}".encode()
    raw = (7).to_bytes(8, "big") + ed25519_sign(secret, message)
    expected = signature_line(name, key_id(name, COSIGNATURE, ed25519_public_key(secret)), raw)
    assert cosign(parse_checkpoint(GOOD), name, secret, 7) == expected


def test_a_witness_twice_is_refused() -> None:
    name = next(iter(SECRETS))
    with pytest.raises(NoteError, match=f"2 signatures by {name}"):
        verify_cosignatures(parse_checkpoint(cosigned(name, name)), WitnessPolicy(WITNESSES, 1))


def test_a_bad_cosignature_of_a_known_witness_is_refused_even_above_the_quorum() -> None:
    first, second, _ = SECRETS
    good = cosigned(first, second).decode()
    line = cosign(parse_checkpoint(GOOD), second, SECRETS[first], 5).split(" ")[2]  # signed by another key
    raw = base64.b64decode(line)[4:]
    bad = signature_line(second, key_id(second, COSIGNATURE, ed25519_public_key(SECRETS[second])), raw)
    with pytest.raises(NoteError, match="does not verify"):
        verify_cosignatures(parse_checkpoint((GOOD.decode() + bad).encode()), WitnessPolicy(WITNESSES, 0))
    assert verify_cosignatures(parse_checkpoint(good.encode()), WitnessPolicy(WITNESSES, 2))


def test_a_cosignature_of_another_size_time_or_type_is_refused() -> None:
    name = next(iter(SECRETS))
    identity = key_id(name, COSIGNATURE, ed25519_public_key(SECRETS[name]))
    for raw, text in ((bytes(71), "expected 72 bytes"), (b"\xff" * 72, "below 2\\^63")):
        note = GOOD + signature_line(name, identity, raw).encode()
        with pytest.raises(NoteError, match=text):
            verify_cosignatures(parse_checkpoint(note), WitnessPolicy(WITNESSES, 0))
    plain = signature_line(
        name,
        key_id(name, ED25519, ed25519_public_key(SECRETS[name])),
        ed25519_sign(SECRETS[name], parse_checkpoint(GOOD).note.text.encode()),
    )
    assert cosignatures(parse_checkpoint(GOOD + plain.encode()), WITNESSES) == {}
