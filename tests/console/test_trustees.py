"""The trustees' pages: keys are told, messages uploaded, and all see whether enough of them can still decrypt."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack
from typing import Any

import msgspec
import pytest
from aiohttp import ClientResponse

from audit.source import ZipSource
from audit.verify import verify_log
from election_service.api_types import TrusteeMessageRequest
from election_service.console.planned_acts import planned_acts
from election_service.console.roles import Role
from election_service.console.trustee_desk import read_messages, read_trustees
from election_service.console_routes import COOKIE
from election_service.errors import InputError
from election_service.log_archive import write_archive
from election_service.poll_facts import logged_sums
from election_service.tallying import advance_tally
from keys.canonical import b64, encode
from keys.ids import fingerprint
from keys.keyfile import Cost
from keys.trustee import Ceremony, Stage
from keys.trustee.file import seal_trustee_file
from keys.trustee.tool import canary, next_step
from tests.console.desk import Desk
from tests.service.house import ELECTION, REVIEW, STEPS, House
from tests.service.pages_reader import Parsed

TRUSTEES = f"/committee/{ELECTION}/trustees"
OWN = f"/committee/{ELECTION}/trustee"
NAMES = ("lela", "nika", "tamar")


def due(page: Parsed) -> str:
    """What the page says is due."""
    return next(item["data-due"] for item in page.all("p") if "data-due" in item)


def line(kind: str, data: Any) -> bytes:
    return encode(TrusteeMessageRequest(kind=kind, data=msgspec.to_builtins(data)))


async def desks(house: House) -> list[Desk]:
    return [await Desk.open(house, name, Role.TRUSTEE) for name in NAMES]


async def upload(desk: Desk, *messages: bytes) -> Any:
    return await desk.do(OWN + "/message", {}, files={"message": ("message.json", b"\n".join(messages) + b"\n")})


async def tell_keys(house: House, trustees: list[Desk]) -> None:
    for desk, file in zip(trustees, house.trustees, strict=True):
        await desk.do(OWN + "/key", {"identity": b64(file.identity_key)})


async def test_the_act_that_names_them_is_ready_when_all_have_told_their_keys(house: House) -> None:
    await house.adopt()
    trustees = await desks(house)

    async def ready() -> list[tuple[str, Any]]:
        return [act for act in await planned_acts(house.service, ELECTION) if act[0] == "trustee.opened"]

    for desk, file in zip(trustees, house.trustees, strict=True):
        assert await ready() == []
        await desk.do(OWN + "/key", {"identity": b64(file.identity_key)})
    ((kind, data),) = await ready()
    assert data == {"attempt": 1, "k": 2, "trustees": [b64(file.identity_key) for file in house.trustees]}
    chair = await Desk.open(house, "ana", Role.CHAIR)
    page = await chair.read(f"/committee/{ELECTION}/acts/new/prepared?kind=trustee.opened")
    assert all(fingerprint(file.identity_key) in page.text for file in house.trustees), "to be compared in person"
    assert (await house.decide(kind, data, by=("ana",))).state == "waiting"
    assert await ready() == []
    assert (await house.decide(kind, {**data, "k": 3})).state == "done"
    assert await ready() == [], "they make their key now"


async def test_from_the_first_key_to_the_last_share(house: House) -> None:
    await house.adopt()
    chair, trustees = await Desk.open(house, "chair", Role.CHAIR), await desks(house)
    assert due(await trustees[0].read(OWN)) == "key"
    await tell_keys(house, trustees)
    page = await chair.read(TRUSTEES)
    address = next(item["href"] for item in page.all("a") if item.get("id") == "propose")
    assert "/acts/new/trustee.opened?k=2&trustees=" in address
    assert all(file.identity_key.hex() not in address for file in house.trustees)

    ceremony = await house.open_session()
    while ceremony.stage is not Stage.DONE:
        for number, desk in enumerate(trustees):
            assert due(await desk.read(OWN)) == "message"
            house.trustees[number], data = next_step(house.trustees[number], ceremony, os.urandom)
            assert data is not None
            page = await upload(desk, line(STEPS[type(data).__name__], data))
            ceremony = ceremony.add(data)
            if ceremony.stage is not Stage.DONE and number < 2:
                assert due(page) == "others"
    house.joint = ceremony.joint_key

    await house.enrol({"university": range(len(house.people)), "law": [0, 1, 2]})
    await house.plan()
    for number, desk in enumerate(trustees[:2]):
        assert due(await desk.read(OWN)) == "canary"
        shown = canary(house.trustees[number], house.log_id, house.joint, 1, os.urandom)
        await upload(desk, line("trustee.canary", shown))
    able = next(item for item in (await chair.read(TRUSTEES)).all("section") if "data-able" in item)
    assert (able["data-able"], able["data-needed"]) == ("2", "2")
    assert "is no disaster" in (await chair.read(TRUSTEES)).text

    await house.open_poll()
    rules = [await house.rules(context) for context in house.contexts]
    for person in house.people[:3]:
        for contest in rules:
            await house.vote(person, contest)
    await house.close_early()
    house.clock.now += REVIEW
    await advance_tally(house.service, ELECTION, 1)
    facts = await house.service.facts(ELECTION)
    for number, desk in enumerate(trustees[:2], 1):
        assert due(await desk.read(OWN)) == "decrypt"
        sums = [logged_sums(contest) for contest in facts.poll(1).contests.values()]
        await upload(desk, *(line("tally.share", house.share(number, item)) for item in sums))
    assert "2 trustees have decrypted every contest" in (await chair.read(TRUSTEES)).text
    await advance_tally(house.service, ELECTION, 1)
    await house.verify()


async def test_a30_a_trustees_own_file_is_refused_and_nothing_of_it_is_kept(house: House) -> None:
    await house.adopt()
    desk = (await desks(house))[0]
    raw = seal_trustee_file(
        house.trustees[0], "four random words", os.urandom, Cost(memory=8192, iterations=1, lanes=1)
    )
    page = await desk.read_refused(OWN + "/message", {}, status=409, files={"message": ("trustee.key", raw)})
    assert "That is a key file, not a message" in page.text
    events = await (await Desk.open(house, "chair", Role.CHAIR)).read(f"/committee/{ELECTION}/log")
    assert "message of a trustee" not in events.text


async def test_what_is_no_message_and_what_is_not_due_is_said_and_nothing_is_logged(house: House) -> None:
    await house.adopt()
    desk = (await desks(house))[0]
    before = await house.log_size()
    ceremony = Ceremony(await _session(house))
    _, data = next_step(house.trustees[0], ceremony, os.urandom)
    for raw in (b"", b"{}", b"not json", line("ballot", {"a": 1}), line("trustee.hashed", data)[:-1]):
        await desk.read_refused(OWN + "/message", {}, status=409, files={"message": ("m.json", raw)})
    assert (
        "no session of the trustees is open"
        in (
            await desk.read_refused(
                OWN + "/message", {}, status=409, files={"message": ("m", line("trustee.hashed", data))}
            )
        ).text
    )
    assert await house.log_size() == before


async def _session(house: House) -> Any:
    from keys.trustee import TrusteeSession

    return TrusteeSession(house.log_id, 1, 2, tuple(file.identity_key for file in house.trustees))


async def test_the_same_message_again_keeps_its_entry(house: House) -> None:
    await house.adopt()
    desk = (await desks(house))[0]
    ceremony = await house.open_session()
    _, data = next_step(house.trustees[0], ceremony, os.urandom)
    assert data is not None
    await upload(desk, line("trustee.hashed", data))
    size = await house.log_size()
    await upload(desk, line("trustee.hashed", data))
    assert await house.log_size() == size


async def test_identity_keys_are_keys_and_each_trustee_has_an_own(house: House) -> None:
    first, second, _ = await desks(house)
    key = b64(house.trustees[0].identity_key)
    for wrong in ("", "x" * 43, b64(b"\xff" * 32), key + "A"):
        await first.read_refused(OWN + "/key", {"identity": wrong}, status=400)
    await first.do(OWN + "/key", {"identity": key})
    page = await second.read_refused(OWN + "/key", {"identity": key}, status=400)
    assert "Another trustee has told this key" in page.text
    await first.do(OWN + "/key", {"identity": b64(house.trustees[1].identity_key)})
    told = {item.name: item.key for item in (await read_trustees(house.service, ELECTION)).keys}
    assert told["Lela"] == house.trustees[1].identity_key


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.MEMBER, Role.CHAIR])
async def test_only_trustees_have_steps_of_their_own(house: House, role: Role) -> None:
    desk = await Desk.open(house, "somebody", role)
    await desk.read(TRUSTEES)
    assert (await desk.get(OWN)).status == 403
    answer = await desk.send(OWN + "/message", {}, files={"message": ("m.json", b"{}")})
    assert answer.status == 403


async def test_the_tool_is_handed_out_as_a_file(house: House) -> None:
    desk = (await desks(house))[0]
    answer = await desk.get(OWN + "/tool")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    content = await answer.read()
    assert b"default-src 'none'" in content
    assert b"Content-Security-Policy" in content


async def test_the_log_as_one_file_verifies_and_is_the_same_bytes(house: House, tmp_path: Any) -> None:
    await house.prepare()
    copies = []
    for name in ("one.zip", "two.zip"):
        async with house.service.database.snapshot() as connection:
            with (tmp_path / name).open("wb") as file:
                await write_archive(connection, ELECTION, file)
        copies.append((tmp_path / name).read_bytes())
    assert copies[0] == copies[1]
    assert house.http is not None
    answer = await house.http.get(f"/log/{ELECTION}.zip")
    assert (answer.status, await answer.read()) == (200, copies[0])
    with ZipSource(tmp_path / "one.zip") as source:
        report = verify_log(source, log_id=house.log_id)
    assert report.ok, report.failures
    assert (await house.http.get("/log/nobody.zip")).status == 404


async def test_a93_a_crowd_of_slow_readers_shares_one_file(house: House) -> None:
    """What is made of a log is made once, and is gone when a newer one has taken its place and nobody reads it."""
    await house.prepare()
    desk = house.service.archive_desk
    async with AsyncExitStack() as crowd:
        slow = [await crowd.enter_async_context(desk.open(ELECTION)) for _ in range(30)]
        assert len({id(archive) for archive in slow}) == 1
        before = slow[0].read(0, slow[0].size)
        await house.open_poll()
        async with desk.open(ELECTION) as newer:
            assert newer is not slow[0]
            assert newer.read(0, newer.size) != before
        assert not newer.file.closed, "the newest waits for others"
        assert slow[0].read(0, slow[0].size) == before, "who has begun gets what they began with"
    assert slow[0].file.closed
    async with desk.open(ELECTION) as again:
        assert again is newer


def test_a_file_of_messages_has_one_to_a_line() -> None:
    good = line("trustee.hashed", {"a": 1})
    assert len(read_messages(good + b"\r\n" + good + b"\n")) == 2
    for raw in (good + good, b" " + good, good.replace(b'"kind"', b'"Kind"')):
        with pytest.raises(InputError, match="the file that the tool made"):
            read_messages(raw)


async def test_programs_see_the_same_and_trustees_tell_their_keys(house: House) -> None:
    await house.adopt()
    first = (await desks(house))[0]
    key = b64(house.trustees[0].identity_key)
    path = f"/api/committee/elections/{ELECTION}/trustees"
    answer = await _post(first, path + "/key", {"identity": key})
    assert (answer.status, (await answer.json())["identity"]) == (200, key)
    assert (await _post(first, path + "/key", {"identity": "none"})).status == 400
    chair = await Desk.open(house, "chair", Role.CHAIR)
    assert (await _post(chair, path + "/key", {"identity": key})).status == 403
    await house.hold_ceremony()
    seen = await (await chair.get(path)).json()
    assert (seen["state"], seen["k"], seen["n"], seen["able"]) == ("ready", 2, 3, 0)
    assert [item["name"] for item in seen["trustees"]] == ["Lela", "", ""]
    assert seen["trustees"][0]["done"] == ["hashed", "committed", "shared", "confirmed"]


async def _post(desk: Desk, path: str, body: dict[str, Any]) -> ClientResponse:
    assert desk.house.http is not None
    headers = {"Cookie": f"{COOKIE}={desk.cookie}", "X-CSRF": desk.csrf, "Content-Type": "application/json"}
    return await desk.house.http.post(path, data=encode(body), headers=headers)
