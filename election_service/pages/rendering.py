"""Templates in the reader's language: strict, escaped, and the same words for dates and numbers everywhere."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined

from election_service import languages
from election_service.pages.assets import TEMPLATES, Assets
from election_service.pages.visit import Visit

Source = tuple[str, str | None, Callable[[], bool] | None]
"""Text, file, and what would say that it has changed: as Jinja asks for it."""

_NO_ELECTION: Final[Mapping[str, Any]] = {"about": None, "kept": {}}


def _read_all(folders: tuple[Path, ...]) -> FunctionLoader:
    """Every template as it is now, from the first folder that has it. Like the code, none changes while the service
    runs: until the restart that an update takes, no page mixes two releases.
    """
    try:
        sources = _read_sources(folders)
    except FileNotFoundError:  # a build may have swapped the booth's folder meanwhile; what is missing stays missing
        sources = _read_sources(folders)
    return FunctionLoader(sources.get)


def _read_sources(folders: tuple[Path, ...]) -> dict[str, Source]:
    """By name."""
    found: dict[str, Source] = {}
    for folder in reversed(folders):
        for file in folder.rglob("*.html"):
            found[file.relative_to(folder).as_posix()] = (file.read_text("utf-8"), str(file), None)
    return found


class Renderer:
    """One environment a language. Templates are read at the start and compiled when first used; thread-safe, as Jinja
    is.
    """

    def __init__(self, assets: Assets, folders: tuple[Path, ...] = (TEMPLATES / "pages", TEMPLATES)) -> None:
        self._assets = assets
        self._loader = _read_all(folders)
        self._environments = {language: self._make(language) for language in languages.LANGUAGES}

    def _make(self, language: str) -> Environment:
        made = Environment(
            loader=self._loader,
            undefined=StrictUndefined,
            auto_reload=False,
            autoescape=True,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.policies["ext.i18n.trimmed"] = True
        texts = languages.translations(language)
        made.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
        made.globals |= {
            "language": language,
            "languages": languages.NAMES,
            "number": lambda value: languages.format_number(value, language),
            "percent": lambda part, whole: languages.format_percent(part, whole, language),
            "until": lambda seconds: languages.format_until(seconds, language),
            "when": lambda seconds, zone: languages.format_when(seconds, language, zone),
            "moment": lambda seconds, zone: languages.format_short(seconds, language, zone),
            "day": lambda text: languages.format_day(text, language),
            "translated": texts.gettext,
        }
        return made

    def render(self, template: str, visit: Visit, **values: Any) -> str:
        """A page of this service. ``about``: the election that it belongs to; ``kept``: its query, for the switch."""
        manifest = self._assets.manifest
        shell = {
            "visit": visit,
            "style": self._assets.style,
            "committee_style": self._assets.committee_style,
            "bundle": "" if manifest is None else manifest.bundle_sha256,
        }
        found = self._environments[visit.language].get_template(template)
        return found.render({**_NO_ELECTION, **values, **shell})
