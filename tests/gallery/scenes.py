"""Every page that a student, or anybody, can meet: one list, for the rules of axe-core and for the pictures in docs.

A scene begins at the address of a page or at a ballot link and ends where there is something to look at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from playwright.async_api import Page, Route, expect

from election_service.demo.preparation import ELECTION
from tests.gallery.sitters import Rooms

LANGUAGES: Final = ("en", "ka", "az", "ru")
SLOW: Final = 60_000  # milliseconds for a step that waits for cryptography


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the scenes play. ``open_at``: address of an election that votes, ``done_at``: of one that is certified.

    ``link`` gives a ballot link that nobody has used; ``rooms``: of the committees of both.
    """

    open_at: str
    done_at: str
    link: Callable[[], str]
    rooms: Rooms


Act = Callable[[Page, Stage, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scene:
    """``name``: of the picture; ``act``: what leads there, in a language. ``anew``: for each language, even where the
    page has a field that is called like the switch of the voters' pages; ``pictured``: it has pictures in docs.
    """

    name: str
    act: Act
    anew: bool = False
    pictured: bool = True


def _public(path: str, *, done: bool = False, status: int = 200) -> Act:
    async def act(page: Page, stage: Stage, language: str) -> None:
        address = stage.done_at if done else stage.open_at
        answer = await page.goto(f"{address}{path.format(e=ELECTION)}?lang={language}")
        assert answer is not None
        assert answer.status == status

    return act


async def show_in(language: str, page: Page, stage: Stage, scene: Scene) -> None:
    """A scene that was opened already, in another language: switched where the page has a program, else opened anew."""
    switch = page.locator("select#language")
    if not scene.anew and await switch.count():
        await switch.select_option(language)
        await expect(page.locator("html")).to_have_attribute("lang", language)
    else:
        await scene.act(page, stage, language)


# ---- the booth -------------------------------------------------------------------------------------------------------


async def open_booth(page: Page, link: str, language: str) -> None:
    """Open a link and choose a language; the first screen is there."""
    await page.goto(link)
    await expect(page.locator("#language")).to_be_visible(timeout=SLOW)
    await page.locator("#language").select_option(language)
    await expect(page.locator("html")).to_have_attribute("lang", language)


async def start(page: Page, stage: Stage, language: str) -> None:
    """The start screen."""
    await open_booth(page, stage.link(), language)
    await expect(page.locator("#start")).to_be_visible()


async def first_contest(page: Page, stage: Stage, language: str) -> None:
    """The first contest."""
    await start(page, stage, language)
    await page.click("#start")
    await expect(page.locator("form[data-contest]")).to_be_visible(timeout=SLOW)


async def no_choice(page: Page, stage: Stage, language: str) -> None:
    """The first contest, after Next without a choice."""
    await first_contest(page, stage, language)
    await page.click("#next, #review")
    await expect(page.locator("[role=alert]").first).to_be_visible()


async def review(page: Page, stage: Stage, language: str) -> None:
    """All contests filled in."""
    await first_contest(page, stage, language)
    while await page.locator("form[data-contest]").count():
        contest = await page.locator("form[data-contest]").get_attribute("data-contest")
        await page.locator("label.option").first.click()
        await page.click("#next, #review")
        await expect(page.locator(f"form[data-contest='{contest}']")).to_have_count(0)
    await expect(page.locator("#seal")).to_be_visible()


async def sealed(page: Page, stage: Stage, language: str) -> None:
    """Encrypted, not cast."""
    await review(page, stage, language)
    await page.click("#seal")
    await expect(page.locator("#cast")).to_be_visible(timeout=SLOW)


async def test_offered(page: Page, stage: Stage, language: str) -> None:
    """The optional test, unfolded."""
    await sealed(page, stage, language)
    await page.locator("details:has([id^=audit-]) > summary").first.click()
    await expect(page.locator("[id^=audit-]").first).to_be_visible()


async def audited(page: Page, stage: Stage, language: str) -> None:
    """A ballot opened for its test."""
    await test_offered(page, stage, language)
    await page.locator("[id^=audit-]").first.click()
    await expect(page.locator("a[href*='/audit/']").first).to_be_visible()


async def receipt(page: Page, stage: Stage, language: str) -> None:
    """All cast."""
    await sealed(page, stage, language)
    await page.click("#cast")
    await expect(page.locator("#receipt .tracker").first).to_be_visible(timeout=SLOW)


async def trial(page: Page, stage: Stage, language: str) -> None:
    """The test mode."""
    await open_booth(page, f"{stage.open_at}/vote/{ELECTION}#test", language)
    await expect(page.locator("h1")).to_be_visible()


# ---- trouble ---------------------------------------------------------------------------------------------------------


async def cut_link(page: Page, stage: Stage, language: str) -> None:
    """Half of a link."""
    await open_booth(page, stage.link()[:-9], language)


async def link_of_another_log(page: Page, stage: Stage, language: str) -> None:
    """A link whose log is not this one."""
    base, _, secret = stage.link().partition("#")
    await open_booth(page, f"{base}#{secret[:-6]}AAAAAA", language)


async def silent_service(page: Page, stage: Stage, language: str) -> None:
    """The service is away while casting."""
    await sealed(page, stage, language)
    await page.clock.install()
    await page.route(re.compile(r"/ballots$"), lambda route: route.abort())
    await page.click("#cast")
    for _ in range(8):
        await page.clock.run_for(30_000)
    await expect(page.locator("#retry")).to_be_visible(timeout=SLOW)


HEARD: Final = {"state": "declared", "complaints": "2030-01-02T15:00:00Z"}  # a poll about which complaints are heard


def _poll(**changes: Any) -> Act:
    """The start screen of a poll in another state."""

    async def act(page: Page, stage: Stage, language: str) -> None:
        async def answer(route: Route) -> None:
            response = await route.fetch()
            document = await response.json()
            document["polls"][0] |= changes
            await route.fulfill(response=response, body=json.dumps(document))

        await page.route(f"**/api/elections/{ELECTION}", answer)
        await open_booth(page, stage.link(), language)

    return act


async def complaint(page: Page, stage: Stage, language: str) -> None:
    """The form, reached from the booth."""
    await _poll(**HEARD)(page, stage, language)
    await page.click("#complain")
    await expect(page.locator("#complaint")).to_be_visible(timeout=SLOW)


async def complaint_pasted(page: Page, stage: Stage, language: str) -> None:
    """The form without the link, after a try to send it empty."""
    await _poll(**HEARD)(page, stage, language)
    await page.goto(f"{stage.open_at}/vote/{ELECTION}/complaint?lang={language}")
    await expect(page.locator("#link")).to_be_visible(timeout=SLOW)
    await page.click("#send")
    await expect(page.get_by_role("alert")).to_be_visible()


async def code(page: Page, stage: Stage, language: str) -> None:
    """The code of an authenticator app."""

    async def answer(route: Route) -> None:
        response = await route.fetch()
        document = await response.json()
        document["second_factor"] = "totp"
        await route.fulfill(response=response, body=json.dumps(document))

    await page.route(f"**/api/elections/{ELECTION}", answer)
    await start(page, stage, language)
    await page.click("#start")
    await expect(page.locator("#code")).to_be_visible()


SCENES: Final = (
    Scene("elections", _public("/")),
    Scene("election", _public("/elections/{e}")),
    Scene("election-certified", _public("/elections/{e}", done=True)),
    Scene("result", _public("/elections/{e}/results/1", done=True)),
    Scene("log", _public("/elections/{e}/log", done=True)),
    Scene("log-entry", _public("/elections/{e}/log/0", done=True)),
    Scene("verify", _public("/elections/{e}/verify")),
    Scene("help", _public("/elections/{e}/help")),
    Scene("link-again", _public("/elections/{e}/link")),
    Scene("not-found", _public("/elections/{e}/nothing-here", status=404)),
    Scene("check", _public("/check/{e}")),
    Scene("audit", _public("/audit/{e}")),
    Scene("booth-start", start),
    Scene("booth-code", code),
    Scene("booth-contest", first_contest),
    Scene("booth-no-choice", no_choice),
    Scene("booth-review", review),
    Scene("booth-sealed", sealed),
    Scene("booth-test-offered", test_offered),
    Scene("booth-audited", audited),
    Scene("booth-receipt", receipt),
    Scene("booth-trial", trial),
    Scene("booth-cut-link", cut_link),
    Scene("booth-other-election", link_of_another_log),
    Scene("booth-not-yet", _poll(state="planned", opens=None, closes=None)),
    Scene("booth-paused", _poll(state="paused")),
    Scene("booth-closed", _poll(state="closed")),
    Scene("booth-silent-service", silent_service),
    Scene("booth-declared", _poll(**HEARD)),
    Scene("complaint", complaint),
    Scene("complaint-link", complaint_pasted),
    Scene("complaint-not-now", _public("/vote/{e}/complaint")),
)
