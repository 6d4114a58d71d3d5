"""A copy of the log is verified, and documents are drawn from it: in a process of its own (process.py).

Neither the database nor any key is here; signatures are made by who asked.
"""

from collections.abc import Sequence
from pathlib import Path

from audit.source import FolderSource
from election_service.documents.archive import Made, notes_of
from election_service.documents.exports import make_csv, make_json
from election_service.documents.names import DocumentName
from election_service.documents.protocol import make_pdf
from election_service.documents.record import PollRecord, read_record
from election_service.documents.words import make_paper


def make_documents(log: Path, poll: int, names: Sequence[DocumentName]) -> Made:
    """Verify the copy in ``log`` and make the named documents of a poll; errors as `read_record`."""
    record = read_record(FolderSource(log), poll)
    checkpoint = (log / "checkpoint").read_text(encoding="utf-8")
    return Made({name.document: make_document(record, checkpoint, name) for name in names}, notes_of(record))


def make_document(record: PollRecord, checkpoint: str, name: DocumentName) -> bytes:
    """One document; ``checkpoint``: the signed note over the log that the record is from."""
    match name.kind:
        case "csv":
            return make_csv(record)
        case "json":
            return make_json(record)
    papers = [make_paper(record, language, checkpoint, name.document) for language in name.languages]
    return make_pdf(papers, record.ended)
