"""The API against its own description, asked by Schemathesis: no 5xx, and no answer that is not promised (A90, A101).

The same requests every time; for minutes of fresh ones: `python -m tools.fuzz_api`.
"""

from __future__ import annotations

import asyncio
import json
from typing import Final

import pytest

from election_service.endpoints import ENDPOINTS
from election_service.openapi import make_openapi
from tests.fuzz.run import Tally, Wishes, fuzz, fuzz_as_described
from tests.fuzz.world import CALLERS, Caller, World
from tests.scale import scaled

pytestmark = pytest.mark.slow

SHORT: Final = Wishes(examples=scaled(30, 2), seed=1)
_MINE: Final = "/api/committee/elections/{e}"
REACHED: Final = {  # each behind what keeps the callers before it out
    "nobody": {"GET /api/elections/{e}/contests", "GET /api/elections/{e}/turnout"},
    "voter": {"GET /api/elections/{e}/voter"},
    "member's token": {"GET /api/committee/me", f"GET {_MINE}/people", f"GET {_MINE}/messages"},
    "chair's token": {f"GET {_MINE}/link-requests", f"GET {_MINE}/retention"},
    "chair's session": {"GET /api/committee/me", f"GET {_MINE}/roll", f"DELETE {_MINE}/roll/upload"},
}


def known(world: World, caller: str) -> Caller:
    (who,) = (item for item in world.callers if item.name == caller)
    return who


async def test_an_answer_that_is_not_promised_is_found(world: World, address: str) -> None:
    """The rounds below can fail: here the description leaves 401 out, and what an election looks like."""
    described = json.loads(make_openapi())
    people, election = f"{_MINE}/people", "/api/elections/{e}"
    described["paths"] = {path: {"get": described["paths"][path]["get"]} for path in (people, election)}
    del described["paths"][people]["get"]["responses"]["401"]
    described["components"]["schemas"]["ElectionInfo"] = {"type": "object", "required": ["nothing-like-it"]}
    tally = Tally()
    await asyncio.to_thread(fuzz_as_described, described, address, world, known(world, "nobody"), SHORT, tally)
    assert {(finding.operation, finding.what.partition(":")[0]) for finding in tally.findings.values()} == {
        (f"GET {people}", "status_code_conformance"),
        (f"GET {election}", "response_schema_conformance"),
    }


@pytest.mark.parametrize("caller", CALLERS)
async def test_every_answer_is_promised_and_none_is_a_fault(world: World, address: str, caller: str) -> None:
    tally = Tally()
    await asyncio.to_thread(fuzz, address, world, known(world, caller), SHORT, tally)
    assert not tally.findings, "\n\n".join(
        f"{item.operation}\n{item.what}\n{item.request}" for item in tally.findings.values()
    )
    assert set(tally.answers) == {f"{endpoint.method} {endpoint.path}" for endpoint in ENDPOINTS}
    assert all(sum(counts.values()) for counts in tally.answers.values())
    done = {operation for operation, counts in tally.answers.items() if counts["2xx"]}
    assert REACHED[caller] <= done, sorted(REACHED[caller] - done)
