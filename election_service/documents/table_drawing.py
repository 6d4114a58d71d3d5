"""How tables and bars are drawn; a table that goes on on another page repeats its head there."""

from collections.abc import Sequence
from typing import Final

from election_service.documents.paper import Bar, Bars, Table
from election_service.documents.sheet import BAD, FULL, INNER, PALE, PRIMARY, SIDE, SOFT, WIDTH, Sheets

_PAD: Final = 1.5  # between the text of a cell and its lines
_BAR_LABELS: Final = 0.36
_BAR_SAID: Final = 0.20
_BAR: Final = 4.2  # height of a bar
_HEAD: Final = 12.0  # height of a head of two lines
_LEAST: Final = 16.0  # what is left of a page at least, where a row is to begin
_TOGETHER: Final = 110.0  # a chart of at most this height stays on one page


def draw_table(piece: Table, sheets: Sheets) -> None:
    """Row by row; a row is broken only where it is longer than a page."""
    unit = INNER / sum(piece.widths)
    widths = [share * unit for share in piece.widths]
    sheets.need(_HEAD + _LEAST)
    _table_head(sheets, piece, widths)
    for row in piece.rows:
        _row(sheets, piece, row, widths)
    sheets.top += 3.5


def _row(sheets: Sheets, piece: Table, row: Sequence[str], widths: Sequence[float]) -> None:
    """On this page or the next; over several where it is longer than one."""
    sheets.type(9)
    rest = [sheets.lines(cell, width - 2 * _PAD) for cell, width in zip(row, widths, strict=True)]
    while any(rest):
        sheets.type(9)
        height = _height(sheets, rest)
        if height > sheets.room and (height <= FULL - _HEAD or sheets.room < _LEAST):
            sheets.begin_page()
            _table_head(sheets, piece, widths)
            sheets.type(9)
        fit = max(1, int((sheets.room - 2 * _PAD) / sheets.leading + 1e-6))
        now, rest = [cell[:fit] for cell in rest], [cell[fit:] for cell in rest]
        height = _height(sheets, now)
        _cells(sheets, now, widths, piece.numbers)
        sheets.top += height
        sheets.rule(SIDE, sheets.top, INNER)


def _table_head(sheets: Sheets, piece: Table, widths: Sequence[float]) -> None:
    sheets.type(8.5, bold=True, colour=PRIMARY)
    head = [sheets.lines(cell, width - 2 * _PAD) for cell, width in zip(piece.head, widths, strict=True)]
    height = _height(sheets, head)
    sheets.box(SIDE, sheets.top, INNER, height, SOFT)
    _cells(sheets, head, widths, piece.numbers)
    sheets.top += height


def _height(sheets: Sheets, cells: Sequence[Sequence[str]]) -> float:
    """Of a row, its cells in lines, in the type that is set."""
    return max(len(cell) for cell in cells) * sheets.leading + 2 * _PAD


def _cells(sheets: Sheets, cells: Sequence[Sequence[str]], widths: Sequence[float], numbers: frozenset[int]) -> None:
    x = SIDE
    for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        right = x + width - _PAD if column in numbers else None
        if cell:
            with sheets.tagged("P"):
                sheets.write_lines(x + _PAD, sheets.top + _PAD, cell, right=right)
        x += width


def draw_bars(piece: Bars, sheets: Sheets) -> None:
    """A chart stays together where it is not long."""
    height = sum(_bar_height(sheets, row)[1] for row in piece.rows)
    if height <= _TOGETHER:
        sheets.need(height)
    for row in piece.rows:
        _bar(sheets, row)
    sheets.top += 2.5


def _bar_height(sheets: Sheets, row: Bar) -> tuple[list[str], float]:
    """The label in lines, and the height."""
    sheets.type(9.5, bold=row.strong)
    names = sheets.lines(row.label, INNER * _BAR_LABELS - 3)
    return names, max(len(names) * sheets.leading, _BAR) + 1.6


def _bar(sheets: Sheets, row: Bar) -> None:
    labels = INNER * _BAR_LABELS
    track = INNER - labels - INNER * _BAR_SAID
    names, height = _bar_height(sheets, row)
    if height > _TOGETHER:
        sheets.flow(names, SIDE, 9.5, bold=row.strong)
        names, height = [], _BAR + 1.6
    sheets.need(height)
    sheets.type(9.5, bold=row.strong)
    if names:
        with sheets.tagged("P"):
            sheets.write_lines(SIDE, sheets.top, names)
    left, top = SIDE + labels, sheets.top + 0.3
    sheets.box(left, top, track, _BAR, SOFT)
    if row.whole and row.part:
        sheets.box(left, top, track * min(row.part, row.whole) / row.whole, _BAR, PRIMARY if row.strong else PALE)
    if row.mark is not None:
        sheets.box(left + track * row.mark / 1000 - 0.25, top - 0.7, 0.5, _BAR + 1.4, BAD)
    with sheets.tagged("P"):
        sheets.write_lines(0, sheets.top, [sheets.shown(row.said)], right=WIDTH - SIDE)
    sheets.top += height
