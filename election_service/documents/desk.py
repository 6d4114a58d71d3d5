"""The documents of a poll, made when they are first asked for and then kept in the state directory.

    documents/<election>/<poll>-<entries>/NAME and NAME.sig

Until a result is certified or annulled there are drafts, from the newest published entry; from then on the documents
are those of the log up to that act, whatever happens later. What is kept is never believed: each file is compared with
its signature before it is handed out, so that a changed file is an error and not a document.
"""

import asyncio
import hmac
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

from audit.checkpoint import make_checkpoint
from audit.document import SUFFIX, make_document, parse_document, verify_document_signature
from audit.ed25519 import ed25519_public_key
from election_service.documents.archive import make_archive
from election_service.documents.errors import NoRecordError
from election_service.documents.log_copy import copy_log, find_end, write_checkpoint, write_file
from election_service.documents.names import DocumentName, ordinary
from election_service.documents.process import make_apart
from election_service.errors import LogDamagedError
from election_service.log import read_head

if TYPE_CHECKING:
    from election_service.election import Election
    from election_service.service import Service

FOLDER: Final = "documents"
_MAKING: Final = ".making-"
_ABANDONED: Final = 3600.0  # seconds after which nobody is at work on it any more
_MEND: Final = "delete the file and its .sig; they are made again, the same byte by byte"


@dataclass(frozen=True, slots=True)
class Story:
    """Up to which entry the documents of a poll tell; ``final``: its result is certified or annulled."""

    poll: int
    size: int
    final: bool


@dataclass(slots=True)
class DocumentDesk:
    """Owner of the locks: one story of an election is made at a time in this process."""

    service: "Service"
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def story(self, election: str, poll: int) -> Story:
        """How far the documents of a poll go now; NoRecordError before its result is declared."""
        facts = await self.service.facts(election)
        known = facts.polls.get(poll)
        if known is None or known.declared is None:
            raise NoRecordError(f"poll {poll}: no result is declared", "protocols are made from the declaration on")
        async with self.service.database.snapshot() as connection:
            end = await find_end(connection, election, poll)
            size = (await read_head(connection, election)).published_size
        return Story(poll, size, final=False) if end is None else Story(poll, end, final=True)

    async def read(self, election: str, name: DocumentName, *, draft: bool) -> bytes:
        """A document or signature as it is handed out; made first, where it is not there yet.

        ``draft``: whether a draft will do. NoRecordError where there is nothing to make it from; LogDamagedError where
        the log does not verify, or where what is kept is not what was signed.
        """
        folder = await self._ready(election, name, draft=draft)
        known = await self.service.election(election)
        return await asyncio.to_thread(_read, folder, name, known.origin, ed25519_public_key(known.log_key))

    async def file(self, election: str, name: DocumentName, *, draft: bool) -> Path:
        """As `read`, but where the file stands: for an archive that nobody wants to hold in memory."""
        folder = await self._ready(election, name, draft=draft)
        known = await self.service.election(election)
        await asyncio.to_thread(_check, folder, name, known.origin, ed25519_public_key(known.log_key))
        return folder / name.file

    async def _ready(self, election: str, name: DocumentName, *, draft: bool) -> Path:
        """The folder that holds the document by now."""
        story = await self.story(election, name.poll)
        if not story.final and not draft:
            raise NoRecordError(f"poll {name.poll}: its result is not certified yet", "wait for the certification")
        return await self._have(election, story, [name])

    async def prepare(self, election: str, poll: int, names: Sequence[DocumentName]) -> Path:
        """Make these documents, unless they are there; returns the folder that holds them."""
        return await self._have(election, await self.story(election, poll), names)

    async def _have(self, election: str, story: Story, names: Sequence[DocumentName]) -> Path:
        known = await self.service.election(election)
        folder = self._folder(election, story)
        async with self._locks.setdefault(election, asyncio.Lock()):
            wanted = [name for name in names if not (folder / (name.document + SUFFIX)).is_file()]
            if wanted:
                await self._make(known, story, wanted)
        return folder

    def _folder(self, election: str, story: Story) -> Path:
        return self.service.state.root / FOLDER / election / f"{story.poll}-{story.size}"

    async def _make(self, election: "Election", story: Story, names: Sequence[DocumentName]) -> None:
        """These, out of a fresh copy of the log. What is ordinary comes along where it will be asked for as well: of a
        result that stands, and in an archive; the log is verified once for all of them, and what is kept is not drawn
        again.
        """
        folder = self._folder(election.id, story)
        await asyncio.to_thread(_tidy, folder, story.poll)
        archives = [name for name in names if name.kind == "archive"]
        wanted = {name.document: name for name in names if name.kind != "archive"}
        kept = [name for name in ordinary(story.poll) if (folder / (name.document + SUFFIX)).is_file()]
        if archives or story.final:
            wanted = {name.document: name for name in ordinary(story.poll) if name not in kept} | wanted
        await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        making = Path(await asyncio.to_thread(mkdtemp, prefix=_MAKING, dir=folder))
        try:
            log = making / "log"
            async with self.service.database.snapshot() as connection:
                root = await copy_log(connection, election.id, story.size, log)
            checkpoint = make_checkpoint(election.origin, story.size, root, election.log_key)
            await asyncio.to_thread(write_checkpoint, log, checkpoint)
            made = await make_apart(log, story.poll, list(wanted.values()))
            signed = made.documents | {
                name + SUFFIX: make_document(
                    election.origin, story.size, root, name, sha256(content).digest(), election.log_key
                )
                for name, content in made.documents.items()
            }
            await asyncio.to_thread(_keep, folder, signed)
            for name in archives:
                held = await asyncio.to_thread(_held, folder, story.poll, election)
                target = making / name.document
                await asyncio.to_thread(make_archive, target, log, held, made.notes, name.document)
                digest = await asyncio.to_thread(_digest, target)
                signature = make_document(election.origin, story.size, root, name.document, digest, election.log_key)
                target.replace(folder / name.document)
                await asyncio.to_thread(_keep, folder, {name.document + SUFFIX: signature})
        finally:
            await asyncio.to_thread(shutil.rmtree, making, ignore_errors=True)


