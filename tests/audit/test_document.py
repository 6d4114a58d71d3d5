"""Signatures of documents: whose they are, of which file, over which log; and that no checkpoint passes for one."""

from __future__ import annotations

import base64
import io
import subprocess
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.checkpoint import checkpoint_text, make_checkpoint, parse_checkpoint, verify_checkpoint
from audit.cli import main
from audit.document import (
    SUFFIX,
    document_text,
    make_document,
    parse_document,
    verify_document,
    verify_document_signature,
)
from audit.ed25519 import ed25519_public_key
from audit.errors import AuditError, NoteError
from audit.merkle import leaf_hash, tree_root
from audit.note import make_note
from audit.source import MemorySource
from keys.canonical import b64
from tests.simulated.logbook import published, write_folder
from tests.simulator import Election, Plan, simulate

ORIGIN = "vote.example/sg-2026"
SECRET = bytes(range(32))
KEY = ed25519_public_key(SECRET)
CONTENT = b"%PDF-1.7 the protocol"
NAME = "protocol-1-ka.pdf"
SIZE = 20
Capture = pytest.CaptureFixture[str]


@cache
def election() -> Election:
    return simulate(Plan())


def source(entries: int | None = None) -> MemorySource:
    log = election().log
    return MemorySource(published(log.origin, log.log_secret, log.entries[:entries], log.blobs))


def root(size: int) -> bytes:
    return tree_root(leaf_hash(entry) for entry in election().log.entries[:size])


def signature(content: bytes = CONTENT, size: int = SIZE, secret: bytes | None = None) -> bytes:
    log = election().log
    return make_document(log.origin, size, root(size), NAME, sha256(content).digest(), secret or log.log_secret)


# ---- the note --------------------------------------------------------------------------------------------------------


def test_a_signature_is_a_note_of_four_lines() -> None:
    raw = make_document(ORIGIN, 135, bytes(32), NAME, sha256(CONTENT).digest(), SECRET)
    text, _, line = raw.decode().partition("\n\n")
    assert text.split("\n") == [
        "es1/document vote.example/sg-2026",
        "135",
        base64.b64encode(bytes(32)).decode(),
        f"{sha256(CONTENT).hexdigest()}  protocol-1-ka.pdf",
    ]
    assert line.startswith(f"— {ORIGIN} ")
    parsed = parse_document(raw)
    assert (parsed.origin, parsed.size, parsed.root, parsed.name) == (ORIGIN, 135, bytes(32), NAME)
    assert parsed.digest == sha256(CONTENT).digest()
    verify_document_signature(parsed, ORIGIN, KEY)


def test_the_fourth_line_is_what_sha256sum_reads(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(CONTENT)
    line = document_text(ORIGIN, 1, bytes(32), NAME, sha256(CONTENT).digest()).split("\n")[3]
    answer = subprocess.run(
        ["sha256sum", "-c"], cwd=tmp_path, input=line + "\n", capture_output=True, text=True, check=False
    )
    assert answer.stdout == f"{NAME}: OK\n"


GOOD = document_text(ORIGIN, 135, bytes(32), NAME, sha256(CONTENT).digest())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("es1/document ", "es1/protocol ", "expected four lines"),
        ("es1/document ", "es1/document  ", "expected the origin of a log"),
        ("es1/document ", "es1/document", "expected four lines"),
        (ORIGIN, "", "expected the origin of a log"),
        (ORIGIN, "a b", "expected the origin of a log"),
        ("\n135\n", "\n0135\n", "size without leading zeros"),
        ("\n135\n", "\n0\n", "size without leading zeros"),
        ("\n135\n", "\n-1\n", "size without leading zeros"),
        ("\n135\n", "\n\u0661\n", "size without leading zeros"),
        ("\n135\n", "\n9999999999999999999\n", "size without leading zeros"),
        ("AAA=", "AAA", "root is not base64"),
        ("AAA=", "AAB=", "expected a root of 32 bytes"),
        ("AAAA", "", "expected a root of 32 bytes"),
        ("  protocol", " protocol", "a SHA-256, two spaces and a file name"),
        ("  protocol", " *protocol", "a SHA-256, two spaces and a file name"),
        (NAME, "../protocol.pdf", "a SHA-256, two spaces and a file name"),
        (NAME, "a/b", "a SHA-256, two spaces and a file name"),
        (NAME, ".pdf", "a SHA-256, two spaces and a file name"),
        (NAME, "", "a SHA-256, two spaces and a file name"),
        (NAME, "a" * 101, "a SHA-256, two spaces and a file name"),
        (NAME, NAME + "\nmore", "expected four lines"),
    ],
)
def test_a62_other_spellings_are_refused(old: str, new: str, reason: str) -> None:
    assert old in GOOD
    with pytest.raises(NoteError, match=reason):
        parse_document(make_note(GOOD.replace(old, new, 1), ORIGIN, SECRET))


