"""OpenAPI 3.1 from the table of endpoints and the structs, so that it cannot say anything else than the code does."""

import re
from http import HTTPStatus
from typing import Any, Final

import msgspec

from election_service.console.roles import Role
from election_service.endpoint_problems import problems_by_status
from election_service.endpoints import ENDPOINTS
from election_service.problems import CONTENT_TYPE, PROBLEMS, TYPE_PREFIX
from election_service.routes.call import Endpoint
from keys.canonical import TIME_PATTERN, encode
from keys.ids import ID_PATTERN

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
_NUMBER: Final = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
_TIME: Final = {"type": "string", "pattern": TIME_PATTERN}
_ETAG: Final = {"type": "string", "pattern": r'^"(0|[1-9][0-9]{0,14})"\Z'}
_SIGNED: Final = "The refusal of a body that could be read carries `refusal`, the service's signature on it."
_IF_MATCH: Final = "the revision that is changed, as its ETag was"
_SECURITY: Final[dict[str, list[dict[str, list[str]]]]] = {
    "bearer": [{"bearer": []}],
    "committee": [{"token": []}, {"session": [], "csrf": []}],
}
_PATH_PARTS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "e": ("id of the election", {"type": "string", "pattern": ID_PATTERN}),
    "context": (
        "context of the contest: 32 bytes, base64url",
        {"type": "string", "pattern": r"^[A-Za-z0-9_-]{43}\Z"},
    ),
    "act": ("number of the act: 16 bytes, base64url", {"type": "string", "pattern": r"^[A-Za-z0-9_-]{22}\Z"}),
    "n": ("number of the poll, from 1", _NUMBER),
    "account": ("id of the account", {"type": "string", "pattern": r"^a-[0-9a-f]{8}\Z"}),
    "role": ("a role of the account", {"type": "string", "enum": sorted(Role)}),
    "person": ("option id of the candidate", {"type": "string", "pattern": ID_PATTERN}),
    "number": ("number of the incident, from 1", _NUMBER),
    "name": ("file name of the document, such as protocol-1-ka.pdf or result-1.json.sig", _TEXT),
}
_HEADERS: Final[dict[HTTPStatus, dict[str, Any]]] = {
    HTTPStatus.UNAUTHORIZED: {
        "WWW-Authenticate": {"required": True, "description": "the scheme", "schema": {"const": "Bearer"}}
    },
    HTTPStatus.TOO_MANY_REQUESTS: {
        "Retry-After": {"required": True, "description": "seconds", "schema": {"type": "integer", "minimum": 0}}
    },
    HTTPStatus.SERVICE_UNAVAILABLE: {
        "Retry-After": {"required": True, "description": "seconds", "schema": {"type": "integer", "minimum": 0}}
    },
}


def make_openapi() -> bytes:
    """The document as canonical JSON."""
    types = [kind for endpoint in ENDPOINTS for kind in (endpoint.request, endpoint.response) if kind is not None]
    _, components = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    document = {
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
            "responses": _refusals(),
            "securitySchemes": _SCHEMES,
        },
    }
    return encode(_with_patterns_of_ecma(document))


def _with_patterns_of_ecma(node: Any) -> Any:
    r"""Patterns as JSON Schema has them: the end of a text is `$` in ECMA 262, where Python writes `\Z`."""
    if isinstance(node, dict):
        return {
            key: value.replace(r"\Z", "$")
            if key == "pattern" and isinstance(value, str)
            else _with_patterns_of_ecma(value)
            for key, value in node.items()
        }
    return [_with_patterns_of_ecma(item) for item in node] if isinstance(node, list | tuple) else node


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    refusals = {
        str(int(status)): {"$ref": f"#/components/responses/{_refusal_name(status, codes)}"}
        for status, codes in problems_by_status(endpoint).items()
    }
    operation: dict[str, Any] = {
        "operationId": endpoint.handle.__name__,
        "summary": endpoint.summary,
        "tags": [endpoint.role],
        "parameters": _parameters(endpoint),
        "security": _SECURITY.get(endpoint.role, []),
        "responses": {"200": _answer(endpoint), **refusals},
    }
    if endpoint.signed:
        operation["description"] = _SIGNED
    if endpoint.request is not None:
        content = {"application/json": {"schema": _reference(endpoint.request)}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _answer(endpoint: Endpoint) -> dict[str, Any]:
    schema = {"type": "object"} if endpoint.response is None else _reference(endpoint.response)
    answer: dict[str, Any] = {"description": "done", "content": {"application/json": {"schema": schema}}}
    if endpoint.role == "committee" and "revision" in getattr(endpoint.response, "__struct_fields__", ()):
        etag = {"required": True, "description": "the revision, for If-Match", "schema": _ETAG}
        answer["headers"] = {"ETag": etag}
    return answer


def _refusals() -> dict[str, dict[str, Any]]:
    """Every set of codes that some endpoint has for a status: a problem with this status and one of these codes."""
    made: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        for status, codes in problems_by_status(endpoint).items():
            narrow = {"properties": {"code": {"enum": codes}, "status": {"const": int(status)}}}
            schema = {"allOf": [{"$ref": _REFERENCE.format(name="Problem")}, narrow]}
            headers = {"headers": _HEADERS[status]} if status in _HEADERS else {}
            answer = {"description": ", ".join(codes), "content": {CONTENT_TYPE: {"schema": schema}}, **headers}
            made[_refusal_name(status, codes)] = answer
    return made


def _refusal_name(status: HTTPStatus, codes: list[str]) -> str:
    return ".".join([str(int(status)), *codes])


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in re.findall(r"\{(\w+)\}", endpoint.path):
        meaning, schema = _PATH_PARTS[name]
        found.append({"name": name, "in": "path", "required": True, "description": meaning, "schema": schema})
    if endpoint.revised:
        found.append({"name": "If-Match", "in": "header", "required": True, "description": _IF_MATCH, "schema": _ETAG})
    for name, meaning in (endpoint.query or {}).items():
        found.append({"name": name, "in": "query", "required": True, "description": meaning, "schema": _TIME})
    return found


def _reference(kind: type) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(name=kind.__name__)}


def _problem_schema() -> dict[str, Any]:
    """RFC 9457, with the codes of docs/protocol.md §A."""
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {**_TEXT, "description": f"{TYPE_PREFIX}CODE"},
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT,
            "code": {**_TEXT, "enum": sorted(PROBLEMS)},
            "refusal": {**_TEXT, "description": "signature by the receipt key, 64 bytes, base64url"},
            "blinded": {**_TEXT, "description": "token-already-issued: what was stored"},
            "recovery": {"type": ["string", "null"], "description": "token-already-issued: what was stored"},
            "blind_signature": {**_TEXT, "description": "token-already-issued: the answer that was given"},
        },
    }
