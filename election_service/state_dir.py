"""The state directory: what must not live in the database (docs/architecture.md, "State").

``heads/<election>.json``  the last signed tree head: an older database is found by it (A56)
``recovery/<context>.key`` the key that wraps a contest's recovery blobs; gone when the review window ends
``locks/<name>``           locks between processes on one machine
Every write is durable before it returns: file, rename, directory (A59).
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from election_service.errors import InstallationError

PRIVATE_FILE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700
KEY_SIZE: Final = 32


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_new(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_durably(path: Path, content: bytes, mode: int = PRIVATE_FILE) -> None:
    """Replace a file at once: readers see the old bytes or the new ones, also after a crash."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    _write_new(fresh, content, mode)
    fresh.replace(path)
    sync_folder(path.parent)


def create_durably(path: Path, content: bytes, mode: int = PRIVATE_FILE) -> bool:
    """Make a file that must not exist yet; False, and nothing changed, if it does."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    _write_new(fresh, content, mode)
    try:
        os.link(fresh, path)
    except FileExistsError:
        return False
    finally:
        fresh.unlink()
        sync_folder(path.parent)
    return True


def remove_durably(path: Path) -> None:
    """Remove a file, if it is there, so that it does not come back after a crash."""
    path.unlink(missing_ok=True)
    if path.parent.is_dir():
        sync_folder(path.parent)


class StateDir:
    """The service's own folder, readable by its user alone."""

    __slots__ = ("root",)

    def __init__(self, root: Path) -> None:
        self.root = root

    def create(self) -> None:
        """Make the folder and its rooms; only ``init`` does this."""
        for folder in (self.root, self.root / "heads", self.root / "recovery", self.root / "locks"):
            folder.mkdir(mode=PRIVATE_FOLDER, parents=folder == self.root, exist_ok=True)
        sync_folder(self.root)

    def check(self) -> None:
        """InstallationError unless the folder is there, writable, and private."""
        hint = "give the directory that `election-service init` made, owned by the service's user"
        for folder in (self.root, self.root / "heads", self.root / "recovery", self.root / "locks"):
            if not folder.is_dir():
                raise InstallationError(f"state directory: {folder} is missing", hint)
            if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                raise InstallationError(f"state directory: {folder} cannot be written", hint)
        if self.root.stat().st_mode & 0o077:
            raise InstallationError(f"state directory: {self.root} is open to others", f"chmod 700 {self.root}")

    def head_file(self, election: str) -> Path:
        return self.root / "heads" / f"{election}.json"

    def _recovery_file(self, context: bytes) -> Path:
        return self.root / "recovery" / f"{context.hex()}.key"

    def make_recovery_key(self, context: bytes, random: Callable[[int], bytes]) -> bytes:
        """The contest's 32-byte key for recovery blobs at rest; made at most once (docs/protocol.md §5)."""
        create_durably(self._recovery_file(context), random(KEY_SIZE))
        return self.recovery_key(context)

    def recovery_key(self, context: bytes) -> bytes:
        """The contest's key; InstallationError if it is gone."""
        path = self._recovery_file(context)
        try:
            key = path.read_bytes()
        except FileNotFoundError as error:
            raise InstallationError(f"recovery key of contest {context.hex()[:16]}: gone", "") from error
        if len(key) != KEY_SIZE:
            raise InstallationError(f"recovery key {path}: expected {KEY_SIZE} bytes, got {len(key)}", "")
        return key

    def destroy_recovery_key(self, context: bytes) -> None:
        """Nobody opens the contest's recovery blobs at rest any more."""
        remove_durably(self._recovery_file(context))

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold a lock between processes; the kernel releases it when the holder dies. Blocks the thread."""
        with (self.root / "locks" / name).open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
