"""OpenAPI 3.1 from the table of endpoints and the structs, so that it cannot say anything else than the code does."""

import re
from typing import Any, Final

import msgspec

from election_service.endpoints import ENDPOINTS
from election_service.problems import CONTENT_TYPE, PROBLEMS, TYPE_PREFIX
from election_service.routes.call import Endpoint
from keys.canonical import encode

VERSION: Final = "3.1.0"
API_VERSION: Final = "1.0.0"  # of this description; a member less or a meaning changed is a new first number
_REFERENCE: Final = "#/components/schemas/{name}"
_SCHEMES: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "of a voter's login"},
    "token": {"type": "http", "scheme": "bearer", "description": "of a program: es1_…, made in the console"},
    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-session", "description": "of the console"},
    "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF", "description": "of the session, for all but GET"},
}
_TEXT: Final = {"type": "string"}
_IF_MATCH: Final = "the revision that is changed, as its ETag was"
_SECURITY: Final[dict[str, list[dict[str, list[str]]]]] = {
    "bearer": [{"bearer": []}],
    "committee": [{"token": []}, {"session": [], "csrf": []}],
}
_PATH_PARTS: Final = {
    "e": "id of the election",
    "context": "context of the contest: 32 bytes, base64url",
    "act": "number of the act: 16 bytes, base64url",
    "n": "number of the poll, from 1",
    "account": "id of the account",
    "role": "chair, member, observer, registrar or trustee",
    "person": "option id of the candidate",
    "number": "number of the incident, from 1",
    "name": "file name of the document, such as protocol-1-ka.pdf or result-1.json.sig",
}


def make_openapi() -> bytes:
    """The document as canonical JSON."""
    types = [kind for endpoint in ENDPOINTS for kind in (endpoint.request, endpoint.response) if kind is not None]
    _, components = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return encode(
        {
            "openapi": VERSION,
            "info": {
                "title": "Election service",
                "version": API_VERSION,
                "description": "The ES1 protocol over HTTP. Bodies are canonical JSON (RFC 8785), at most 256 KiB.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "paths": paths,
            "components": {
                "schemas": {**components, "Problem": _problem_schema()},
                "securitySchemes": _SCHEMES,
            },
        }
    )


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    answer = {"type": "object"} if endpoint.response is None else _reference(endpoint.response)
    operation: dict[str, Any] = {
        "operationId": endpoint.handle.__name__,
        "summary": endpoint.summary,
        "tags": [endpoint.role],
        "parameters": _parameters(endpoint),
        "security": _SECURITY.get(endpoint.role, []),
        "responses": {
            "200": {"description": "done", "content": {"application/json": {"schema": answer}}},
            "default": {
                "description": "refused; `code` says why"
                + (", `refusal` is the service's signature on it" if endpoint.signed else ""),
                "content": {CONTENT_TYPE: {"schema": {"$ref": _REFERENCE.format(name="Problem")}}},
            },
        },
    }
    if endpoint.request is not None:
        content = {"application/json": {"schema": _reference(endpoint.request)}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "description": _PATH_PARTS[name], "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", endpoint.path)
    ]
    if endpoint.revised:
        found.append({"name": "If-Match", "in": "header", "required": True, "description": _IF_MATCH, "schema": _TEXT})
    for name, meaning in (endpoint.query or {}).items():
        schema = {"type": "string"}
        found.append({"name": name, "in": "query", "required": True, "description": meaning, "schema": schema})
    return found


def _reference(kind: type) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(name=kind.__name__)}


def _problem_schema() -> dict[str, Any]:
    """RFC 9457, with the codes of docs/protocol.md §A."""
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {**text, "description": f"{TYPE_PREFIX}CODE"},
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "code": {**text, "enum": sorted(PROBLEMS)},
            "refusal": {**text, "description": "signature by the receipt key, 64 bytes, base64url"},
            "blinded": {**text, "description": "token-already-issued: what was stored"},
            "recovery": {"type": ["string", "null"], "description": "token-already-issued: what was stored"},
            "blind_signature": {**text, "description": "token-already-issued: the answer that was given"},
        },
    }
