"""U+0000, which no text of a database holds, in everything that can be typed: refused, and never a fault of ours."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from yarl import URL

from election_service.console.roles import SERVICE, Role
from election_service.console_endpoints import CONSOLE_ENDPOINTS
from election_service.console_routes import COOKIE, routes
from election_service.endpoints import ENDPOINTS
from keys.canonical import encode
from tests.console.desk import Desk
from tests.service.house import ELECTION, House

NOTHING: Final = "\0"
QUERY: Final = "&".join(
    f"{name}=PART" for name in ("lang", "next", "kind", "what", "student", "person", "opens", "closes")
)


async def somebody(house: House) -> Desk:
    desk = await Desk.open(house, "ana", *Role)
    await Desk.open(house, "ana", Role.CHAIR, election=SERVICE)
    return desk


def odd(path: str, name: str, part: str) -> str:
    """The address with this in the place of one of its parts."""
    return re.sub(r"\{(\w+)(?::[^}]*)?\}", lambda match: part if match[1] == name else ELECTION, path)


@pytest.mark.parametrize("part", ["%00", "%FF", "%ED%A0%80", "9" * 30, "1" * 400])
async def test_no_address_with_it_is_a_fault_of_the_service(open_house: House, part: str) -> None:
    """Everybody can type an address; what is behind the sign-in is asked by somebody who may."""
    house = open_house
    assert house.http is not None
    desk = await somebody(house)
    patterns = {*routes("READ"), "/log/{e}.zip", "/log/{e}/{path}", "/photos/{e}/{name}", "/elections/{e}", "/vote/{e}"}
    patterns |= {"/elections/{e}/documents/{name}", "/elections/{e}/results/{n}", "/elections/{e}/log/{seq}"}
    patterns |= {endpoint.path for endpoint in (*ENDPOINTS, *CONSOLE_ENDPOINTS) if endpoint.method == "GET"}
    bad = []
    for path in sorted(patterns):
        for name in re.findall(r"\{(\w+)", path):
            address = URL(odd(path, name, part), encoded=True)
            for asked in (address, URL(f"{odd(path, name, '1')}?{QUERY}".replace("PART", part), encoded=True)):
                answer = await house.http.get(asked, headers=desk._headers(None), allow_redirects=False)
                if answer.status >= 500:
                    bad.append((path, name, answer.status))
    assert not bad


async def test_no_form_with_it_is_a_fault_of_the_service(open_house: House) -> None:
    house = open_house
    desk = await somebody(house)
    bad = []
    for path, route in routes("SENT").items():
        address = re.sub(r"\{(\w+)(?::[^}]*)?\}", lambda match: ELECTION if match[1] == "e" else "1", path)
        for field in route.fields:
            name = field.replace("*", "x")
            others = {other.replace("*", "x"): "1" for other in route.fields if other != field}
            answer = await desk.send(address, {**others, name: NOTHING, "revision": "0"})
            if answer.status >= 500:
                bad.append((path, field))
    assert not bad


async def test_no_member_of_a_request_with_it_is_a_fault_of_the_service(open_house: House) -> None:
    house = open_house
    assert house.http is not None
    desk = await somebody(house)
    headers = {"Cookie": f"{COOKIE}={desk.cookie}", "X-CSRF": desk.csrf, "Content-Type": "application/json"}
    bodies: dict[str, dict[str, Any]] = {
        "/people": {"email": NOTHING, "name": NOTHING, "role": "chair"},
        "/reissues": {"student": NOTHING, "reason": "lost"},
        "/links/retry": {"student": NOTHING},
        "/link-requests/refuse": {"student": NOTHING},
        "/messages/close": {"number": NOTHING},
        "/incidents": {"text": NOTHING},
        "/candidates": {"student_id": NOTHING, "position": NOTHING, "block": NOTHING},
        "/clone": {"election": NOTHING, "rehearsal": True},
        "/preparations": {"kind": "decision", "fields": {"what": ["appointment"], "student": [NOTHING]}},
    }
    bad = []
    for path, body in bodies.items():
        address = f"/api/committee/elections/{ELECTION}{path}"
        answer = await house.http.post(address, data=encode(body), headers={**headers, "If-Match": '"0"'})
        if answer.status >= 500:
            bad.append(path)
    for path in ("/people/%00/lock", "/people/%00/invitation", "/profiles/%00", "/incidents/%00/close", "/acts/%00"):
        for method in ("GET", "POST", "PUT"):
            address = f"/api/committee/elections/{ELECTION}{path}"
            answer = await house.http.request(method, address, headers={**headers, "If-Match": '"0"'})
            if answer.status >= 500:
                bad.append(path)
    assert not bad
