"""Languages: which one is chosen, how dates and numbers are written, and that every text is translated."""

from __future__ import annotations

import pytest

from election_service.languages import (
    CATALOGS,
    LANGUAGES,
    NAMES,
    choose,
    format_day,
    format_number,
    format_percent,
    format_short,
    format_until,
    format_when,
    translations,
)
from tools.catalogs import extract, faults, placeholders

MOMENT = 1_795_363_200  # 2026-11-22 16:00 UTC

CHOICES: dict[str, tuple[str | None, str | None, str]] = {
    "nothing said": (None, None, "en"),
    "the address wins": ("ka", "ru", "ka"),
    "an unknown language in the address": ("fr", "ru", "ru"),
    "an empty one": ("", "az", "az"),
    "the best quality": (None, "ru;q=0.5, az;q=0.9, en;q=0.1", "az"),
    "the first of equals": (None, "ru, ka", "ru"),
    "a region": (None, "az-Latn-AZ", "az"),
    "capital letters": (None, "KA-GE", "ka"),
    "refused by zero": (None, "ka;q=0, fr", "en"),
    "no number": (None, "ka;q=x, az;q=0.1", "az"),
    "a quality that is too high": (None, "ka;q=9, az;q=0.1", "az"),
    "not a number": (None, "ka;q=nan, az;q=0.1", "az"),
    "nothing known": (None, "fr, de;q=0.8", "en"),
    "garbage": (None, ";;,,=;q", "en"),
    "too many": (None, "fr," * 1000 + "ka", "en"),
}


@pytest.mark.parametrize("case", CHOICES)
def test_the_language_that_is_chosen(case: str) -> None:
    query, accept, expected = CHOICES[case]
    assert choose(query, accept) == expected


def test_dates_are_written_as_the_language_writes_them_in_the_election_s_zone() -> None:
    assert format_when(MOMENT, "en", "Asia/Tbilisi") == "Sunday, 22 November 2026, 20:00 (Tbilisi time)"
    assert format_when(MOMENT, "ru", "Asia/Baku").startswith("воскресенье, 22 ноября 2026\u202fг., 20:00 (")
    assert format_when(MOMENT, "ka", "Asia/Tbilisi").startswith("კვირა, 22 ნოემბერი, 2026, 20:00 (")
    assert format_when(MOMENT, "az", "UTC").startswith("22 noyabr 2026, bazar, 16:00 (")
    assert format_short(MOMENT, "en", "Asia/Tbilisi") == "22 Nov 2026, 20:00:00"
    assert format_day("2027-06-30", "en") == "30 June 2027"


def test_how_long_it_is_from_now() -> None:
    assert format_until(29 * 3600, "en") == "in 29 hours"
    assert format_until(-3 * 86400, "en") == "3 days ago"
    assert format_until(60, "ru") == "через 1 минуту"


def test_numbers_have_the_separators_of_the_language() -> None:
    assert format_number(12345, "en") == "12,345"
    assert format_number(12345, "ru") == "12\xa0345"
    assert format_percent(1, 3, "en") == "33.3%"
    assert format_percent(1, 3, "ka").startswith("33,3")
    assert format_percent(0, 0, "en") == "–"


def test_each_language_is_called_as_it_calls_itself() -> None:
    assert tuple(NAMES) == LANGUAGES
    assert all(ord(letter) < 0x1C90 for letter in NAMES["ka"]), "no Georgian capitals: many telephones lack them"


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_text_is_translated_with_the_same_placeholders(language: str) -> None:
    assert (CATALOGS / f"{language}.po").is_file()
    assert list(faults(language, extract())) == []


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_a_translated_page_is_not_english(language: str) -> None:
    assert translations(language).gettext("Help") != "Help"
    assert translations("en").gettext("Help") == "Help"


def test_georgian_is_never_in_capitals() -> None:
    text = (CATALOGS / "ka.po").read_text(encoding="utf-8")
    assert [letter for letter in text if 0x1C90 <= ord(letter) <= 0x1CBF] == []


def test_texts_of_code_and_templates_are_found() -> None:
    found = {message.id if isinstance(message.id, str) else message.id[0] for message in extract() if message.id}
    assert {"Help", "Poll opened", "%(count)s candidate", "Overview"} <= found


def test_placeholders_are_seen_in_every_form() -> None:
    assert placeholders("%(name)s of {link}, 5%%") == ("%%", "%(name)s", "{link}")
