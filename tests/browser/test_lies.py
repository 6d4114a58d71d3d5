"""A service that lies about the election to one voter (A24, A32, A53): the page refuses before it shows a contest.

Each lie is told twice: alone, so that it fails for its proof; and in a log that the service has rewritten and signed
with its own log key: every proof is right, and only the committee's and the trustees' signatures do not fit.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from audit.checkpoint import make_checkpoint
from audit.merkle import leaf_hash, leaf_reader, make_inclusion_proof, tree_root
from election_service.demo.preparation import ELECTION
from election_service.service import open_service
from keys.canonical import b64, encode, unb64
from keys.curve import GENERATOR, Point
from tests.browser.house import House
from tests.browser.visitor import PHONE, SLOW, visiting

pytestmark = pytest.mark.browser

Change = Callable[[dict[str, Any]], None]


def _other_issuer_key(contest: dict[str, Any]) -> None:
    raw = bytearray(unb64(contest["issuer_key"], None, "issuer key"))
    raw[-2] ^= 1  # as long and as odd as before
    contest["issuer_key"] = b64(bytes(raw))


def _swapped_names(contest: dict[str, Any]) -> None:
    one, other, *_ = contest["options"]
    one["name"], other["name"] = other["name"], one["name"]


def _missing_option(contest: dict[str, Any]) -> None:
    del contest["options"][0]


def _other_joint_key(contest: dict[str, Any]) -> None:
    joint = Point.from_bytes(unb64(contest["joint_key"], 33, "joint key"))
    contest["joint_key"] = b64((joint + GENERATOR).to_bytes())


LIES: dict[str, Change] = {
    "A32: an issuer key of the voter's own": _other_issuer_key,
    "A53: two names swapped": _swapped_names,
    "A53: a candidate left out": _missing_option,
    "A24: another joint key": _other_joint_key,
}


def _lied(raw: str | bytes, change: Change) -> str:
    entry = json.loads(raw)
    change(entry["data"])
    return encode(entry).decode()


def _first_contest(view: dict[str, Any]) -> int:
    return int(view["contests"][0]["seq"])


def _tell_alone(view: dict[str, Any], change: Change) -> None:
    """The entry of one contest is another; everything else is left as it is."""
    for item in view["entries"]:
        if item["seq"] == _first_contest(view):
            item["entry"] = _lied(item["entry"], change)


def _tell_in_a_new_log(view: dict[str, Any], change: Change, entries: list[bytes], origin: str, log_key: bytes) -> None:
    """The whole log is made again around the lie: chain, tree, proofs, checkpoint."""
    rewritten: list[bytes] = []
    for seq, raw in enumerate(entries):
        entry = json.loads(_lied(raw, change) if seq == _first_contest(view) else raw)
        if rewritten:
            entry["prev"] = b64(sha256(rewritten[-1]).digest())
        rewritten.append(encode(entry))
    leaves = [leaf_hash(raw) for raw in rewritten]
    view["checkpoint"] = make_checkpoint(origin, len(leaves), tree_root(leaves), log_key).decode()
    for item in view["entries"]:
        proof = make_inclusion_proof(item["seq"], len(leaves), leaf_reader(leaves))
        item["entry"], item["proof"] = rewritten[item["seq"]].decode(), [b64(node) for node in proof]


@pytest.fixture(scope="module")
async def rewriter(house: House) -> Callable[[dict[str, Any], Change], None]:
    """What the service can do with the log key that it has."""
    with closing(sqlite3.connect(f"file:{house.folder / 'election.db'}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT entry FROM log_entries WHERE election = ? ORDER BY seq", (ELECTION,))
        entries = [bytes(row[0]) for row in rows]
    async with open_service(house.config) as service:
        election = await service.election(ELECTION)
    return lambda view, change: _tell_in_a_new_log(view, change, entries, election.origin, election.log_key)


async def _refuses(browser: Browser, link: str, tell: Callable[[dict[str, Any]], None], why: str) -> None:
    """The page stops with a clear message and something to hand in, and has asked for nothing and shown no name."""
    async with visiting(browser, link, width=PHONE) as visitor:
        names: list[str] = []

        def change(view: dict[str, Any]) -> None:
            contests = [json.loads(item["entry"]) for item in view["entries"]]
            names.extend(
                name
                for entry in contests
                if entry["kind"] == "contest"
                for option in entry["data"]["options"]
                for name in option["name"].values()
            )
            tell(view)

        await visitor.lie("**/voter", change)
        await visitor.open()
        await visitor.page.click("#start")
        alert = visitor.page.get_by_role("alert")
        await expect(alert).to_be_visible(timeout=SLOW)
        await expect(visitor.page.locator("h1")).to_have_text("Something is wrong. Nothing was sent.")
        await expect(alert).to_contain_text("Do not vote here; tell the committee.")
        await expect(alert).to_contain_text(why)
        await expect(visitor.page.locator("#evidence-log")).to_be_visible()
        assert await visitor.fits()
        assert await visitor.page.locator("form, .option").count() == 0
        text = await visitor.page.content()
        assert len(names) > 4
        assert [name for name in names if name in text] == []
        assert visitor.sent("/tokens") == visitor.sent("/ballots") == []


@pytest.mark.parametrize("name", LIES)
async def test_a_contest_that_is_not_in_the_log_is_refused_before_it_is_shown(
    browser: Browser, link: str, name: str
) -> None:
    """A24, A32, A53: with evidence to hand in."""
    await _refuses(browser, link, lambda view: _tell_alone(view, LIES[name]), "does not agree with the public log")


@pytest.mark.parametrize("name", LIES)
async def test_a_log_rewritten_around_a_contest_is_refused_before_it_is_shown(
    browser: Browser, link: str, rewriter: Callable[[dict[str, Any], Change], None], name: str
) -> None:
    why = "trustees confirmed" if name.startswith("A24") else "committee has not opened a poll with the ballot"
    await _refuses(browser, link, lambda view: rewriter(view, LIES[name]), why)


async def test_an_honest_log_made_again_by_the_same_means_is_accepted(
    browser: Browser, link: str, rewriter: Callable[[dict[str, Any], Change], None]
) -> None:
    """So the refusals above are of the lie, not of the way in which it is told."""
    async with visiting(browser, link) as visitor:
        await visitor.lie("**/voter", lambda view: rewriter(view, lambda _: None))
        await visitor.start()


async def test_another_election_behind_the_link_is_refused_before_start(
    browser: Browser, house: House, link: str
) -> None:
    """The link names the log: a service that shows another one gets no login."""
    async with visiting(browser, link) as visitor:
        await visitor.lie(f"**/api/elections/{ELECTION}", lambda info: info.update(log=b64(sha256(b"other").digest())))
        await visitor.page.goto(link)
        await expect(visitor.page.get_by_role("alert")).to_contain_text(
            "another election than the one the service shows"
        )
        assert await visitor.page.locator("#start").count() == 0
        assert visitor.sent("/login/nonce") == []
