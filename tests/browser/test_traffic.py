"""A66: what somebody on the network sees, or the service itself, does not depend on the choice.

Number, order, addresses and sizes of all requests; when they are made; the photos that are loaded; and how long the
sealing takes, which is all that the time between two requests depends on.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Request, expect

from tests.browser.house import CONTESTS, House
from tests.browser.visitor import SLOW, Visitor, visiting
from tests.service.even_times import assert_alike

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROUNDS = 5  # sealings of each choice
# Milliseconds from the press on Seal until Cast is there, as the page itself sees it.
_TIMED_SEALING = """async () => {
  const begun = performance.now();
  document.querySelector("#seal").click();
  while (!document.querySelector("#cast")) await new Promise((done) => setTimeout(done));
  return performance.now() - begun;
}"""


async def seen(request: Request) -> tuple[str, str, int, tuple[str, ...]]:
    """Method, address, size of the body, names and sizes of the headers."""
    headers = {name: value for name, value in (await request.all_headers()).items() if not name.startswith("sec-ch")}
    sizes = tuple(sorted(f"{name} {len(value)}" for name, value in headers.items()))
    return request.method, urlsplit(request.url).path, len(request.post_data or ""), sizes


async def options(visitor: Visitor) -> int:
    return await visitor.page.locator("label.option").count()


async def votes_seen(browser: Browser, link: str, number: int) -> tuple[list[Any], int]:
    """Everything that one visit sends if option ``number`` is chosen everywhere, the last one where there are fewer."""
    async with visiting(browser, link) as visitor:
        await visitor.start()
        most = 0
        for step in range(1, CONTESTS + 1):
            await visitor.at(step)
            count = await options(visitor)
            most = max(most, count)
            await visitor.page.wait_for_load_state("networkidle")
            before = len(visitor.requests)
            for tried in (*range(count), min(number, count - 1)):  # also somebody who hesitates
                await visitor.choose(tried)
            await visitor.page.wait_for_timeout(200)
            assert len(visitor.requests) == before, "a choice makes the page ask for something"
            await visitor.page.click("#next, #review")
        await visitor.cast()
        # by chance: the order of the options, and with it of the photos, and that in which contests are cast
        sent = [await seen(request) for request in visitor.requests]
        casts = sorted(item for item in sent if item[1].endswith("/ballots"))
        photos = sorted(item for item in sent if "/photos/" in item[1])
        others = [item for item in sent if item not in casts and item not in photos]
        contexts = sorted(json.loads(request.post_data or "")["context"] for request in visitor.sent("/ballots"))
        assert len(set(contexts)) == len(casts) == CONTESTS
        return [*others, *photos, *casts], most


async def test_a66_what_is_sent_is_the_same_for_every_choice(browser: Browser, house: House) -> None:
    """Each option in turn, the blank one included: the same requests, as long, in the same order."""
    first, most = await votes_seen(browser, next(house.links), 0)
    assert most >= 2
    assert any("/photos/" in item[1] for item in first), "all photos are loaded, whatever is chosen"
    for number in range(1, most):
        assert (await votes_seen(browser, next(house.links), number))[0] == first


async def test_a66_sealing_takes_as_long_for_every_choice(browser: Browser, link: str) -> None:
    """One contest is sealed again and again, for its first and for its last (blank) option in turn."""
    times: dict[int, list[float]] = {}
    async with visiting(browser, link) as visitor:
        await visitor.start()
        last = await options(visitor) - 1
        await visitor.fill_in(*[0] * CONTESTS)
        await visitor.seal()
        contest = str(await visitor.page.locator("[data-sealed]").first.get_attribute("data-sealed"))
        for number in [last, 0] * ROUNDS:
            await visitor.page.click("#back")
            await visitor.page.click(f"[id='change-{contest}']")
            await visitor.choose(number)
            await visitor.page.click("#review")
            await expect(visitor.page.locator("#seal")).to_be_visible()
            before = len(visitor.requests)
            times.setdefault(number, []).append(await visitor.page.evaluate(_TIMED_SEALING) / 1000)
            assert len(visitor.requests) == before, "a token serves until it is spent"
    assert_alike(times[0], times[last])
    assert max(map(max, times.values())) < SLOW / 1000
