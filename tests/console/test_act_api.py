"""Acts and signing keys over the committee's HTTP API: preparing changes nothing, signing needs no session."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import ClientResponse

from election_service.acts import list_acts
from election_service.console.events import read_events, record
from election_service.console.roles import SERVICE, Role
from election_service.console.signing_keys import store_signing_key
from election_service.console_routes import COOKIE
from keys.canonical import b64, encode
from keys.keyfile import seal_key_file
from tests.console.desk import Desk
from tests.console.signatures import CHEAP, PASSPHRASE, give_key, key_file, sign_first
from tests.service.house import ELECTION, House, code_of
from tests.service.pages_reader import counts_of
from tests.simulated.builders import make_signer

BASE = f"/api/committee/elections/{ELECTION}"


async def call(
    desk: Desk, method: str, path: str, body: Mapping[str, Any] | None = None, **headers: str
) -> ClientResponse:
    """A request with the cookie of a session, and its secret for whatever changes something."""
    assert desk.house.http is not None
    given = {"X-CSRF": desk.csrf, "Content-Type": "application/json", **desk._headers(None), **headers}
    given["Accept"] = "application/json"
    data = None if body is None else encode(dict(body))
    return await desk.house.http.request(method, BASE + path, data=data, headers=given)


async def test_an_act_is_prepared_signed_and_looked_at(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    ana, observer = await Desk.open(house, "ana", Role.CHAIR), await Desk.open(house, "olga", Role.OBSERVER)
    before = await counts_of(house)
    asked = {"kind": "poll.paused", "fields": {"poll": ["1"], "reason": ["a test"]}}
    answer = await call(ana, "POST", "/preparations", asked)
    assert answer.status == 200, await answer.text()
    prepared = await answer.json()
    assert (prepared["kind"], prepared["refusal"], prepared["data"]["reason"]) == ("poll.paused", "", "a test")
    assert await counts_of(house) == before
    waiting = await sign_first(house, "ana", prepared["kind"], prepared["data"])
    detail = await (await call(observer, "GET", f"/acts/{waiting['act']}")).json()
    assert (detail["act"]["state"], detail["refusal"], len(detail["code"])) == ("waiting", "", 23)
    assert (await call(observer, "GET", "/acts/AAAAAAAAAAAAAAAAAAAAAA")).status == 404
    planned = (await (await call(observer, "GET", "/planned-acts")).json())["acts"]
    assert [item["kind"] for item in planned] == ["booth"]  # of this installation, which the log has not


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.TRUSTEE])
async def test_who_may_not_propose_prepares_nothing(open_sqlite_house: House, role: Role) -> None:
    house = open_sqlite_house
    desk = await Desk.open(house, "olga", role)
    asked = {"kind": "poll.paused", "fields": {"poll": ["1"], "reason": ["a test"]}}
    for path, body in (("/preparations", asked), ("/reissues", {"student": "p1", "reason": "lost"})):
        answer = await call(desk, "POST", path, body)
        assert (answer.status, await code_of(answer)) == (403, "not-permitted"), path
    change = {"key_file": "{}", "keep_file": True, "replace": False}
    for method in ("GET", "PUT"):
        answer = await call(desk, method, "/key", change if method == "PUT" else None, **{"If-Match": '"0"'})
        assert (answer.status, await code_of(answer)) == (403, "not-permitted"), method


REFUSED: dict[str, tuple[dict[str, Any], int]] = {
    "a member too many (A90)": ({"kind": "poll.paused", "fields": {}, "more": 1}, 400),
    "a field that is not asked (A90)": (
        {"kind": "poll.paused", "fields": {"poll": ["1"], "reason": ["x"], "closes": ["2030-01-01T00:00:00Z"]}},
        400,
    ),
    "a field of another decision (A90)": (
        {"kind": "decision", "fields": {"what": ["permission"], "person": ["c1"]}},
        400,
    ),
    "a field with one value": ({"kind": "poll.paused", "fields": {"poll": "1"}}, 400),
    "no reason": ({"kind": "poll.paused", "fields": {"poll": ["1"]}}, 400),
    "an unknown kind": ({"kind": "poll.reopened", "fields": {}}, 404),
    "a kind without a form": ({"kind": "electorate", "fields": {}}, 404),
    "an unknown poll": ({"kind": "poll.paused", "fields": {"poll": ["7"], "reason": ["x"]}}, 404),
    "not now": ({"kind": "result.certified", "fields": {"poll": ["1"]}}, 409),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_cannot_be_prepared_is_refused_by_name(open_sqlite_house: House, case: str) -> None:
    body, status = REFUSED[case]
    ana = await Desk.open(open_sqlite_house, "ana", Role.CHAIR)
    answer = await call(ana, "POST", "/preparations", body)
    assert answer.status == status, await answer.text()
    assert not [act for act in (await list_acts(open_sqlite_house.service, ELECTION)).acts if act.state == "waiting"]


async def test_a_key_is_changed_by_who_saw_its_state(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    ana = await Desk.open(house, "ana", Role.CHAIR)
    assert (await call(ana, "GET", "/key")).status == 404
    raw = key_file(house, "ana").decode()
    change = {"key_file": raw, "keep_file": True, "replace": False}
    assert (await call(ana, "PUT", "/key", change)).status == 428
    answer = await call(ana, "PUT", "/key", change, **{"If-Match": '"0"'})
    assert answer.status == 200, await answer.text()
    assert answer.headers["ETag"] == '"1"'
    assert (await answer.json())["key_file"] == raw
    answer = await call(ana, "PUT", "/key", change, **{"If-Match": '"0"'})
    assert (answer.status, await code_of(answer)) == (412, "revision-stale")
    answer = await call(ana, "PUT", "/key", {**change, "keep_file": False}, **{"If-Match": '"1"'})
    assert (await answer.json())["key_file"] is None


async def test_a44_a_session_approves_nothing(open_sqlite_house: House) -> None:
    """A44, A100: what counts is the signature; a chair's session, and the service with all its keys, have none."""
    house = open_sqlite_house
    ana = await Desk.open(house, "ana", Role.CHAIR)
    await give_key(ana, "ana")
    act = await house.decide("booth", {"bundle": "0" * 64}, by=("ana",))
    assert house.http is not None
    for body in ({"member": "beka", "signature": "A" * 86}, {"member": "ana", "signature": "A" * 86}):
        answer = await house.http.post(
            f"/api/elections/{ELECTION}/acts/{act.act}/approvals",
            data=encode(body),
            headers={**ana._headers(None), "Content-Type": "application/json", "Accept": "application/json"},
        )
        assert (answer.status, await code_of(answer)) == (403, "approval-refused")
    assert await house.entries("booth") == []


