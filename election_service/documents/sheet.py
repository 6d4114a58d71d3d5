"""Sheets of A4 to draw on: fonts, lines that break, tags for readers who listen, head and foot of every page.

Nothing in here takes the time or draws a random number: the same pieces give the same bytes. Letters that the font does
not have are written out as <U+1F600>, and so are those that nobody sees: a text never says less than it holds.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.fonts import SubsetMap, TTFFont

from election_service.documents.paper import Paper

Colour = tuple[int, int, int]

INK: Final[Colour] = (20, 24, 31)  # as in templates/pages.css
MUTED: Final[Colour] = (82, 92, 108)
HAIR: Final[Colour] = (200, 207, 218)
SOFT: Final[Colour] = (236, 240, 245)
PRIMARY: Final[Colour] = (10, 58, 102)
PALE: Final[Colour] = (139, 164, 190)
BAD: Final[Colour] = (125, 13, 8)
BAD_SOFT: Final[Colour] = (253, 236, 235)
TEST: Final[Colour] = (255, 216, 77)

WIDTH: Final = 210.0  # millimetres, as everything here but sizes of type, which are points
HEIGHT: Final = 297.0
SIDE: Final = 20.0
TOP: Final = 24.0
BOTTOM: Final = 22.0
INNER: Final = WIDTH - 2 * SIDE
FULL: Final = HEIGHT - TOP - BOTTOM  # of a page: what is higher has to be broken
POINT: Final = 25.4 / 72

FONTS: Final = Path(__file__).parent / "fonts"
_FILES: Final = (("", "FiraGO-Regular.woff"), ("B", "FiraGO-SemiBold.woff"))
_FAMILY: Final = "firago"
_LAYOUT: Final = frozenset({"GDEF", "GPOS", "GSUB"})  # tables of a font; they are large
_LEADING: Final = 1.36  # of the size of type
_ASCENT: Final = 0.95  # from the top of a line to its baseline, of the size of type


class Sheets(FPDF):
    """The pages of one document. ``top`` is where the next piece begins."""

    def __init__(self, paper: Paper, made: int, pages: int, like: "Sheets | None" = None) -> None:
        """``made``: POSIX seconds that the document bears; ``pages``: how many it will have; ``like``: sheets that are
        drawn on no more, whose fonts are taken over.
        """
        super().__init__(format="A4", enforce_compliance="PDF/A-2U")
        self.paper = paper
        self.expected = pages
        self.top = TOP
        self._marked: Counter[int] = Counter()  # page -> pieces on it; fpdf2 would count all pieces for each one
        self.set_auto_page_break(auto=False)
        if like is None:
            self._load_fonts()
        else:
            self._take_fonts(like)
        self.type(10)
        self._describe(paper, datetime.fromtimestamp(made, UTC))

    def _load_fonts(self) -> None:
        """What a program that shapes letters would need goes at once: nothing of it is embedded (ADR 0018)."""
        for style, file in _FILES:
            self.add_font(_FAMILY, style, FONTS / file)
        for font in self._fonts():
            for table in _LAYOUT & set(font.ttfont.keys()):
                del font.ttfont[table]

    def _take_fonts(self, like: "Sheets") -> None:
        """Reading them takes as long as drawing ten pages; which letters are used is noted from the beginning."""
        self.fonts.update(like.fonts)
        for font in self._fonts():
            font.subset = SubsetMap(font)

    def _fonts(self) -> list[TTFFont]:
        return [font for font in self.fonts.values() if isinstance(font, TTFFont)]

    def _describe(self, paper: Paper, made: datetime) -> None:
        self.set_lang(paper.language)
        self.set_title(self.shown(paper.title))
        self.set_subject(self.shown(paper.subject))
        self.set_author(self.shown(paper.head))
        self.set_creator("election-service")
        self.set_producer("fpdf2")
        self.set_creation_date(made)
        self.set_xmp_metadata(xmp(self.shown(paper.title), self.shown(paper.subject), paper.language, made))

    # -- type ----------------------------------------------------------------------------------------------------------

    def type(self, size: float, *, bold: bool = False, colour: Colour = INK) -> None:
        """Go on in this size (points), weight and colour."""
        self.set_font(_FAMILY, "B" if bold else "", size)
        self.set_text_color(*colour)

    @cached_property
    def _letters(self) -> frozenset[str]:
        """What every font can show, and a reader see."""
        both = frozenset.intersection(*(frozenset(font.cmap) for font in self._fonts()))
        return frozenset(letter for letter in map(chr, both) if letter.isprintable())

    def shown(self, text: str) -> str:
        """The text as the fonts can show it, whole."""
        if self._letters.issuperset(text):
            return text
        return "".join(letter if letter in self._letters else f"<U+{ord(letter):04X}>" for letter in text)

    def width(self, text: str) -> float:
        """Of what `shown` let through, in the type that is set: the library's own figure, without the objects that it
        makes for each question.
        """
        return self._scaled(self._units(text))

    def _units(self, text: str) -> float:
        """The same in thousandths of the size of type: whole numbers, so that words add up exactly."""
        font = self.current_font
        if not isinstance(font, TTFFont):
            raise TypeError(f"sheets: expected a font of letters, got {font!r}")
        return sum(map(font.cw.__getitem__, map(ord, text)))

    def _scaled(self, units: float) -> float:
        return units * self.font_size_pt * 0.001 / self.k

    @property
    def leading(self) -> float:
        """From one line to the next."""
        return self.font_size_pt * POINT * _LEADING

    def lines(self, text: str, width: float) -> list[str]:
        """The text in lines of at most ``width``; words that are longer than a line are broken anywhere."""
        found: list[str] = []
        line, taken, space = "", 0.0, self._units(" ")
        for word in self.shown(text).split(" "):
            more = self._units(word)
            longer = taken + space + more if line else more
            if self._scaled(longer) <= width:
                line, taken = f"{line} {word}" if line else word, longer
                continue
            if line:
                found.append(line)
            *full, line = self._pieces(word, width)
            found += full
            taken = self._units(line)
        return [*found, line]

    def _pieces(self, word: str, width: float) -> list[str]:
        """A word in pieces that fit; a single one for nearly all words."""
        pieces, piece, taken = [], "", 0.0
        for letter in word:
            more = self._units(letter)
            if piece and self._scaled(taken + more) > width:
                pieces.append(piece)
                piece, taken = "", 0.0
            piece += letter
            taken += more
        return [*pieces, piece]

    # -- drawing -------------------------------------------------------------------------------------------------------

    @contextmanager
    def tagged(self, kind: str, said: str | None = None) -> Iterator[None]:
        """What is drawn inside belongs to the text, as a paragraph (P), a heading (H1 …) or a figure with ``said``."""
        number = self._marked[self.page]
        self._marked[self.page] += 1
        self._add_marked_content(struct_type=f"/{kind}", mcid=number, alt_text=said)
        self._out(f"/{kind} <</MCID {number}>> BDC")
        yield
        self._out("EMC")

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """What is drawn inside is decoration: who listens to the page does not hear of it."""
        self._out("/Artifact BMC")
        yield
        self._out("EMC")

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A filled rectangle."""
        with self.artifact():
            self.set_fill_color(*colour)
            self.rect(x, y, width, height, style="F")

    def rule(self, x: float, y: float, width: float, colour: Colour = HAIR, thick: float = 0.2) -> None:
        """A horizontal line."""
        self.box(x, y, width, thick, colour)

    def write_lines(self, x: float, y: float, lines: Sequence[str], *, right: float | None = None) -> float:
        """Draw lines from the top ``y`` down, to the left edge ``x`` or to the right edge; returns where they end."""
        for line in lines:
            place = x if right is None else right - self.width(line)
            self.text(place, y + self.font_size_pt * POINT * _ASCENT, line)
            y += self.leading
        return y

    # -- pages ---------------------------------------------------------------------------------------------------------

    @property
    def room(self) -> float:
        """What is left of the page."""
        return HEIGHT - BOTTOM - self.top

    def need(self, height: float) -> None:
        """Go to the next page unless so much fits on this one."""
        if height > self.room and self.top > TOP:
            self.begin_page()

    def flow(self, lines: Sequence[str], x: float, size: float, *, bold: bool = False, colour: Colour = INK) -> None:
        """A paragraph over as many pages as it takes."""
        rest = list(lines)
        while rest:
            self.type(size, bold=bold, colour=colour)
            self.need(min(len(rest), 2) * self.leading)
            self.type(size, bold=bold, colour=colour)
            fit = max(1, int(self.room / self.leading + 1e-6))
            with self.tagged("P"):
                self.top = self.write_lines(x, self.top, rest[:fit])
            rest = rest[fit:]

    def begin_page(self) -> None:
        """A new page with its head and foot."""
        self.add_page()
        self.top = TOP
        paper = self.paper
        with self.artifact():
            self.type(8, colour=MUTED)
            self.text(SIDE, 15, self.lines(paper.head, INNER - 50)[0])
            self.text(SIDE, HEIGHT - 11, self.shown(paper.foot))
            page = self.shown(paper.page % {"page": self.page, "last": self.expected})
            self.text(WIDTH - SIDE - self.width(page), HEIGHT - 11, page)
        self.rule(SIDE, 17, INNER)
        self.rule(SIDE, HEIGHT - 15.5, INNER)
        if paper.mark:
            self._stamp(self.shown(paper.mark))
        self.type(10)

    def _stamp(self, mark: str) -> None:
        """What must be seen on every page: on yellow, in the corner."""
        self.type(9, bold=True)
        width = self.width(mark) + 6
        self.box(WIDTH - SIDE - width, 10, width, 6, TEST)
        with self.tagged("P"):
            self.text(WIDTH - SIDE - width + 3, 14.2, mark)


def xmp(title: str, subject: str, language: str, made: datetime) -> str:
    """The metadata of PDF/A-2u; every date is the document's own."""
    stamp = made.strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"'
        ' xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" pdfaid:part="2" pdfaid:conformance="U"'
        f' xmp:CreateDate="{stamp}" xmp:ModifyDate="{stamp}" xmp:MetadataDate="{stamp}"'
        ' xmp:CreatorTool="election-service" pdf:Producer="fpdf2">'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{_escaped(title)}</rdf:li></rdf:Alt></dc:title>'
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{_escaped(subject)}</rdf:li></rdf:Alt></dc:description>'
        f"<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
