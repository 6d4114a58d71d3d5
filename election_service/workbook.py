"""XLSX files, read in a process of their own with little memory and time (A93).

A few kilobytes can ask for any amount of both: a cell far down, a text that every cell repeats, a part that unpacks to
more than it says. Whoever may upload a table stops no poll by one: the process that serves never opens it.
"""

import io
import multiprocessing
import re
import resource
import zipfile
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook, XmlError, ZipError

from election_service.errors import RollError

MAX_UNPACKED: Final = 512 << 20  # bytes of the file's parts: it is a ZIP, and ZIPs can be bombs
MAX_ROWS: Final = 200_000
MAX_COLUMNS: Final = 128
MAX_LETTERS: Final = 64 << 20  # of all cells together: they come back to the process that serves
MAX_MEMORY: Final = 2 << 30  # bytes of addresses that the reading process may ask for
MAX_TIME: Final = 30  # seconds of a processor
_CELL_WITH_FORMULA: Final = re.compile(rb"<(?:\w+:)?c(\s[^<>]*)?>\s*<(?:\w+:)?f[\s/>]")  # looks at no letter twice
_NAME: Final = re.compile(rb'\br="([A-Z]{1,3}[0-9]{1,7})"')
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml\Z")
_AGAIN: Final = "save it again as .xlsx, or as CSV"

Cells = list[list[str]]


def read_workbook(raw: bytes) -> Cells:
    """The rows of the first sheet as a person reads them; RollError where it is no XLSX file, or takes too much."""
    if not zipfile.is_zipfile(io.BytesIO(raw)):
        raise RollError("table: not XLSX: it is no ZIP file, or its end is missing", _AGAIN)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=_confine) as process:
        try:
            return process.submit(_read, raw).result()
        except (BrokenProcessPool, MemoryError) as error:
            raise RollError("table: takes too much memory or time to be read", _AGAIN) from error


# ---- in that process -------------------------------------------------------------------------------------------------


def _confine() -> None:
    """Where a limit cannot be set, a lower one is in force already, or the system forbids it: then its own hold."""
    limits = {resource.RLIMIT_AS: MAX_MEMORY, resource.RLIMIT_CPU: MAX_TIME, resource.RLIMIT_CORE: 0}
    for what, most in limits.items():
        with suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))


def _read(raw: bytes) -> Cells:
    _check_package(raw)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        sheet = workbook.get_sheet_by_index(0)
        if sheet.total_height > MAX_ROWS or sheet.total_width > MAX_COLUMNS:
            raise RollError(
                f"table: expected at most {MAX_ROWS} rows and {MAX_COLUMNS} columns, got {sheet.total_height} and "
                f"{sheet.total_width}",
                "split off what is no roll",
            )
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, XmlError, ZipError, IndexError, OSError) as error:
        raise RollError(f"table: not XLSX: {error}", _AGAIN) from error
    cells = [[_text(cell) for cell in row] for row in rows]
    if sum(len(cell) for row in cells for cell in row) > MAX_LETTERS:
        raise RollError(f"table: expected at most {MAX_LETTERS} letters", "split off what is no roll")
    return cells


def _check_package(raw: bytes) -> None:
    """Refuse a ZIP that unpacks to too much, and a sheet with formulas: what they show is not what they are."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            if sum(part.file_size for part in package.infolist()) > MAX_UNPACKED:
                raise RollError(f"table: unpacks to more than {MAX_UNPACKED} bytes", "save it again without pictures")
            for part in package.infolist():
                found = _CELL_WITH_FORMULA.search(package.read(part)) if _SHEET.match(part.filename) else None
                if found:
                    name, sheet = _NAME.search(found[1] or b""), part.filename.rsplit("/", 1)[-1]
                    raise RollError(
                        f"table: {sheet}: cell {name[1].decode() if name else '?'}: formula instead of a value",
                        "copy the values into a new sheet (paste special: values)",
                    )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise RollError(f"table: not XLSX: {error}", _AGAIN) from error


def _text(cell: object) -> str:
    """A cell as the text that a person reads in it; whole numbers without a fraction."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
