"""The published description, held to every answer of the API that any test gets from a house."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from aiohttp import web

from election_service.endpoint_problems import problem_codes
from election_service.endpoints import ENDPOINTS
from election_service.problems import CONTENT_TYPE, PROBLEMS
from election_service.routes.call import Endpoint

_ENDPOINTS: Final[dict[tuple[str, str], Endpoint]] = {
    (endpoint.method, endpoint.path): endpoint for endpoint in ENDPOINTS
}
_INSIDE_COMPRESSION: Final = 1  # place among the middlewares: problems are made behind it, and compressed before it


@contextmanager
def promises_kept(app: web.Application) -> Iterator[web.Application]:
    """While the block lasts every answer is one that the description promises; AssertionError at its end if not."""
    broken: set[str] = set()

    @web.middleware
    async def look(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        response = await handler(request)
        resource = request.match_info.route.resource
        endpoint = _ENDPOINTS.get((request.method, "" if resource is None else resource.canonical))
        if endpoint is None or response.status == HTTPStatus.OK:
            return response
        assert isinstance(response, web.Response)
        assert isinstance(response.body, bytes)
        code = json.loads(response.body)["code"] if response.content_type == CONTENT_TYPE else ""
        if code not in problem_codes(endpoint) or PROBLEMS[code].status != response.status:
            broken.add(f"{endpoint.method} {endpoint.path}: {response.status} {code or response.content_type}")
        return response

    app.middlewares.insert(_INSIDE_COMPRESSION, look)
    yield app
    assert not broken, f"not in the description (election_service/endpoint_problems.py): {sorted(broken)}"
