"""The pieces of a document drawn on pages: `make_pdf` turns papers into the bytes of a PDF, and knows no election.

Drawn twice: the first time to learn how many pages there are, since every page says so.
"""

from collections.abc import Sequence

from election_service.documents.paper import (
    Address,
    Bars,
    Heading,
    Notice,
    Pairs,
    Paper,
    Piece,
    Reasons,
    Signatures,
    Table,
    Text,
    Verbatim,
)
from election_service.documents.sheet import Sheets
from election_service.documents.signature_drawing import draw_address, draw_signatures
from election_service.documents.table_drawing import draw_bars, draw_table
from election_service.documents.text_drawing import (
    draw_heading,
    draw_notice,
    draw_pairs,
    draw_reasons,
    draw_text,
    draw_verbatim,
)


def make_pdf(papers: Sequence[Paper], made: int) -> bytes:
    """One PDF of one or more papers, each beginning on a page of its own. ``made``: POSIX seconds that it bears."""
    first = _draw_all(papers, made, 0)
    return bytes(_draw_all(papers, made, first.pages_count, first).output())


def _draw_all(papers: Sequence[Paper], made: int, pages: int, like: Sheets | None = None) -> Sheets:
    sheets = Sheets(papers[0], made, pages, like)
    for paper in papers:
        sheets.paper = paper
        sheets.begin_page()
        for piece in paper.pieces:
            _draw(piece, sheets)
    return sheets


def _draw(piece: Piece, sheets: Sheets) -> None:
    match piece:
        case Heading():
            draw_heading(piece, sheets)
        case Text():
            draw_text(piece, sheets)
        case Notice():
            draw_notice(piece, sheets)
        case Pairs():
            draw_pairs(piece, sheets)
        case Table():
            draw_table(piece, sheets)
        case Bars():
            draw_bars(piece, sheets)
        case Reasons():
            draw_reasons(piece, sheets)
        case Verbatim():
            draw_verbatim(piece, sheets)
        case Address():
            draw_address(piece, sheets)
        case Signatures():
            draw_signatures(piece, sheets)
