"""The set-up by the API alone: the use cases of the pages, `If-Match` on all that changes, problems for refusals."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientResponse

from election_service.console.prepared_acts import prepared_acts
from election_service.console.roles import SERVICE, Role
from election_service.registration import register_in_service
from election_service.roll import freeze_roll
from election_service.setup_endpoints import SETUP_ENDPOINTS
from keys.canonical import b64, encode
from tally.constitution_toml import preset
from tests.console.desk import Desk
from tests.console.test_set_up_flow import picture
from tests.service.house import ELECTION, House
from tests.service.rolls import table
from tests.service.town import Town, student

ROOT = "/api/committee/elections"


@dataclass
class Program:
    """Somebody's program: JSON in and out, with the session of a desk."""

    desk: Desk
    election: str = ELECTION

    async def ask(
        self, method: str, path: str, body: Any = None, *, revision: int | None = None, base: str | None = None
    ) -> ClientResponse:
        http = self.desk.house.http
        assert http is not None
        headers = {"Cookie": f"__Host-session={self.desk.cookie}", "X-CSRF": self.desk.csrf}
        headers |= {} if revision is None else {"If-Match": f'"{revision}"'}
        content = None
        if body is not None:
            content, headers["Content-Type"] = encode(body), "application/json"
        url = (f"{ROOT}/{self.election}" if base is None else base) + path
        return await http.request(method, url, data=content, headers=headers)

    async def get(self, path: str) -> dict[str, Any]:
        answer = await self.ask("GET", path)
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = await answer.json()
        return found

    async def change(self, method: str, path: str, body: Any = None, *, at: str = "") -> dict[str, Any]:
        """With the revision that ``at`` (or the path itself) has now."""
        number = (await self.get(at or path))["revision"]
        answer = await self.ask(method, path, body, revision=number)
        text = await answer.text()
        assert answer.status == 200, text
        found: dict[str, Any] = json.loads(text)
        return found


async def test_a_program_sets_an_election_up(town: Town) -> None:
    house = town.house
    program = Program(await Desk.open(house, "nino", Role.CHAIR))
    rules = await program.change("PUT", "/rules", {"rules": _preset()})
    assert (rules["faults"], rules["logged"]) == ([], False)
    acts = (await program.change("POST", "/rules/finish", at="/rules"))["acts"]
    assert [act["kind"] for act in acts] == ["constitution"]
    await house.decide("constitution", acts[0]["data"])
    await house.hold_ceremony()
    readings = await program.change(
        "PUT", "/rules/readings", {"readings": {"6.12.4 turnout.scope": "block"}}, at="/rules"
    )
    assert readings["readings"]["6.12.4 turnout.scope"] == "block"
    await _sign(house)
    raw = table(*(student(number) for number in range(1, 9)))
    half = len(raw) // 2
    for part, first in ((raw[:half], True), (raw[half:], False)):
        found = await program.change("POST", "/roll", {"name": "r.csv", "part": b64(part), "first": first})
    assert (found["upload"]["total"], found["upload"]["faults"], found["upload"]["added"]) == (8, [], 8)
    found = await program.change("POST", "/roll/import", at="/roll")
    assert (found["students"], found["eligible"], found["upload"]) == (8, 8, None)
    async with house.service.database.transaction() as connection:
        await freeze_roll(connection, ELECTION)
    answer = await program.ask("POST", "/links", revision=0)
    assert (answer.status, (await answer.json())["code"]) == (400, "malformed")
    assert "no mail server" in (await answer.text())
    async with house.service.database.transaction() as connection:
        service = house.service
        url = service.config.public_url
        await register_in_service(connection, service.master, ELECTION, url, service.random)
    await _sign(house)
    lines = [{"student_id": "s1", "position": "head-of-self-governance", "block": ""}]
    assert (await program.change("PUT", "/candidates", {"candidates": lines}))["candidates"][0]["person"] == "c1"
    more = {"student_id": "s2", "position": "head-of-faculty", "block": "Law"}
    assert len((await program.change("POST", "/candidates", more))["candidates"]) == 2
    profile = {"statements": {"ka": "გამარჯობა"}, "photo": b64(picture())}
    shown = await program.change("PUT", "/profiles/c1", profile)
    assert shown["statements"] == {"ka": "გამარჯობა"}
    assert shown["photo"].startswith("/photos/")
    assert (await program.change("POST", "/contests"))["contests"] == 2
    await house.show_canaries()
    await program.change("PUT", "/schedule", {"opens": None, "closes": "2027-01-20T14:00:00Z"})
    checklist = await program.get("/checklist")
    assert checklist["ready"] is True
    assert {step["key"]: step["state"] for step in checklist["steps"]}["rehearsal"] in {"done", "optional"}
    await house.open_poll(1)