def test_what_would_not_be_read_is_not_made() -> None:
    for name in ("../x", "A.pdf", "a b", ""):
        with pytest.raises(NoteError, match="two spaces and a file name"):
            make_document(ORIGIN, 1, bytes(32), name, bytes(32), SECRET)
    with pytest.raises(NoteError, match="size without leading zeros"):
        make_document(ORIGIN, 0, bytes(32), NAME, bytes(32), SECRET)


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: (GOOD + "\n" + text).encode()))
def test_hostile_bytes_are_refused_in_one_way(raw: bytes) -> None:
    with pytest.raises(NoteError):
        parse_document(raw)


# ---- what it is not --------------------------------------------------------------------------------------------------


def test_a_checkpoint_is_no_signature_of_a_document_and_the_other_way_round() -> None:
    """One key signs both: the first lines keep them apart, whatever origin or extension somebody chooses."""
    raw = make_document(ORIGIN, 135, bytes(32), NAME, bytes(32), SECRET)
    checkpoint = parse_checkpoint(raw)  # by its form alone it might be one
    assert checkpoint.origin == f"es1/document {ORIGIN}"
    with pytest.raises(NoteError, match="wrong origin"):
        verify_checkpoint(checkpoint, ORIGIN, KEY)
    with pytest.raises(NoteError, match="key name: expected neither spaces nor plus"):
        make_checkpoint(checkpoint.origin, 1, bytes(32), SECRET)  # no log can have such an origin
    for text in (
        checkpoint_text(ORIGIN, 135, bytes(32)),
        checkpoint_text(ORIGIN, 135, bytes(32)) + GOOD.split("\n")[3] + "\n",
    ):
        with pytest.raises(NoteError, match="no signature of one"):
            parse_document(make_note(text, ORIGIN, SECRET))


# ---- against a log ---------------------------------------------------------------------------------------------------


def test_a_document_is_attested_by_its_log_and_by_every_later_copy() -> None:
    for entries in (SIZE, SIZE + 1, None):
        found = verify_document(io.BytesIO(CONTENT), signature(), source(entries), election().log_id)
        assert found.log_id == election().log_id
        assert found.document.name == NAME
        assert found.entries == (entries or len(election().log.entries))


def test_every_changed_byte_of_the_document_is_seen() -> None:
    signed, copy = signature(), source()
    for at in range(len(CONTENT)):
        for flip in (1, 128):
            changed = CONTENT[:at] + bytes([CONTENT[at] ^ flip]) + CONTENT[at + 1 :]
            with pytest.raises(NoteError, match="not the signed file"):
                verify_document(io.BytesIO(changed), signed, copy)
    for changed in (CONTENT[:-1], CONTENT + b"\n", b""):
        with pytest.raises(NoteError, match="not the signed file"):
            verify_document(io.BytesIO(changed), signed, copy)


