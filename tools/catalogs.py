"""Bring election_service/locale/*.po up to date with the texts of code and templates: ``python -m tools.catalogs``.

``--check`` changes nothing and says what is missing: texts that are in no catalog or no longer anywhere, texts that are
not translated or marked fuzzy, translations whose placeholders differ from those of the English text.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from election_service.languages import CATALOGS, LANGUAGES

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCE: Final = ROOT / "election_service"
_METHODS: Final = [
    ("locale/**", "ignore"),
    ("templates/**.html", "jinja2.ext.babel_extract"),
    ("templates/**.txt", "jinja2.ext.babel_extract"),
    ("**.py", "python"),
]
_OPTIONS: Final = {"templates/**": {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}}
_KEYWORDS: Final[Mapping[str, Any]] = {
    "_": None,
    "gettext": None,
    "translatable": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
_BRACES: Final = re.compile(r"\{[a-z_]*\}|%\([a-z_]+\)[sd]|%%")
_MADE: Final = datetime(2026, 1, 1, tzinfo=UTC)  # catalogs say no date of their own: git does


def extract() -> Catalog:
    """Every text of the service that is to be translated."""
    options = {pattern: _OPTIONS["templates/**"] for pattern, _ in _METHODS if pattern.startswith("templates")}
    found = Catalog(creation_date=_MADE)
    for file, _line, message, comments, context in extract_from_dir(
        str(SOURCE), _METHODS, options, _KEYWORDS, comment_tags=("NOTE:",), strip_comment_tags=True
    ):
        found.add(message, None, [(f"election_service/{file}", 0)], auto_comments=comments, context=context)
    return found


def read(language: str) -> Catalog:
    """The catalog of a language as it is; an empty one where there is none."""
    file = CATALOGS / f"{language}.po"
    if not file.is_file():
        return Catalog(locale=language, creation_date=_MADE, revision_date=_MADE)
    with file.open("rb") as source:
        return read_po(source, locale=language, domain="messages")


def update(language: str, template: Catalog) -> None:
    """Add what is new to a catalog, drop what is gone; nothing is guessed."""
    catalog = read(language)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    catalog.revision_date = catalog.creation_date = _MADE
    catalog.project, catalog.version = "election-service", "1"
    catalog.header_comment = f"# The service's texts, {language}. Made by tools/catalogs.py from code and templates."
    CATALOGS.mkdir(exist_ok=True)
    with (CATALOGS / f"{language}.po").open("wb") as target:
        write_po(target, catalog, width=110, sort_by_file=True, include_lineno=False)


def faults(language: str, template: Catalog) -> Iterator[str]:
    """What keeps a catalog from being complete, a line each."""
    catalog = read(language)
    known = {(message.id, message.context): message for message in catalog if message.id}
    wanted = {(message.id, message.context): message for message in template if message.id}
    for key, message in wanted.items():
        name = f"{language}: {_first(message.id)!r}"
        if key not in known:
            yield f"{name}: not in the catalog"
        elif known[key].fuzzy or not _is_translated(known[key]):
            yield f"{name}: not translated"
        else:
            yield from (f"{name}: {fault}" for fault in _differences(known[key]))
    yield from (f"{language}: {_first(key[0])!r}: nowhere any more" for key in known.keys() - wanted.keys())


def _first(texts: str | tuple[str, ...] | list[str]) -> str:
    return texts if isinstance(texts, str) else texts[0]


def _is_translated(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def _differences(message: Message) -> Iterator[str]:
    texts = [message.string] if isinstance(message.string, str) else list(message.string or ())
    originals = [message.id] if isinstance(message.id, str) else message.id
    allowed = {placeholders(original) for original in originals}
    for text in texts:
        if placeholders(text) not in allowed:
            yield f"expected the placeholders {' or '.join(map(str, sorted(allowed)))}, got {placeholders(text)}"


def placeholders(text: str) -> tuple[str, ...]:
    """The placeholders of a text, sorted."""
    return tuple(sorted(_BRACES.findall(text)))


def main(arguments: list[str]) -> int:
    """Update the catalogs, or check them; 1 if something is missing."""
    template = extract()
    languages = [language for language in LANGUAGES if language != "en"]
    if "--check" not in arguments:
        for language in languages:
            update(language, template)
    found = [fault for language in languages for fault in faults(language, template)]
    sys.stdout.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
