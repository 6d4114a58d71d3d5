"""Files under hashed names: the pages' style sheets, and all that the booth's build names in its manifest.

They are read once, at start, and the booth's program is compared with the hash that the manifest says of it.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec

import ballot
from election_service.errors import InstallationError, NotFoundError

BOOTH: Final = Path(ballot.__file__).parent / "booth" / "dist"
TEMPLATES: Final = Path(__file__).parents[1] / "templates"
STYLE: Final = "pages.css"
COMMITTEE_STYLE: Final = "committee.css"
_HINT: Final = "build it: pip install -e ."
_KINDS: Final = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}


class Manifest(msgspec.Struct, frozen=True):
    """What pages need of the build's manifest: file names, integrity of the script, SHA-256 of the bundle in hex."""

    js: str
    css: str
    js_sri: str
    bundle_sha256: str


class Assets:
    """The files by their hashed names. Immutable after the construction; `manifest` None: the booth was never built.

    ``named``: the whole manifest, for the booth's own templates.
    """

    def __init__(self, booth: Path = BOOTH) -> None:
        self._files: dict[str, tuple[bytes, str]] = {}
        self.named: dict[str, Any] = {}
        self.manifest = self._load_booth(booth)
        self.style = self._add_style(STYLE)
        self.committee_style = self._add_style(COMMITTEE_STYLE)

    def _add_style(self, file: str) -> str:
        """Take in a style sheet; its name with the hash."""
        style = (TEMPLATES / file).read_bytes()
        name = f"{Path(file).stem}.{sha256(style).hexdigest()[:16]}.css"
        self._files[name] = (style, _KINDS[".css"])
        return name

    def _load_booth(self, folder: Path) -> Manifest | None:
        """The booth's files; None where it was never built: everything else works without it."""
        try:
            return self._read_booth(folder)
        except InstallationError:  # a build may have swapped the folder between two files; what is wrong stays wrong
            return self._read_booth(folder)

    def _read_booth(self, folder: Path) -> Manifest | None:
        file = folder / "manifest.json"
        if not file.is_file():
            return None
        try:
            self.named = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
            manifest = msgspec.convert(self.named, Manifest)
            for name in {manifest.js, manifest.css, *_file_names(self.named)}:
                self._files[name] = ((folder / name).read_bytes(), _KINDS[Path(name).suffix])
        except (OSError, KeyError, msgspec.MsgspecError) as error:
            raise InstallationError(f"booth: {folder}: {error}", _HINT) from error
        found = sha256(self._files[manifest.js][0]).hexdigest()
        if found != manifest.bundle_sha256:
            raise InstallationError(
                f"booth: {manifest.js}: expected SHA-256 {manifest.bundle_sha256}, got {found}", _HINT
            )
        return manifest

    def read(self, name: str) -> tuple[bytes, str]:
        """Content and media type of an asset by its hashed name; NotFoundError for any other."""
        if name not in self._files:
            raise NotFoundError("static: no such file")
        return self._files[name]


def _file_names(value: Any) -> Iterator[str]:
    """Every name of a script, style sheet or text file in a manifest, however deep."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _file_names(item)
    elif isinstance(value, str) and "/" not in value and Path(value).suffix in _KINDS:
        yield value
