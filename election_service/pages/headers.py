"""Headers as strict as a page that votes needs (A54, A82, A86). No page sets a cookie."""

from typing import Final

SHORT: Final = 60  # seconds for which anybody may keep a page that is the same for everybody

_ASSET_AGE: Final = 31_536_000  # seconds
_NOSNIFF: Final = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def page_headers(script: str | None, max_age: int = 0) -> dict[str, str]:
    """The headers of a page.

    ``script``: integrity of the one script that may run, None for none; ``max_age``: seconds for which anybody may keep
    it, 0 for a page that is nobody else's.
    """
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
        **_NOSNIFF,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
        "Cache-Control": f"public, max-age={max_age}" if max_age else "no-store",
        "Vary": "Accept, Accept-Language",
    }


def asset_headers() -> dict[str, str]:
    """The headers of a file whose name holds its hash."""
    return {
        "Cache-Control": f"public, max-age={_ASSET_AGE}, immutable",
        **_NOSNIFF,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    }


def document_headers(name: str) -> dict[str, str]:
    """The headers of a document that stands: it is saved, never opened among our pages; ``name``: of the file."""
    return {
        "Cache-Control": f"public, max-age={SHORT}",
        **_NOSNIFF,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
