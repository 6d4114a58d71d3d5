"""Acts and signing keys over the committee's HTTP API: preparing changes nothing, signing needs no session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import ClientResponse

from election_service.acts import list_acts
from election_service.console.roles import Role
from keys.canonical import encode
from tests.console.desk import Desk
from tests.console.signatures import give_key, key_file, sign_first
from tests.service.house import ELECTION, House, code_of
from tests.service.pages_reader import counts_of

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
