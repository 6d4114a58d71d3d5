"""What the commands of `election-audit` share: exit codes, usage errors, small files."""

from pathlib import Path
from typing import Final

from keys.canonical import unb64
from keys.errors import ElectionError, FormatError

OK, FAILED, UNUSABLE = 0, 1, 2
MAX_FILE: Final = 3 << 19  # bytes of a receipt, proof, opened ballot or checkpoint
COPY: Final = "URL, folder or ZIP file with a copy of the log"


class UsageError(ElectionError):
    """Something on the command line cannot be used; `hint` says what could."""

    def __init__(self, text: str, hint: str) -> None:
        super().__init__(text)
        self.hint = hint


def read_file(name: str) -> bytes:
    """A small file; UsageError where it cannot be read or is large."""
    try:
        with Path(name).open("rb") as file:
            raw = file.read(MAX_FILE + 1)
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror or error}", "give the path of a file that can be read") from error
    if len(raw) > MAX_FILE:
        raise UsageError(f"{name}: larger than {MAX_FILE} bytes", "receipts, proofs and checkpoints are small files")
    return raw


def write_file(name: str, content: bytes) -> None:
    """Write a new file; UsageError where that cannot be done, and where there is one already."""
    try:
        with Path(name).open("xb") as file:
            file.write(content)
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror or error}", "name a file that is not there yet") from error


def read_log_id(text: str) -> bytes:
    """The log id as `verify` prints it; UsageError."""
    try:
        return unb64(text, 32, "--log")
    except FormatError as error:
        hint = "43 letters of base64url, as `verify` prints them behind `log`"
        raise UsageError(f"--log: no log id: {text[:80]!r}", hint) from error
