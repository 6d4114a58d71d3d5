"""The committee's HTTP API: who may ask, with what, and what is refused before anything is done (A80, A90, A100)."""

from __future__ import annotations

import asyncio

from aiohttp import ClientResponse

from election_service.console.accounts import give_role
from election_service.console.api_tokens import SCOPES, make_api_token
from election_service.console.roles import Capability, Identity, Role
from election_service.console_endpoints import CONSOLE_ENDPOINTS
from election_service.console_routes import COOKIE
from keys.canonical import encode
from tests.console.desk import Desk
from tests.service.house import ELECTION, House

PEOPLE = f"/api/committee/elections/{ELECTION}/people"


async def ask(house: House, path: str, token: str) -> ClientResponse:
    assert house.http is not None
    return await house.http.get(path, headers={"Authorization": f"Bearer {token}"})


async def identity_of(desk: Desk, *roles: Role) -> Identity:
    return Identity(desk.account, "Ana", "ana@example.edu", "en", {ELECTION: frozenset(roles)})


async def test_a_session_reads_with_its_cookie_alone(open_sqlite_house: House) -> None:
    chair = await Desk.open(open_sqlite_house, "ana", Role.CHAIR)
    answer = await chair.get(PEOPLE)
    assert answer.status == 200
    people = (await answer.json())["people"]
    assert [(person["name"], person["roles"]) for person in people] == [("Ana", ["chair"])]


async def test_nobody_and_a_stranger_are_told_nothing(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    nobody = await Desk(house).get(PEOPLE)
    stranger = await Desk.open(house, "eve", Role.CHAIR, election="other")
    unknown = await stranger.get(PEOPLE.replace(ELECTION, "no-such-election"))
    here = await stranger.get(PEOPLE)
    assert (nobody.status, here.status, unknown.status) == (401, 404, 404)
    assert (await here.json())["code"] == (await unknown.json())["code"] == "unknown-election"


async def test_a_token_acts_within_its_scopes_and_its_election(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    chair = await Desk.open(house, "ana", Role.CHAIR)
    identity = await identity_of(chair, Role.CHAIR)
    good = await make_api_token(house.service, identity, ELECTION, "program", frozenset({Capability.SEE}), 1)
    other = await make_api_token(house.service, identity, ELECTION, "program", frozenset({Capability.SEND_MAIL}), 1)
    assert (await ask(house, PEOPLE, good)).status == 200
    assert (await ask(house, PEOPLE, other)).status == 403
    assert (await ask(house, PEOPLE, good[:-1] + ("A" if good[-1] != "A" else "B"))).status == 401
    async with house.service.database.transaction() as connection:
        await give_role(connection, "another", chair.account, Role.CHAIR)
    assert (await ask(house, PEOPLE.replace(ELECTION, "another"), good)).status == 404, "although its owner leads it"
    assert (await chair.get(PEOPLE.replace(ELECTION, "another"))).status == 200
    house.clock.now += 86_400
    assert (await ask(house, PEOPLE, good)).status == 401


def test_every_endpoint_says_what_it_needs() -> None:
    """A100: none can be added that whoever is signed in may use by oversight."""
    for endpoint in CONSOLE_ENDPOINTS:
        assert endpoint.role == "committee"
        assert endpoint.needs is not None or "{e}" not in endpoint.path, endpoint.path


# ---- people by the API -----------------------------------------------------------------------------------------------


async def call(
    desk: Desk, method: str, path: str, body: object = None, condition: str | None = '"0"', csrf: str | None = None
) -> ClientResponse:
    """A request of a script in the console's own page."""
    assert desk.house.http is not None
    headers = {"Cookie": f"{COOKIE}={desk.cookie}", "X-CSRF": desk.csrf if csrf is None else csrf}
    headers |= {} if condition is None else {"If-Match": condition}
    headers |= {} if body is None else {"Content-Type": "application/json"}
    data = None if body is None else encode(body)
    return await desk.house.http.request(method, path, data=data, headers=headers)


BEKA = {"email": "beka@example.edu", "name": "Beka", "role": "member"}


async def test_people_are_invited_given_roles_and_locked_by_the_api(open_house: House) -> None:
    chair = await Desk.open(open_house, "ana", Role.CHAIR)
    answer = await chair.get(PEOPLE)
    assert answer.headers["ETag"] == '"0"'
    invited = await (await call(chair, "POST", PEOPLE, BEKA)).json()
    assert invited["link"].startswith("http://localhost:8080/committee/welcome#")
    person = f"{PEOPLE}/{invited['account']}"
    given = await call(chair, "POST", f"{person}/roles", {"role": "registrar"}, '"1"')
    assert given.headers["ETag"] == '"2"'
    assert (await given.json())["people"][1]["roles"] == ["member", "registrar"]
    assert (await call(chair, "DELETE", f"{person}/roles/member", condition='"2"')).status == 200
    again = await (await call(chair, "POST", f"{person}/invitation", condition='"3"')).json()
    assert again["link"] not in (None, invited["link"])
    locked = await (await call(chair, "POST", f"{person}/lock", condition='"4"')).json()
    assert [found["state"] for found in locked["people"]] == ["active", "locked"]


async def test_a_change_names_the_state_that_it_changes(open_house: House) -> None:
    chair = await Desk.open(open_house, "ana", Role.CHAIR)
    assert (await call(chair, "POST", PEOPLE, BEKA, None)).status == 428
    assert (await call(chair, "POST", PEOPLE, BEKA, '"7"')).status == 412
    assert (await call(chair, "POST", PEOPLE, BEKA, 'W/"0"')).status == 400
    assert (await call(chair, "POST", PEOPLE, BEKA, csrf="A" * 43)).status == 403
    answers = await asyncio.gather(*(call(chair, "POST", PEOPLE, BEKA) for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [200, *[412] * 19]


async def test_no_token_invites(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    chair = await Desk.open(house, "ana", Role.CHAIR)
    scopes = frozenset(SCOPES - {Capability.TRUSTEE, Capability.CREATE})
    token = await make_api_token(house.service, await identity_of(chair, Role.CHAIR), ELECTION, "all", scopes, 1)
    assert house.http is not None
    headers = {"Authorization": f"Bearer {token}", "If-Match": '"0"', "Content-Type": "application/json"}
    assert (await house.http.post(PEOPLE, data=encode(BEKA), headers=headers)).status == 403
    me = await (await ask(house, "/api/committee/me", token)).json()
    assert me["via"] == "token"
    assert me["capabilities"] == {ELECTION: sorted(map(str, scopes))}
