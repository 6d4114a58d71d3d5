"""HTTP: one table of endpoints, strict bodies, problems with their own types, pages with strict headers, no traces."""

import json
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from audit.entries import format_time
from audit.evidence import Membership, ProvenEntry, verify_evidence
from election_service.endpoints import BASE, ENDPOINTS
from election_service.health import make_health_app
from election_service.problems import CONSOLE_PROBLEMS, PROBLEMS
from keys.canonical import MAX_BODY, b64, encode, unb64
from tests.service.house import ELECTION, HOUR, House, code_of


async def test_the_election_and_its_polls(open_sqlite_house: House) -> None:
    document = await (await open_sqlite_house.get("")).json()
    assert document["election"] == ELECTION
    assert document["origin"] == f"localhost:8080/{ELECTION}"
    assert unb64(document["log"], 32, "") == open_sqlite_house.log_id
    (poll,) = document["polls"]
    assert (poll["poll"], poll["state"]) == (1, "open")
    assert poll["closes"] == format_time(open_sqlite_house.clock.now + 2 * HOUR)


async def test_the_voter_s_view_proves_itself(open_house: House) -> None:
    """A24, A32, A53: everything the booth needs, under one checkpoint, pinned by the link."""
    house, person = open_house, open_house.people[0]
    await house.log_in(person)
    view = await house.view(person)

    def hashes(texts: list[str]) -> tuple[bytes, ...]:
        return tuple(unb64(text, 32, "") for text in texts)

    evidence = verify_evidence(
        view.checkpoint.encode(),
        [ProvenEntry(item.seq, item.entry.encode(), hashes(item.proof)) for item in view.entries],
        [
            Membership(item.seq, item.electorate_seq, unb64(item.leaf, 32, ""), item.index, hashes(item.membership))
            for item in view.contests
        ],
        log_prefix=house.log_id[:16],
        credential=person.credential,
    )
    assert [rules.context for rules in evidence.contests.values()] == house.contexts
    other = house.people[-1]
    await house.log_in(other)
    assert len((await house.view(other)).contests) == 1


BODIES: dict[str, bytes] = {
    "white space": b'{"credential": "AA"}',
    "a second member of one name": b'{"credential":"AA","credential":"AA"}',
    "an unknown member": b'{"credential":"AA","x":1}',
    "a missing member": b"{}",
    "a number for a text": b'{"credential":1}',
    "NaN": b'{"credential":NaN}',
    "a lone surrogate": b'{"credential":"\\ud800"}',
    "not UTF-8": b'{"credential":"\xff"}',
    "an escape that is not canonical": b'{"credential":"\\u0041A"}',
    "an array": b"[]",
    "nothing": b"",
    "deep nesting": b'{"credential":' + b"[" * 5000 + b"]" * 5000 + b"}",
    "stray bits in base64": b'{"credential":"' + b"A" * 42 + b'B"}',
    "padding in base64": b'{"credential":"' + b"A" * 43 + b'="}',
}


@pytest.mark.parametrize("case", BODIES)
async def test_a_body_that_is_not_canonical_is_malformed(open_sqlite_house: House, case: str) -> None:
    """A87, A88, A90."""
    answer = await open_sqlite_house.post("/login/nonce", BODIES[case])
    assert (answer.status, await code_of(answer)) == (400, "malformed")


@pytest.mark.parametrize(
    "endpoint", [item for item in ENDPOINTS if item.request and item.role != "committee"], ids=lambda item: item.path
)
async def test_every_request_refuses_an_unknown_member_and_a_wrong_type(
    open_sqlite_house: House, endpoint: Any
) -> None:
    """A90: no mass assignment anywhere; the committee's endpoints are in tests/console/test_safety.py."""
    house = open_sqlite_house
    await house.log_in(house.people[0])
    path = endpoint.path.removeprefix(BASE).replace("{act}", b64(bytes(16)))
    answer = await house.post(path, encode({"unexpected": 1}), house.people[0].bearer)
    assert await code_of(answer) == "malformed"
    assert house.http is not None
    headers = {"Content-Type": "text/plain", "Authorization": f"Bearer {house.people[0].bearer}"}
    answer = await house.http.post(f"/api/elections/{ELECTION}{path}", data=b"{}", headers=headers)
    assert await code_of(answer) == "malformed"


