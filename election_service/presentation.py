"""What is only shown of an election: its title and introduction per language, whom to ask, the time zone.

Nothing here decides anything; what decides stands in the log. It can be changed at any time (`election-service texts`).
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema
from election_service.api_types import ElectionTexts
from election_service.errors import InputError, UnknownElectionError
from election_service.languages import LANGUAGES
from election_service.plain_text import clean_text, cleaned
from keys.canonical import Wire, decode, encode
from keys.errors import FormatError

_ZONE: Final = "Asia/Tbilisi"
_MAX_TITLE: Final = 200  # characters
_MAX_INTRO: Final = 4000
_MAX_CONTACT: Final = 200
_HOST: Final = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
_MAIL: Final = re.compile(rf"[A-Za-z0-9](?:[A-Za-z0-9._+-]{{0,62}}[A-Za-z0-9])?@{_HOST}\Z")
_PAGE: Final = re.compile(
    rf"https://{_HOST}(?::[0-9]{{1,5}})?(?:/[A-Za-z0-9._~!$&()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~=&%+-]*)?\Z"
)


class Presentation(Wire, frozen=True):
    """`texts` by language, "en" at least; `contact`: mail address, https address, or empty; `zone`: IANA name."""

    texts: dict[str, ElectionTexts]
    contact: str
    zone: str


def check_presentation(presentation: Presentation) -> None:
    """InputError with every language, text, contact and zone that cannot be shown."""
    faults = list(faults_of(presentation))
    if faults:
        more = "" if len(faults) == 1 else f"{len(faults)} faults\n  "
        raise InputError(f"texts: {more}" + "\n  ".join(faults), "mend what is named, and give the file again")


def faults_of(presentation: Presentation) -> Iterator[str]:
    """Everything in it that cannot be shown, one line each."""
    if "en" not in presentation.texts:
        yield "en: missing; English is shown where there is no other text"
    for language, texts in presentation.texts.items():
        if language not in LANGUAGES:
            yield f"{language}: expected a language of {', '.join(LANGUAGES)}"
        if not texts.title or "\n" in texts.title:
            yield f"{language}: title: expected one line"
        for text, most, what in ((texts.title, _MAX_TITLE, "title"), (texts.intro, _MAX_INTRO, "intro")):
            try:
                if clean_text(text, most) != text:
                    yield f"{language}: {what}: expected text without needless spaces, in normal form C"
            except FormatError as error:
                yield f"{language}: {what}: {str(error).removeprefix('text: ')}"
    if presentation.contact and not is_mail_address(presentation.contact) and not _is_page(presentation.contact):
        yield f"contact: expected a mail or https address, got {presentation.contact[:100]!r}"
    if presentation.zone not in _zones():
        yield f"zone: expected an IANA time zone such as Asia/Tbilisi or Asia/Baku, got {presentation.zone[:100]!r}"


@cache
def _zones() -> frozenset[str]:
    """The names of time zones on this machine: looking for them reads a whole folder."""
    return frozenset(available_timezones())


def is_mail_address(text: str) -> bool:
    """Whether mail can be sent there, and whether it may stand in a header and in a link."""
    return len(text) <= _MAX_CONTACT and _MAIL.match(text) is not None


def _is_page(text: str) -> bool:
    """Whether it is an https address of a host without a name or password in it, which could hide where it leads."""
    return len(text) <= _MAX_CONTACT and _PAGE.match(text) is not None


def check_contact(contact: str) -> None:
    """InputError for what is neither empty nor a mail address nor an https address."""
    if contact and not is_mail_address(contact) and not _is_page(contact):
        raise InputError(f"contact: expected a mail or https address, got {contact[:100]!r}", "correct it")


# ---- as a file -------------------------------------------------------------------------------------------------------


def read_texts(raw: bytes) -> Presentation:
    """A TOML file: ``contact``, ``zone``, and a table for each language with ``title`` and ``intro``.

    InputError names everything that is wrong with it.
    """
    try:
        document = tomllib.loads(raw.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"texts: not TOML: {error}", "see docs/committee.md for an example") from error
    faults: list[str] = []
    given: list[str] = [name for name in LANGUAGES if name in document]
    texts = {name: _read_language(name, document.pop(name), faults) for name in given}
    contact, zone = (_take(document, name, "", faults) for name in ("contact", "zone"))
    faults += [f"{name}: unknown; expected contact, zone, {', '.join(LANGUAGES)}" for name in document]
    presentation = Presentation(texts=texts, contact=contact, zone=zone or _ZONE)
    faults += faults_of(presentation)
    if faults:
        raise InputError("texts: " + "\n  ".join(faults), "mend what is named, and give the file again")
    return presentation


def _read_language(name: str, table: object, faults: list[str]) -> ElectionTexts:
    if not isinstance(table, dict):
        faults.append(f"{name}: expected a table with title and intro")
        return ElectionTexts(title="", intro="")
    rest = dict(table)
    title, intro = (_take(rest, key, f"{name}: ", faults) for key in ("title", "intro"))
    faults += [f"{name}: {key}: unknown; expected title, intro" for key in rest]
    return ElectionTexts(title=cleaned(title), intro=cleaned(intro))


def _take(table: dict[str, object], key: str, where: str, faults: list[str]) -> str:
    value = table.pop(key, "")
    if not isinstance(value, str):
        faults.append(f"{where}{key}: expected text")
        return ""
    return value


def write_texts(presentation: Presentation) -> str:
    """The TOML file that `read_texts` would read so."""
    lines = [f"contact = {_quoted(presentation.contact)}", f"zone = {_quoted(presentation.zone)}"]
    for language in LANGUAGES:
        if language in presentation.texts:
            texts = presentation.texts[language]
            lines += ["", f"[{language}]", f"title = {_quoted(texts.title)}", f"intro = {_quoted(texts.intro)}"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A basic string of TOML, over several lines where the text has several."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"""\n{escaped}"""' if "\n" in text else f'"{escaped}"'


# ---- in the database -------------------------------------------------------------------------------------------------


async def read_presentation(connection: AsyncConnection, election: str) -> Presentation:
    """What was set, or the title alone; UnknownElectionError where there is no such election."""
    table = schema.elections
    query = select(table.c.title, table.c.presentation).where(table.c.election == election)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise UnknownElectionError(f"election {election[:64]!r}: there is none here")
    if row.presentation is None:
        return Presentation(texts={"en": ElectionTexts(title=row.title, intro="")}, contact="", zone=_ZONE)
    return decode(row.presentation, Presentation)


async def store_presentation(connection: AsyncConnection, election: str, presentation: Presentation) -> None:
    """Replace what is shown; InputError as `check_presentation`, UnknownElectionError as `read_presentation`."""
    check_presentation(presentation)
    await read_presentation(connection, election)
    table = schema.elections
    values = {"presentation": encode(presentation)}
    await connection.execute(update(table).where(table.c.election == election).values(values))


def text_in(texts: Mapping[str, ElectionTexts], language: str) -> tuple[ElectionTexts, str]:
    """The texts in this language, English where there are none, and the language that they are in."""
    return (texts[language], language) if language in texts else (texts["en"], "en")
