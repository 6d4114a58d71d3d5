"""One's signing key at the console: the service takes sealed files, hands one's own back, and forgets none."""

from __future__ import annotations

import os
from typing import Any

from sqlalchemy import select

from election_service import schema_console
from election_service.console.drafts import new_draft, store_draft
from election_service.console.roles import Role
from election_service.console.signing_keys import signing_keys
from keys.canonical import decode, encode
from keys.ids import fingerprint
from keys.keyfile import seal_key_file
from tests.console.desk import Desk
from tests.console.signatures import CHEAP, key_file
from tests.service.house import ELECTION, House
from tests.simulated.builders import make_signer

KEY = f"/committee/{ELECTION}/key"


async def test_a_key_file_is_stored_shown_and_handed_back(house: House) -> None:
    ana = await Desk.open(house, "ana", Role.CHAIR)
    raw = key_file(house, "ana")
    page = await ana.do(KEY, {"key_file": raw.decode()})
    assert fingerprint(house.members["ana"].public) in page.text
    assert "The log names this key: you can sign." in page.text
    assert await (await ana.get(f"{KEY}/file")).read() == raw
    (stored,) = await stored_keys(house)
    assert (stored.account, stored.member, stored.public_key) == (ana.account, "ana", house.members["ana"].public)


async def stored_keys(house: House) -> list[Any]:
    async with house.service.database.snapshot() as connection:
        return await signing_keys(connection, ELECTION)


async def test_a_file_can_be_uploaded_without_a_script_and_kept_elsewhere(house: House) -> None:
    ana = await Desk.open(house, "ana", Role.MEMBER)
    page = await ana.do(KEY, {"elsewhere": "1"}, files={"file": ("ana.key", key_file(house, "ana"))})
    assert "The file of this key is with you alone." in page.text
    assert (await ana.get(f"{KEY}/file")).status == 404


async def test_what_is_no_key_file_of_a_member_is_refused(house: House) -> None:
    ana = await Desk.open(house, "ana", Role.MEMBER)
    good = key_file(house, "ana")
    shown = decode(good, dict)["public"]
    cases = {
        "nothing": b"",
        "no JSON": b"hello",
        "a trustee's": seal_key_file("trustee", shown, bytes(32), "x", os.urandom, CHEAP),
        "one that shows more": seal_key_file("member", {**shown, "more": "x"}, bytes(32), "x", os.urandom, CHEAP),
        "one that shows no key": seal_key_file("member", {"member": "ana"}, bytes(32), "x", os.urandom, CHEAP),
        "a key that is no point": encode({**decode(good, dict), "public": {**shown, "key": "A" * 43}}),
        "an id that is none": encode({**decode(good, dict), "public": {**shown, "member": "Ana!"}}),
    }
    for name, raw in cases.items():
        answer = await ana.send(KEY, {"key_file": raw.decode()})
        assert answer.status == 400, name
        assert "key file" in await answer.text(), name
    assert await stored_keys(house) == []


async def test_a_key_is_replaced_only_by_who_says_that_it_is_lost(house: House) -> None:
    ana = await Desk.open(house, "ana", Role.MEMBER)
    await ana.do(KEY, {"key_file": key_file(house, "ana").decode()})
    await ana.do(KEY, {"key_file": key_file(house, "ana").decode()})  # the same key under another salt
    old = house.members["ana"]
    house.members["ana"] = make_signer("a new one")
    new = key_file(house, "ana").decode()
    answer = await ana.send(KEY, {"key_file": new})
    assert answer.status == 400
    assert "You have a key already" in await answer.text()
    assert [item.public_key for item in await stored_keys(house)] == [old.public]
    page = await ana.do(KEY, {"key_file": new, "lost": "1"})
    assert "The log names another key of yours." in page.text
    assert [item.public_key for item in await stored_keys(house)] == [house.members["ana"].public]


async def test_nobody_takes_somebody_else_s_id(house: House) -> None:
    ana, beka = await Desk.open(house, "ana", Role.MEMBER), await Desk.open(house, "beka", Role.MEMBER)
    await ana.do(KEY, {"key_file": key_file(house, "ana").decode()})
    answer = await beka.send(KEY, {"key_file": key_file(house, "beka", "ana").decode(), "lost": "1"})
    assert answer.status == 400
    assert "Somebody else has this id" in await answer.text()
    answer = await beka.send(KEY, {"key_file": key_file(house, "beka", "gio").decode()})
    assert "The log names another key of yours" in await answer.text()
    assert [item.account for item in await stored_keys(house)] == [ana.account]


async def test_a_key_is_made_before_there_is_a_log(house: House) -> None:
    """In a draft: entry 0 will name it."""
    async with house.service.database.transaction() as connection:
        await store_draft(connection, "next-year", new_draft("Next year"))
    ana = await Desk.open(house, "ana", Role.CHAIR, election="next-year")
    page = await ana.do("/committee/next-year/key", {"key_file": key_file(house, "ana").decode()})
    assert "There is no log yet." in page.text
    assert "Not yet" in (await ana.read("/committee/next-year/acts")).text


async def test_who_does_not_sign_has_no_key(house: House) -> None:
    for role in (Role.OBSERVER, Role.TRUSTEE, Role.REGISTRAR):
        desk = await Desk.open(house, str(role), role)
        assert (await desk.get(KEY)).status == 403
        assert (await desk.get(f"{KEY}/file")).status == 403
        assert (await desk.send(KEY, {"key_file": key_file(house, "ana").decode()})).status == 403
    assert await stored_keys(house) == []


async def test_storing_a_key_is_among_the_events_without_the_file(house: House) -> None:
    ana = await Desk.open(house, "ana", Role.MEMBER)
    await ana.do(KEY, {"key_file": key_file(house, "ana").decode()})
    table = schema_console.console_events
    async with house.service.database.snapshot() as connection:
        query = select(table.c.what, table.c.subject, table.c.account).where(table.c.election == ELECTION)
        events = [tuple(row) for row in (await connection.execute(query)).all()]
    assert ("key-stored", f"ana {fingerprint(house.members['ana'].public)}", ana.account) in events