def _tidy(folder: Path, poll: int) -> None:
    """Drafts that are older than the story go, and what a process that died has left behind."""
    if not folder.parent.is_dir():
        return
    for other in folder.parent.iterdir():
        if other.name.startswith(f"{poll}-") and other != folder:
            shutil.rmtree(other, ignore_errors=True)
    for left in folder.glob(f"{_MAKING}*"):
        if time.time() - left.stat().st_mtime > _ABANDONED:
            shutil.rmtree(left, ignore_errors=True)


def _keep(folder: Path, files: Mapping[str, bytes]) -> None:
    """Every file at once or not at all; a signature after its document, since it says that the document is there."""
    for name in sorted(files, key=lambda item: item.endswith(SUFFIX)):
        fresh = folder / f".{name}.{os.getpid()}.new"
        write_file(fresh, files[name])
        fresh.replace(folder / name)


def _digest(file: Path) -> bytes:
    digest = sha256()
    with file.open("rb") as source:
        while block := source.read(1 << 20):
            digest.update(block)
    return digest.digest()


def _read(folder: Path, name: DocumentName, origin: str, log_key: bytes) -> bytes:
    """The file that is meant, if it is what the log's key signed under this very name; else LogDamagedError."""
    raw = (folder / (name.document + SUFFIX)).read_bytes()
    content = (folder / name.document).read_bytes()
    _compare(folder, name, raw, sha256(content).digest(), origin, log_key)
    return raw if name.signature else content


def _held(folder: Path, poll: int, election: "Election") -> dict[str, bytes]:
    """What an archive holds: every ordinary document with its signature, as they are kept; errors as `_read`."""
    log_key = ed25519_public_key(election.log_key)
    both = [replace(name, signature=signature) for name in ordinary(poll) for signature in (False, True)]
    return {name.file: _read(folder, name, election.origin, log_key) for name in both}


def _check(folder: Path, name: DocumentName, origin: str, log_key: bytes) -> None:
    """As `_read`, without the file in memory."""
    raw = (folder / (name.document + SUFFIX)).read_bytes()
    _compare(folder, name, raw, _digest(folder / name.document), origin, log_key)


def _compare(folder: Path, name: DocumentName, raw: bytes, digest: bytes, origin: str, log_key: bytes) -> None:
    signed = parse_document(raw)
    verify_document_signature(signed, origin, log_key)
    if signed.name != name.document or not hmac.compare_digest(signed.digest, digest):
        raise LogDamagedError(f"{folder / name.document}: not the file that was signed", _MEND)
