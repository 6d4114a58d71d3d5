"""The protocol as people get it: the same bytes every time, whole texts in four scripts, and no markup."""

from __future__ import annotations

import re
from functools import cache

import pypdfium2
import pytest
from fpdf.structure_tree import StructureTreeBuilder

from audit.entries import KINDS
from audit.source import MemorySource
from election_service.documents.paper import (
    Address,
    Bar,
    Bars,
    Heading,
    Pairs,
    Paper,
    Piece,
    Reason,
    Reasons,
    Signatures,
    Table,
    Text,
)
from election_service.documents.protocol import make_pdf
from election_service.documents.record import read_record, story_ends
from election_service.documents.sheet import Sheets
from election_service.documents.speech import Speech
from election_service.documents.words import make_paper
from election_service.languages import LANGUAGES
from keys.canonical import b64
from keys.ids import fingerprint
from tests.attacks.payloads import MARKUP
from tests.documents.sample import NAMES, record, sample
from tests.simulated.everything import everything
from tests.simulated.logbook import published


def checkpoint() -> str:
    return sample().log.files()["checkpoint"].decode()


def paper(language: str) -> Paper:
    return make_paper(record(), language, checkpoint(), f"protocol-1-{language}.pdf")


@cache
def pdf(*languages: str) -> bytes:
    return make_pdf([paper(language) for language in languages], record().ended)


def text_of(content: bytes) -> str:
    """All text, page by page, in one line."""
    with pypdfium2.PdfDocument(content) as document:
        pages = [document[number].get_textpage().get_text_bounded() for number in range(len(document))]
    return " ".join(" ".join(pages).split())


def with_pieces(*pieces: Piece, mark: str = "") -> Paper:
    return Paper("en", "A title", "A subject", "head", "foot", mark, "%(page)s/%(last)s", pieces)


# ---- bytes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_runs_give_the_same_bytes(language: str) -> None:
    first, second = (make_pdf([paper(language)], record().ended) for _ in range(2))
    assert first == second


def test_the_record_of_a_second_reading_gives_the_same_bytes() -> None:
    again = read_record(MemorySource(sample().log.files()), 1)
    assert make_pdf([make_paper(again, "ka", checkpoint(), "protocol-1-ka.pdf")], again.ended) == pdf("ka")


