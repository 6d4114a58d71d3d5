"""What is only shown of an election: its title and introduction per language, whom to ask, the time zone.

Nothing here decides anything; what decides stands in the log. It can be changed at any time (`election-service texts`).
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema
from election_service.api_types import ElectionTexts
from election_service.errors import InputError
from election_service.languages import LANGUAGES
from keys.canonical import Wire, decode, encode
from keys.text import check_text

_ZONE: Final = "Asia/Tbilisi"
_MAX_TITLE: Final = 200  # characters
_MAX_INTRO: Final = 4000


class Presentation(Wire, frozen=True):
    """`texts` by language, "en" at least; `contact`: mail address, https address, or empty; `zone`: IANA name."""

    texts: dict[str, ElectionTexts]
    contact: str
    zone: str


def check_presentation(presentation: Presentation) -> None:
    """InputError for a language, text, contact or zone that cannot be shown."""
    if "en" not in presentation.texts or not set(presentation.texts) <= set(LANGUAGES):
        found = ", ".join(sorted(presentation.texts))
        raise InputError(f"texts: expected en and any of {', '.join(LANGUAGES)}, got {found}", "give an English text")
    for language, texts in presentation.texts.items():
        for text, most, what in ((texts.title, _MAX_TITLE, "title"), (texts.intro, _MAX_INTRO, "intro")):
            for line in text.split("\n"):
                check_text(line, f"texts: {language}: {what}")
            if len(text) > most:
                raise InputError(f"texts: {language}: {what}: expected at most {most} letters", "make it shorter")
        if not texts.title.strip() or "\n" in texts.title:
            raise InputError(f"texts: {language}: title: expected one line", "give the title in one line")
    check_contact(presentation.contact)
    try:
        ZoneInfo(presentation.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InputError(f"texts: zone: {error}", "give an IANA time zone such as Asia/Tbilisi or Asia/Baku") from error


def check_contact(contact: str) -> None:
    """InputError for what is neither empty nor a mail address nor an https address."""
    local, at, host = contact.partition("@")
    is_mail = bool(local and at and "." in host) and contact.isascii() and not set(contact) & set(' <>"\r\n,;:/?#&')
    is_page = contact.isascii() and contact.isprintable() and urlsplit(contact).scheme == "https"
    if contact and not is_mail and not is_page:
        raise InputError(f"texts: contact: expected a mail or https address, got {contact[:100]!r}", "correct it")


async def read_presentation(connection: AsyncConnection, election: str) -> Presentation:
    """What was set, or the title alone."""
    table = schema.elections
    query = select(table.c.title, table.c.presentation).where(table.c.election == election)
    row = (await connection.execute(query)).one()
    if row.presentation is None:
        return Presentation(texts={"en": ElectionTexts(title=row.title, intro="")}, contact="", zone=_ZONE)
    return decode(row.presentation, Presentation)


async def store_presentation(connection: AsyncConnection, election: str, presentation: Presentation) -> None:
    """Replace what is shown; InputError as `check_presentation`."""
    check_presentation(presentation)
    table = schema.elections
    values = {"presentation": encode(presentation)}
    await connection.execute(update(table).where(table.c.election == election).values(values))


def text_in(texts: Mapping[str, ElectionTexts], language: str) -> tuple[ElectionTexts, str]:
    """The texts in this language, English where there are none, and the language that they are in."""
    return (texts[language], language) if language in texts else (texts["en"], "en")
