"""What documents are called: `protocol-1-ka.pdf`, `protocol-1-ka-az.pdf`, `result-1.csv`, `result-1.json`,
`archive-1.zip`, and each with `.sig` behind it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from audit.document import SUFFIX
from election_service.errors import NotFoundError
from election_service.languages import LANGUAGES

Kind = Literal["protocol", "csv", "json", "archive"]

MEDIA: Final[dict[Kind, str]] = {
    "protocol": "application/pdf",
    "csv": "text/csv",
    "json": "application/json",
    "archive": "application/zip",
}
_LANGUAGE: Final = "|".join(LANGUAGES)
_NAME: Final = re.compile(
    rf"(?:protocol-(?P<first>[1-9][0-9]{{0,3}})-(?P<one>{_LANGUAGE})(?:-(?P<two>{_LANGUAGE}))?\.pdf"
    r"|result-(?P<second>[1-9][0-9]{0,3})\.(?P<export>csv|json)"
    r"|archive-(?P<third>[1-9][0-9]{0,3})\.zip)(?P<signature>\.sig)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class DocumentName:
    """A document of a poll; ``languages``: of a protocol, one or two; ``signature``: its signature is meant."""

    poll: int
    kind: Kind
    languages: tuple[str, ...] = ()
    signature: bool = False

    @property
    def document(self) -> str:
        """The name of the file, without `.sig`."""
        match self.kind:
            case "protocol":
                return f"protocol-{self.poll}-{'-'.join(self.languages)}.pdf"
            case "archive":
                return f"archive-{self.poll}.zip"
        return f"result-{self.poll}.{self.kind}"

    @property
    def file(self) -> str:
        """The name of the file that is meant."""
        return self.document + SUFFIX if self.signature else self.document

    @property
    def media(self) -> str:
        """The media type of the file that is meant."""
        return "text/plain" if self.signature else MEDIA[self.kind]


def parse_name(text: str) -> DocumentName:
    """The document of a name; NotFoundError for any other name: no path is ever made of what was typed."""
    found = _NAME.fullmatch(text)
    if found is None or (found["one"] is not None and found["one"] == found["two"]):
        raise NotFoundError(f"documents: none is called {text[:80]!r}")
    signature = found["signature"] is not None
    if found["one"] is not None:
        languages = (found["one"],) if found["two"] is None else (found["one"], found["two"])
        return DocumentName(int(found["first"]), "protocol", languages, signature)
    if found["export"] is not None:
        return DocumentName(int(found["second"]), "csv" if found["export"] == "csv" else "json", (), signature)
    return DocumentName(int(found["third"]), "archive", (), signature)


def ordinary(poll: int) -> Iterator[DocumentName]:
    """Those that are always made and that the archive holds: a protocol in every language, and the exports."""
    for language in LANGUAGES:
        yield DocumentName(poll, "protocol", (language,))
    yield DocumentName(poll, "csv")
    yield DocumentName(poll, "json")
