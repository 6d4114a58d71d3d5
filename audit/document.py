"""Documents that the log's key signs: protocols and exports of a result, as files (docs/protocol.md §9, Documents).

The signature is a signed note (c2sp.org/signed-note) by the key of the checkpoints. Its first line begins with
`es1/document` and a space, which no origin holds: what is signed here is no checkpoint, and no checkpoint is this.

    es1/document vote.example.edu/sg-2026
    135
    <root of the first 135 entries, base64>
    <SHA-256 of the file, lower-case hex>  protocol-1-ka.pdf

    — vote.example.edu/sg-2026 <key id and signature, base64>
"""

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import file_digest, sha256
from io import BufferedReader, BytesIO
from typing import Final

from audit.errors import NoteError, ProofError
from audit.merkle import HASH_SIZE, MAX_SIZE, Frontier, leaf_hash
from audit.note import Note, make_note, parse_note, verify_note
from audit.signed_entries import open_entry, signed_entries
from audit.source import LogSource
from keys.canonical import unb64

TITLE: Final = "es1/document "
SUFFIX: Final = ".sig"
_SIZE: Final = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_FILE: Final = re.compile(r"([0-9a-f]{64})  ([a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """What a signature says: file name and SHA-256, made from the log's first ``size`` entries, whose root this is."""

    origin: str
    size: int
    root: bytes
    name: str
    digest: bytes
    note: Note


@dataclass(frozen=True, slots=True)
class Attested:
    """What `verify_document` found; ``entries``: of the copy that it was compared with."""

    document: SignedDocument
    log_id: bytes
    entries: int


def document_text(origin: str, size: int, root: bytes, name: str, digest: bytes) -> str:
    """The four lines that are signed; NoteError for what `parse_document` would not read."""
    text = f"{TITLE}{origin}\n{size}\n{base64.b64encode(root).decode()}\n{digest.hex()}  {name}\n"
    _read(Note(text, ()))
    return text


def make_document(origin: str, size: int, root: bytes, name: str, digest: bytes, secret: bytes) -> bytes:
    """The signature file of a document; ``secret`` is the log key's 32-byte Ed25519 seed, ``digest`` its SHA-256."""
    return make_note(document_text(origin, size, root, name, digest), origin, secret)


def parse_document(raw: bytes) -> SignedDocument:
    """Read a signature file strictly; NoteError. Nothing is trusted yet: see verify_document."""
    return _read(parse_note(raw))


def _read(note: Note) -> SignedDocument:
    lines = note.text[:-1].split("\n")
    if len(lines) != 4 or not lines[0].startswith(TITLE):
        raise NoteError("document: expected four lines, the first beginning with es1/document: no signature of one")
    origin = lines[0].removeprefix(TITLE)
    if not origin or any(letter.isspace() for letter in origin):
        raise NoteError(f"document: expected the origin of a log, got {origin[:80]!r}")
    if not _SIZE.fullmatch(lines[1]) or int(lines[1]) > MAX_SIZE:
        raise NoteError(f"document: expected a size without leading zeros, got {lines[1][:40]!r}")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(f"document: root is not base64: {lines[2][:80]!r}") from error
    if base64.b64encode(root).decode() != lines[2] or len(root) != HASH_SIZE:
        raise NoteError(f"document: expected a root of {HASH_SIZE} bytes in base64, got {lines[2][:80]!r}")
    file = _FILE.fullmatch(lines[3])
    if file is None:
        raise NoteError(f"document: expected a SHA-256, two spaces and a file name, got {lines[3][:120]!r}")
    return SignedDocument(origin, int(lines[1]), root, file[2], bytes.fromhex(file[1]), note)


def verify_document(
    file: BufferedReader | BytesIO, signature: bytes, source: LogSource, log_id: bytes | None = None
) -> Attested:
    """The log's key signed exactly this file, over a beginning of this very copy; DataError otherwise.

    ``file`` stands at its beginning; ``log_id``, 32 bytes, pins the log. Who signed is checked here, not whether what
    the document says is true: `verify_log` does that.
    """
    document = parse_document(signature)
    found = file_digest(file, "sha256").digest()
    if found != document.digest:
        raise NoteError(f"document: not the signed file: expected SHA-256 {document.digest.hex()}, got {found.hex()}")
    tree, known = Frontier(), b""
    for number, raw in signed_entries(source, log_id):
        if number == 0:
            known = sha256(raw).digest()
            opened = open_entry(raw)
            verify_document_signature(document, opened.origin, unb64(opened.log_key, HASH_SIZE, "log_key"))
        tree.append(leaf_hash(raw))
        if tree.size == document.size and tree.root() != document.root:
            raise ProofError(
                f"document: two histories: the copy's first {tree.size} entries are not those that it was made from"
            )
    if tree.size < document.size:
        raise ProofError(f"document: expected a copy of at least {document.size} entries, got {tree.size}")
    return Attested(document, known, tree.size)


def verify_document_signature(document: SignedDocument, origin: str, log_key: bytes) -> None:
    """The log of that origin signed it with its 32-byte Ed25519 key; else NoteError."""
    if document.origin != origin:
        raise NoteError(f"document: wrong origin: expected {origin}, got {document.origin[:80]}")
    verify_note(document.note, [(origin, log_key)])
