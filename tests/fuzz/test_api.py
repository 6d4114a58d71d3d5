"""The API against its own description, asked by Schemathesis: no 5xx, and no answer that is not promised (A90, A101).

The same requests every time; for minutes of fresh ones: `python -m tools.fuzz_api`.
"""

from __future__ import annotations

import asyncio
from typing import Final

import pytest

from election_service.endpoints import ENDPOINTS
from tests.fuzz.run import Tally, Wishes, fuzz
from tests.fuzz.world import CALLERS, World
from tests.scale import scaled

pytestmark = pytest.mark.slow

SHORT: Final = Wishes(examples=scaled(30, 4), seed=1)
_MINE: Final = "/api/committee/elections/{e}"
REACHED: Final = {  # each behind what keeps the callers before it out
    "nobody": {"GET /api/elections/{e}/contests", "GET /api/elections/{e}/turnout"},
    "voter": {"GET /api/elections/{e}/voter"},
    "member's token": {"GET /api/committee/me", f"GET {_MINE}/people", f"GET {_MINE}/messages"},
    "chair's token": {f"GET {_MINE}/link-requests", f"GET {_MINE}/retention"},
    "chair's session": {"GET /api/committee/me", f"GET {_MINE}/roll", f"DELETE {_MINE}/roll/upload"},
}


async def one_round(address: str, world: World, caller: str, without: str = "") -> Tally:
    tally = Tally()
    (who,) = (item for item in world.callers if item.name == caller)
    await asyncio.to_thread(fuzz, address, world, who, SHORT, tally, without)
    return tally


async def test_an_answer_that_is_not_promised_is_found(world: World, address: str) -> None:
    """The rounds below can fail: here 401 is left out of the description."""
    tally = await one_round(address, world, "nobody", without="401")
    found = {finding.operation for finding in tally.findings.values()}
    assert f"GET {_MINE}/people" in found
    assert "GET /api/elections/{e}" not in found


@pytest.mark.parametrize("caller", CALLERS)
async def test_every_answer_is_promised_and_none_is_a_fault(world: World, address: str, caller: str) -> None:
    tally = await one_round(address, world, caller)
    assert not tally.findings, "\n\n".join(
        f"{item.operation}\n{item.what}\n{item.request}" for item in tally.findings.values()
    )
    assert set(tally.answers) == {f"{endpoint.method} {endpoint.path}" for endpoint in ENDPOINTS}
    assert all(sum(counts.values()) for counts in tally.answers.values())
    done = {operation for operation, counts in tally.answers.items() if counts["2xx"]}
    assert REACHED[caller] <= done, sorted(REACHED[caller] - done)