def test_every_changed_byte_of_the_signature_is_seen() -> None:
    signed, copy = signature(), source()
    for at in range(len(signed)):
        changed = signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]
        with pytest.raises(AuditError):
            verify_document(io.BytesIO(CONTENT), changed, copy)


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("another key", "expected a signature by|does not verify"),
        ("another root", "two histories: the copy's first 20 entries"),
        ("a copy that is too short", "expected a copy of at least 20 entries, got 19"),
        ("another log", "wrong log"),
        ("another origin", "wrong origin"),
    ],
)
def test_what_does_not_belong_together_is_refused(what: str, reason: str) -> None:
    log, digest = election().log, sha256(CONTENT).digest()
    signed, copy, log_id = signature(), source(), election().log_id
    match what:
        case "another key":
            signed = signature(secret=SECRET)
        case "another root":
            signed = make_document(log.origin, SIZE, bytes(32), NAME, digest, log.log_secret)
        case "a copy that is too short":
            copy = source(SIZE - 1)
        case "another log":
            log_id = bytes(32)
        case "another origin":
            signed = make_document(ORIGIN, SIZE, root(SIZE), NAME, digest, log.log_secret)
    with pytest.raises(AuditError, match=reason):
        verify_document(io.BytesIO(CONTENT), signed, copy, log_id)


# ---- the command -----------------------------------------------------------------------------------------------------


def test_as_a_command(tmp_path: Path, capsys: Capture) -> None:
    log = write_folder(election().log.files(), tmp_path / "log")
    file, signed = tmp_path / "renamed by the browser (1).pdf", tmp_path / (NAME + SUFFIX)
    file.write_bytes(CONTENT)
    signed.write_bytes(signature())
    arguments = ["document", str(file), str(signed), str(log)]
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert f"document: ok: the log signed this file as {NAME}, made from its first {SIZE} entries" in out
    assert b64(election().log_id) in out
    assert main([*arguments, "--log", b64(election().log_id)]) == 0
    assert main([*arguments, "--log", b64(bytes(32))]) == 1
    file.write_bytes(CONTENT + b" ")
    assert main(arguments) == 1
    assert "document: failed: document: not the signed file" in capsys.readouterr().out
    assert main(["document", str(tmp_path / "none"), str(signed), str(log)]) == 2
    assert "No such file" in capsys.readouterr().err
    assert main(["document", str(signed), str(file), str(log)]) == 1
    assert main(["document", str(file), str(signed), str(tmp_path / "nowhere")]) == 2


def test_with_openssl_alone(tmp_path: Path) -> None:
    """The lines of docs/auditor.md, run by a shell."""
    from election_service.documents.archive import log_key_pem

    guide = (Path(__file__).resolve().parents[2] / "docs" / "auditor.md").read_text(encoding="utf-8")
    script = guide.partition("<!-- openssl: begin -->")[2].partition("<!-- openssl: end -->")[0]
    commands = "\n".join(line.strip() for line in script.splitlines() if line.startswith("    "))
    assert "openssl pkeyutl" in commands
    (tmp_path / NAME).write_bytes(CONTENT)
    (tmp_path / (NAME + SUFFIX)).write_bytes(signature())
    log_key = ed25519_public_key(election().log.log_secret)
    (tmp_path / "log-key.pem").write_bytes(log_key_pem(log_key))

    def run(text: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["sh", "-ec", text], cwd=tmp_path, capture_output=True, text=True, check=False)

    answer = run(commands.replace("LOGKEY", b64(log_key)))
    assert answer.returncode == 0, answer.stderr
    assert f"{NAME}: OK" in answer.stdout
    assert "Signature Verified Successfully" in answer.stdout
    (tmp_path / NAME).write_bytes(CONTENT + b" ")
    assert run(commands.replace("LOGKEY", b64(log_key))).returncode != 0
    (tmp_path / NAME).write_bytes(CONTENT)
    assert run(commands.replace("LOGKEY", b64(KEY))).returncode != 0
