"""What the API says of documents."""

from keys.canonical import Natural, Wire


class DocumentSet(Wire, frozen=True):
    """The documents of one poll: made from the log's first `entries` entries. `final`: its result is certified or
    annulled, so that they stay as they are; `files`: names, each with its signature, of what everybody may have at
    `/elections/{e}/documents/`, and so none before that.
    """

    poll: Natural
    entries: Natural
    final: bool
    files: list[str]


class DocumentList(Wire, frozen=True):
    """The polls with a declared result, in order."""

    polls: list[DocumentSet]


class DocumentContent(Wire, frozen=True):
    """A document or signature: file name, media type, content as base64url."""

    name: str
    media: str
    content: str
