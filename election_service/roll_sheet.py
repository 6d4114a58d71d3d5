"""Tables as registrars export them, CSV or XLSX, read into rows of text. Nothing is interpreted here but the format.

A row keeps its number: records are counted from 1, the header being 1, empty ones included, as a spreadsheet counts.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook, XmlError, ZipError

from election_service.errors import RollError

MAX_FILE: Final = 32 << 20  # bytes; 100,000 students need some 15 MiB
MAX_UNPACKED: Final = 512 << 20  # bytes of an XLSX file's parts: it is a ZIP, and ZIPs can be bombs
MAX_ROWS: Final = 200_000
MAX_CELL: Final = 1_000  # characters
_DELIMITERS: Final = ",;\t"
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_FORMULA: Final = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+[0-9]+)"[^>]*>\s*<(?:\w+:)?f[\s/>]')
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml\Z")


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
    records = _read_xlsx(raw) if raw.startswith(_ZIP) else _read_csv(raw)
    return _sheet(records)


def _sheet(records: Iterable[Sequence[str]]) -> Sheet:
    header: tuple[str, ...] | None = None
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in enumerate(records, 1):
        if number > MAX_ROWS:
            raise RollError(f"table: expected at most {MAX_ROWS} rows", "split off what is no roll")
        if header is None:
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


# ---- XLSX --------------------------------------------------------------------------------------------------------


def _read_xlsx(raw: bytes) -> list[list[str]]:
    _check_package(raw)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        sheet = workbook.get_sheet_by_index(0)
        if sheet.total_height > MAX_ROWS or sheet.total_width > MAX_CELL:
            raise RollError(f"table: expected at most {MAX_ROWS} rows, got {sheet.total_height}", "split off the rest")
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, XmlError, ZipError, IndexError, OSError) as error:
        raise RollError(f"table: not XLSX: {error}", "save it again as .xlsx, or as CSV") from error
    return [[_text(cell) for cell in row] for row in rows]


def _check_package(raw: bytes) -> None:
    """Refuse a ZIP that unpacks to too much, and a sheet with formulas: what they show is not what they are."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            if sum(part.file_size for part in package.infolist()) > MAX_UNPACKED:
                raise RollError(f"table: unpacks to more than {MAX_UNPACKED} bytes", "save it again without pictures")
            for part in package.infolist():
                found = _FORMULA.search(package.read(part)) if _SHEET.match(part.filename) else None
                if found:
                    sheet = part.filename.rsplit("/", 1)[-1]
                    raise RollError(
                        f"table: {sheet}: cell {found[1].decode()}: formula instead of a value",
                        "copy the values into a new sheet (paste special: values)",
                    )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise RollError(f"table: not XLSX: {error}", "save it again as .xlsx, or as CSV") from error


def _text(cell: object) -> str:
    """A cell as the text that a person reads in it; whole numbers without a fraction."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
