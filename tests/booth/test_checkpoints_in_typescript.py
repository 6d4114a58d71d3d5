"""Checkpoints as the booth reads them: signed notes, witnesses, Ed25519 on its edges (A14, A55, A62)."""

from hashlib import sha256
from typing import Any

import pytest

from audit.checkpoint import cosign, make_checkpoint, parse_checkpoint
from audit.ed25519 import ed25519_public_key, ed25519_sign, verify_ed25519
from audit.errors import NoteError
from tests.booth.harness import Booth, BoothRefusalError

ORIGIN = "vote.example/x"


def checkpoint_with(witnesses: int, secret: bytes = b"l" * 32) -> tuple[str, dict[str, Any]]:
    """A checkpoint of ten entries, cosigned by so many of three witnesses; and the policy that knows the three."""
    note = make_checkpoint(ORIGIN, 10, sha256(b"root").digest(), secret).decode()
    secrets = {f"witness-{i}": bytes([i]) * 32 for i in range(3)}
    for name, key in list(secrets.items())[:witnesses]:
        note += cosign(parse_checkpoint(note.encode()), name, key, 1_790_000_000)
    known = [{"name": name, "key": ed25519_public_key(key).hex()} for name, key in secrets.items()]
    return note, {"origin": ORIGIN, "key": ed25519_public_key(b"l" * 32).hex(), "witnesses": known}


@pytest.mark.parametrize(
    ("signed", "quorum", "good"), [(0, 0, True), (2, 2, True), (3, 2, True), (1, 2, False), (0, 1, False)]
)
def test_a_checkpoint_needs_the_witnesses_of_the_policy(booth: Booth, signed: int, quorum: int, good: bool) -> None:
    """A55: a log that only the service vouches for is not enough where entry 0 asks for witnesses."""
    note, policy = checkpoint_with(signed)
    if good:
        assert booth.call("checkpoint", note=note, quorum=quorum, **policy)["size"] == 10
    else:
        with pytest.raises(BoothRefusalError, match="cosignatures"):
            booth.call("checkpoint", note=note, quorum=quorum, **policy)


def bad_notes() -> list[str]:
    note, _ = checkpoint_with(1)
    text, signatures = note.split("\n\n")
    lines = text.split("\n")
    _, forged = checkpoint_with(0, b"x" * 32), checkpoint_with(1, b"x" * 32)[0]
    unsigned = [
        text + "\n\n",
        text + "\n",
        text,
        "",
        "\n\n",
        note[:-1],
        note.replace("\n", "\r\n"),
        note + "\n",
        note + note,
    ]
    sizes = ["010", "-1", "1e1", "+10", " 10", "10 ", "", "١٠", "9007199254740993"]
    rewritten = ["\n".join([lines[0], size, lines[2]]) + "\n\n" + signatures for size in sizes]
    rewritten += [
        "\n".join([*lines[:2], root]) + "\n\n" + signatures for root in ("", "AAAA", lines[2][:-1], lines[2] + "=")
    ]
    damaged = [
        note.replace("— ", "- "),
        note.replace("— ", "—"),
        note.replace("— ", "—  "),
        note.replace("\n\n", "\n\n\n"),
    ]
    first = signatures.split("\n")[0]
    doubled = [
        note + first + "\n",
        note.replace(first, first[:-4] + "AAA="),
        note.replace(first, first + " x"),
        "\x01" + note,
    ]
    return [forged, *unsigned, *rewritten, *damaged, *doubled]


def test_malformed_checkpoints_are_refused(booth: Booth) -> None:
    """A62."""
    _, policy = checkpoint_with(0)
    for note in bad_notes():
        with pytest.raises(BoothRefusalError):
            booth.call("checkpoint", note=note, quorum=0, **policy)


def test_a_checkpoint_of_another_log_is_refused(booth: Booth) -> None:
    note, policy = checkpoint_with(0)
    for change in ({"origin": "vote.example/y"}, {"key": ed25519_public_key(b"y" * 32).hex()}):
        with pytest.raises(BoothRefusalError):
            booth.call("checkpoint", note=note, quorum=0, **policy | change)


def edge_cases() -> list[tuple[bytes, bytes, bytes]]:
    """Keys and signatures on which Ed25519 libraries disagree: small order, torsion, other encodings, large s."""
    order = 2**252 + 27742317777372353535851937790883648493
    p = 2**255 - 19
    message = b"message"
    key, signature = ed25519_public_key(b"k" * 32), ed25519_sign(b"k" * 32, message)
    small = [bytes(32), (1).to_bytes(32, "little"), (p - 1).to_bytes(32, "little"), p.to_bytes(32, "little")]
    small += [(p + 1).to_bytes(32, "little"), b"\x01" + bytes(30) + b"\x80", b"\xff" * 32]
    small.append(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"))  # order 8
    s = int.from_bytes(signature[32:], "little")
    cases = [(key, message, signature), (key, b"other", signature), (key, message, signature[:32] + bytes(32))]
    cases += [(weak, message, signature) for weak in small] + [(key, message, weak + signature[32:]) for weak in small]
    cases += [(weak, message, other + bytes(32)) for weak in small for other in small]
    cases += [(key, message, signature[:32] + (s + order).to_bytes(32, "little")), (key, message, signature[:-1])]
    cases += [
        (key[:-1], message, signature),
        (key, message, b""),
        (key[:-1] + bytes([key[-1] ^ 128]), message, signature),
    ]
    return cases


def test_ed25519_edge_cases_get_one_verdict(booth: Booth) -> None:
    """A14: one reading of Ed25519 for notes, in both programs."""
    python = []
    for key, message, signature in edge_cases():
        try:
            verify_ed25519(key, message, signature)
            python.append(True)
        except NoteError:
            python.append(False)
    given = [{"key": k.hex(), "message": m.hex(), "signature": s.hex()} for k, m, s in edge_cases()]
    assert booth.call("ed25519_verify", cases=given) == python
    assert python == [True, *[False] * (len(python) - 1)]
