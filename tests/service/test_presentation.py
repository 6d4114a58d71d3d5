"""What is shown of an election: texts in four languages, contact, time zone; every fault of a file named at once."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election_service.api_types import ElectionTexts
from election_service.database import Database
from election_service.errors import InputError, UnknownElectionError
from election_service.log import open_log
from election_service.presentation import (
    Presentation,
    check_contact,
    check_presentation,
    is_mail_address,
    read_presentation,
    read_texts,
    store_presentation,
    text_in,
    write_texts,
)
from keys.errors import FormatError
from keys.text import check_text
from tests.attacks.payloads import INJECTIONS, MARKUP, TWINS
from tests.service.house import ELECTION as HOUSE
from tests.service.house import House
from tests.service.logs import ELECTION, NOW, opened

GOOD = """
contact = "committee@example.edu"
zone = "Asia/Baku"

[en]
title = "Student elections 2026"
intro = '''
Four contests.

Read what the candidates say.
'''

[ka]
title = "სტუდენტური არჩევნები 2026"
"""


def shown(title: str = "Spring", intro: str = "", contact: str = "", zone: str = "Asia/Tbilisi") -> Presentation:
    return Presentation(texts={"en": ElectionTexts(title=title, intro=intro)}, contact=contact, zone=zone)


def test_a_file_has_texts_contact_and_zone() -> None:
    found = read_texts(GOOD.encode())
    assert found.texts == {
        "en": ElectionTexts(title="Student elections 2026", intro="Four contests.\n\nRead what the candidates say."),
        "ka": ElectionTexts(title="სტუდენტური არჩევნები 2026", intro=""),
    }
    assert (found.contact, found.zone) == ("committee@example.edu", "Asia/Baku")


def test_zone_and_contact_may_be_left_out() -> None:
    found = read_texts(b'[en]\ntitle = "Spring"\n')
    assert (found.contact, found.zone) == ("", "Asia/Tbilisi")


def test_every_fault_is_named_at_once() -> None:
    raw = """
        contact = "committee"
        zone = "Tbilisi"
        colour = "red"
        [en]
        title = "two\\nlines"
        intro = 7
        titel = "x"
        [ru]
        intro = "Без заглавия"
        [az]
        title = "turned \\u202e round"
        [fr]
        title = "Élections"
    """
    with pytest.raises(InputError) as caught:
        read_texts(raw.encode())
    faults = str(caught.value)
    for fault in (
        "colour: unknown; expected contact, zone, en, ka, az, ru",
        "fr: unknown; expected contact, zone, en, ka, az, ru",
        "en: intro: expected text",
        "en: titel: unknown; expected title, intro",
        "en: title: expected one line",
        "ru: title: expected one line",
        "az: title: bidi control character U+202E",
        "contact: expected a mail or https address, got 'committee'",
        "zone: expected an IANA time zone such as Asia/Tbilisi or Asia/Baku, got 'Tbilisi'",
    ):
        assert fault in faults
    assert faults.count("\n") == 8


FILES = {
    "no TOML": (b"[en\ntitle", "not TOML.*line 1"),
    "no UTF-8": (b"\xff\xfe[\x00", "not TOML"),
    "no English": ('[ka]\ntitle = "ა"\n'.encode(), "en: missing"),
    "nothing": (b"", "en: missing"),
    "a list": (b'en = ["x"]\n', "en: expected a table with title and intro"),
    "a long title": (f'[en]\ntitle = "{"a" * 201}"\n'.encode(), "title: expected at most 200 letters, got 201"),
    "a long intro": (f'[en]\ntitle = "a"\nintro = "{"a" * 4001}"\n'.encode(), "intro: expected at most 4000 letters"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_be_used_says_why(case: str) -> None:
    raw, reason = FILES[case]
    with pytest.raises(InputError, match=reason) as caught:
        read_texts(raw)
    assert caught.value.hint


def test_what_is_written_can_be_read_again() -> None:
    found = read_texts(GOOD.encode())
    assert read_texts(write_texts(found).encode()) == found
    texts = {"en": ElectionTexts(title='A "good" \\ title', intro='one "two"\n\\three"""\n')}
    odd = Presentation(texts=texts, contact="https://example.edu/help?a=b", zone="Asia/Tbilisi")
    again = read_texts(write_texts(odd).encode())
    assert again.texts["en"].title == 'A "good" \\ title'
    assert again.texts["en"].intro == 'one "two"\n\\three"""'


