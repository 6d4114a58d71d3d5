"""`election-service documents`: the protocol, exports and archive of a poll, as files in a folder."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Annotated

import typer

from audit.document import SUFFIX
from election_service.commands.operator import ConfigFile, read_config
from election_service.commands.terminal import Election, fail, out, run
from election_service.documents.listing import documents_of
from election_service.documents.names import DocumentName
from election_service.languages import LANGUAGES
from election_service.service import open_service

Languages = Annotated[
    str | None,
    typer.Option(
        "--lang", help="Instead of all documents, one protocol in these languages, one or two: ka, or ka,az for both."
    ),
]


@run
async def documents(
    election: Election,
    folder: Annotated[Path, typer.Argument(help="Where to put them; files of the same names are replaced.")],
    poll: Annotated[int, typer.Option(min=1, help="Number of the poll.")] = 1,
    lang: Languages = None,
    config: ConfigFile = None,
) -> None:
    """Write the signed protocols of a poll, its result as CSV and JSON, and the archive with the log.

    They are made from the verified log alone. Before the result is certified they are drafts, and say so.
    """
    names = documents_of(poll) if lang is None else (_protocol(poll, lang),)
    async with open_service(read_config(config)) as service:
        known = await service.election(election)
        desk = service.document_desk
        kept = await desk.prepare(known.id, poll, names)
        final = (await desk.story(known.id, poll)).final
        for name in names:  # what was changed by hand is not copied
            await desk.file(known.id, name, draft=True)
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    for name in names:
        for file in (name.document, name.document + SUFFIX):
            target = await asyncio.to_thread(shutil.copyfile, kept / file, folder / file)
            out.print(f"{target}: {target.stat().st_size} bytes", markup=False)
    if not final:
        out.print("drafts: the result is not certified yet")


def _protocol(poll: int, lang: str) -> DocumentName:
    languages = tuple(lang.split(","))
    if not set(languages) <= set(LANGUAGES) or len(languages) > 2 or len(set(languages)) != len(languages):
        fail(f"--lang: expected one or two of {', '.join(LANGUAGES)}, got {lang[:40]!r}", "as in --lang ka,az")
    return DocumentName(poll, "protocol", languages)