async def test_a100_whoever_calls_a_key_by_a_member_s_id_is_not_that_member(open_sqlite_house: House) -> None:
    """A member who signs by the command line has no key here; another account may not be named for those signatures."""
    house = open_sqlite_house
    eve = await Desk.open(house, "eve", Role.MEMBER)
    signer = make_signer("eve")
    public = {"member": "beka", "key": b64(signer.public)}
    raw = seal_key_file("member", public, signer.secret, PASSPHRASE, os.urandom, CHEAP)
    await store_signing_key(house.service, ELECTION, eve.account, raw, replace=True)
    await house.decide("booth", {"bundle": "0" * 64}, by=("ana", "beka"))
    async with house.service.database.snapshot() as connection:
        events = [event for event in await read_events(connection, ELECTION) if event.what.startswith("act-")]
    assert {event.what for event in events} == {"act-proposed", "act-approved", "act-done"}
    assert {event.account for event in events} == {""}


async def test_whoever_asks_for_links_of_others_leaves_a_trace(open_sqlite_house: House) -> None:
    """While a poll is open a refusal tells who has begun to vote (A69): every question is written down."""
    house = open_sqlite_house
    ana = await Desk.open(house, "ana", Role.MEMBER)
    for student in ("p1", "nobody"):
        await call(ana, "POST", "/reissues", {"student": student, "reason": "lost"})
    async with house.service.database.snapshot() as connection:
        events = [event for event in await read_events(connection, ELECTION) if event.what == "reissue-asked"]
    assert [(event.account, event.subject) for event in events] == [(ana.account, "")] * 2


async def test_who_tries_passwords_hides_no_act(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    ana = await Desk.open(house, "ana", Role.MEMBER)
    await house.decide("booth", {"bundle": "0" * 64}, by=("ana", "beka"))
    async with house.service.database.transaction() as connection:
        for _ in range(20):
            await record(house.service, connection, SERVICE, ana.account, "password-wrong")
    async with house.service.database.snapshot() as connection:
        events = [event.what for event in await read_events(connection, ELECTION, most=12)]
    assert len(events) == 12
    assert events.count("password-wrong") == 6
    assert "act-done" in events


async def test_a_secret_that_is_no_text_is_refused(open_sqlite_house: House) -> None:
    """Bytes that are no letters, as no library sends them."""
    ana = await Desk.open(open_sqlite_house, "ana", Role.CHAIR)
    assert ana.house.http is not None
    reader, writer = await asyncio.open_connection(ana.house.http.host, ana.house.http.port)
    lines = (
        f"POST {BASE}/preparations HTTP/1.1".encode(),
        b"Host: localhost",
        f"Cookie: {COOKIE}={ana.cookie}".encode(),
        b"X-CSRF: \xff\xfe",
        b"Content-Length: 0",
        b"Connection: close",
    )
    writer.write(b"\r\n".join(lines) + b"\r\n\r\n")
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 403 "), answer[:200]
