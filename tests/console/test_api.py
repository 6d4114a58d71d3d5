"""The committee's HTTP API: who may ask, with what, and what is refused before anything is done (A80, A90, A100)."""

from __future__ import annotations

from aiohttp import ClientResponse

from election_service.console.api_tokens import make_api_token
from election_service.console.roles import Capability, Identity, Role
from election_service.console_endpoints import CONSOLE_ENDPOINTS
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
    assert (await ask(house, PEOPLE.replace(ELECTION, "another"), good)).status == 404
    house.clock.now += 86_400
    assert (await ask(house, PEOPLE, good)).status == 401


def test_every_endpoint_says_what_it_needs() -> None:
    """A100: none can be added that whoever is signed in may use by oversight."""
    for endpoint in CONSOLE_ENDPOINTS:
        assert endpoint.role == "committee"
        assert endpoint.needs is not None or "{e}" not in endpoint.path, endpoint.path
