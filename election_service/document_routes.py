"""`/elections/{e}/documents/{name}`: protocols, exports and archives of results that stand, for everybody."""

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from election_service.documents.names import parse_name
from election_service.pages.headers import document_headers
from election_service.service import Service


def add_documents(app: web.Application, service: Service) -> None:
    """The route of documents."""

    async def serve_document(request: Request) -> StreamResponse:
        """A document or its signature, once the result is certified or annulled; made when first asked for."""
        election = (await service.election(request.match_info["e"])).id
        name = parse_name(request.match_info["name"])
        if name.kind == "archive" and not name.signature:
            file = await service.document_desk.file(election, name, draft=False)
            return web.FileResponse(file, headers={**document_headers(name.file), "Content-Type": name.media})
        content = await service.document_desk.read(election, name, draft=False)
        return web.Response(
            body=content,
            content_type=name.media,
            charset="utf-8" if name.media.startswith("text/") else None,
            headers=document_headers(name.file),
        )

    app.router.add_get("/elections/{e}/documents/{name}", serve_document)
