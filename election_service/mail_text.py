"""Mails as they are read: subject, text and HTML in the reader's language. Plain, and nothing in them reports back.

No picture, no style or script from elsewhere, no address that tells who has opened it. Titles and names were written by
others: nothing in them can end a header or a line, or turn letters round (A85); in the HTML they are escaped (A81).
"""

import textwrap
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service.api_types import ElectionTexts
from election_service.languages import LANGUAGES
from election_service.letters import LETTERS, Desk, Part
from election_service.outbox import Letter
from election_service.presentation import read_presentation, text_in
from election_service.registration import read_opened
from keys.errors import FormatError
from keys.text import check_text

MAX_SUBJECT: Final = 40  # letters: what a phone shows
_WIDTH: Final = 72  # letters of a line
_LEAST_TITLE: Final = 8  # letters of the title that are shown in any case
_WORD: Final = 10  # letters that may be given up to end with a whole word
_TEMPLATES: Final = Path(__file__).parent / "templates" / "mail"


@dataclass(frozen=True, slots=True)
class LetterHead:
    """What all mails of an election share. ``contact``: a mail address, a page, or empty; ``public_url``: of the
    service.
    """

    election: str
    texts: Mapping[str, ElectionTexts]
    contact: str
    zone: str
    public_url: str
    rehearsal: bool

    @property
    def committee(self) -> str:
        """The committee's mail address; empty where none is known."""
        return self.contact if "@" in self.contact and "/" not in self.contact else ""

    def page(self, name: str, language: str) -> str:
        """A page of the election."""
        return f"{self.public_url.rstrip('/')}/elections/{self.election}/{name}?lang={language}"


async def read_letterhead(connection: AsyncConnection, public_url: str, election: str) -> LetterHead:
    """The letterhead as texts and contact stand now."""
    shown = await read_presentation(connection, election)
    _, opened = await read_opened(connection, election)
    return LetterHead(election, shown.texts, shown.contact, shown.zone, public_url, opened.rehearsal)


def make_letter(
    template: str,
    head: LetterHead,
    *,
    to: str,
    name: str,
    language: str,
    values: Mapping[str, Any],
    reply_to: str | None = None,
) -> Letter:
    """One mail; ``template`` and its ``values`` as in letters.py. English where the language is none of ours.

    ``name``: of the reader, or empty. ``reply_to``: the committee's address if None. FormatError for a title, name or
    other text with line breaks, controls or bidi controls (A85).
    """
    known = language if language in LANGUAGES else "en"
    texts, title_language = text_in(head.texts, known)
    title = texts.title
    _check(title, "title")
    _check(name, "name")
    for what, value in values.items():
        for text in [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []:
            _check(text, what)
    desk = Desk(known, title, lambda page: head.page(page, known))
    draft = LETTERS[template](desk, values)
    subject = fit_subject(draft.subject, title)
    content = {
        "language": known,
        "subject": subject,
        "title": title,
        "title_language": title_language,
        "parts": [*_opening(desk, head, name), *draft.parts],
        "footer": list(_footer(desk, head, to)),
    }
    return Letter(
        to=to,
        name=name,
        language=known,
        reply_to=head.committee if reply_to is None else reply_to,
        subject=subject,
        text=_render("letter.txt", content),
        html=_render("letter.html", content),
    )


def fit_subject(frame: str, title: str) -> str:
    """The subject with as much of the title as 40 letters hold."""
    room = MAX_SUBJECT - len(frame % {"title": ""})
    return cut(frame % {"title": cut(title, max(room, _LEAST_TITLE))}, MAX_SUBJECT)


def cut(text: str, letters: int) -> str:
    """At most so many letters, ending with … where something is left out; after a whole word where one is near."""
    if len(text) <= letters:
        return text
    end = letters - 1
    while end and unicodedata.category(text[end]).startswith("M"):  # a mark belongs to the letter before it
        end -= 1
    space = text.rfind(" ", 0, end + 1)
    if space > 0 and end - space < _WORD and space >= _WORD:
        end = space
    return text[:end].rstrip(" ,.:;-–—/(") + "…"


def _check(text: str, what: str) -> None:
    check_text(text, what)
    if len(text.splitlines()) > 1:
        raise FormatError(f"{what}: expected one line")


def _opening(desk: Desk, head: LetterHead, name: str) -> Iterator[Part]:
    _ = desk.gettext
    if head.rehearsal:
        yield Part("notice", _("This is a test election: nothing is decided by it."))
    if name:
        yield Part("text", _("Hello %(name)s,") % {"name": name})


def _footer(desk: Desk, head: LetterHead, to: str) -> Iterator[Part]:
    _ = desk.gettext
    if to == head.committee:
        return
    if head.committee:
        yield Part("page", _("Questions? Write to the committee:"), f"mailto:{head.committee}")
    elif head.contact:
        yield Part("page", _("Questions? Ask the committee:"), head.contact)
    yield Part("page", _("Help, and answers to frequent questions:"), desk.page("help"))
    yield Part("text", _("This mail was sent by itself. It does not report whether you have opened it."))


def _render(template: str, content: Mapping[str, Any]) -> str:
    return _environment(html=template.endswith(".html")).get_template(template).render(content)


@cache
def _environment(*, html: bool) -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        auto_reload=False,
        autoescape=html,  # noqa: S701 -- the other form is plain text
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["wrap"] = _wrap
    return made


def _wrap(text: str, first: str = "", others: str = "") -> str:
    """Lines of 72 letters; words, and so addresses, stay whole."""
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
