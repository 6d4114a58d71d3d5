"""What a document is made of, in one language: pieces in order, and nothing of how they look.

Every text is plain: no markup is read in it, whoever wrote it (A81).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """``level`` 1: the title; 2: a section; 3: a part of one."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; ``small`` for what explains rather than says."""

    text: str
    small: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A paragraph in a box; ``alert``: the document or the result does not count."""

    text: str
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Pairs:
    """What something is called, and what it is."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head. ``widths``: shares of the page, one a column; ``numbers``: columns set to the right."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a chart: ``part`` of ``whole``, put into words in ``said``.

    ``mark``: where a line stands, in thousandths of the whole.
    """

    label: str
    part: int
    whole: int
    said: str
    strong: bool = False
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart of one scale."""

    rows: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """A step of a reasoning: its number and clause, what follows, what was compared, where it comes from."""

    head: str
    sentence: str
    comparison: str
    grounds: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """Steps in order."""

    rows: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Lines that are to be taken letter by letter: commands, hashes, a checkpoint."""

    text: str


@dataclass(frozen=True, slots=True)
class Address:
    """An address as a QR code, with a text beside it."""

    address: str
    text: str


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on by hand: ``rows`` of who signs; ``name``, ``signature``, ``date``: what stands under them."""

    heading: Heading
    note: Text
    rows: tuple[str, ...]
    name: str
    signature: str
    date: str


Piece = Heading | Text | Notice | Pairs | Table | Bars | Reasons | Verbatim | Address | Signatures


@dataclass(frozen=True, slots=True)
class Paper:
    """A document in one language.

    ``head``, ``foot``: on every page; ``mark``: what must be seen on every page (a test, a draft), "" for nothing;
    ``page``: with %(page)s and %(last)s.
    """

    language: str
    title: str
    subject: str
    head: str
    foot: str
    mark: str
    page: str
    pieces: tuple[Piece, ...]
