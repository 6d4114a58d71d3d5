"""Tables as registrars export them, CSV or XLSX, read into rows of text. Nothing is interpreted here but the format.

A row keeps its number: records are counted from 1, the header being 1, empty ones included, as a spreadsheet counts.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from election_service.errors import RollError
from election_service.workbook import MAX_COLUMNS, MAX_ROWS, read_workbook

MAX_FILE: Final = 32 << 20  # bytes; 100,000 students need some 15 MiB
_DELIMITERS: Final = ",;\t"
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A header and the rows below it: (row number, cells as text). Empty rows are left out; the numbers tell."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_sheet(raw: bytes) -> Sheet:
    """Read a CSV or XLSX file; RollError where it is neither, or too large."""
    if len(raw) > MAX_FILE:
        raise RollError(f"table: expected at most {MAX_FILE} bytes, got {len(raw)}", "split off what is no roll")
    if raw.startswith(_OLE):
        raise RollError(
            "table: this is an old .xls or a protected file", "save it as .xlsx without a password, or as CSV"
        )
    records = read_workbook(raw) if raw.startswith(_ZIP) else _read_csv(raw)
    return _sheet(records)


def _sheet(records: Iterable[Sequence[str]]) -> Sheet:
    header: tuple[str, ...] | None = None
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in enumerate(records, 1):
        if number > MAX_ROWS:
            raise RollError(f"table: expected at most {MAX_ROWS} rows", "split off what is no roll")
        if header is None:
            if len(cells) > MAX_COLUMNS:  # each row is made as long as the header
                raise RollError(f"table: expected at most {MAX_COLUMNS} columns, got {len(cells)}", "remove the others")
            header = tuple(cell.strip() for cell in cells)
            if not any(header):
                raise RollError("table: row 1: expected the names of the columns", "remove empty rows at the top")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            raise RollError(
                f"table: row {number}: expected {len(header)} cells, got {len(cells)}",
                "a value that holds the separator must stand in quotes",
            )
        rows.append((number, tuple(cells[: len(header)]) + ("",) * (len(header) - len(cells))))
    if header is None:
        raise RollError("table: empty", "give a table with a header and at least one row")
    return Sheet(header, tuple(rows))


# ---- CSV ---------------------------------------------------------------------------------------------------------


def _read_csv(raw: bytes) -> list[list[str]]:
    hint = 'save it as "CSV UTF-8"'
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RollError("table: expected UTF-8, got UTF-16", hint)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RollError(f"table: expected UTF-8: byte {error.start} is none", hint) from error
    if "\0" in text:
        raise RollError("table: expected text, got a binary file", "give a CSV or XLSX file")
    previous = csv.field_size_limit(MAX_FILE)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True))
    except csv.Error as error:
        raise RollError(f"table: not CSV: {error}", "look at the quotes around values") from error
    finally:
        csv.field_size_limit(previous)


def _delimiter(text: str) -> str:
    """The separator that occurs most in the header, outside quotes; a comma where there is none."""
    first = next(iter(text.splitlines()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return max(_DELIMITERS, key=bare.count)
