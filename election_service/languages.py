"""The languages that people are spoken to in: which one, its texts, its dates and numbers.

English texts stand in templates and code as they are; election_service/locale/*.po translates them (tools/catalogs.py
keeps those complete). Nothing here remembers anybody: a language is in the address or in what the browser asks for.
"""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta, get_timezone_location
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.numbers import format_percent as babel_percent

LANGUAGES: Final = ("en", "ka", "az", "ru")
NAMES: Final = {"en": "English", "ka": "ქართული", "az": "Azərbaycanca", "ru": "Русский"}  # as each calls itself
CATALOGS: Final = Path(__file__).parent / "locale"

_FALLBACK: Final = "en"
_DAY: Final = {"en": "EEEE, d MMMM y"}  # else the language's own full form, as in ballot/booth/texts
_MOST_ACCEPTED: Final = 20  # languages of an Accept-Language that are looked at


def translatable(text: str) -> str:
    """The text itself. Marks a text of a table for tools/catalogs.py; it is translated where it is shown."""
    return text


def choose(lang_query: str | None, accept: str | None) -> str:
    """The language to answer in: the one asked for in the address, else the best of Accept-Language, else English."""
    if lang_query in LANGUAGES:
        return lang_query
    best = max(_accepted(accept or ""), default=(0.0, 0, _FALLBACK))
    return best[2] if best[0] > 0 else _FALLBACK


def _accepted(header: str) -> Iterator[tuple[float, int, str]]:
    """(quality, minus the place in the header, language) of every known language in an Accept-Language."""
    for place, part in enumerate(header.split(",")[:_MOST_ACCEPTED]):
        name, _, parameter = part.partition(";")
        language = name.strip().partition("-")[0].lower()
        if language in LANGUAGES:
            yield _quality(parameter), -place, language


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if name.strip() == "q" and 0 <= quality <= 1 else 0.0


@cache
def translations(language: str) -> NullTranslations:
    """The texts of one of LANGUAGES; a text that is missing stands in English."""
    file = CATALOGS / f"{language}.po"
    if not file.is_file():
        return NullTranslations()
    with file.open("rb") as source:
        catalog = read_po(source, locale=language, domain="messages")
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _moment(seconds: int, zone: str) -> datetime:
    """A moment in a zone; at the ends of the calendar, where the zone has no day for it, in UTC."""
    try:
        return datetime.fromtimestamp(seconds, ZoneInfo(zone))
    except OverflowError:
        return datetime.fromtimestamp(seconds, UTC)


def format_when(seconds: int, language: str, zone: str) -> str:
    """A moment with its weekday, in an IANA zone that it names by its city."""
    when = _moment(seconds, zone)
    day = format_date(when, _DAY.get(language, "full"), locale=language)
    text = f"{day}, {when:%H:%M}"
    city = get_timezone_location(zone, language, return_city=True)
    return translations(language).gettext("%(when)s (%(city)s time)") % {"when": text, "city": city}


def format_short(seconds: int, language: str, zone: str) -> str:
    """A moment to the second, for tables whose heading names the zone."""
    return format_datetime(_moment(seconds, zone), "d MMM y, HH:mm:ss", locale=language)


def format_day(text: str, language: str) -> str:
    """A day that is written YYYY-MM-DD."""
    return format_date(date.fromisoformat(text), "d MMMM y", locale=language)


def format_until(seconds: int, language: str) -> str:
    """How long it is from now: "in 29 hours", "2 days ago"."""
    return format_timedelta(
        timedelta(seconds=seconds), granularity="minute", threshold=2, add_direction=True, locale=language
    )


def format_number(number: int, language: str) -> str:
    """A whole number with the language's separators."""
    return format_decimal(number, locale=language)


def format_percent(part: int, whole: int, language: str) -> str:
    """Part of a whole in percent, to one place; "–" of nothing."""
    return "–" if whole == 0 else babel_percent(part / whole, format="#,##0.0%", locale=language)
