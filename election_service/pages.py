"""The pages: home, and the booth with its assets. Headers as strict as a page that votes needs (A54, A82, A86).

The booth's bytes are built beforehand (ballot/booth/dist, with manifest.json); they are read once, checked against the
manifest, and served under their hashed names. Pages set no cookie.
"""

from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import ballot
from election_service.errors import InstallationError, NotFoundError
from election_service.overview import election_info
from election_service.service import Service

BOOTH: Final = Path(ballot.__file__).parent / "booth" / "dist"
TEMPLATES: Final = Path(__file__).parent / "templates"
STYLE: Final = "pages.css"

_ASSET_AGE: Final = 31_536_000  # seconds
_KINDS: Final = {".js": "text/javascript", ".css": "text/css"}


class Manifest(msgspec.Struct, frozen=True):
    """What the booth's build left behind: file names, integrity of the script, SHA-256 of the bundle in hex."""

    js: str
    css: str
    js_sri: str
    bundle_sha256: str


def page_headers(script: str | None) -> dict[str, str]:
    """The headers of a page; ``script``: integrity of the one script that may run, None for none."""
    policy = (
        "default-src 'none'",
        f"script-src '{script}'" if script else "script-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'" if script else "connect-src 'none'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
        "Cache-Control": "no-store",
    }


def asset_headers() -> dict[str, str]:
    """The headers of a file whose name holds its hash."""
    return {
        "Cache-Control": f"public, max-age={_ASSET_AGE}, immutable",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    }


class Page(msgspec.Struct, frozen=True):
    """HTML and the integrity of its script."""

    html: str
    script: str | None


class Pages:
    """Templates and assets, read once. Immutable after the construction."""

    def __init__(self, booth: Path = BOOTH) -> None:
        self._templates = Environment(
            loader=FileSystemLoader([TEMPLATES, booth]), undefined=StrictUndefined, autoescape=True
        )
        self._assets: dict[str, tuple[bytes, str]] = {}
        self.manifest = self._load_booth(booth)
        style = (TEMPLATES / STYLE).read_bytes()
        self._style = f"pages.{sha256(style).hexdigest()[:16]}.css"
        self._assets[self._style] = (style, _KINDS[".css"])

    def _load_booth(self, folder: Path) -> Manifest | None:
        """The booth's assets; None where it was never built: everything else works without it."""
        if not (folder / "manifest.json").is_file():
            return None
        try:
            manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)
            for name in (manifest.js, manifest.css):
                self._assets[name] = ((folder / name).read_bytes(), _KINDS[Path(name).suffix])
        except (OSError, KeyError, msgspec.DecodeError) as error:
            raise InstallationError(f"booth: {folder}: {error}", "build it: pip install -e .") from error
        found = sha256(self._assets[manifest.js][0]).hexdigest()
        if found != manifest.bundle_sha256:
            raise InstallationError(
                f"booth: {manifest.js}: expected SHA-256 {manifest.bundle_sha256}, got {found}", "build it again"
            )
        return manifest

    async def home(self, service: Service) -> Page:
        """The elections of this service, and where their logs are."""
        elections = [await election_info(service, election) for election in sorted(await service.elections())]
        return Page(self._templates.get_template("home.html").render(elections=elections, style=self._style), None)

    def booth(self) -> Page:
        """The booth; NotFoundError where it was not built."""
        if self.manifest is None:
            raise NotFoundError("booth: not built on this machine")
        values = msgspec.structs.asdict(self.manifest)
        return Page(self._templates.get_template("booth.html").render(values), self.manifest.js_sri)

    def answer(self, page: Page) -> web.Response:
        """A page with its headers."""
        return web.Response(text=page.html, content_type="text/html", headers=page_headers(page.script))

    def asset(self, name: str) -> web.Response:
        """An asset by its hashed name; NotFoundError for any other."""
        if name not in self._assets:
            raise NotFoundError("static: no such file")
        content, kind = self._assets[name]
        return web.Response(body=content, content_type=kind, charset="utf-8", headers=asset_headers())
