"""Members' keys at the console, and signatures as a browser would make them, for tests of pages."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from election_service.api_types import ActProposal
from election_service.console.signing_keys import store_signing_key
from keys.canonical import b64, decode
from keys.keyfile import Cost, seal_key_file
from tests.console.desk import Desk
from tests.service.house import ELECTION, House
from tests.service.pages_reader import Parsed

PASSPHRASE = "a passphrase for tests"
CHEAP = Cost(memory=8 * 1024, iterations=1, lanes=1)


def key_file(house: House, member: str, name: str | None = None) -> bytes:
    """A member's sealed key; ``name``: another id than the house's."""
    signer = house.members[member]
    public = {"member": name or member, "key": b64(signer.public)}
    return seal_key_file("member", public, signer.secret, PASSPHRASE, os.urandom, CHEAP)


async def give_key(desk: Desk, member: str) -> None:
    """The account has the key of this member of the house."""
    house = desk.house
    await store_signing_key(house.service, ELECTION, desk.account, key_file(house, member))


_ARTICLE = re.compile(
    r'<article class="act card" data-kind="([^"]+)"(.*?)>.*?<pre class="bytes"[^>]*>(.*?)</pre>', re.DOTALL
)
_ACT = re.compile(r'data-act="([^"]+)"')


@dataclass(frozen=True)
class OnPage:
    """An act as a page shows it for signing; ``act`` empty for one that nobody has proposed."""

    kind: str
    act: str
    data: dict[str, Any]


def acts_on(page: Parsed) -> list[OnPage]:
    """Every act of a page: what the script would sign."""
    found = []
    for kind, attributes, raw in _ARTICLE.findall(page.html):
        act = _ACT.search(attributes)
        found.append(OnPage(kind, act[1] if act else "", decode(unescape(raw).encode(), dict)))
    return found


def can_sign(page: Parsed) -> bool:
    """Whether the page has the form for a signature."""
    return any(found.get("id") == "signing" for found in page.all("section"))


async def sign(house: House, member: str, shown: OnPage) -> dict[str, Any]:
    """What the script does: exactly these bytes, with a number if they have none; returns the act."""
    if not shown.act:
        return await sign_first(house, member, shown.kind, shown.data)
    answer = await house.post(f"/acts/{shown.act}/approvals", house.approval(member, shown.kind, shown.data))
    document: dict[str, Any] = await answer.json(content_type=None)
    assert answer.status == 200, document
    return document


async def sign_first(house: House, member: str, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """A new act: a number, a signature, a proposal over HTTP."""
    numbered = {**data, "act": b64(os.urandom(16))}
    approval = house.approval(member, kind, numbered)
    answer = await house.post("/acts", ActProposal(kind=kind, data=numbered, not_before=None, approval=approval))
    document: dict[str, Any] = await answer.json(content_type=None)
    assert answer.status == 200, document
    return document
