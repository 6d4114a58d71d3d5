"""Ballot links (docs/protocol.md §4), and the file that carries them from the registrar to the voters.

A link holds the seed: whoever has it can vote. The file is readable by its owner alone, and removed once the links are
out (A44). The service never gets the fragment of a link, and keeps none of them.
"""

import csv
import io
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from election_service.errors import InputError
from election_service.state_dir import create_durably, remove_durably

_COLUMNS: Final = ("student_id", "full_name", "email", "language", "link")


@dataclass(frozen=True, slots=True)
class Link:
    """One voter's link, with what is needed to send it."""

    student_id: str
    full_name: str
    email: str
    language: str
    link: str = field(repr=False)


def write_links(path: Path, links: Iterable[Link]) -> int:
    """Write the links file, mode 0600, which must not exist yet; returns the number of links."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    count = 0
    for link in links:
        writer.writerow([getattr(link, column) for column in _COLUMNS])
        count += 1
    if not create_durably(path, text.getvalue().encode()):
        raise InputError(f"links: {path} exists already", "send or destroy those links first, or give another name")
    return count


def read_links(path: Path) -> list[Link]:
    """Read a links file; InputError if it is missing, open to others, or no links file."""
    try:
        text = path.read_text("utf-8")
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"links: {path}: {error}", "give the file that `registrar make` wrote") from error
    if mode & 0o077:
        raise InputError(f"links: {path} can be read by others", f"chmod 600 {path}, and ask who has read it")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    if not rows or tuple(rows[0]) != _COLUMNS or any(len(row) != len(_COLUMNS) for row in rows):
        raise InputError(f"links: {path}: no links file", "give the file that `registrar make` wrote")
    return [Link(*row) for row in rows[1:]]


def destroy_links(path: Path) -> None:
    """Overwrite and remove the links file. On flash memory and copying file systems old blocks can survive."""
    if path.is_file():
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
    remove_durably(path)
