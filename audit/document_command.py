"""`election-audit document`: who signed a protocol or an export, and from which log it was made."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from audit.command_line import COPY, FAILED, OK, UsageError, read_file, read_log_id
from audit.document import verify_document
from audit.source import open_log
from keys.canonical import b64
from keys.errors import DataError
from keys.text import printable

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_document_command(commands: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Document."""
    document = commands.add_parser(
        "document",
        help="check a signed protocol",
        description="Confirm that the log's key signed a document (a protocol, an export), and from which entries.",
    )
    document.add_argument("file", metavar="FILE", help="the document: protocol-1-ka.pdf, result-1.csv")
    document.add_argument("signature", metavar="SIGNATURE", help="its signature: FILE.sig")
    document.add_argument("copy", metavar="URL|DIR|ZIP", help=COPY)
    document.add_argument("--log", metavar="ID", help="the log must be the one of this id")
    document.set_defaults(run=_document)


def _document(options: argparse.Namespace) -> int:
    signature = read_file(options.signature)
    log_id = read_log_id(options.log) if options.log else None
    try:
        with Path(options.file).open("rb") as file, open_log(options.copy) as source:
            found = verify_document(file, signature, source, log_id)
    except OSError as error:
        hint = "give the document, then its signature, then a copy of the log"
        raise UsageError(f"{options.file}: {error.strerror or error}", hint) from error
    except DataError as error:
        print(printable(f"document: failed: {error}"))
        return FAILED
    document = found.document
    print(f"document: ok: the log signed this file as {document.name}, made from its first {document.size} entries")
    print(f"log: {b64(found.log_id)}, {found.entries} entries in this copy")
    print("what the log itself is worth says: election-audit verify")
    return OK
