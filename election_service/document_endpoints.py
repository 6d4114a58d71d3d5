"""The endpoints of documents; part of the one table (endpoints.py)."""

from typing import Final

from election_service.console.roles import Capability
from election_service.document_types import DocumentContent, DocumentList
from election_service.routes import documents
from election_service.routes.call import Endpoint

DOCUMENT_ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/elections/{e}/documents",
        "anyone",
        None,
        DocumentList,
        documents.show_documents,
        "Protocols, exports and archives of the polls with a declared result.",
    ),
    Endpoint(
        "GET",
        "/api/committee/elections/{e}/documents/{name}",
        "committee",
        None,
        DocumentContent,
        documents.fetch_document,
        "A protocol, an export or a signature, a draft before the certification.",
        needs=Capability.SEE,
    ),
)