@given(st.text(max_size=40), st.text(max_size=80))
def test_every_text_that_is_accepted_comes_back_as_it_was(title: str, intro: str) -> None:
    try:
        check_presentation(shown(title, intro))
    except InputError:
        return
    assert read_texts(write_texts(shown(title, intro)).encode()) == shown(title, intro)


@pytest.mark.parametrize("text", [*MARKUP, *(item for item in INJECTIONS if item.isprintable())])
def test_a81_a_title_is_text_whatever_it_looks_like(text: str) -> None:
    check_presentation(shown(text, text))


@pytest.mark.parametrize("text", [item for item in INJECTIONS if not item.isprintable()])
def test_a85_a_title_that_could_end_a_header_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="en: title"):
        check_presentation(shown(text))


@pytest.mark.parametrize(("one", "other"), TWINS)
def test_a89_a_title_has_one_spelling(one: str, other: str) -> None:
    found = read_texts(f"[en]\ntitle = '''{other}'''\n".encode())
    assert found.texts["en"].title == unicodedata.normalize("NFC", one)
    with pytest.raises(InputError, match="en: title"):
        check_presentation(shown(other))
    with pytest.raises(FormatError):
        check_text(other, "title")


CONTACTS = {
    "": True,
    "committee@example.edu": True,
    "first.last+votes@sub.example.edu": True,
    "https://example.edu/elections?lang=ka": True,
    "https://example.edu:8443/": True,
    "committee": False,
    "a@b": False,
    "a b@example.edu": False,
    "a@example.edu, b@example.edu": False,
    "a@example.edu?bcc=b@example.edu": False,
    "a@example.edu\r\nBcc: b@example.edu": False,
    "a@example.edu\n": False,
    '"a"@example.edu': False,
    "<a@example.edu>": False,
    ".a@example.edu": False,
    "ü@example.edu": False,
    "a@exämple.edu": False,
    "http://example.edu": False,
    "https:": False,
    "https://": False,
    "https://example.edu@evil.invalid/": False,
    "https://example.edu/\r\nX: 1": False,
    "https://example.edu/'\"><script>": False,
    "javascript:alert(1)": False,
    "mailto:a@example.edu": False,
    "data:text/html,x": False,
    "//example.edu": False,
    f"https://example.edu/{'a' * 200}": False,
}


@pytest.mark.parametrize("contact", CONTACTS)
def test_a85_a_contact_is_a_mail_or_web_address_and_nothing_else(contact: str) -> None:
    if CONTACTS[contact]:
        check_contact(contact)
        check_presentation(shown(contact=contact))
        assert is_mail_address(contact) == ("@" in contact)
        return
    assert not is_mail_address(contact)
    with pytest.raises(InputError, match="expected a mail or https address"):
        check_contact(contact)
    with pytest.raises(InputError, match="expected a mail or https address"):
        check_presentation(shown(contact=contact))


@pytest.mark.parametrize("zone", ["", "Asia", "../../etc/passwd", "/etc/localtime", "Asia/Tbilisi\n", "GMT+4 "])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(InputError, match="expected an IANA time zone"):
        check_presentation(shown(zone=zone))


def test_texts_fall_back_to_english_and_say_so() -> None:
    texts = read_texts(GOOD.encode()).texts
    assert text_in(texts, "ka") == (texts["ka"], "ka")
    assert text_in(texts, "ru") == (texts["en"], "en")


async def test_what_is_stored_is_shown(database: Database) -> None:
    async with database.transaction() as connection:
        await open_log(connection, opened(), title="Spring", config=b"{}", now=NOW)
        assert await read_presentation(connection, ELECTION) == shown()
        await store_presentation(connection, ELECTION, read_texts(GOOD.encode()))
        assert await read_presentation(connection, ELECTION) == read_texts(GOOD.encode())
        with pytest.raises(InputError, match="en: title"):
            await store_presentation(connection, ELECTION, shown(""))
        with pytest.raises(UnknownElectionError, match="there is none here"):
            await read_presentation(connection, "nobody")
        with pytest.raises(UnknownElectionError, match="there is none here"):
            await store_presentation(connection, "nobody", shown())


async def test_the_election_says_what_it_is_called(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    async with house.service.database.transaction() as connection:
        await store_presentation(connection, HOUSE, read_texts(GOOD.encode()))
    document = await (await house.get("")).json()
    assert document["texts"]["ka"] == {"title": "სტუდენტური არჩევნები 2026", "intro": ""}
    assert (document["contact"], document["zone"]) == ("committee@example.edu", "Asia/Baku")
