"""Passkeys: one device, this site, this account, one challenge, once (A75, A76, A90)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientResponse
from hypothesis import given
from hypothesis import strategies as st

from election_service.console.passkeys import VALID, sign_in_by_passkey
from election_service.console.roles import Role
from election_service.errors import SignInRefusedError
from tests.console.authenticator import PRESENT, SecurityKey, flipped
from tests.console.newcomer import Newcomer
from tests.service.house import House

ADD = "/committee/account/passkeys"
PARALLEL = 20


@dataclass
class Holder:
    """Somebody with an account and a security key."""

    person: Newcomer
    key: SecurityKey

    async def options(self, path: str) -> str:
        page = await self.person.read(path)
        return next(form["data-options"] for form in page.all("form") if "data-options" in form)

    async def add(self, answer: dict[str, Any] | None = None, password: str | None = None) -> ClientResponse:
        made = answer or self.key.create(await self.options("/committee/account"))
        fields = {"name": "my key", "password": password or self.person.password, "passkey": json.dumps(made)}
        return await self.person.send(ADD, fields)

    async def challenge(self) -> str:
        """Of somebody who is not signed in."""
        self.person.cookie = ""
        return await self.options("/committee/sign-in")

    async def use(self, answer: dict[str, Any]) -> ClientResponse:
        return await self.person.send("/committee/passkey", {"passkey": json.dumps(answer)})


async def holder(house: House, name: str = "ana") -> Holder:
    person = await (await Newcomer.invited(house, name, Role.CHAIR)).enrol()
    return Holder(person, SecurityKey(house.service.config.public_url, "localhost"))


async def test_a_passkey_signs_in_without_password_and_code(open_house: House) -> None:
    ana = await holder(open_house)
    assert (await ana.add()).status == 303
    answer = await ana.use(ana.key.get(await ana.challenge()))
    assert (answer.status, answer.headers["Location"]) == (303, "/committee")
    page = await ana.person.read("/committee/account")
    assert "my key" in page.text
    key = next(form["value"] for form in page.all("input") if form.get("name") == "id")
    await ana.person.do(f"{ADD}/delete", {"id": key})
    assert (await ana.use(ana.key.get(await ana.challenge()))).status == 401


@pytest.mark.parametrize("counts", [True, False], ids=["a key that counts", "a key without a counter"])
async def test_one_answer_of_a_passkey_signs_in_once(open_house: House, counts: bool) -> None:
    ana = await holder(open_house)
    ana.key.counts = counts
    await ana.add()
    answer = ana.key.get(await ana.challenge())
    answers = await asyncio.gather(*(ana.use(answer) for _ in range(PARALLEL)))
    assert [given.status for given in answers].count(303) == 1
    assert {given.status for given in answers} <= {303, 401, 403}


Change = Callable[[SecurityKey, dict[str, Any]], None]


def tamper(part: str) -> Change:
    def change(_key: SecurityKey, answer: dict[str, Any]) -> None:
        answer["response"][part] = flipped(answer["response"][part])

    return change


def rename(_key: SecurityKey, answer: dict[str, Any]) -> None:
    answer["rawId"] = answer["id"] = flipped(answer["id"])


def unknown_member(_key: SecurityKey, answer: dict[str, Any]) -> None:
    answer["clientExtensionResults"] = {}


@pytest.mark.parametrize(
    "change",
    [tamper("clientDataJSON"), tamper("authenticatorData"), tamper("signature"), rename, unknown_member],
    ids=["client data", "authenticator data", "signature", "credential", "unknown member"],
)
async def test_an_answer_that_was_changed_is_refused(open_sqlite_house: House, change: Change) -> None:
    ana = await holder(open_sqlite_house)
    await ana.add()
    answer = ana.key.get(await ana.challenge())
    change(ana.key, answer)
    assert (await ana.use(answer)).status == 401


async def test_a_passkey_of_another_site_or_without_its_pin_is_refused(open_sqlite_house: House) -> None:
    """Phishing: a page elsewhere that passes the challenge on gets an answer for its own origin."""
    ana = await holder(open_sqlite_house)
    await ana.add()
    good = (ana.key.origin, ana.key.host, ana.key.flags)
    for origin, host, flags in (
        ("https://evil.example", good[1], good[2]),
        (good[0], "evil.example", good[2]),
        (good[0], good[1], PRESENT),
    ):
        ana.key.origin, ana.key.host, ana.key.flags = origin, host, flags
        assert (await ana.use(ana.key.get(await ana.challenge()))).status == 401
    ana.key.origin, ana.key.host, ana.key.flags = good
    assert (await ana.use(ana.key.get(await ana.challenge()))).status == 303


async def test_a76_a_challenge_is_for_its_purpose_its_account_and_ten_minutes(open_sqlite_house: House) -> None:
    ana, beka = await holder(open_sqlite_house), await holder(open_sqlite_house, "beka")
    of_ana = await ana.options("/committee/account")
    assert (await beka.add(beka.key.create(of_ana))).status == 401
    assert (await ana.add()).status == 303
    to_add = await ana.options("/committee/account")
    assert (await ana.use(ana.key.get(to_add))).status in (401, 403)
    late = await ana.challenge()
    open_sqlite_house.clock.now += VALID
    assert (await ana.use(ana.key.get(late))).status == 401
    made_up = json.dumps({"challenge": "A" * 48})
    assert (await ana.use(ana.key.get(made_up))).status == 401


async def test_a_cloned_key_is_noticed_by_its_counter(open_sqlite_house: House) -> None:
    ana = await holder(open_sqlite_house)
    await ana.add()
    for _ in range(3):
        assert (await ana.use(ana.key.get(await ana.challenge()))).status == 303
    ana.key.count = 1
    assert (await ana.use(ana.key.get(await ana.challenge()))).status == 401


async def test_adding_a_passkey_asks_for_the_password(open_sqlite_house: House) -> None:
    """Whoever finds a browser open cannot make a way in of their own."""
    ana = await holder(open_sqlite_house)
    assert (await ana.add(password="not the password")).status == 401
    assert (await ana.use(ana.key.get(await ana.challenge()))).status == 401


@given(text=st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda raw: json.dumps({"id": raw.hex()}))))
def test_texts_that_are_no_answer_are_refused(text: str) -> None:
    with pytest.raises(SignInRefusedError, match="passkey: expected"):
        asyncio.run(sign_in_by_passkey(None, text, ""))  # type: ignore[arg-type]  # refused before it is needed


@pytest.mark.parametrize("part", ["attestationObject", "clientDataJSON"])
async def test_arbitrary_bytes_in_a_registration_are_refused(open_sqlite_house: House, part: str) -> None:
    """Whatever CBOR a device sends: refused, never a fault of the service."""
    ana = await holder(open_sqlite_house)
    for seed in range(60):
        answer = ana.key.create(await ana.options("/committee/account"))
        raw = answer["response"][part]
        changed = flipped(raw) if seed == 0 else raw[: -4 * seed] if seed % 2 else raw[: 4 * seed] + raw[8 * seed :]
        answer["response"][part] = changed[: len(changed) // 4 * 4] or "AAAA"
        assert (await ana.add(answer)).status == 401, seed
