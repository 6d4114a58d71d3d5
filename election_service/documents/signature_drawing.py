"""How codes and lines for signatures are drawn."""

from typing import Final

import segno

from election_service.documents.paper import Address, Signatures
from election_service.documents.sheet import INK, INNER, MUTED, SIDE, Sheets
from election_service.documents.text_drawing import draw_heading, draw_text

_MODULE: Final = 0.9  # of a QR code
_LINE: Final = 12.0  # height of a line to sign on
_ROW: Final = _LINE + 6.0
_ABOVE: Final = 22.0  # what the heading takes


def draw_address(piece: Address, sheets: Sheets) -> None:
    """A QR code with its text and its letters on the right."""
    rows = [bytes(row) for row in segno.make(piece.address, error="m", micro=False).matrix]
    side = len(rows) * _MODULE
    sheets.need(side + 4)
    with sheets.tagged("Figure", sheets.shown(piece.address)):
        sheets.set_fill_color(*INK)
        for y, row in enumerate(rows):
            for start, length in _runs(row):
                sheets.rect(SIDE + start * _MODULE, sheets.top + y * _MODULE, length * _MODULE, _MODULE, style="F")
    left, width = SIDE + side + 6, INNER - side - 6
    sheets.type(10)
    with sheets.tagged("P"):
        place = sheets.write_lines(left, sheets.top, sheets.lines(piece.text, width))
    sheets.type(8.5, colour=MUTED)
    with sheets.tagged("P"):
        sheets.write_lines(left, place + 1, sheets.lines(piece.address, width))
    sheets.top += side + 4


def _runs(row: bytes) -> list[tuple[int, int]]:
    """(start, length) of the dark modules of a row that touch."""
    runs: list[tuple[int, int]] = []
    for place, dark in enumerate(row):
        if dark and runs and runs[-1][0] + runs[-1][1] == place:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((place, 1))
    return runs


def draw_signatures(piece: Signatures, sheets: Sheets) -> None:
    """For each who signs: name, signature and date on lines; all of it on one page, where that is possible."""
    sheets.need(_ABOVE + len(piece.rows) * _ROW)
    draw_heading(piece.heading, sheets)
    draw_text(piece.note, sheets)
    columns = ((0.0, 0.36, piece.name), (0.40, 0.36, piece.signature), (0.80, 0.20, piece.date))
    for row in piece.rows:
        sheets.need(_ROW)
        sheets.type(9, bold=True)
        with sheets.tagged("P"):
            sheets.write_lines(SIDE, sheets.top, sheets.lines(row, INNER)[:1])
        line = sheets.top + _LINE
        for start, share, label in columns:
            sheets.rule(SIDE + start * INNER, line, share * INNER, MUTED, 0.25)
            sheets.type(7.5, colour=MUTED)
            with sheets.tagged("P"):
                sheets.write_lines(SIDE + start * INNER, line + 0.6, [sheets.shown(label)])
        sheets.top += _ROW
