"""A service that answers falsely while a student votes, and a booth that shows a stranger's code, in Chromium.

A33 blind signatures that are none; A46 one tracking code shown to two voters; A47 receipts for something else.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Route, expect

from election_service.demo.preparation import ELECTION
from election_service.seal import seal_waiting
from election_service.service import open_service
from keys.canonical import b64, unb64
from tests.browser.house import CONTESTS, House
from tests.browser.test_malicious_booth import build_with, serve_instead
from tests.browser.visitor import SLOW, Visitor, visiting

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def swap_answers(visitor: Visitor) -> dict[str, list[str]]:
    """Each token is answered with the blind signature of the contest before: good, and of another key."""
    answers: list[dict[str, Any]] = []
    bodies: dict[str, list[str]] = {}

    async def handler(route: Route) -> None:
        answer = await route.fetch()
        body = route.request.post_data or ""
        bodies.setdefault(json.loads(body)["context"], []).append(body)
        answers.append(await answer.json())
        document = answers[-2] if len(answers) > 1 else flipped(answers[-1])
        await route.fulfill(response=answer, body=json.dumps(document))

    await visitor.page.route("**/tokens", handler)
    return bodies


def flipped(document: dict[str, Any]) -> dict[str, Any]:
    raw = bytearray(unb64(document["blind_signature"], None, "blind signature"))
    raw[-1] ^= 1
    return {"blind_signature": b64(bytes(raw))}


async def test_a33_a_wrong_blind_signature_is_no_token_and_costs_none(
    browser: Browser, house: House, link: str
) -> None:
    """One bit, and signatures of other contests: told, nothing cast; afterwards the same requests get the tokens."""
    before = house.rows()
    async with visiting(browser, link) as visitor:
        bodies = await swap_answers(visitor)
        await visitor.start()
        await visitor.fill_in(*[0] * CONTESTS)
        await visitor.page.click("#seal")
        await expect(visitor.page.locator("[data-sealed] [role=alert]")).to_have_count(CONTESTS, timeout=SLOW)
        assert await visitor.page.locator("#cast").count() == 0
        assert len(bodies) == CONTESTS
        await visitor.page.unroute("**/tokens")
    assert house.rows()["spent"] == before["spent"]
    async with visiting(browser, link) as visitor:
        await visitor.vote()
    after = house.rows()
    assert (after["issued"] - before["issued"], after["spent"] - before["spent"]) == (CONTESTS, CONTESTS)


@pytest.fixture(scope="module")
def clashing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """dist of a booth that shows everybody one and the same code on the last screen."""
    honest = "shortCodeLine(tracker),\n      qrPicture(address,"
    return build_with(
        tmp_path_factory.mktemp("clashing"),
        "page/receipt.ts",
        honest,
        honest.replace("tracker", "new Uint8Array(32)"),
    )


async def test_a46_a_strangers_code_on_the_screen_is_not_the_one_that_the_link_finds(
    browser: Browser, house: House, link: str, clashing: Path
) -> None:
    """The malicious booth casts the voter's ballot and shows another code; the link, opened on another device, computes
    the voter's own token key, finds the voter's own ballot, and never asks what was shown."""
    async with visiting(browser, link) as visitor:
        await serve_instead(visitor, clashing)
        await visitor.start()
        await visitor.fill_in(*[0] * CONTESTS)
        sealed = await visitor.seal()
        await visitor.page.click("#cast")
        shown = await visitor.trackers()
        assert len(set(shown)) == 1
    async with open_service(house.config) as service:
        assert await seal_waiting(service, ELECTION, 1) >= CONTESTS
    async with visiting(browser, link) as second:
        await second.open()
        await second.page.click("#start")
        found = await second.trackers()
    assert sorted(found) == sorted(sealed)
    assert not set(found) & set(shown)


@pytest.mark.parametrize("lie", ["another tracker", "another ballot's receipt", "a bad signature"])
async def test_a47_a_false_receipt_is_shown_as_failure_and_kept_as_evidence(
    browser: Browser, link: str, tmp_path: Path, lie: str
) -> None:
    async with visiting(browser, link) as visitor:
        last: list[dict[str, Any]] = []

        def change(document: dict[str, Any]) -> None:
            last.append(dict(document))
            if lie == "another tracker":
                document["tracker"] = b64(bytes(32))
            elif lie == "a bad signature" or len(last) == 1:
                document["signature"] = b64(bytes(64))
            else:
                document |= last[-2]

        await visitor.lie("**/ballots", change)
        await visitor.start()
        await visitor.fill_in(*[0] * CONTESTS)
        await visitor.seal()
        await visitor.page.click("#cast")
        await expect(visitor.page.locator("#receipt [role=alert]")).to_have_count(CONTESTS, timeout=SLOW)
        assert await visitor.page.locator("#receipt .tracker, [id^=download-]").count() == 0
        button = str(await visitor.page.locator("[id^=evidence-]").first.get_attribute("id"))
        await visitor.download(f"[id='{button}']", tmp_path / "evidence.json")
        evidence = json.loads((tmp_path / "evidence.json").read_bytes())
        sent = [request.post_data for request in visitor.sent("/ballots")]
        assert evidence["request"] in sent
        assert evidence["answer"].keys() == {"tracker", "signature"}
