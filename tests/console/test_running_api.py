"""The API of a running and of a closed poll says what the pages say, to who may see it, and changes things once."""

from __future__ import annotations

from typing import Any, Final

import pytest
from aiohttp import ClientResponse

from election_service.console.roles import Role
from election_service.endpoints import ENDPOINTS
from election_service.messages_desk import take_message
from election_service.running_endpoints import RUNNING_ENDPOINTS
from keys.canonical import encode
from tests.console.desk import BROWSER, Desk
from tests.service.house import ELECTION, House
from tests.service.pages_reader import play_to_the_result, vote_all

BASE: Final = f"/api/committee/elections/{ELECTION}"
BODIES: Final[dict[str, Any]] = {
    "/links/retry": {"student": None},
    "/incidents": {"text": "the printer burned"},
    "/messages/close": {"number": "AAAAA-AAAAA"},
    "/link-requests/refuse": {"student": "p3"},
    "/next-poll": {"poll": 2, "motions": {}},
    "/retention": {"days": 90},
}


def test_every_endpoint_has_an_address_and_a_name_of_its_own() -> None:
    """A second one at the same address would never be asked, and would seem to be there."""
    assert len({(item.method, item.path) for item in ENDPOINTS}) == len(ENDPOINTS)
    assert len({item.handle.__name__ for item in ENDPOINTS}) == len(ENDPOINTS)


async def call(
    desk: Desk, method: str, path: str, body: Any = None, *, match: str | None = None, csrf: str | None = None
) -> ClientResponse:
    """A call of the session, by a page of this service."""
    assert desk.house.http is not None
    headers = {**BROWSER, "Accept": "application/json", "Cookie": f"__Host-session={desk.cookie}"}
    if method != "GET":
        headers["X-CSRF"] = desk.csrf if csrf is None else csrf
        headers["Content-Type"] = "application/json"
    if match is not None:
        headers["If-Match"] = match
    data = None if method == "GET" or body is None else encode(body)
    return await desk.house.http.request(method, BASE + path, data=data, headers=headers)


async def told(answer: ClientResponse, status: int = 200) -> Any:
    assert answer.status == status, await answer.text()
    return await answer.json(content_type=None)


async def test_the_turnout_is_everybody_s_and_incidents_are_written_once(open_house: House) -> None:
    house = open_house
    await vote_all(house, 3)
    chair = await Desk.open(house, "chair", Role.CHAIR)
    progress = await told(await call(chair, "GET", "/progress"))
    (poll,) = progress["polls"]
    assert (poll["poll"], poll["state"], poll["left"]) == (1, "open", 7200)
    assert {item["contest"]: item["ballots"] for item in poll["contests"]} == {"head": None, "law": None}
    body = BODIES["/incidents"]
    first = await told(await call(chair, "POST", "/incidents", body))
    again = await told(await call(chair, "POST", "/incidents", body))
    assert first == again
    assert (first["number"], first["state"]) == (1, "open")
    for _ in range(2):
        assert (await told(await call(chair, "POST", "/incidents/1/close")))["state"] == "closed"
    for number in ("2", "01", "x", "99999999999"):
        await told(await call(chair, "POST", f"/incidents/{number}/close"), 404)
    assert len((await told(await call(chair, "GET", "/incidents")))["incidents"]) == 1
    await told(await call(chair, "GET", "/polls/1/review"), 409)


async def test_reminders_say_no_number(open_house: House) -> None:
    await open_house.list_people()
    chair = await Desk.open(open_house, "chair", Role.CHAIR)
    assert await told(await call(chair, "POST", "/polls/1/reminders")) == {"poll": 1}
    assert len(await open_house.letters("reminder")) == 6
    await told(await call(chair, "POST", "/polls/2/reminders"), 409)


async def test_messages_are_settled_once(open_house: House) -> None:
    text = "Where is my link?"
    number = await take_message(open_house.service, ELECTION, text=text, contact="", kind="question")
    chair = await Desk.open(open_house, "chair", Role.CHAIR)
    (message,) = (await told(await call(chair, "GET", "/messages")))["messages"]
    assert (message["number"], message["text"], message["state"]) == (number, text, "open")
    await told(await call(chair, "POST", "/messages/close", {"number": number}))
    assert (await call(chair, "POST", "/messages/close", {"number": number})).status in (400, 404, 409)


async def test_a_closed_poll_is_reviewed(open_house: House) -> None:
    await play_to_the_result(open_house)
    observer = await Desk.open(open_house, "observer", Role.OBSERVER)
    review = await told(await call(observer, "GET", "/polls/1/review"))
    assert (review["k"], review["n"], review["wanted"], review["counted"], review["bars"]) == (2, 3, 2, 2, [])
    assert {(item["missing"], item["unknown"], item["requests"]) for item in review["contests"]} == {(0, 0, True)}
    await told(await call(observer, "GET", "/polls/9/review"), 404)


async def test_retention_changes_by_its_revision(open_house: House) -> None:
    chair = await Desk.open(open_house, "chair", Role.CHAIR)
    answer = await call(chair, "GET", "/retention")
    assert (await told(answer))["days"] == 400
    assert answer.headers["ETag"] == '"0"'
    await told(await call(chair, "PUT", "/retention", {"days": 90}), 428)
    changed = await told(await call(chair, "PUT", "/retention", {"days": 90}, match='"0"'))
    assert (changed["days"], changed["revision"], changed["waits"]) == (90, 1, ["no-poll", "poll"])
    await told(await call(chair, "PUT", "/retention", {"days": 91}, match='"0"'), 412)
    await told(await call(chair, "PUT", "/retention", {"days": 29}, match='"1"'), 400)
    await told(await call(chair, "PUT", "/retention", {"days": 91, "done": 1}, match='"1"'), 400)


async def test_the_next_poll_waits_for_the_result(open_house: House) -> None:
    chair = await Desk.open(open_house, "chair", Role.CHAIR)
    await told(await call(chair, "POST", "/next-poll", BODIES["/next-poll"]), 409)


@pytest.mark.parametrize(
    ("method", "path"), [(item.method, item.path.split("{e}", 1)[1]) for item in RUNNING_ENDPOINTS]
)
async def test_observers_see_nobody_and_change_nothing(open_sqlite_house: House, method: str, path: str) -> None:
    """A80, A90, A100: neither without the session's secret, nor with a member that the struct does not have."""
    await open_sqlite_house.list_people()
    place = path.replace("{n}", "1").replace("{number}", "1")
    body, match = BODIES.get(place), '"0"' if method == "PUT" else None
    observer = await Desk.open(open_sqlite_house, "observer", Role.OBSERVER)
    answer = await call(observer, method, place, body, match=match)
    public = place in ("/progress", "/polls/1/review", "/retention")
    assert answer.status == ((409 if "review" in place else 200) if method == "GET" and public else 403), place
    assert "Person" not in await answer.text()
    if method == "GET":
        return
    chair = await Desk.open(open_sqlite_house, "chair", Role.CHAIR)
    assert (await call(chair, method, place, body, match=match, csrf="")).status in (400, 403, 409)
    if body is not None:
        assert (await call(chair, method, place, {**body, "admin": True}, match=match)).status == 400
