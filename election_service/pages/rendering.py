"""Templates in the reader's language: strict, escaped, and the same words for dates and numbers everywhere."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from election_service import languages
from election_service.pages.assets import TEMPLATES, Assets
from election_service.pages.visit import Visit

_NO_ELECTION: Final[Mapping[str, Any]] = {"about": None, "kept": {}}


class Renderer:
    """One environment a language. Templates are compiled when first used; thread-safe, as Jinja is."""

    def __init__(self, assets: Assets, folders: tuple[Path, ...] = (TEMPLATES / "pages", TEMPLATES)) -> None:
        self._assets = assets
        self._folders = folders
        self._environments = {language: self._make(language) for language in languages.LANGUAGES}

    def _make(self, language: str) -> Environment:
        made = Environment(
            loader=FileSystemLoader(self._folders),
            undefined=StrictUndefined,
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
