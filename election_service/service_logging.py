"""The operator's log: structured lines on stderr, redacted before anything else sees them (A64).

No voter, credential, token, tracker or network address belongs into it; what slips in by name or by shape is taken out
here. The casting path logs nothing at all about a single request. There is no access log.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

HIDDEN: Final = "[removed]"
_NAMES: Final = re.compile(
    r"address|peer|remote|forwarded|host_header|user_?agent|cookie|authorization|bearer|credential|token|tracker|nonce|"
    r"secret|seed|password|passphrase|signature|email|student|voter|name_of|recovery|blinded|code$|otp",
    re.IGNORECASE,
)
_SHAPES: Final = (
    re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"),  # IPv4
    re.compile(r"\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F:.]*"),  # IPv6
    re.compile(r"[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+"),  # mail addresses
    re.compile(r"[A-Za-z0-9_-]{40,}"),  # keys, hashes, signatures, seeds in base64url or hex
)


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The first processor: by name of the field, then by shape of the text."""
    for name, value in event.items():
        if name != "event" and _NAMES.search(name):
            event[name] = HIDDEN
        elif isinstance(value, str):
            event[name] = redact_text(value)
    return event


def redact_text(text: str) -> str:
    """The text without addresses, keys and the like."""
    for shape in _SHAPES:
        text = shape.sub(HIDDEN, text)
    return text


class _RedactedFormatter(logging.Formatter):
    """What libraries log goes through the same redaction."""

    def format(self, record: logging.LogRecord) -> str:
        return redact_text(super().format(record))


def configure_logging(*, json: bool = False) -> None:
    """One place for everything that is logged: stderr, as lines for people, or as JSON."""
    _configure_structlog(json=json)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_RedactedFormatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("aiohttp.access").disabled = True


def _configure_structlog(*, json: bool) -> None:
    renderer = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            redact,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact_again,
            renderer,
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _redact_again(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A stack trace can hold what a field does not."""
    if isinstance(event.get("exception"), str):
        event["exception"] = redact_text(event["exception"])
    return event


def get_logger(part: str) -> Any:
    """A logger of one part of the service."""
    return structlog.get_logger(part=part)


_configure_structlog(json=False)  # so that not even a forgotten call logs what it must not (structlog prints locals)
