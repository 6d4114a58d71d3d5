"""Tables that ask for more than there is: a few kilobytes that would take the service's memory or time (A93)."""

from __future__ import annotations

import io
import os
import struct
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

from election_service.errors import RollError
from election_service.roll_sheet import MAX_FILE, read_sheet
from election_service.workbook import MAX_COLUMNS, MAX_UNPACKED

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPES: Final = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_ROOT: Final = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_BOOK: Final = (
    f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="1" sheetId="1" r:id="r1"/></sheets></workbook>'
)
_PARTS: Final = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)
_HOSTED: Final = 300 << 20  # bytes that the process of the service may take for a hostile table


def book(rows: str, texts: str = "") -> bytes:
    """An XLSX file with these rows in its sheet, and these shared texts."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        package.writestr("[Content_Types].xml", _TYPES)
        package.writestr("_rels/.rels", _ROOT)
        package.writestr("xl/workbook.xml", _BOOK)
        package.writestr("xl/_rels/workbook.xml.rels", _PARTS)
        package.writestr("xl/sharedStrings.xml", f'<sst xmlns="{_MAIN}">{texts}</sst>')
        package.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        )
    return raw.getvalue()


def cell(place: str, text: str = "x") -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def memory() -> int:
    """Bytes that this process holds."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 -- not a file of a folder
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


@contextmanager
def little(seconds: float = 30) -> Iterator[None]:
    """What happens inside takes the process of the service neither memory nor long."""
    before, began = memory(), time.monotonic()
    yield
    assert memory() - before < _HOSTED
    assert time.monotonic() - began < seconds


def test_the_book_of_these_tests_is_one_that_is_read() -> None:
    sheet = read_sheet(book(f'<row r="1">{cell("A1", "id")}<c r="B1" t="s"><v>0</v></c></row>', "<si><t>name</t></si>"))
    assert sheet.header == ("id", "name")


@pytest.mark.parametrize("place", ["XFD1048576", "A1048576", "XFD1", "ZZZ1"])
def test_a93_a_cell_far_off_makes_no_table_of_billions(place: str) -> None:
    raw = book(f'<row r="1">{cell("A1")}</row><row r="{place.lstrip("XFDAZ")}">{cell(place)}</row>')
    assert len(raw) < 4096
    with little(), pytest.raises(RollError, match="table: "):
        read_sheet(raw)


def test_a93_a_long_text_that_every_cell_repeats_is_not_written_out() -> None:
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 50_001))
    raw = book(cells, f"<si><t>{'x' * 1_000_000}</t></si>")
    assert len(raw) < 1 << 20
    with little(60), pytest.raises(RollError, match="table: "):
        read_sheet(raw)


def test_a93_what_says_that_it_unpacks_to_too_much_is_not_unpacked() -> None:
    raw = bytearray(book(f'<row r="1">{cell("A1")}</row>'))
    struct.pack_into("<L", raw, raw.rindex(b"PK\x01\x02") + 24, MAX_UNPACKED)
    with pytest.raises(RollError, match=f"unpacks to more than {MAX_UNPACKED} bytes"):
        read_sheet(bytes(raw))


@pytest.mark.parametrize("piece", ["<c ", '<c r="A1" ', '<c r="A1"> ', "<c ><f", "<x:c\t"])
def test_a93_no_sheet_takes_longer_than_its_length(piece: str) -> None:
    """A search that looks at the rest of the sheet from every tag of it would take years for these."""
    raw = book(piece * 400_000)
    assert len(raw) < 1 << 16
    with little(), pytest.raises(RollError, match="table: "):
        read_sheet(raw)


def test_a93_a_header_of_commas_makes_no_row_as_long() -> None:
    raw = b"a" + b"," * 1_000_000 + b"\n" + b"a\n" * 100_000
    assert len(raw) < MAX_FILE
    with little(), pytest.raises(RollError, match=f"expected at most {MAX_COLUMNS} columns, got 1000001"):
        read_sheet(raw)


def test_the_hint_of_a_refusal_comes_back_from_the_other_process() -> None:
    raw = book('<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>')
    with pytest.raises(RollError, match=r"sheet1\.xml: cell A1: formula") as refused:
        read_sheet(raw)
    assert "paste special" in refused.value.hint
