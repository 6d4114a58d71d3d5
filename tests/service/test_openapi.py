"""OpenAPI says what the code does: it is made from the same table and the same structs."""

import json
import re
from pathlib import Path
from typing import Any

from election_service.app import make_app
from election_service.endpoint_problems import REFUSALS, problems_by_status
from election_service.endpoints import ENDPOINTS
from election_service.openapi import make_openapi
from election_service.problems import PROBLEMS
from tests.service.house import House


def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(make_openapi())
    return found


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(references(value) for value in node)) if node else set()
    return set()


def test_it_is_openapi_3_1_and_every_reference_resolves() -> None:
    api = document()
    assert api["openapi"].startswith("3.1.")
    for reference in references(api):
        root, components, kind, name = reference.split("/")
        assert (root, components) == ("#", "components")
        assert name in api["components"][kind], reference


def test_it_lists_exactly_the_endpoints_with_distinct_names() -> None:
    api = document()
    listed = {(method.upper(), path) for path, methods in api["paths"].items() for method in methods}
    assert listed == {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    names = [operation["operationId"] for methods in api["paths"].values() for operation in methods.values()]
    assert len(set(names)) == len(names)


def test_every_schema_refuses_unknown_members() -> None:
    """A90, as seen by a client's generator."""
    schemas = document()["components"]["schemas"]
    for endpoint in ENDPOINTS:
        if endpoint.request is not None:
            schema = schemas[endpoint.request.__name__]
            assert schema["additionalProperties"] is False, endpoint.path
            assert set(schema["required"]) == set(schema["properties"]), endpoint.path


def test_the_protocol_s_table_names_the_same_endpoints() -> None:
    """docs/protocol.md §A is held to the table."""
    text = Path("docs/protocol.md").read_text("utf-8")
    table = text[text.index("## Appendix A") : text.index("**Voter.**")]
    written = set(re.findall(r"/api/elections/\{e\}[A-Za-z/{}-]*", table))
    assert written == {endpoint.path for endpoint in ENDPOINTS if endpoint.role != "committee"}


def test_every_status_is_promised_by_name() -> None:
    """Nothing is left to `default`, which would allow any answer; a problem has one of the codes of its status."""
    api = document()
    for path, method, endpoint in ((item.path, item.method.lower(), item) for item in ENDPOINTS):
        responses = api["paths"][path][method]["responses"]
        assert {"200", *(str(int(status)) for status in problems_by_status(endpoint))} == set(responses), path
    for name, response in api["components"]["responses"].items():
        _, narrow = response["content"]["application/problem+json"]["schema"]["allOf"]
        status, *codes = name.split(".")
        assert narrow["properties"] == {"status": {"const": int(status)}, "code": {"enum": codes}}
        assert {PROBLEMS[code].status for code in codes} == {int(status)}


def test_refusals_are_told_of_endpoints_that_exist_and_of_codes_that_exist() -> None:
    assert set(REFUSALS) <= {endpoint.handle.__name__ for endpoint in ENDPOINTS}
    assert {code for codes in REFUSALS.values() for code in codes} <= set(PROBLEMS)


async def test_every_route_below_api_is_described(open_sqlite_house: House) -> None:
    """None is added beside the table; the description itself has its own address."""
    routes = {
        (route.method, route.resource.canonical)
        for route in make_app(open_sqlite_house.service, schedule=False).router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api")
    }
    described = {(method.upper(), path) for path, methods in document()["paths"].items() for method in methods}
    assert routes == described | {("GET", "/api/openapi.json"), ("HEAD", "/api/openapi.json")}


def test_patterns_are_of_json_schema() -> None:
    """`\\Z` is Python's alone: a client in another language would refuse every text."""
    assert r"\\Z" not in make_openapi().decode()


async def test_it_is_served(open_sqlite_house: House) -> None:
    assert open_sqlite_house.http is not None
    answer = await open_sqlite_house.http.get("/api/openapi.json")
    assert answer.status == 200
    assert await answer.read() == make_openapi()
    assert answer.headers["Cache-Control"] == "no-store"
