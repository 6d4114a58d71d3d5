"""What people read is complete and well written in each language: the same keys, the same places, the right letters."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from itertools import starmap
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from babel.dates import get_day_names, get_month_names
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from tally.constitution_toml import PRESETS, load_toml, preset
from tally.plural import plural

ROOT: Final = Path(__file__).parents[2]
LANGUAGES: Final = ("en", "ka", "az", "ru")
OTHERS: Final = LANGUAGES[1:]
FORMS: Final = {language: {plural(language, number) for number in range(200)} for language in LANGUAGES}
INTL: Final = {language: forms | {"other"} for language, forms in FORMS.items()}  # Intl.PluralRules also has fractions
FOLDERS: Final = [
    folder
    for folder in (
        "tally/texts",
        "audit/texts",
        "ballot/booth/texts",
        "ballot/booth/texts-check",
        "ballot/booth/texts-trustee",
    )
    if any((ROOT / folder).glob("en.*"))
]

LOCALE: Final = "election_service/locale"
WRITTEN: Final = [*FOLDERS, LOCALE]  # tools/catalogs.py keeps the keys of the last one

_PLACE: Final = re.compile(r"\{(\w*)\}")
_NO_WORDS: Final = re.compile(r"\{\w*\}|%\(\w+\)s|<[^>]*>|&\w+;")  # places, tags of HTML
_WORD: Final = re.compile(r"[^\W\d_]+")
_SCRIPTS: Final = {"ka": "GEORGIAN", "az": "LATIN", "ru": "CYRILLIC"}
_AZ_LETTERS: Final = frozenset("abcçdeəfgğhxıijkqlmnoöprsştuüvyzwBCÇDEƏFGĞHXIİJKQLMNOÖPRSŞTUÜVYZAW")
_SUBJECT: Final = 24  # letters besides the title (election_service/letters.py)
_MTAVRULI: Final = range(0x1C90, 0x1CC0)
_FAMILIAR: Final = {
    "ka": re.compile(r"\b(შენ|შენი|შენს|შენმა|გაქვს|შეგიძლია|გახსენი|დააჭირე|ნახე)\b"),
    "az": re.compile(r"\b(sən|sənin|səni|sənə|səndə|səndən)\b", re.IGNORECASE),
    "ru": re.compile(r"\b(ты|тебя|тебе|тобой|твой|твоя|твоё|твои|твоего)\b", re.IGNORECASE),
}
_CAPITAL: Final = re.compile(r"(?<=[а-яё,;] )(Вы|Вас|Вам|Вами|Ваш\w*)\b")


def load(folder: str, language: str) -> dict[str, Any]:
    """One catalogue as it lies on the disk."""
    (file,) = (ROOT / folder).glob(f"{language}.*")
    raw = file.read_bytes()
    found: dict[str, Any] = tomllib.loads(raw.decode()) if file.suffix == ".toml" else msgspec.json.decode(raw)
    return found


def is_plural(item: Any) -> bool:
    """A message by number: its keys are plural forms and nothing else."""
    return isinstance(item, dict) and "one" in item and set(item) <= {"one", "few", "many", "other"}


def messages(item: Any, path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Every message with its forms; what is not counted has the one form "other"."""
    if isinstance(item, str):
        yield path, {"other": item}
    elif is_plural(item):
        yield path, item
    else:
        for name, inner in item.items():
            yield from messages(inner, f"{path}/{name}")


def places(text: str) -> set[str]:
    """What a text names in braces; `{n}` may be left out where a form says the number in words."""
    return set(_PLACE.findall(text))


def texts(folder: str, language: str) -> Iterator[tuple[str, str]]:
    """Every text with the path of its message."""
    if folder == LOCALE:
        yield from translated(language)
        return
    for path, forms in messages(load(folder, language)):
        for form, text in forms.items():
            yield f"{folder}/{language}{path} ({form})", text


def catalog(language: str) -> Iterator[Message]:
    """The messages of the service in one of OTHERS."""
    with (ROOT / LOCALE / f"{language}.po").open("rb") as source:
        yield from (message for message in read_po(source, locale=language) if message.id)


def translated(language: str) -> Iterator[tuple[str, str]]:
    """Every text of the service that is translated, with the English one."""
    for message in catalog(language):
        forms = [message.string] if isinstance(message.string, str) else message.string
        english = message.id if isinstance(message.id, str) else message.id[0]
        yield from ((f"{language}: {english}", text) for text in forms or () if text)


STRUCTURED: Final = [(folder, language) for folder in FOLDERS for language in OTHERS]
EVERY: Final = [(folder, language) for folder in WRITTEN for language in OTHERS]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_catalogue_speaks_four_languages(folder: str) -> None:
    assert {file.stem for file in (ROOT / folder).iterdir()} == set(LANGUAGES)


