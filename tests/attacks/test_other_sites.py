"""A80: requests that another site makes a browser send: every address × origin × content type × method.

There is no cookie and no other ambient authority, so that a forged request could do no more than its body says. Still
nothing passes but what a page of this service, or a program, sends: JSON bodies cannot be sent from elsewhere without
asking first (CORS), and asking is never answered with a yes.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from election_service.endpoints import ENDPOINTS
from election_service.page_routes import READ, SENT
from keys.canonical import b64, encode
from tests.service.house import ELECTION, House
from tests.service.pages_reader import counts_of

EVIL = "https://evil.example"
SITES: dict[str, tuple[dict[str, str], bool]] = {
    "a program": ({}, True),
    "our page": ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:8080"}, True),
    "the address bar": ({"Sec-Fetch-Site": "none"}, True),
    "another site": ({"Sec-Fetch-Site": "cross-site", "Origin": EVIL}, False),
    "another site that hides its origin": ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, False),
    "a sister host": ({"Sec-Fetch-Site": "same-site", "Origin": "https://other.example.edu"}, False),
    "a value that no browser sends": ({"Sec-Fetch-Site": "Same-Origin, cross-site"}, False),
}
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
KINDS = (
    JSON,
    "application/json; charset=utf-8",
    "text/plain",
    FORM,
    "multipart/form-data; boundary=x",
    "text/json",
    "",
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
FILL = {
    "{e}": ELECTION,
    "{n}": "1",
    "{act}": b64(bytes(16)),
    "{seq}": "0",
    "{name}": "result-1.csv",
    "{account}": "a-00000000",
    "{role}": "member",
    "{person}": "c1",
    "{number}": "1",
}
# The committee's have a session in front of them: tests/console/test_safety.py.
TAKES_JSON = sorted({item.path for item in ENDPOINTS if item.method == "POST" and item.role != "committee"})
OF_THE_API = sorted({endpoint.path for endpoint in ENDPOINTS})


def filled(path: str, house: House) -> str:
    for name, value in {**FILL, "{context}": b64(house.contexts[0])}.items():
        path = path.replace(name, value)
    return path


async def send(house: House, method: str, path: str, body: bytes | None, **headers: Any) -> Any:
    assert house.http is not None
    skip = () if headers.get("Content-Type") else ("Content-Type",)
    sent = {name: value for name, value in headers.items() if value}
    return await house.http.request(method, path, data=body, headers=sent, skip_auto_headers=skip)


async def at_the_gate(answer: Any) -> bool:
    """Whether it was refused for where it comes from, or for the kind of its body, before anybody looked into it."""
    text = await answer.text()
    return answer.status == 400 and ("content-type" in text or "another site" in text)


@pytest.mark.parametrize("path", TAKES_JSON)
async def test_a80_a_body_passes_only_as_json_from_our_page_or_a_program(open_sqlite_house: House, path: str) -> None:
    house = open_sqlite_house
    before = await counts_of(house)
    for (site, (headers, welcome)), kind in product(SITES.items(), KINDS):
        answer = await send(house, "POST", filled(path, house), b"{}", **headers, **{"Content-Type": kind})
        passes = welcome and kind.partition(";")[0] == JSON
        assert await at_the_gate(answer) == (not passes), (site, kind)
        assert 400 <= answer.status < 500
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert await counts_of(house) == before


async def test_a80_a_forged_vote_is_refused_and_the_voter_s_own_counts(open_sqlite_house: House) -> None:
    """With all right in the body: login, token and ballot are refused from elsewhere, and taken from our page."""
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    rules = await house.rules(house.contexts[0])
    base = f"/api/elections/{ELECTION}"

    async def only_from_here(path: str, body: bytes, bearer: str = "") -> Any:
        before = await counts_of(house)
        authorized = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        for (site, (headers, welcome)), kind in product(SITES.items(), KINDS):
            if not (welcome and kind.startswith(JSON)):
                answer = await send(house, "POST", base + path, body, **headers, **authorized, **{"Content-Type": kind})
                assert await at_the_gate(answer), (site, kind)
        assert await counts_of(house) == before
        answer = await send(
            house, "POST", base + path, body, **SITES["our page"][0], **authorized, **{"Content-Type": JSON}
        )
        assert answer.status == 200, await answer.text()
        assert await counts_of(house) != before
        return await answer.json()

    person.bearer = (await only_from_here("/login", encode(await house.login_request(person))))["bearer"]
    await only_from_here("/tokens", encode(house.request_token(person, rules)), person.bearer)
    person.waiting.clear()
    token = await house.token(house.people[1], rules)
    await only_from_here("/ballots", encode(house.ballot(house.people[1], rules, token)))


def addresses() -> list[str]:
    own = [
        *READ,
        *SENT,
        "/check/{e}",
        "/vote/{e}/complaint",
        "/audit/{e}",
        "/api/openapi.json",
        "/photos/{e}/x.jpg",
        "/static/x",
    ]
    return sorted({*OF_THE_API, *own})


async def test_a80_no_method_but_the_one_of_the_table_does_anything(open_sqlite_house: House) -> None:
    """GET and HEAD change nothing anywhere; what is not in the table is 405; asking first (CORS) never gets a yes."""
    house = open_sqlite_house
    await house.log_in(house.people[0])
    known = {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    known |= {("GET", path) for path in addresses() if path not in OF_THE_API} | {("POST", path) for path in SENT}
    before = await counts_of(house)
    for path, method in product(addresses(), METHODS):
        preflight = {"Origin": EVIL, "Access-Control-Request-Method": "POST"} if method == "OPTIONS" else {}
        authorized = {"Authorization": f"Bearer {house.people[0].bearer}"}
        answer = await send(house, method, filled(path, house), None, **preflight, **authorized, **{"Content-Type": ""})
        as_get = "GET" if method == "HEAD" and path not in OF_THE_API else method
        assert (answer.status == 405) == ((as_get, path) not in known), (method, path, answer.status)
        assert not [name for name in answer.headers if name.startswith("Access-Control")], (method, path)
        assert "Set-Cookie" not in answer.headers
    assert await counts_of(house) == before


async def test_a80_the_public_log_alone_may_be_read_from_everywhere_and_only_read(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    for method in METHODS:
        answer = await send(house, method, f"/log/{ELECTION}/checkpoint", None, Origin=EVIL)
        allowed = answer.headers.get("Access-Control-Allow-Origin")
        assert (answer.status, allowed) == ((200, "*") if method in {"GET", "HEAD"} else (405, None)), method
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("path", sorted(SENT))
async def test_a80_the_forms_take_forms_of_our_pages_alone(open_sqlite_house: House, path: str) -> None:
    """The matrix for the two forms; a sent form is the only thing here that a page without a program can do."""
    house = open_sqlite_house
    body = b"text=hello&contact=&kind=question&address=nobody%40example.edu"
    for (site, (headers, welcome)), kind in product(SITES.items(), KINDS):
        before = await counts_of(house)
        answer = await send(house, "POST", filled(path, house), body, **headers, **{"Content-Type": kind})
        passes = welcome and kind == FORM
        assert answer.status == (200 if passes else 400), (site, kind)
        if not passes:
            assert await counts_of(house) == before, (site, kind)
        assert not [name for name in answer.headers if name.startswith(("Access-Control", "Set-Cookie"))]
