"""Documents of polls for programs."""

from election_service.document_types import DocumentContent, DocumentList, DocumentSet
from election_service.documents.listing import list_documents
from election_service.documents.names import parse_name
from election_service.errors import NotFoundError
from election_service.routes.call import Call
from keys.canonical import b64


async def show_documents(call: Call) -> DocumentList:
    """Which documents there are."""
    election = (await call.service.election(call.election)).id
    return DocumentList(
        polls=[
            DocumentSet(
                poll=item.story.poll,
                entries=item.story.size,
                final=item.story.final,
                files=item.files() if item.story.final else [],
            )
            for item in await list_documents(call.service, election)
        ]
    )


async def fetch_document(call: Call) -> DocumentContent:
    """One of them, a draft as well. An archive is too large for an answer as JSON."""
    name = parse_name(call.path["name"])
    if name.kind == "archive" and not name.signature:
        raise NotFoundError(f"documents: {name.file} is not handed out as JSON: see /elections/{{e}}/documents/")
    election = (await call.service.election(call.election)).id
    content = await call.service.document_desk.read(election, name, draft=True)
    return DocumentContent(name=name.file, media=name.media, content=b64(content))