@pytest.mark.parametrize(("folder", "language"), STRUCTURED)
def test_a_catalogue_has_the_messages_of_the_english_one(folder: str, language: str) -> None:
    english, other = dict(messages(load(folder, "en"))), dict(messages(load(folder, language)))
    assert list(other) == list(english)
    wanted = (INTL if folder.startswith("ballot/") else FORMS)[language]
    for path, forms in other.items():
        counted = len(english[path]) > 1
        assert set(forms) == (wanted if counted else {"other"}), path
        expected = places(english[path]["other"])
        for form, text in forms.items():
            assert places(text) == expected or (form == "one" and places(text) <= expected), f"{path} {form}: {text}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_english_message_by_number_has_both_forms(folder: str) -> None:
    for path, forms in messages(load(folder, "en")):
        assert set(forms) in ({"other"}, FORMS["en"]), path


@pytest.mark.parametrize(("folder", "language"), STRUCTURED)
def test_nothing_is_left_in_english(folder: str, language: str) -> None:
    english = dict(texts(folder, "en"))
    for path, text in texts(folder, language):
        words = _WORD.findall(_NO_WORDS.sub(" ", text))
        if text == english.get(path.replace(f"/{language}/", "/en/", 1)):
            assert not words, path


@pytest.mark.parametrize(("folder", "language"), EVERY)
def test_every_letter_is_one_of_the_language(folder: str, language: str) -> None:
    faults = list(starmap(letter_faults, ((language, path, text) for path, text in texts(folder, language))))
    assert not "\n".join(filter(None, faults))


def letter_faults(language: str, path: str, text: str) -> str:
    """Words of two scripts (a Latin "a" in a Cyrillic word), letters of no alphabet of the language."""
    for word in _WORD.findall(_NO_WORDS.sub(" ", text)):
        scripts = {unicodedata.name(letter).partition(" ")[0] for letter in word}
        if len(scripts) > 1:
            return f"{path}: letters of {', '.join(sorted(scripts))} in {word!r}"
        if not scripts <= {"LATIN", _SCRIPTS[language]}:
            return f"{path}: letters of {scripts.pop()} in {word!r}"
        if language == "az" and not set(word) <= _AZ_LETTERS:
            return f"{path}: no letter of Azerbaijani in {word!r}"
    return ""


@pytest.mark.parametrize(("folder", "language"), [*EVERY, *((folder, "en") for folder in FOLDERS)])
def test_texts_are_plain_characters(folder: str, language: str) -> None:
    for path, text in texts(folder, language):
        check_characters(path, text)


def check_characters(path: str, text: str) -> None:
    """NFC, nothing invisible, no Georgian capitals, no stray spaces, one sign for "…"."""
    assert text == text.strip(), path
    assert text, path
    assert unicodedata.is_normalized("NFC", text), path
    for character in text:
        assert ord(character) not in _MTAVRULI, path
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cn", "Co", "Cs"}, f"{path}: {character!r}"
    assert "  " not in text, path
    assert "..." not in text, path


@pytest.mark.parametrize(("folder", "language"), EVERY)
def test_quotation_marks_are_those_of_the_language(folder: str, language: str) -> None:
    wanted = {"ka": "„“", "az": "“”", "ru": "«»"}[language]
    for path, text in texts(folder, language):
        assert set(_NO_WORDS.sub("", text)) & set('„“”«»"') <= set(wanted), f"{path}: {text}"


@pytest.mark.parametrize(("folder", "language"), EVERY)
def test_the_reader_is_addressed_politely(folder: str, language: str) -> None:
    for path, text in texts(folder, language):
        assert not _FAMILIAR[language].search(text), f"{path}: {text}"
        assert not (language == "ru" and _CAPITAL.search(text)), f"{path}: {text}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_days_and_months_of_the_booth_are_those_of_the_unicode_consortium(language: str) -> None:
    found = load("ballot/booth/texts", language)
    days, months = get_day_names(locale=language), get_month_names(locale=language)
    assert found["weekdays"].split("|") == [days[(number - 1) % 7] for number in range(7)]
    assert found["months"].split("|") == [months[number] for number in range(1, 13)]


@pytest.mark.parametrize("language", OTHERS)
def test_a_subject_leaves_room_for_the_title(language: str) -> None:
    for message in catalog(language):
        if isinstance(message.id, str) and message.id.endswith(": %(title)s"):
            assert len(str(message.string) % {"title": ""}) <= _SUBJECT, message.string


@pytest.mark.parametrize("name", PRESETS)
def test_positions_are_called_something_in_every_language(name: str) -> None:
    for position in load_toml(preset(name)).positions:
        assert set(position.name) == set(LANGUAGES), position.id


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_preset_names_by_id_has_words(name: str, language: str) -> None:
    rules, words = load_toml(preset(name)), load("tally/texts", language)
    assert {procedure.id for procedure in rules.procedures} <= words["procedure-name"].keys()
    assert {petition.id for petition in rules.petitions} <= words["petition-name"].keys()
    assert {ground.id for ground in rules.grounds} <= words["ground-name"].keys()


def test_the_glossary_has_four_columns_for_every_term() -> None:
    rows = [line for line in (ROOT / "docs/glossary.md").read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    terms = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if not row.startswith("| English")]
    assert len(terms) >= 40
    assert len({term[0] for term in terms}) == len(terms)
    for english, ka, az, ru, _ in terms:
        assert english
        faults = [letter_faults(language, english, text) for language, text in (("ka", ka), ("az", az), ("ru", ru))]
        assert not "".join(faults)
