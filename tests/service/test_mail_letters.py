"""What mails say: short subjects in every language, the same words in text and HTML, nothing that acts or reports."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election_service.api_types import ElectionTexts
from election_service.languages import LANGUAGES
from election_service.letters import LETTERS
from election_service.mail_text import MAX_SUBJECT, LetterHead, cut, fit_subject, make_letter
from election_service.outbox import Letter
from keys.errors import FormatError
from tests.service.mail_office import HEAD, LINK

VALUES: dict[str, dict[str, Any]] = {
    "invite": {"link": LINK},
    "reissue": {"link": LINK},
    "code": {"code": "012345", "minutes": 10},
    "issued": {"contests": ["Head of self-governance", "Head of the faculty: Law"]},
    "reminder": {"contests": ["Head of self-governance"], "closes": "Friday, 15 January 2027, 14:00 (Baku time)"},
    "call": {"contests": ["Head"], "opens": "tomorrow", "closes": "later", "further": True},
    "result": {"standing": "certified", "page": "results/1"},
    "message": {},
    "link-request": {"student": "001", "full_name": "Nino B"},
    "mail-test": {"service": "vote@example.edu"},
}
_TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "p", "ul", "li", "a", "br", "footer"}
HOSTILE = "<b>Law</b> & 'Co' \"x\" {{ 7*7 }} %(title)s %s <script>"


def head(title: str) -> LetterHead:
    texts = {"en": ElectionTexts(title=title, intro="")}
    return LetterHead(
        "spring", texts, "committee@example.edu", "Asia/Tbilisi", "https://vote.example.edu", rehearsal=True
    )


def write(template: str, language: str = "en", title: str = "Spring election", name: str = "Nino B") -> Letter:
    values = VALUES[template]
    return make_letter(template, head(title), to="s@example.edu", name=name, language=language, values=values)


class Words(HTMLParser):
    """The text of a page, and what it would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self._silent += tag in {"style", "title"}

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"style", "title"}

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words += data.split()


def test_every_kind_of_letter_is_tried() -> None:
    assert VALUES.keys() == LETTERS.keys()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", VALUES)
def test_a_subject_fits_a_phone_and_shows_some_of_the_title(template: str, language: str) -> None:
    for title in ("S", "Elections of the student self-governance, autumn 2026", "ა" * 200):
        subject = write(template, language, title).subject
        assert len(subject) <= MAX_SUBJECT
        assert title[:6] in subject


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", VALUES)
def test_text_and_html_say_the_same(template: str, language: str) -> None:
    letter = write(template, language, HOSTILE, "O'Neil <b>")
    page = Words()
    page.feed(letter.html)
    text = [word for word in letter.text.split() if word not in {"-", "--"}]
    assert set(text) - set(page.words) == set()
    assert {word for word in page.words if word != "-"} - set(text) == set()
    assert HOSTILE.split(maxsplit=1)[0] in page.words
    assert page.tags <= _TAGS
    assert page.attributes <= {"lang", "charset", "name", "content", "class", "href"}
    assert not re.search(r"url\(|@import|http://", letter.html)


def test_a_ballot_link_is_in_the_letters_that_hand_it_over_and_in_no_other() -> None:
    for template in VALUES:
        letter = write(template)
        assert (LINK in letter.text.split("\n")) == (template in {"invite", "reissue"})
        assert ("/vote/" in letter.html) == (template in {"invite", "reissue"})


def test_a_test_election_says_so_in_every_letter() -> None:
    for template in VALUES:
        assert "test election" in write(template).text


def test_an_unknown_language_is_answered_in_english() -> None:
    assert write("invite", "fr") == write("invite", "en")


@pytest.mark.parametrize("text", ["a\r\nBcc: x", "a\nb", "a\u2028b", "a\u202eb", "a\x00", "a\x85b"])
def test_nothing_hostile_gets_into_a_letter(text: str) -> None:
    """A85: title, name and what is filled in."""
    with pytest.raises(FormatError, match="title"):
        write("invite", title=text)
    with pytest.raises(FormatError, match="name"):
        write("invite", name=text)
    for template, values in (("reminder", {"contests": [text], "closes": ""}), ("code", {"code": text, "minutes": 1})):
        with pytest.raises(FormatError, match=r"contests|code"):
            make_letter(template, HEAD, to="s@example.edu", name="", language="en", values=values)


@given(st.text(max_size=80), st.integers(2, 60))
def test_what_is_cut_is_short_enough_and_a_beginning(text: str, letters: int) -> None:
    shown = cut(text, letters)
    assert len(shown) <= letters
    assert text.startswith(shown.removesuffix("…") if len(text) > letters else shown)


@given(st.text(max_size=200))
def test_no_title_makes_a_long_subject(title: str) -> None:
    assert len(fit_subject("Your new ballot link: %(title)s", title)) <= MAX_SUBJECT
