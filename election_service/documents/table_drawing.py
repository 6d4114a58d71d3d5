"""How tables and bars are drawn; a table that goes on on another page repeats its head there."""

from collections.abc import Sequence
from typing import Final

from election_service.documents.paper import Bar, Bars, Table
from election_service.documents.sheet import BAD, INNER, PALE, PRIMARY, SIDE, SOFT, WIDTH, Sheets

_PAD: Final = 1.5  # between the text of a cell and its lines
_BAR_LABELS: Final = 0.36
_BAR_SAID: Final = 0.20
_BAR: Final = 4.2  # height of a bar
_TOGETHER: Final = 110.0  # a chart of at most this height stays on one page


def draw_table(piece: Table, sheets: Sheets) -> None:
    """Row by row; a row is never broken."""
    unit = INNER / sum(piece.widths)
    widths = [share * unit for share in piece.widths]
    first = _row_height(sheets, piece.rows[0], widths) if piece.rows else 0.0
    sheets.need(_head_height(sheets, piece, widths) + first)
    _table_head(sheets, piece, widths)
    for row in piece.rows:
        height = _row_height(sheets, row, widths)
        if height > sheets.room:
            sheets.begin_page()
            _table_head(sheets, piece, widths)
        sheets.type(9)
        _cells(sheets, row, widths, piece.numbers)
        sheets.top += height
        sheets.rule(SIDE, sheets.top, INNER)
    sheets.top += 3.5


def _table_head(sheets: Sheets, piece: Table, widths: Sequence[float]) -> None:
    height = _head_height(sheets, piece, widths)
    sheets.box(SIDE, sheets.top, INNER, height, SOFT)
    sheets.type(8.5, bold=True, colour=PRIMARY)
    _cells(sheets, piece.head, widths, piece.numbers)
    sheets.top += height


def _head_height(sheets: Sheets, piece: Table, widths: Sequence[float]) -> float:
    sheets.type(8.5, bold=True)
    return _height(sheets, piece.head, widths)


def _row_height(sheets: Sheets, row: Sequence[str], widths: Sequence[float]) -> float:
    sheets.type(9)
    return _height(sheets, row, widths)


def _height(sheets: Sheets, row: Sequence[str], widths: Sequence[float]) -> float:
    """Of a row in the type that is set."""
    most = max(len(sheets.lines(cell, width - 2 * _PAD)) for cell, width in zip(row, widths, strict=True))
    return most * sheets.leading + 2 * _PAD


def _cells(sheets: Sheets, row: Sequence[str], widths: Sequence[float], numbers: frozenset[int]) -> None:
    x = SIDE
    for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
        right = x + width - _PAD if column in numbers else None
        with sheets.tagged("P"):
            sheets.write_lines(x + _PAD, sheets.top + _PAD, sheets.lines(cell, width - 2 * _PAD), right=right)
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
    sheets.need(height)
    sheets.type(9.5, bold=row.strong)
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
