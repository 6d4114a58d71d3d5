"""`/committee/{e}/documents`: protocols, exports and archives of every poll with a declared result; drafts as well."""

from typing import Final

from election_service.console.roles import Capability
from election_service.console_pages.frame import render
from election_service.console_pages.logged import of_a_log
from election_service.console_pages.visit import Answer, ConsoleVisit, Download, Route
from election_service.documents.listing import list_documents
from election_service.documents.names import parse_name
from election_service.languages import LANGUAGES, NAMES
from election_service.pages.about import about
from election_service.pages.shell import Pages

_PATH: Final = "/committee/{e}/documents"


@of_a_log("documents")
async def show_documents(pages: Pages, visit: ConsoleVisit) -> Answer:
    """The polls with their documents."""
    known = await about(visit)
    return await render(
        pages,
        visit,
        "committee/documents.html",
        section="documents",
        about=known,
        polls=await list_documents(visit.service, known.id),
        spoken=LANGUAGES,
        language_names=NAMES,
    )


async def show_document(_pages: Pages, visit: ConsoleVisit) -> Answer:
    """A document or its signature; made when first asked for. An archive is sent from its file, piece by piece."""
    name, desk = parse_name(visit.parts["name"]), visit.service.document_desk
    if name.kind == "archive" and not name.signature:
        return Download(await desk.file(visit.place, name, draft=True), name.media, name.file)
    return Download(await desk.read(visit.place, name, draft=True), name.media, name.file)


READ: Final = {
    _PATH: Route(show_documents, needs=Capability.SEE),
    _PATH + "/{name}": Route(show_document, needs=Capability.SEE),
}