def test_no_time_but_the_logs_is_in_it() -> None:
    raw = pdf("en")
    stamps = set(re.findall(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z", raw))
    assert stamps == {b"2026-09-24T11:02:15Z"} or len(stamps) == 1
    years = set(re.findall(rb"D:(20[0-9]{2})", raw))
    assert years <= {b"2026"}


def test_it_says_that_it_is_pdf_a_and_in_which_language() -> None:
    raw = pdf("ka")
    assert raw.startswith(b"%PDF-1.7")
    assert b'pdfaid:part="2" pdfaid:conformance="U"' in raw
    assert b"/Lang (ka)" in raw
    assert "საარჩევნო".encode() in raw or b"Protocol of the election committee" in raw
    assert b"/MarkInfo" in raw
    assert b"/StructTreeRoot" in raw
    assert b"/OutputIntent" in raw


def test_nothing_in_it_can_act() -> None:
    for word in (b"/JavaScript", b"/JS", b"/Launch", b"/URI", b"/EmbeddedFile", b"/AA", b"/Annot", b"/Action"):
        assert word not in pdf("en"), word
    assert re.findall(rb"/OpenAction [^\n]*", pdf("en")) == [b"/OpenAction [4 0 R /FitH null]"]  # a place, no action


# ---- text ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_is_there_in_the_language_that_it_has(language: str) -> None:
    text = text_of(pdf(language))
    for option, names in NAMES.items():
        name = names.get(language) or names.get("en") or next(iter(names.values()))
        if option not in ("emoji", "markup"):
            assert name in text, option
    assert "<b>**__--[x](http://evil.invalid)--__**" in text  # broken before </b>, where the line ends
    assert "</b> {nb} %(page)s \\u003c" in text
    assert "Ana <U+1F393>" in text


def test_letters_of_four_scripts_come_out_of_it_as_they_went_in() -> None:
    letters = (
        "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
        "ƏəĞğIıİiŞşÇçÖöÜüXxQq",
        "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюя№",
    )
    content = make_pdf([with_pieces(*(Text(line) for line in letters))], 0)
    text = text_of(content)
    for line in letters:
        assert line in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_numbers_are_those_of_the_log(language: str) -> None:
    text, speech = text_of(pdf(language)), Speech(record(), language)
    facts = record().facts
    for item in record().contests:
        assert item.result.counts is not None
        for count in item.result.counts:
            assert f"{count} ({speech.share(count, item.result.ballots)})" in text
        assert f"{item.result.ballots} ({speech.share(item.result.ballots, item.result.size)})" in text
    assert b64(facts.root) in text
    assert b64(facts.log_id) in text
    for line in checkpoint().split():
        assert line in text or line in text.replace(" ", "")
    for member in record().members:
        assert member.id in text
    assert fingerprint(record().log_key) in text


def test_clauses_reasons_moves_slack_complaints_and_commands_stand_in_it() -> None:
    text = text_of(pdf("en"))
    for words in (
        "clause 6.12.4 · turnout",
        "2 * 24 >= 1 * 30: yes",
        "Nobody has enough votes; nearest to it: Nino Beridze.",
        "Head of the Self-Governance · president 25 24 1",  # tokens, ballots, slack
        "One position for one person",
        "goes to Nino Beridze, this one goes to ხათუნა ჭყონია-წიკლაური.",
        '=HYPERLINK("http://evil.invalid")',
        "<script>alert(1)</script>",
        "the room was open; Zal açıq idi; зал был открыт",
        "closed at its time",
        "Result certified 172 24 September 2026, 15:02 dean, secretary",
        "election-audit verify https://vote.example/log/sim-2026/ --log",
        "election-audit document protocol-1-en.pdf protocol-1-en.pdf.sig",
        "Page 1 of",
    ):
        assert words in text, words


def test_every_page_says_which_it_is_and_what_it_must_say() -> None:
    with pypdfium2.PdfDocument(pdf("en", "ka")) as document:
        last = len(document)
        for number in range(last):
            page = document[number].get_textpage().get_text_bounded()
            assert f"{number + 1} of {last}" in page or f"{number + 1} / {last}" in page
            assert b64(record().facts.log_id) in page
            assert "TEST" in page or "ცდა" in page


def test_two_languages_stand_one_after_the_other() -> None:
    text = text_of(pdf("az", "en"))
    assert text.index("Özünüidarənin sədri") < text.index("Head of the Self-Governance")


@pytest.mark.parametrize("payload", MARKUP[:80])
def test_a81_markup_in_a_text_is_text(payload: str) -> None:
    """Every place that shows what somebody wrote: nothing is left out, nothing is read as markup."""
    pieces = (Heading(payload, 3), Text(payload), Table(("a", "b"), ((payload, payload),), (1, 1)))
    text = text_of(make_pdf([with_pieces(*pieces)], 0)).replace(" ", "")
    assert text.count(payload.replace(" ", "")) == 4


@pytest.mark.parametrize(
    "text", ["a\nb", "a\x00b", "\u202egnp.exe", "a\u200bb", "\ud83d", "\U0001f393", "\ue000", "名"]
)
def test_a89_what_nobody_sees_or_no_font_has_is_written_out(text: str) -> None:
    content = text_of(make_pdf([with_pieces(Text(f"[{text}]"))], 0))
    hidden = next(letter for letter in text if letter not in "abgnp.exe")
    assert f"<U+{ord(hidden):04X}>" in content
    assert "[" in content
    assert "]" in content


# ---- pages -----------------------------------------------------------------------------------------------------------


def test_words_longer_than_a_line_and_tables_longer_than_a_page_lose_nothing() -> None:
    word = "ა" * 700
    rows = tuple((f"row {number}", "x " * 40) for number in range(120))
    content = make_pdf([with_pieces(Text(word), Table(("Name", "Text"), rows, (1, 2)))], 0)
    text = text_of(content)
    assert text.replace(" ", "").count("ა") == 700
    for number in range(120):
        assert f"row {number} " in text
    with pypdfium2.PdfDocument(content) as document:
        assert len(document) == 4
        for number in range(1, len(document)):
            assert "Name Text" in " ".join(document[number].get_textpage().get_text_bounded().split())


@pytest.mark.parametrize("kind", ["table", "bar", "reason", "pairs", "text"])
def test_a_text_longer_than_a_page_is_whole_wherever_it_stands(kind: str) -> None:
    """A complaint has two thousand letters, a document of the log sixty thousand bytes."""
    text = " ".join(f"Щ{number}" for number in range(3000))
    pieces: dict[str, Piece] = {
        "table": Table(("Entry", "Complaint", "Answer"), (("1", text, "none"), ("2", "last row", "")), (1, 2, 1)),
        "bar": Bars((Bar(text, 1, 2, "1 of 2"), Bar("next bar", 1, 2, "1 of 2"))),
        "reason": Reasons((Reason("head", text, "1 > 0", "from here"),)),
        "pairs": Pairs((("label", text), ("label", "value"))),
        "text": Text(text),
    }
    content = make_pdf([with_pieces(Text("before"), pieces[kind], Text("after"))], 0)
    with pypdfium2.PdfDocument(content) as document:
        assert len(document) > 2
        for number in range(len(document)):
            page = document[number].get_textpage()
            for index in range(page.count_chars()):
                left, bottom, right, top = page.get_charbox(index)
                assert right <= left or top <= bottom or bottom >= 25
    found = text_of(content).split()
    assert [word for word in found if word.startswith("Щ")] == text.split()
    assert "after" in found


def test_nothing_is_drawn_outside_the_margins() -> None:
    with pypdfium2.PdfDocument(pdf("ka")) as document:
        for number in range(len(document)):
            page = document[number].get_textpage()
            for index in range(page.count_chars()):
                left, bottom, right, top = page.get_charbox(index)
                if right > left and top > bottom:
                    assert left >= 50, (number, page.get_text_range(index, 1))
                    assert right <= 545, (number, page.get_text_range(index, 1))
                    assert bottom >= 25
                    assert top <= 815


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("size", [7.5, 10.0, 20.0])
def test_widths_are_those_of_the_library_that_draws(size: float, *, bold: bool) -> None:
    sheets = Sheets(with_pieces(), 0, 1)
    sheets.type(size, bold=bold)
    for text in ("", " ", "a  b", "Günəl Əliyeva", "ხათუნა ჭყონია-წიკლაური", "Юрий Щёголев-Эйхенбаум", "fi ffl AV To"):
        assert sheets.width(text) == pytest.approx(sheets.get_string_width(text))


def test_pieces_are_numbered_on_each_page_as_the_library_would() -> None:
    """The library counts all pieces of the document for each one: with seventy contests that took minutes."""
    sheets = Sheets(with_pieces(), 0, 3)
    for pieces in (3, 0, 5):
        sheets.begin_page()
        numbers = []
        for _ in range(pieces):
            numbers.append(sheets.struct_builder.next_mcid_for_page(sheets.page))
            with sheets.tagged("P"):
                sheets.write_lines(20, 30, ["text"])
        assert numbers == list(range(pieces))
    content = bytes(sheets.output())
    assert [content.count(b"/K [%d]" % number) for number in range(6)] == [2, 2, 2, 1, 1, 0]


def test_a_longer_protocol_takes_longer_and_not_longer_squared(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> int:
        raise AssertionError("counts every piece of the document")

    monkeypatch.setattr(StructureTreeBuilder, "next_mcid_for_page", refused)
    assert make_pdf([paper("en")], record().ended) == pdf("en")


def test_every_piece_of_the_protocol_is_drawn() -> None:
    kinds = {type(piece) for piece in paper("en").pieces}
    assert {Bars, Table, Address, Signatures, Heading, Text} <= kinds


def test_the_font_has_every_letter_of_the_catalogues() -> None:
    sheets = Sheets(with_pieces(), 0, 1)
    for language in LANGUAGES:
        for piece in paper(language).pieces:
            if isinstance(piece, Text | Heading):
                assert "<U+" not in sheets.shown(piece.text)


# ---- standing --------------------------------------------------------------------------------------------------------


def beginning(poll: int, kind: str) -> MemorySource:
    """The log of `everything` up to the end of a poll's story, or to its declaration."""
    election = everything()
    entries = election.log.entries
    plain = election.check()
    ends = story_ends(((item["seq"], item["kind"], item["data"].get("poll")) for item in plain), poll)
    if kind == "declared":
        ends = next(i["seq"] for i in plain if i["kind"] == "result.declared" and i["data"]["poll"] == poll) + 1
    assert ends is not None
    cut = entries[:ends]
    return MemorySource(published(election.log.origin, election.log.log_secret, cut, election.log.blobs))


@pytest.mark.parametrize(
    ("poll", "kind", "words"),
    [
        (1, "certified", "The committee has certified this result. It stands."),
        (1, "declared", "This result is not certified yet. This document is a draft."),
        (2, "annulled", "The committee has annulled this result. Nothing of it counts."),
    ],
)
def test_the_standing_of_a_result_is_said_first(poll: int, kind: str, words: str) -> None:
    found = read_record(beginning(poll, kind), poll)
    assert found.standing == kind
    made = make_paper(found, "en", "checkpoint", "protocol.pdf")
    assert words in text_of(make_pdf([made], found.ended))


def test_a_record_ends_with_the_consequences_of_its_conclusion() -> None:
    found = read_record(beginning(1, "certified"), 1)
    assert [entry.kind for entry in found.began] == ["seat.taken", "seat.taken"]
    assert found.facts.entries == found.began[-1].seq + 1
    assert [(item.ruling, item.answered) for item in found.complaints] == [("rejected", 102)]
    kinds = [act.kind for act in found.acts]
    assert kinds[-1] == "result.certified"
    assert "decision" in kinds
    assert all(KINDS[kind].approved for kind in kinds)


def test_decisions_before_a_poll_belong_to_the_poll_before() -> None:
    found = read_record(beginning(2, "annulled"), 2)
    about = [act.data.decision.what for act in found.acts if act.kind == "decision"]
    assert about == ["vacancy", "vacancy"]
    assert {act.data.poll for act in found.acts if act.kind.startswith(("poll.", "result."))} == {2}
    assert found.reason == "simulated"