async def test_a_body_from_another_site_is_refused(open_sqlite_house: House) -> None:
    """A80: a page elsewhere cannot cast or propose in a browser's name."""
    assert open_sqlite_house.http is not None
    headers = {"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}
    answer = await open_sqlite_house.http.post(f"/api/elections/{ELECTION}/ballots", data=b"{}", headers=headers)
    assert await code_of(answer) == "malformed"


async def test_a_body_that_is_too_large_is_refused_unread(open_sqlite_house: House) -> None:
    answer = await open_sqlite_house.post("/ballots", b"[" + b"0," * MAX_BODY)
    assert (answer.status, await code_of(answer)) == (413, "too-large")

    async def endless() -> Any:
        for _ in range(10):
            yield b"0" * 65_536

    assert open_sqlite_house.http is not None
    headers = {"Content-Type": "application/json"}
    answer = await open_sqlite_house.http.post(f"/api/elections/{ELECTION}/ballots", data=endless(), headers=headers)
    assert (answer.status, await code_of(answer)) == (413, "too-large")


MISSING = {
    "/api/elections/nobody": (404, "unknown-election"),
    "/api/elections/..%2f": (404, "unknown-election"),
    f"/api/elections/{ELECTION}/polls/1/closing": (409, "act-refused"),
    f"/api/elections/{ELECTION}/polls/01/opening?closes=2030-01-01T00:00:00Z": (404, "not-found"),
    f"/api/elections/{ELECTION}/polls/7/opening?closes=2030-01-01T00:00:00Z": (404, "not-found"),
    f"/api/elections/{ELECTION}/polls/1/opening": (400, "malformed"),
    f"/api/elections/{ELECTION}/polls/1/opening?closes=tomorrow": (400, "malformed"),
    f"/api/elections/{ELECTION}/contests/{b64(bytes(32))}/ballots": (422, "wrong-context"),
    f"/api/elections/{ELECTION}/contests/x/ballots": (400, "malformed"),
    f"/api/elections/{ELECTION}/voter": (401, "login-required"),
    f"/log/{ELECTION}/tile/0/999": (404, "not-found"),
    f"/log/{ELECTION}/../secrets": (404, "not-found"),
    f"/log/{ELECTION}/blobs/{'0' * 64}": (404, "not-found"),
    "/log/nobody/checkpoint": (404, "unknown-election"),
    "/vote/nobody": (404, "unknown-election"),
    "/static/booth.js": (404, "not-found"),
    "/nowhere": (404, "not-found"),
}


@pytest.mark.parametrize("path", MISSING)
async def test_what_is_not_there_says_so_in_a_problem_of_its_own_type(open_sqlite_house: House, path: str) -> None:
    assert open_sqlite_house.http is not None
    answer = await open_sqlite_house.http.get(path)
    assert (answer.status, await code_of(answer)) == MISSING[path]


async def test_a_wrong_method_is_a_problem_too(open_sqlite_house: House) -> None:
    assert open_sqlite_house.http is not None
    answer = await open_sqlite_house.http.delete(f"/api/elections/{ELECTION}/ballots")
    assert answer.status == 405
    assert answer.headers["Allow"]
    assert await code_of(answer) == "not-found"


async def test_our_own_fault_shows_no_trace(open_sqlite_house: House) -> None:
    """A101: the client learns that it failed, not where."""
    house = open_sqlite_house
    database = house.service.database
    house.service.database = None  # type: ignore[assignment]
    try:
        answer = await house.get("")
        text = await answer.text()
        answer = await house.get("/acts")
        text += await answer.text()
    finally:
        house.service.database = database
    assert answer.status == 500
    assert await code_of(answer) == "internal"
    for word in ("Traceback", "NoneType", "snapshot", ".py"):
        assert word not in text


async def test_the_log_is_served_as_tiles_that_never_change(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    assert house.http is not None
    size = await house.log_size()
    answer = await house.http.get(f"/log/{ELECTION}/checkpoint")
    assert (await answer.text()).splitlines()[:2] == [f"localhost:8080/{ELECTION}", str(size)]
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    bundle = await house.http.get(f"/log/{ELECTION}/tile/entries/000.p/{size}")
    assert bundle.status == 200
    assert "immutable" in bundle.headers["Cache-Control"]
    assert (await house.http.get(f"/log/{ELECTION}/tile/entries/000.p/{size + 1}")).status == 404


async def test_health_is_on_its_own_application(open_sqlite_house: House) -> None:
    assert open_sqlite_house.http is not None
    for path in ("/healthz", "/readyz", "/metrics"):
        assert (await open_sqlite_house.http.get(path)).status == 404
    async with TestClient(TestServer(make_health_app(open_sqlite_house.service))) as health:
        assert await (await health.get("/healthz")).json() == {"status": "ok"}
        assert await (await health.get("/readyz")).json() == {"faults": [], "status": "ok"}
        text = await (await health.get("/metrics")).text()
    assert f'election_log_published{{election="{ELECTION}"}}' in text
    assert "election_ballots_waiting 0.0" in text


async def test_readiness_names_a_dead_database(open_sqlite_house: House) -> None:
    house = open_sqlite_house

    class Dead:
        def snapshot(self) -> Any:
            raise OSError("gone")

    database = house.service.database
    house.service.database = Dead()  # type: ignore[assignment]
    try:
        async with TestClient(TestServer(make_health_app(house.service))) as health:
            answer = await health.get("/readyz")
            document = await answer.json()
    finally:
        house.service.database = database
    assert (answer.status, document["faults"]) == (503, ["database: OSError"])


def test_every_code_of_the_protocol_has_a_status() -> None:
    """docs/protocol.md §A and the one map name the same codes."""
    import re
    from pathlib import Path

    text = Path("docs/protocol.md").read_text("utf-8")
    section = text[text.index("The codes are part of the protocol") :]
    listed = set(re.findall(r"`([a-z-]+)`", section.split("## ", 1)[0]))
    assert listed == set(PROBLEMS) - set(CONSOLE_PROBLEMS)
    assert all(json.loads(encode(problem.title)) for problem in PROBLEMS.values())


async def test_no_answer_tells_versions(open_sqlite_house: House) -> None:
    for path in ("/", "/api/openapi.json", "/nowhere", f"/log/{ELECTION}/checkpoint"):
        assert open_sqlite_house.http is not None
        answer = await open_sqlite_house.http.get(path)
        assert answer.headers["Server"] == "election-service"
