"""How texts are drawn: headings, paragraphs, boxes, pairs, the steps of a reasoning, lines taken letter by letter.

Every function draws its piece from `sheets.top` down, and moves that.
"""

from typing import Final

from election_service.documents.paper import Heading, Notice, Pairs, Reason, Reasons, Text, Verbatim
from election_service.documents.sheet import (
    BAD,
    BAD_SOFT,
    FULL,
    HAIR,
    INK,
    INNER,
    MUTED,
    PRIMARY,
    SIDE,
    SOFT,
    TOP,
    Sheets,
)

_HEADINGS: Final = {1: (20.0, 0.0, 2.5), 2: (13.5, 6.0, 2.0), 3: (11.0, 4.0, 1.2)}  # size, room above and below
_KEEP: Final = 24.0  # millimetres that a heading wants below itself on its page
_LABELS: Final = 0.34  # of the width: the left column of pairs


def draw_heading(piece: Heading, sheets: Sheets) -> None:
    """With what comes after it on the same page; without the room above it at the top of one."""
    size, above, below = _HEADINGS[piece.level]
    colour = PRIMARY if piece.level < 3 else INK
    sheets.type(size, bold=True)
    lines = sheets.lines(piece.text, INNER)
    sheets.need(above + len(lines) * sheets.leading + below + _KEEP)
    above = 0.0 if sheets.top == TOP else above
    sheets.type(size, bold=True, colour=colour)
    sheets.set_y(sheets.top)
    sheets.start_section(sheets.shown(piece.text), level=max(piece.level - 2, 0), strict=False)
    with sheets.tagged(f"H{piece.level}"):
        sheets.top = sheets.write_lines(SIDE, sheets.top + above, lines) + below
    if piece.level == 2:
        sheets.rule(SIDE, sheets.top - below + 0.4, INNER, PRIMARY, 0.35)


def draw_text(piece: Text, sheets: Sheets) -> None:
    """A paragraph."""
    size, colour = (8.5, MUTED) if piece.small else (10, INK)
    sheets.type(size, colour=colour)
    sheets.flow(sheets.lines(piece.text, INNER), SIDE, size, colour=colour)
    sheets.top += 1.6


def draw_notice(piece: Notice, sheets: Sheets) -> None:
    """A paragraph in a box, never broken."""
    sheets.type(10.5, bold=True)
    lines = sheets.lines(piece.text, INNER - 8)
    height = len(lines) * sheets.leading + 5
    sheets.need(height + 2)
    ink, paper = (BAD, BAD_SOFT) if piece.alert else (PRIMARY, SOFT)
    sheets.box(SIDE, sheets.top, INNER, height, paper)
    sheets.box(SIDE, sheets.top, 1.2, height, ink)
    sheets.type(10.5, bold=True, colour=ink)
    with sheets.tagged("P"):
        sheets.write_lines(SIDE + 4.5, sheets.top + 2.5, lines)
    sheets.top += height + 3


def draw_pairs(piece: Pairs, sheets: Sheets) -> None:
    """Two columns."""
    left = INNER * _LABELS
    for label, value in piece.rows:
        sheets.type(9, colour=MUTED)
        labels = sheets.lines(label, left - 4)
        sheets.type(10)
        values = sheets.lines(value, INNER - left)
        height = max(len(labels), len(values)) * sheets.leading + 1.0
        if height > FULL:
            sheets.flow(labels, SIDE, 9, colour=MUTED)
            sheets.flow(values, SIDE + left, 10)
            continue
        sheets.need(height)
        top = sheets.top
        sheets.type(9, colour=MUTED)
        with sheets.tagged("P"):
            sheets.write_lines(SIDE, top + 0.35, labels)
        sheets.type(10)
        with sheets.tagged("P"):
            sheets.write_lines(SIDE + left, top, values)
        sheets.top = top + height
    sheets.top += 1.6


def draw_reasons(piece: Reasons, sheets: Sheets) -> None:
    """Step by step; a step is broken only where it is longer than a page."""
    for row in piece.rows:
        _reason(sheets, row)
    sheets.top += 2


def _reason(sheets: Sheets, row: Reason) -> None:
    """Number and clause above, what follows below; the numbers and where they come from in small type."""
    left, width = SIDE + 4, INNER - 4
    small = " · ".join(filter(None, (row.comparison, row.grounds)))
    sheets.type(8, colour=MUTED)
    heads, smalls, line = sheets.lines(row.head, width), sheets.lines(small, width) if small else [], sheets.leading
    sheets.type(9.5)
    sentence = sheets.lines(row.sentence, width)
    height = (len(heads) + len(smalls)) * line + len(sentence) * sheets.leading
    if height > FULL:
        sheets.flow(heads, left, 8, colour=MUTED)
        sheets.flow(sentence, left, 9.5)
        sheets.flow(smalls, left, 8, colour=MUTED)
        return
    sheets.need(height + 1.8)
    top = sheets.top
    sheets.box(SIDE, top + 0.6, 0.6, height - 0.6, HAIR)
    with sheets.tagged("P"):
        sheets.type(8, colour=MUTED)
        place = sheets.write_lines(left, top, heads)
        sheets.type(9.5)
        place = sheets.write_lines(left, place, sentence)
        sheets.type(8, colour=MUTED)
        sheets.write_lines(left, place, smalls)
    sheets.top = top + height + 1.8


def draw_verbatim(piece: Verbatim, sheets: Sheets) -> None:
    """Lines as they are, on grey, together on a page; long ones are broken where they must."""
    sheets.type(8.5)
    texts = piece.text.split("\n")
    sheets.need(sum(len(sheets.lines(text, INNER - 6)) * sheets.leading + 0.6 for text in texts))
    for text in texts:
        sheets.type(8.5)
        lines = sheets.lines(text, INNER - 6)
        height = len(lines) * sheets.leading + 0.6
        sheets.need(height)
        sheets.box(SIDE, sheets.top, INNER, height, SOFT)
        sheets.type(8.5)
        with sheets.tagged("P"):
            sheets.write_lines(SIDE + 3, sheets.top + 0.3, lines)
        sheets.top += height
    sheets.top += 2.5
