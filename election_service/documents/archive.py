"""The archive of a poll: the log up to its end, keys, documents with their signatures, and how to check all of it.

One ZIP that `election-audit verify` takes as it is. Names are sorted and times are the log's, so that two runs give the
same bytes.
"""

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from audit.document import SUFFIX
from election_service.documents.record import PollRecord
from keys.canonical import b64, encode

LOG: Final = "log/"
DOCUMENTS: Final = "documents/"
_MODE: Final = 0o100644 << 16
_UNIX: Final = 3
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)  # a ZIP knows no earlier time

_README: Final = """\
{title}
{line}

This archive holds the public log of the election up to the end of poll {poll}, as it was
certified or annulled, and the documents that were made from it.

  log/            the log: {entries} entries, checkpoint, files named by their SHA-256
  documents/      protocols (PDF) and exports (CSV, JSON), each with its signature (.sig)
  keys.json       log id, key of the log, key of the receipts, keys of the committee
  log-key.pem     the key of the log again, for openssl

Check everything, the result down to its clauses, with the program of the election's sources; it needs Python 3.11 and
three libraries:

  pip install .          (in a copy of the sources)
  election-audit verify {archive} --log {log_id}

Take the log id from paper or from somebody you trust, not from this file.

Unpack it beside the archive, and check who signed a document:

{documents}
Why did it end so?

  election-audit explain {contest} {archive}
"""


@dataclass(frozen=True, slots=True)
class ArchiveNotes:
    """What an archive says besides its files; ``made``: POSIX seconds, ``keys``: the file of that name."""

    title: str
    poll: int
    entries: int
    log_id: str
    log_key: bytes
    contest: str
    made: int
    keys: bytes


@dataclass(frozen=True, slots=True)
class Made:
    """Documents by file name, and what an archive says of them."""

    documents: dict[str, bytes]
    notes: ArchiveNotes


def notes_of(record: PollRecord) -> ArchiveNotes:
    """From the record of the poll."""
    contests = [item.result.contest for item in record.contests]
    return ArchiveNotes(
        title=f"{record.rules.name}: {record.facts.election}, poll {record.number}",
        poll=record.number,
        entries=record.facts.entries,
        log_id=b64(record.facts.log_id),
        log_key=record.log_key,
        contest=contests[0] if contests else "CONTEST",
        made=record.ended,
        keys=_keys(record),
    )


def make_archive(target: Path, log: Path, documents: Mapping[str, bytes], notes: ArchiveNotes, name: str) -> None:
    """Write the ZIP. ``log``: a folder with a copy of the log; ``documents``: by name, signatures among them; ``name``:
    what the archive is called.
    """
    stamp = max(datetime.fromtimestamp(notes.made, UTC).timetuple()[:6], _EARLIEST)
    own = {
        "README.txt": _readme(notes, name, documents).encode(),
        "keys.json": notes.keys,
        "log-key.pem": log_key_pem(notes.log_key),
        **{DOCUMENTS + name: content for name, content in documents.items()},
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path, content in _sorted(own, _files(log)):
            about = zipfile.ZipInfo(path, stamp)
            about.compress_type, about.create_system, about.external_attr = zipfile.ZIP_DEFLATED, _UNIX, _MODE
            archive.writestr(about, content if isinstance(content, bytes) else content.read_bytes())


def _files(log: Path) -> Iterator[tuple[str, Path]]:
    for path in log.rglob("*"):
        if path.is_file():
            yield LOG + path.relative_to(log).as_posix(), path


def _sorted(own: Mapping[str, bytes], files: Iterable[tuple[str, Path]]) -> list[tuple[str, bytes | Path]]:
    """Ascending by name; the files of the log are read one at a time."""
    return sorted([*own.items(), *files], key=lambda item: item[0])


def log_key_pem(log_key: bytes) -> bytes:
    """The Ed25519 key of the log as openssl reads it."""
    return Ed25519PublicKey.from_public_bytes(log_key).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _keys(record: PollRecord) -> bytes:
    opened = record.opened
    document = {
        "election": opened.election,
        "origin": opened.origin,
        "log": b64(record.facts.log_id),
        "log_key": opened.log_key,
        "receipt_key": opened.receipt_key,
        "registrar": {"mode": opened.registrar.mode, "key": opened.registrar.key},
        "members": [{"id": member.id, "key": member.key} for member in record.members],
        "threshold": record.threshold,
    }
    return encode(document) + b"\n"


def _readme(notes: ArchiveNotes, archive: str, documents: Mapping[str, bytes]) -> str:
    lines = "".join(
        f"  election-audit document {DOCUMENTS}{name} {DOCUMENTS}{name}{SUFFIX} {archive}\n"
        for name in sorted(documents)
        if not name.endswith(SUFFIX)
    )
    return _README.format(
        title=notes.title,
        line="=" * len(notes.title),
        poll=notes.poll,
        entries=notes.entries,
        archive=archive,
        log_id=notes.log_id,
        documents=lines,
        contest=notes.contest,
    )
