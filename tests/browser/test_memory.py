"""A71: after the cast nothing in the page's memory opens the ballot; after Finish nothing is left of the link.

The browser's own tools look (memory.py): at all that the page's program can reach, and at all strings of a heap
snapshot. They do not see copies that the engine has made and dropped: no program in a browser can promise to erase
those, and a voter who changes the program can keep everything (not promised).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, CDPSession, expect

from ballot.encryption import coins
from ballot.link import read_link
from election_service.demo.preparation import ELECTION
from keys.canonical import b64, unb64
from keys.derive import kdf
from tests.browser.house import CONTESTS, House
from tests.browser.memory import reachable, strings_with
from tests.browser.visitor import Visitor, visiting

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Tells the test which 32 bytes were drawn; the page's program does not notice.
_DRAWS = """
  const draw = crypto.getRandomValues.bind(crypto);
  Crypto.prototype.getRandomValues = (array) => {
    draw(array);
    if (array.length === 32) window.drawn(Array.from(array, (byte) => byte.toString(16).padStart(2, "0")).join(""));
    return array;
  };
"""


async def candidates(house: House, link: str, draws: list[str]) -> dict[str, bytes]:
    """Every s that the booth can have made from what it drew, for every contest (docs/protocol.md §6)."""
    seed = read_link(link)[2]
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{house.address}/api/elections/{ELECTION}/contests") as answer,
    ):
        contexts = [unb64(item["context"], 32, "context") for item in (await answer.json())["contests"]]
    hedges = [kdf(seed, b"es1/hedge/" + context, 32) for context in contexts]
    raws = [sha256(bytes.fromhex(draw) + hedge).digest() for draw in draws for hedge in hedges]
    return {f"s {raw.hex()}": raw for raw in raws}


def randomness(cast: str, seeds: Mapping[str, bytes], kept: set[str]) -> list[bytes]:
    """Every r that a ballot can have, for each of the seeds and for each single choice."""
    document = json.loads(cast)
    context, owner = (unb64(document["body"][name], 32, name) for name in ("context", "owner"))
    count = len(document["body"]["choices"])
    votes = [[int(i == chosen) for i in range(count)] for chosen in range(count)]
    found = [
        coins(seeds[name], context, owner, vote)(f"r/{i}") for name in kept for vote in votes for i in range(count)
    ]
    return [r.to_bytes() for r in found]


async def watched(visitor: Visitor) -> tuple[CDPSession, list[str]]:
    """The browser's tools for this page, and what the page draws from now on."""
    draws: list[str] = []
    await visitor.page.expose_function("drawn", lambda text: draws.append(str(text)))
    await visitor.page.add_init_script(_DRAWS)
    devtools: Any = await visitor.page.context.new_cdp_session(visitor.page)
    return devtools, draws


async def test_a71_after_the_cast_no_randomness_of_the_ballot_is_in_the_page(
    browser: Browser, house: House, link: str
) -> None:
    async with visiting(browser, link) as visitor:
        devtools, draws = await watched(visitor)
        await visitor.start()
        await visitor.fill_in(*[0] * CONTESTS)
        await visitor.seal()
        needles = await candidates(house, link, draws)
        kept = await reachable(devtools, needles)
        assert len(kept) == CONTESTS, "sealed ballots can still be opened, and the walk finds it"
        written = {name: b64(needles[name]) for name in kept}
        await visitor.page.click("#cast")
        await visitor.trackers()
        opening = [
            r for request in visitor.sent("/ballots") for r in randomness(request.post_data or "", needles, kept)
        ]
        assert len(opening) > CONTESTS
        assert await reachable(devtools, needles | {f"r {number}": r for number, r in enumerate(opening)}) == set()
        assert await strings_with(devtools, written) == set()


async def test_a71_a_test_that_was_shown_is_forgotten_with_the_cast(browser: Browser, house: House, link: str) -> None:
    """The opened ballot is never cast; what was shown of it is not left to be shown to somebody else."""
    async with visiting(browser, link) as visitor:
        devtools, draws = await watched(visitor)
        await visitor.start()
        await visitor.fill_in(*[0] * CONTESTS)
        await visitor.seal()
        await visitor.page.locator("#audit > summary").click()
        await visitor.page.locator("[id^=audit-]").first.click()
        await expect(visitor.page.locator("#audit a[href*='/audit/']")).to_have_count(1)
        seeds = await candidates(house, link, draws)
        found = await reachable(devtools, seeds)
        assert len(found) == CONTESTS, "the search finds what is shown, and what can still be opened"
        await visitor.page.click("#seal")
        await expect(visitor.page.locator("#cast")).to_be_visible()
        await visitor.page.click("#cast")
        await visitor.trackers()
        assert await reachable(devtools, seeds) == set()
        assert await strings_with(devtools, {name: b64(raw) for name, raw in seeds.items()}) == set()


async def test_a71_a86_after_finish_nothing_of_the_link_is_in_the_tab(browser: Browser, link: str) -> None:
    """While the page is open it has to know the link: contests left for later, complaints. Finish ends that."""
    async with visiting(browser, link) as visitor:
        devtools, _ = await watched(visitor)
        await visitor.vote()
        seed = {"seed": read_link(link)[2]}
        text = {"secret": visitor.secret[:42]}
        assert await reachable(devtools, seed) == {"seed"}
        assert await strings_with(devtools, text) == {"secret"}
        await visitor.page.click("#finish")
        await visitor.page.wait_for_url("**/elections/**")
        assert await reachable(devtools, seed) == set()
        assert await strings_with(devtools, text) == set()