async def _sign(house: House) -> None:
    for kind, data in await prepared_acts(house.service, ELECTION):
        if kind != "booth":
            await house.decide(kind, data)


def _preset() -> str:
    return preset("ibsu-direct")


async def test_a_draft_is_begun_changed_and_cloned(house: House) -> None:
    desk = await Desk.open(house, "nino", Role.CHAIR, election=SERVICE)
    program = Program(desk, "sg-2030")
    body = {"election": "sg-2030", "title": "Elections", "zone": "Asia/Baku", "rehearsal": False}
    assert (await program.ask("POST", "", body, base=ROOT)).status == 200
    again = await program.ask("POST", "", body, base=ROOT)
    assert (again.status, (await again.json())["code"]) == (400, "malformed")
    setup = {"second_factor": "none", "waiver": "The dean.", "threshold": 3, "trustees_k": 3, "trustees_n": 5}
    assert (await program.change("PUT", "/setup", setup))["threshold"] == 3
    texts = {"texts": {"en": {"title": "E", "intro": ""}}, "contact": "", "zone": "UTC"}
    assert (await program.change("PUT", "/texts", texts))["zone"] == "UTC"
    assert (await program.ask("POST", "/clone", {"election": "sg-2031", "rehearsal": False})).status == 200
    copy = Program(desk, "sg-2031")
    assert {name: (await copy.get("/setup"))[name] for name in setup} == setup
    assert (await copy.get("/schedule"))["closes"] is None
    answer = await program.ask("POST", "/setup/log", revision=1)
    assert (answer.status, (await answer.json())["detail"][:30]) == (400, "log: expected the keys of at l")


REVISED = [item for item in SETUP_ENDPOINTS if item.revised]


@pytest.mark.parametrize("endpoint", REVISED, ids=lambda item: f"{item.method} {item.path}")
async def test_nothing_changes_without_the_state_that_is_changed(open_sqlite_house: House, endpoint: Any) -> None:
    program = Program(await Desk.open(open_sqlite_house, "ana", Role.CHAIR))
    path = endpoint.path.replace("{e}", ELECTION).replace("{person}", "c1")
    body: dict[str, str] | None = None if endpoint.request is None else {}
    answer = await program.ask(endpoint.method, "", body, base=path)
    assert answer.status in {400, 428}, await answer.text()
    if endpoint.request is None:
        assert answer.status == 428
        stale = await program.ask(endpoint.method, "", body, base=path, revision=7)
        assert stale.status in {404, 409, 412}, await stale.text()


@pytest.mark.parametrize("endpoint", SETUP_ENDPOINTS, ids=lambda item: f"{item.method} {item.path}")
async def test_an_observer_reads_and_changes_nothing(open_sqlite_house: House, endpoint: Any) -> None:
    program = Program(await Desk.open(open_sqlite_house, "tamar", Role.OBSERVER))
    path = endpoint.path.replace("{e}", ELECTION).replace("{person}", "c1")
    answer = await program.ask(endpoint.method, "", None, base=path, revision=0)
    if endpoint.method == "GET":
        allowed = {403} if "voters" in str(endpoint.needs) or "roll" in str(endpoint.needs) else {200}
    else:
        allowed = {400, 403}
    assert answer.status in allowed, (answer.status, await answer.text())


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/setup", {"second_factor": "totp", "waiver": "", "threshold": 2, "trustees_k": 2, "trustees_n": 3, "x": 1}),
        ("/setup", {"second_factor": "totp", "waiver": "", "threshold": "2", "trustees_k": 2, "trustees_n": 3}),
        ("/schedule", {"opens": None, "closes": "tomorrow"}),
        ("/schedule", {"closes": "2027-01-20T14:00:00Z"}),
        ("/rules", {"rules": "\u0000"}),
        ("/rules", {"rules": "schema = 2"}),
        ("/texts", {"texts": {}, "contact": "", "zone": "UTC"}),
        ("/texts", {"texts": {"en": {"title": "a\u202eb", "intro": ""}}, "contact": "", "zone": "UTC"}),
        ("/roll/columns", {"columns": {"king": "x"}, "levels": [], "statuses": []}),
        ("/candidates", {"candidates": [{"student_id": "x", "position": "y"}]}),
    ],
    ids=str,
)
async def test_unknown_members_and_broken_values_are_refused(
    open_sqlite_house: House, path: str, body: dict[str, Any]
) -> None:
    program = Program(await Desk.open(open_sqlite_house, "ana", Role.CHAIR))
    answer = await program.ask("PUT", path, body, revision=0)
    assert answer.status in {400, 404}, await answer.text()
